"""Pairwise ranking of a comparison: recomputed from pooled predictions, and listed pairs by id."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made_up_videos import made_up

from vqa_features.comparison import compare
from vqa_features.comparison.notices import ValidityNotice
from vqa_features.comparison.pair_ranking import listed_pairs, pair_ranking
from vqa_features.comparison.summary import pooled_predictions
from vqa_features.errors import ParameterError, TableError, UnknownName
from vqa_features.evaluation.pair_ranking import pair_accuracy
from vqa_features.tables.labels import Labels

SPLITS = {"scheme": "kfold", "folds": 5, "splits": 5, "regressors": ["ridge", "mean"], "bootstrap": 5}


@pytest.fixture(scope="module")
def run():
    tables, mos = made_up(80)
    scenes = pd.Series([f"scene{row // 4}" for row in range(80)], index=mos.index)
    return compare(tables, mos, scenes, **SPLITS), mos, scenes


def test_all_pairs_and_pairs_inside_a_content_are_those_of_the_pooled_predictions(run):
    comparison, mos, scenes = run
    pooled = pooled_predictions(comparison.predictions)
    for within in (None, scenes.rename(lambda name: f"/data/{name}.mp4")):
        found = pair_ranking(comparison, within=within).set_index("table")
        assert list(found["regressor"]) == ["ridge", "ridge"]
        for table in ("good", "poor"):
            groups = None if within is None else scenes[pooled.index]
            expected = pair_accuracy(pooled[table, "ridge"], mos[pooled.index], groups=groups)
            assert tuple(found.loc[table].drop("regressor")) == pytest.approx(tuple(expected))
    assert found.loc["good", "pairs"] == 20 * 6
    assert found.loc["good", "accuracy"] > found.loc["poor", "accuracy"] > 0.5


def test_contents_that_differ_in_blanks_and_case_are_one(run):
    comparison, _, scenes = run
    other = scenes.where(np.arange(80) % 4 > 0, scenes.str.upper() + " ")
    with pytest.warns(ValidityNotice, match="20 group.s. are written in several ways"):
        found = pair_ranking(comparison, within=other)
    assert (found["pairs"] == 20 * 6).all()


def test_only_pairs_that_opinions_distinguish_count(run):
    comparison, mos, _ = run
    labels = Labels(mos, std=mos * 0 + 1.5, counts=mos * 0 + 12)
    some, every = pair_ranking(comparison, labels), pair_ranking(comparison)
    gap = np.abs(mos.to_numpy()[:, None] - mos.to_numpy())[np.triu_indices(80, 1)]
    assert some["pairs"].unique() == [(gap > 1.959964 * 1.5 * np.sqrt(2 / 12)).sum()]
    assert (some["accuracy"] > every["accuracy"]).all()
    assert pair_ranking(comparison, margin=1.0)["pairs"].unique() == [(gap > 1).sum()]


def test_listed_pairs_are_found_by_the_rule_of_ids(run):
    comparison, mos, _ = run
    pooled = pooled_predictions(comparison.predictions)
    names = list(mos.sort_values().index)
    pairs = pd.DataFrame({"worse": names[:40], "better": names[40:]})
    found = listed_pairs(comparison, pairs.map(lambda name: f"{name}.mp4")).set_index("table")
    for table in ("good", "poor"):
        x = pooled[table, "ridge"]
        share = np.mean(x[pairs["better"]].to_numpy() > x[pairs["worse"]].to_numpy())
        assert found.loc[table, "accuracy"] == pytest.approx(share)
        assert found.loc[table, "pairs"] == 40
    more = pd.concat([pairs, pd.DataFrame({"worse": [names[0]], "better": ["elsewhere"]})])
    with pytest.warns(ValidityNotice, match="1 of 41 listed pairs .* not tested: elsewhere"):
        again = listed_pairs(comparison, more).set_index("table")
    pd.testing.assert_frame_equal(found, again)


def test_each_test_part_is_its_own():
    tables, mos = made_up(80)
    ids = list(mos.index)
    splits = [(ids[:40], ids[40:60]), (ids[:40], ids[60:])]
    run = compare(tables, mos, splits=splits, protocol="official", regressors=["ridge"], bootstrap=5)
    parts = list(run.scores["part"].unique())
    with pytest.raises(ParameterError, match=f"several test parts, name one: {parts[0]}, {parts[1]}"):
        pair_ranking(run, protocol="official")
    with pytest.raises(UnknownName, match="test part"):
        pair_ranking(run, protocol="official", part="other")
    assert (pair_ranking(run, protocol="official", part=parts[0])["units"] == 20).all()


def test_what_is_missing_is_one_sentence(run):
    comparison, mos, scenes = run
    with pytest.raises(ParameterError, match="no predictions of the protocol 'literature'"):
        pair_ranking(comparison, protocol="literature")
    with pytest.raises(ParameterError, match="labels need the standard deviation"):
        pair_ranking(comparison, Labels(mos))
    with pytest.raises(TableError, match=r"1 tested video\(s\) have no content: clip000"):
        pair_ranking(comparison, within=scenes.drop("clip000"))
    with pytest.raises(TableError, match="lacks worse"):
        listed_pairs(comparison, pd.DataFrame({"better": ["clip000"]}))
    with pytest.raises(TableError, match="none of the 1 pairs has two tested videos: x, y"):
        listed_pairs(comparison, pd.DataFrame({"better": ["x"], "worse": ["y"]}))
