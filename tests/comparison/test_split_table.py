"""`splits.csv`: every test part of every split, in the form that a split file has."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import vqa_features as vf
from vqa_features.tables.split_lists import SplitList, read_split_file

IDS = [f"clip{k:03d}" for k in range(60)]
RNG = np.random.default_rng(3)
MOS = pd.Series(RNG.uniform(1, 5, 60), IDS)
TABLES = {"a": (pd.DataFrame({"x": MOS + RNG.normal(0, 1, 60), "y": RNG.normal(0, 1, 60)}, IDS), "deep")}
QUICK = {"regressors": ["ridge"], "bootstrap": 10}


@pytest.mark.parametrize(
    "tests",
    [(slice(40, 50), slice(50, 60)), (slice(40, 55), slice(45, 60))],
    ids=["apart", "sharing videos"],
)
def test_named_parts_written_are_the_parts_read(tmp_path: Path, tests: tuple[slice, slice]) -> None:
    given = SplitList(tuple((IDS[:40], IDS[one]) for one in tests), ("test-540p", "test-1080p"), "made up")
    first = vf.compare(TABLES, MOS, splits=given, **QUICK)
    path = tmp_path / "splits.csv"
    first.splits.to_csv(path, index=False)
    (training,) = read_split_file(path).trainings()
    assert {name: set(part) for name, part in training.tests.items()} == {
        name: set(IDS[one]) for name, one in zip(given.parts, tests, strict=True)
    }
    again = vf.compare(TABLES, MOS, splits=read_split_file(path), **QUICK)
    key = ["part", "table", "regressor"]
    pd.testing.assert_series_equal(
        again.scores.set_index(key)["srcc"], first.scores.set_index(key)["srcc"], rtol=1e-12
    )


def test_an_edge_of_the_grid_is_counted_once_for_all_parts() -> None:
    given = SplitList(((IDS[:40], IDS[40:50]), (IDS[:40], IDS[50:])), ("test-1", "test-2"))
    grids = {"gradient-boosting": {"max_iter": [1, 2, 3]}}
    found = vf.compare(TABLES, MOS, splits=given, regressors=["gradient-boosting"], grids=grids, bootstrap=10)
    assert list(found.scores["at_edge"]) == ["max_iter lowest"] * 2
    assert any("on 1 of 1 splits of a" in text for text in found.warnings)
