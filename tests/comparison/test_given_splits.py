"""Splits given by id: matched by the rule of ids, test parts of one model, published splits with gaps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made_up_videos import made_up

from vqa_features.comparison import compare, fixed_set
from vqa_features.errors import ParameterError, TableError, UnknownName
from vqa_features.evaluation.splits import literature_splits
from vqa_features.tables.labels import Labels
from vqa_features.tables.split_lists import SplitList

TABLES, MOS = made_up(120)
IDS = list(MOS.index)
QUICK = {"regressors": ["ridge"], "bootstrap": 50}


def parted(train=60, first=30):
    """Return one training part with the test parts of a published set."""
    pairs = ((IDS[:train], IDS[train : train + first]), (IDS[:train], IDS[train + first :]))
    return SplitList(pairs, ("lsvq-test", "lsvq-1080p"), "official splits of lsvq")


SPELLINGS = {
    "prefix on every second": lambda k, name: f"x_{name}" if k % 2 else name,
    "suffix on some": lambda k, name: f"{name}_d1" if k % 9 == 0 else name,
    "other case on one": lambda k, name: name.upper() if k == 5 else name,
    "other mark on one": lambda k, name: f"{name[:4]}-{name[4:]}" if k == 5 else name,
    "zero on one": lambda k, name: f"clip0{name[4:]}" if k == 5 else name,
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_splits_that_match_a_part_of_the_videos_are_refused(spelling):
    ids = [SPELLINGS[spelling](k, name) for k, name in enumerate(IDS)]
    with pytest.raises(TableError, match=r"id\(s\) match no video of the MOS, while .* such as"):
        compare(TABLES, MOS, splits=[(ids[:90], ids[90:])], **QUICK)


@pytest.mark.parametrize(
    "written",
    [lambda k, name: f"set/{name}.mp4", lambda k, name: f"{name}.mp4" if k % 2 else name],
    ids=["folder and suffix", "suffix on every second"],
)
def test_ids_of_splits_follow_the_rule_of_ids(written):
    ids = [written(k, name) for k, name in enumerate(IDS)]
    scores = compare(TABLES, MOS, splits=[(ids[:90], ids[90:])], **QUICK).scores
    assert set(zip(scores["n_train"], scores["n_test"], strict=True)) == {(90, 30)}


def test_an_id_that_could_be_several_videos_is_refused():
    ids = [f"{'ab'[k % 2]}/{k // 2}" for k in range(120)]
    tables = {name: (table.set_axis(ids), family) for name, (table, family) in TABLES.items()}
    with pytest.raises(TableError, match=r"could be several videos: 0 \(a/0 or b/0\)"):
        compare(tables, MOS.set_axis(ids), splits=[(["0", *ids[2:90]], ids[90:])], **QUICK)


def test_what_is_left_on_one_side_is_counted():
    found = compare(TABLES, MOS, splits=[([*IDS[:60], "old1", "old2"], IDS[60:100])], **QUICK)
    told = " ".join(found.warnings)
    assert "2 id(s) of the splits have no row in the MOS: old1, old2" in told
    assert "20 of 120 compared video(s) are in no split and not used: clip100" in told
    assert "videos named there that are not compared: 2 of 62 in train" in told


def test_same_names_in_other_folders_are_other_videos():
    ids = [f"{'ab'[k % 2]}/{k // 2}" for k in range(120)]
    tables = {name: (table.set_axis(ids), family) for name, (table, family) in TABLES.items()}
    kept = MOS.set_axis(ids).drop("a/1")
    found = compare(tables, kept, splits=[(ids[:3] + ids[4:90], ids[90:])], **QUICK)
    assert set(found.scores["n_train"]) == {88}


def test_videos_without_features_are_counted_by_part():
    tables = {"good": (TABLES["good"][0].drop(IDS[3:5] + IDS[70:71]), "handcrafted")}
    found = compare(tables, MOS, splits=parted(), protocol="official", **QUICK)
    lost = "videos named there that are not compared: 2 of 60 in train, 1 of 30 in lsvq-test"
    assert f"official splits of lsvq: {lost}" in found.warnings


@pytest.mark.parametrize(
    ("pair", "reason"),
    [
        ((IDS[:60], IDS[59:]), r"split 0: video\(s\) clip059 are in the training and the test part"),
        ((IDS[:60] + IDS[:1], IDS[60:]), "training part must name each video once: clip000"),
        ((IDS, []), "the test part is empty"),
    ],
)
def test_a_wrong_split_is_told_by_its_videos(pair, reason):
    with pytest.raises(ParameterError, match=reason):
        compare(TABLES, MOS, splits=[pair], **QUICK)


@pytest.mark.parametrize("missing", [1, 12])
def test_published_splits_are_drawn_on_the_whole_list(missing):
    gone = [IDS[7 * k + 3] for k in range(missing)]
    tables = {"good": (TABLES["good"][0].drop(gone), "handcrafted")}
    found = compare(tables, MOS, protocol="literature", splits=4, **QUICK)
    for number, split in enumerate(literature_splits(len(IDS), 4)):
        tested = found.predictions.loc[found.predictions["split"] == number, "id"]
        assert list(tested) == [IDS[row] for row in split.test if IDS[row] not in gone]
    assert any(f"all 120 rows of the MOS; {missing} of them" in text for text in found.warnings)


def test_a_row_without_mos_keeps_its_place_too():
    mos = MOS.copy()
    mos.iloc[10] = np.nan
    found = compare(TABLES, mos, protocol="literature", splits=1, **QUICK)
    (split,) = literature_splits(len(IDS), 1)
    assert list(found.predictions.query("table == 'good'")["id"]) == [IDS[r] for r in split.test if r != 10]


def test_one_model_serves_all_parts():
    found = compare(TABLES, MOS, splits=parted(), protocol="official", **QUICK)
    scores = found.scores
    assert list(scores.groupby("part", sort=False)["n_test"].first().items()) == [
        ("lsvq-test", 30),
        ("lsvq-1080p", 30),
    ]
    # The model of both parts is that of each part alone.
    for part, ids in (("lsvq-test", IDS[60:90]), ("lsvq-1080p", IDS[90:])):
        alone = compare(TABLES, MOS, splits=[(IDS[:60], ids)], **QUICK).scores
        both = scores[scores["part"] == part]
        assert list(both["srcc"]) == list(alone["srcc"])
        assert list(both["rmse"]) == pytest.approx(list(alone["rmse"]))
    times = scores.groupby(["table", "regressor"])["seconds"].nunique()
    assert set(times) == {1}  # fitted once


def test_parts_have_rows_of_their_own_everywhere():
    found = compare(TABLES, MOS, splits=parted(), protocol="official", **QUICK)
    for table in (found.summary, found.significance, found.predictions):
        assert set(table["part"]) == {"lsvq-test", "lsvq-1080p"}
        assert set(table["protocol"]) == {"official"}
    assert list(found.summary["n"]) == [30] * 4
    assert found.settings["splits_from"] == "official splits of lsvq"
    assert found.settings["scheme"] is None


def test_unnamed_pairs_of_one_training_part_are_fixed_test_sets():
    found = compare(TABLES, MOS, splits=[(IDS[:60], IDS[60:90]), (IDS[:60], IDS[90:])], **QUICK)
    assert list(found.summary["part"].unique()) == ["test", "test2"]
    assert set(found.significance["test"]) == {"videos"}


def test_fixed_sets_are_tested_over_videos():
    found = compare(TABLES, MOS, splits=parted(), protocol="official", **QUICK)
    row = found.significance.iloc[0]
    by_part = found.scores.set_index(["part", "table"])["srcc"]
    assert row["difference"] == pytest.approx(by_part[row["part"], "good"] - by_part[row["part"], "poor"])
    assert np.isnan(row["df"])
    assert row["low"] < row["difference"] < row["high"]
    assert (row["f_p"] < 0.05, row["verdict"]) == (True, "a")
    alone = fixed_set.significance_on_split(found, protocol="official", part="lsvq-test")
    assert (alone["z"].item(), alone["f_ratio"].item()) == (row["t"], row["f_ratio"])
    with pytest.raises(ParameterError, match="several test parts, name one: lsvq-test, lsvq-1080p"):
        fixed_set.significance_on_split(found, protocol="official")
    with pytest.raises(UnknownName, match="did you mean 'lsvq-1080p'"):
        fixed_set.significance_on_split(found, protocol="official", part="lsvq-1080")


def test_a_test_part_of_few_videos_is_not_tested_and_says_so():
    found = compare(TABLES, MOS, splits=[(IDS[:60], IDS[60:66])], **QUICK)
    assert found.significance.empty
    assert any("differences are not tested on 6 video(s)" in text for text in found.warnings)


def test_several_splits_are_tested_over_splits():
    found = compare(TABLES, MOS, splits=[(IDS[:60], IDS[60:]), (IDS[60:], IDS[:60])], **QUICK)
    assert set(found.significance["test"]) == {"splits"}
    assert set(found.summary["part"]) == {"test"}


def test_official_splits_may_share_groups_and_say_so():
    groups = pd.Series(np.arange(120) % 7, index=MOS.index)
    labels = Labels(MOS, groups=groups)
    found = compare(TABLES, labels, splits=parted(), protocol="official", **QUICK)
    assert any("official: 1 of 1 splits have a group on both sides" in text for text in found.warnings)
    with pytest.raises(ParameterError, match="a strict comparison keeps groups apart"):
        compare(TABLES, labels, splits=parted(), **QUICK)


def test_the_official_protocol_needs_splits():
    with pytest.raises(ParameterError, match="'official' needs the official splits"):
        compare(TABLES, MOS, protocol="official", **QUICK)
