"""Given scores beside trained models: the same test parts, columns, tests and warnings."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made_up_videos import made_up
from scipy.stats import spearmanr

from vqa_features.comparison import compare
from vqa_features.comparison.blocks import Videos
from vqa_features.comparison.checks import ValidityWarnings
from vqa_features.comparison.given_scores import GivenScore
from vqa_features.comparison.leaks import check_given
from vqa_features.comparison.power import power_of
from vqa_features.errors import ParameterError, TableError

QUICK = {"splits": 4, "regressors": ["ridge"], "bootstrap": 20}


def videos(rows=80):
    """Return tables, MOS and a score in which lower is better, indexed by file names in another order."""
    tables, mos = made_up(rows)
    noise = np.random.default_rng(5).normal(0, 0.7, rows)
    niqe = (20 - 3 * mos - noise).rename(lambda name: f"/data/{name}.mp4")
    return tables, mos, niqe.sample(frac=1, random_state=2)


@pytest.mark.parametrize("protocol", ["strict", "literature"])
def test_a_given_score_is_ranked_on_the_test_videos_of_every_split(protocol):
    tables, mos, niqe = videos()
    given = [GivenScore("niqe", niqe, higher_is_better=False, family="handcrafted")]
    run = compare(tables, mos, protocol=protocol, given_scores=given, **QUICK)
    plain = compare(tables, mos, protocol=protocol, **QUICK)
    mine = run.scores["regressor"] == "none"
    assert list(run.scores.columns) == list(plain.scores.columns)
    assert set(run.scores[mine]["family"]) == {"handcrafted"}
    others = run.scores[~mine].drop(columns="seconds").reset_index(drop=True)
    pd.testing.assert_frame_equal(others, plain.scores.drop(columns="seconds"))
    ids = niqe.rename(lambda name: name[6:-4])
    predictions = run.predictions[run.predictions["regressor"] == "none"]
    for split, rows in predictions.groupby("split"):
        same = plain.predictions[
            (plain.predictions["split"] == split) & (plain.predictions["table"] == "good")
        ]
        assert list(rows["id"]) == list(same["id"])
        expected = spearmanr(-ids[rows["id"]], mos[rows["id"]])[0]
        found = run.scores[mine & (run.scores["split"] == split)]["srcc"].item()
        assert found == pytest.approx(expected, abs=1e-12)
    row = run.summary.set_index("regressor").loc["none"]
    tested = list(dict.fromkeys(predictions["id"]))
    assert row["srcc_pooled"] == pytest.approx(spearmanr(-ids[tested], mos[tested])[0], abs=0.005)
    pairs = run.significance[["table_a", "table_b"]].to_numpy().tolist()
    assert pairs == [["good", "poor"], ["good", "niqe"], ["poor", "niqe"]]
    assert run.settings["given_scores"] == {"niqe": {"higher_is_better": False, "family": "handcrafted"}}
    assert len(power_of(run)) == 3


def test_a_score_has_its_row_on_every_official_part_and_in_any_number_of_processes():
    tables, mos, niqe = videos()
    ids = list(mos.index)
    splits = [(ids[:40], ids[40:60]), (ids[:40], ids[60:])]
    options = {"protocol": "official", "regressors": ["ridge"], "bootstrap": 20}
    given = [GivenScore("niqe", niqe, higher_is_better=False)]
    runs = [compare(tables, mos, splits=splits, given_scores=given, jobs=jobs, **options) for jobs in (1, 2)]
    mine = runs[0].summary[runs[0].summary["regressor"] == "none"]
    assert list(mine["n"]) == [20, 20]
    assert (mine["srcc"] > 0.5).all()
    pd.testing.assert_frame_equal(*(run.scores.drop(columns="seconds") for run in runs))
    assert {"niqe"} <= set(runs[0].significance["table_b"])


def test_a_wrong_direction_is_told_once_for_each_protocol_and_is_no_chance():
    tables, mos, niqe = videos()
    given = [GivenScore("niqe", niqe, higher_is_better=True)]
    run = compare(tables, mos, protocol="both", given_scores=given, **QUICK)
    told = [text for text in run.warnings if "against its declared direction" in text]
    assert len(told) == 2
    assert all(text.startswith("niqe ranks") for text in told)
    assert not any("niqe ranks at chance" in text for text in run.warnings)
    assert (run.scores[run.scores["regressor"] == "none"]["srcc"] < 0).all()


def test_a_score_made_of_the_mos_is_doubted_unless_trusted():
    tables, mos, _ = videos()
    given = [GivenScore("oracle", mos + np.random.default_rng(0).normal(0, 0.05, len(mos)), True)]
    doubt = "oracle predicts the MOS better than is plausible"
    assert any(doubt in text for text in compare(tables, mos, given_scores=given, **QUICK).warnings)
    run = compare(tables, mos, given_scores=given, trusted=["oracle"], **QUICK)
    assert not any(doubt in text for text in run.warnings)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda mos: mos * 20, r"is the MOS \(\|SRCC\| 1.0000\)"),
        (lambda mos: 7 - mos, r"is the MOS \(\|SRCC\| 1.0000\)"),
        (np.exp, r"is the MOS \(\|SRCC\| 1.0000\)"),
        (lambda mos: pd.qcut(mos, 3, labels=False).astype(float), "is the MOS in 3 bins"),
    ],
)
@pytest.mark.parametrize("higher", [True, False])
def test_a_score_that_is_the_mos_is_refused_unless_trusted(change, text, higher):
    tables, mos, _ = videos()
    given = [GivenScore("oracle", change(mos), higher)]
    with pytest.raises(TableError, match=f"given scores: the score 'oracle' {text}.*--trust"):
        compare(tables, mos, given_scores=given, **QUICK)
    check_given(given, Videos(list(mos.index), mos.to_numpy()), ["oracle"], ValidityWarnings())


def test_a_score_of_the_opposite_sign_is_doubted_as_one_of_the_right_sign_is():
    tables, mos, _ = videos()
    near = mos + np.random.default_rng(0).normal(0, 0.05, len(mos))
    given = [GivenScore("low", near, False), GivenScore("turned", -near, True)]
    found = compare(tables, mos, given_scores=given, trusted=["turned"], **QUICK).warnings
    doubt = "predicts the MOS with the opposite sign better than is plausible (strict: median SRCC -0.99"
    assert any(f"low {doubt}" in text for text in found)
    assert any("the score 'low' ranks videos like the MOS" in text for text in found)
    assert not any("turned predicts" in text or "'turned'" in text for text in found)


def test_a_score_fitted_on_all_videos_is_told():
    _, mos, _ = videos()
    x = np.column_stack([np.random.default_rng(0).normal(size=(len(mos), 12)), np.ones(len(mos))])
    fitted = pd.Series(x @ np.linalg.lstsq(x, mos.to_numpy(), rcond=None)[0], mos.index)
    for score, told in ((fitted, True), (fitted.round(4), True), (fitted + 0.01, False)):
        notes = ValidityWarnings()
        given = [GivenScore("net", score, True)]
        check_given(given, Videos(list(mos.index), mos.to_numpy()), [], notes)
        assert any("the score 'net' has the mean of the MOS" in text for text in notes.all()) == told


def test_only_compared_videos_need_a_score():
    tables, mos, niqe = videos()
    short = {name: (frame.iloc[10:], family) for name, (frame, family) in tables.items()}
    some = [GivenScore("niqe", niqe.drop([f"/data/clip{row:03d}.mp4" for row in range(10)]), False)]
    assert compare(short, mos, given_scores=some, **QUICK).scores["regressor"].eq("none").sum() == 4
    with pytest.raises(TableError, match="has no value for 10 of 80 compared videos: clip000"):
        compare(tables, mos, given_scores=some, **QUICK)


@pytest.mark.parametrize(
    ("names", "fusion", "text"),
    [
        (["good"], False, "called 'good': rename the score"),
        (["x", "x"], False, "called 'x': rename the score"),
        (["fusion"], True, "called 'fusion': rename the score"),
    ],
)
def test_a_name_that_is_taken_is_one_sentence(names, fusion, text):
    tables, mos, niqe = videos()
    given = [GivenScore(name, niqe, False) for name in names]
    with pytest.raises(ParameterError, match=text):
        compare(tables, mos, given_scores=given, fusion=fusion, **QUICK)


def test_a_series_without_a_direction_is_refused():
    tables, mos, niqe = videos()
    with pytest.raises(ParameterError, match="given_scores must be a list of GivenScore, which declares"):
        compare(tables, mos, given_scores=[niqe], **QUICK)
