"""Rows kept in little memory come back as they were."""

from __future__ import annotations

import math
import tracemalloc

from vqa_features.batch.kept_rows import KeptRows


def test_rows_come_back_to_the_bit_and_with_their_types() -> None:
    rows = {
        "a": {"path": "x.mp4", "n": 3, "fps": 25.0, "none": None, "zero": -0.0, "flag": True},
        "b": {"path": "y.mp4", "fps": 1 / 3, "empty": ""},
        "c": {},
    }
    kept = KeptRows()
    for name, row in rows.items():
        kept.keep(name, row)
    assert dict(kept) == rows
    assert list(kept) == list(rows)
    assert {name: type(value) for name, value in kept["a"].items()} == {
        name: type(value) for name, value in rows["a"].items()
    }
    assert math.copysign(1, kept["a"]["zero"]) == -1


def test_a_row_that_comes_again_replaces_the_first() -> None:
    kept = KeptRows()
    kept.keep("a", {"x": 1.0})
    kept.keep("a", {"x": math.nan, "y": 2})
    assert len(kept) == 1
    assert math.isnan(kept["a"]["x"])


def test_ten_thousand_rows_take_less_than_a_kilobyte_each() -> None:
    kept = KeptRows()
    tracemalloc.start()
    for number in range(10_000):
        row = {f"column{k}": number + k / 7 for k in range(40)}
        kept.keep(f"video{number}", {"path": f"/videos/video{number}.mp4", "status": "ok", **row})
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert used < 10_000 * 1000
