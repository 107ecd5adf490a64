"""Stores that tests make themselves: results that were computed of no video."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from vqa_features.batch.result_key import ResultKey, result_key
from vqa_features.batch.store import Store
from vqa_features.registry import make_all
from vqa_features.specs import Sampling, VideoInfo
from vqa_features.video_task import Rows, VideoResult

SITI = make_all("siti")[0]
KEY = result_key(SITI, Sampling())
#: The same computation by an earlier version of the extractor.
EARLIER = ResultKey(KEY.text.replace(f'"version": {SITI.version}', '"version": 0'))
INFO = VideoInfo("a.mp4", 64, 48, float("nan"), 3, None, "h264", "yuv420p")


def video(number: int) -> str:
    """A hash of no video."""
    return f"{number:064x}"


def result(number: int, status: str = "ok", **settings: object) -> VideoResult:
    """A result whose numbers depend on `number`."""
    values = np.random.default_rng(number).normal(size=(3, 2))
    values[0, 0] = np.nan
    rows = {} if status.startswith("failed") else {"siti": Rows(np.arange(3) / 25, np.arange(3), values)}
    made = VideoResult("a", "a.mp4", status, "", (), 3, 3, INFO, rows, {"decode": 0.1, "siti": 0.3})
    return dataclasses.replace(made, **settings)  # type: ignore[arg-type]


def pooled(number: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Pooled columns that depend on `number`."""
    return np.array([number, -0.0 if number % 2 else np.nan])


def made_store(path: Path, numbers: Iterable[int], key: str = KEY) -> Path:
    """Write a store with a pooled result for each number."""
    with Store(path) as store:
        for number in numbers:
            store.save(video(number), key, result(number), "siti", pools=("mean",), pooled=pooled(number))
    return path


def cells(path: Path, query: str) -> list[tuple[Any, ...]]:
    """Read a store through a connection of its own."""
    with closing(sqlite3.connect(path)) as database:
        return database.execute(query).fetchall()


def changed(path: Path, statements: str) -> None:
    """Change a store as another program would."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript(statements)
        database.execute("PRAGMA journal_mode=DELETE")
