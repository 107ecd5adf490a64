"""Warnings of `cross`, `learning_curve` and `group_importance`: kept with the table, shown, on the page."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made_up_videos import made_up

from vqa_features.comparison import compare
from vqa_features.comparison.cross import Dataset, cross
from vqa_features.comparison.importance import group_importance
from vqa_features.comparison.learning_curve import learning_curve
from vqa_features.comparison.notices import ValidityNotice, notices_of
from vqa_features.errors import TableError

MADE_FROM_THE_MOS = r"oracle' ranks videos like the MOS \(\|SRCC\| 0\.9"
RIDGE = ["ridge"]


def one_table(seed=0):
    tables, mos = made_up(seed=seed)
    return tables["good"][0].copy(), mos


def with_oracle(seed=0):
    frame, mos = one_table(seed)
    frame["oracle"] = mos + np.random.default_rng(1).normal(0, 0.05, len(mos))
    return frame, mos


def dataset(frame, mos, prefix="", groups=None) -> Dataset:
    if prefix:
        frame, mos = frame.rename(lambda name: prefix + name), mos.rename(lambda name: prefix + name)
    return Dataset({"t": (frame, "handcrafted")}, mos, groups)


@pytest.mark.parametrize(
    "analysis",
    [
        lambda frame, mos: learning_curve({"t": frame}, mos, fractions=[1.0], splits=2),
        lambda frame, mos: group_importance(frame, mos, splits=2, repeats=1),
        lambda frame, mos: cross(
            {"a": dataset(frame, mos), "b": dataset(*with_oracle(7), "b")}, regressors=RIDGE
        ),
    ],
    ids=["learning_curve", "group_importance", "cross"],
)
def test_a_leak_is_shown_and_kept(analysis):
    with pytest.warns(ValidityNotice, match=MADE_FROM_THE_MOS):
        found = analysis(*with_oracle())
    assert any("oracle" in text for text in notices_of(found))


def test_warnings_of_an_analysis_become_warnings_of_the_comparison(tmp_path):
    frame, mos = one_table()
    comparison = compare({"t": (frame, "deep")}, mos, splits=2, regressors=RIDGE, bootstrap=10)
    with pytest.warns(ValidityNotice):
        curve = learning_curve({"t": with_oracle()[0]}, mos, fractions=[1.0], splits=2)
    added = comparison.with_extra("learning_curve", curve)
    assert any(text.startswith("learning_curve: t: the column 'oracle'") for text in added.warnings)
    assert added.with_extra("again", frame).warnings == added.warnings
    assert "oracle" in (added.save(tmp_path) / "settings.json").read_text("utf-8")


def test_cross_tells_of_videos_that_two_datasets_share():
    frame, mos = one_table()
    other, scores = one_table(3)
    scale = frame.std().to_numpy()
    again = frame.iloc[:30] + np.random.default_rng(0).normal(0, 0.005, (30, 6)) * scale
    joined = pd.concat([again.rename(lambda name: f"copy_{name}"), other.iloc[30:]])
    labels = pd.concat([mos.iloc[:30].rename(lambda name: f"copy_{name}"), scores.iloc[30:]])
    joined.index = labels.index = [f"v{row}" for row in range(60)]
    with pytest.warns(
        ValidityNotice, match=r"a and b share (29|30) video\(s\) by their features \(clip000 ~ v0"
    ):
        cross({"a": dataset(frame, mos), "b": dataset(joined, labels)}, regressors=RIDGE)


def test_cross_tells_of_ids_in_both_datasets():
    a, b = dataset(*one_table()), dataset(*one_table(3))
    with pytest.warns(ValidityNotice, match=r"60 id\(s\) of a occur in b too, with other features"):
        cross({"a": a, "b": b}, regressors=RIDGE)


@pytest.mark.parametrize("scale", [-1.0, -20.0])
def test_cross_tells_of_a_dmos(scale):
    frame, mos = one_table(3)
    datasets = {"a": dataset(*one_table()), "b": dataset(frame, 100 + scale * mos, "b")}
    with pytest.warns(
        ValidityNotice, match=r"trained on a rank the videos of b in the opposite order \(SRCC -0"
    ):
        found = cross(datasets, regressors=RIDGE)
    assert sum("opposite order" in text for text in notices_of(found)) == 2


def test_datasets_without_fault_give_no_warning(recwarn):
    def noisy(seed):
        frame, mos = one_table(seed)
        return frame + np.random.default_rng(seed).normal(0, 1.5, frame.shape), mos

    found = cross({"a": dataset(*noisy(0)), "b": dataset(*noisy(3), "b")}, regressors=RIDGE)
    assert notices_of(found) == ()
    assert not [one for one in recwarn if one.category is ValidityNotice]


def test_analyses_take_the_treatment_of_duplicates():
    frame, mos = one_table()
    frame.iloc[7] = frame.iloc[3]
    with pytest.raises(TableError, match="clip003 = clip007"):
        learning_curve({"t": frame}, mos, fractions=[1.0], splits=2)
    for analysis in (
        lambda: learning_curve({"t": frame}, mos, fractions=[1.0], splits=2, duplicates="group"),
        lambda: group_importance(frame, mos, splits=2, repeats=1, duplicates="group"),
        lambda: cross(
            {"a": dataset(frame, mos), "b": dataset(*one_table(3), "b")}, regressors=RIDGE, duplicates="group"
        ),
    ):
        with pytest.warns(ValidityNotice, match="clip003 = clip007: they are kept on one side"):
            analysis()
