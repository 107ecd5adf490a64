"""What is given to `compare` by mistake: one sentence that says what is expected."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made_up_videos import made_up
from sklearn.model_selection import GroupKFold, KFold, ShuffleSplit

from vqa_features.comparison import compare
from vqa_features.comparison.cross import Dataset, cross
from vqa_features.errors import ParameterError

TABLES, MOS = made_up()
IDS = np.array(MOS.index)
QUICK = {"splits": 2, "regressors": ["ridge"], "bootstrap": 10}


def refused(match: str, tables: object = TABLES, mos: object = MOS, **given: object) -> None:
    with pytest.raises(ParameterError, match=match):
        compare(tables, mos, **(QUICK | given))


@pytest.mark.parametrize("tables", [[TABLES["good"][0]], "good", MOS])
def test_tables_that_are_no_mapping(tables):
    refused(r"tables must be a DataFrame or array, or a mapping from name to them, got \w+", tables)


@pytest.mark.parametrize("mos", [list(MOS), MOS.to_numpy()])
def test_mos_without_ids(mos):
    refused(r"mos without ids needs ids=\.\.\., one per value", mos=mos)


@pytest.mark.parametrize("mos", [MOS.to_frame(), "mos.csv"])
def test_mos_that_is_no_sequence(mos):
    refused("the MOS must be a Series by video id or a mapping", mos=mos)


@pytest.mark.parametrize("groups", [list(range(60)), np.arange(60)])
def test_groups_without_ids(groups):
    refused(r"groups without ids needs ids=\.\.\., one per value", groups=groups)


def test_groups_of_several_columns():
    refused("groups must be a Series by video id or a mapping", groups=MOS.to_frame())


@pytest.mark.parametrize("splitter", [KFold(5), ShuffleSplit(3), GroupKFold(3)])
def test_a_splitter_of_scikit_learn(splitter):
    refused(
        r"which divides rows: write \[\(ids\[train\], ids\[test\]\).*splitter.split\(ids\)", splits=splitter
    )


@pytest.mark.parametrize(
    "splits",
    [
        KFold(5).split(IDS),
        [([0, 1, 2], [3, 4])],
        [(range(40), range(40, 60))],
        [(np.arange(60) < 40, np.arange(60) >= 40)],
    ],
)
def test_splits_by_position(splits):
    refused(r"the splits hold (whole numbers|truth values).*ids of videos are expected", splits=splits)


def test_positions_that_are_nearly_all_ids_are_refused_too():
    mos = MOS.set_axis(range(1, 61))
    tables = {"good": TABLES["good"][0].set_axis(range(1, 61))}
    refused(
        "look like row positions; ids of videos are expected, and 0 are none",
        tables,
        mos,
        splits=list(KFold(5).split(IDS)),
    )
    pairs = [(mos.index[train], mos.index[test]) for train, test in KFold(5).split(IDS)]
    assert compare(tables, mos, **(QUICK | {"splits": pairs})).scores["n_test"].sum() == 60


@pytest.mark.parametrize(
    "splits",
    ["abc", True, 2.0, {"train": IDS[:40], "test": IDS[40:]}, pd.DataFrame({"id": IDS}), (IDS[:40], IDS[40:]),
     [(IDS[:20], IDS[20:40], IDS[40:])], [("clip000", "clip001")]],
)  # fmt: skip
def test_splits_that_are_no_pairs(splits):
    refused("splits must be a whole number", splits=splits)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("seed", ["0", None, 1.5, True, -1]),
        ("jobs", ["2", 0, None]),
        ("margin", ["x", -1, 0, float("nan"), None]),
        ("bootstrap", [0, "x", 2.5]),
        ("test_size", [".2", 0, 1, None]),
        ("folds", [1, "5"]),
        ("components", ["x", 0]),
        ("fusion", ["yes", None]),
        ("use_metadata", ["no", 1]),
        ("ignore_case", ["no"]),
        ("duplicates", ["drop", None]),
        ("scheme", [3, "loo"]),
        ("protocol", [["strict"], "Strict"]),
        ("search", ["all", 1]),
    ],
)
def test_options_of_another_type_or_out_of_range(name, values):
    for value in values:
        refused(f"{name} must be ", **{name: value})


def test_cross_takes_a_list_of_regressors_too():
    datasets = {name: Dataset(TABLES, MOS) for name in ("one", "two")}
    with pytest.raises(ParameterError, match="must be a list of names"):
        cross(datasets, regressors="ridge")
