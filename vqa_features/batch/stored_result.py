"""The result of one extractor for one video: a row of a store, and what is read from it."""

from __future__ import annotations

import dataclasses
import json
import re
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args, get_type_hints

import numpy as np
from numpy.typing import NDArray

from ..errors import StoreError
from ..files.reading import parse_json
from ..specs import VideoInfo
from ..video_task import Rows, VideoResult
from .packing import pack_rows, unpack_rows

#: Form of a per-window result; that of a pooled one is its pools, joined with ``+``.
ROWS = "rows"

#: Statuses from good to bad, beside ``failed(kind)``.
STATUSES = ("ok", "suspect", "partial")
_FAILED = re.compile(r"failed\(.{1,200}\)")
#: Whole numbers from here on are not told apart by float64.
_MOST = 2**53

#: Kinds of failures whose reason may lie outside the video.
OUTSIDE = (
    *("crash", "timeout", "io", "memory", "missing", "worker lost"),
    *("ImportError", "ModuleNotFoundError", "ExtraMissing", "WeightsMissing"),
)


@dataclass(frozen=True)
class Stored:
    """The stored result of one extractor for one video.

    `rows` holds the row of every window if those were stored, else `pooled` (d,) holds the columns of
    the requested pools. Both are None for a failure.
    """

    label: str
    status: str
    error: str
    warnings: tuple[str, ...]
    frames_decoded: int
    frames_expected: int | None
    info: VideoInfo | None
    seconds: dict[str, float]
    rows: Rows | None = None
    pooled: NDArray[np.float64] | None = None

    @property
    def failed(self) -> bool:
        """Whether the video failed."""
        return self.status.startswith("failed")

    @property
    def worth_retrying(self) -> bool:
        """Whether another try may succeed, because the reason lies outside the video."""
        return self.status.startswith(tuple(f"failed({kind}" for kind in OUTSIDE))


def form_of(pools: Sequence[str]) -> str:
    """Return the form of a result pooled with `pools`."""
    return "+".join(pools)


class OddRow(StoreError):
    """A row of a store that no run of this version has written, or that was damaged since."""


def checksum(row: Sequence[Any]) -> int:
    """Return the CRC-32 of a row without its last column, which holds this number.

    Parameters
    ----------
    row : sequence
        All columns but the last in their order; the data are the last but one of them.
    """
    *texts, data, stored_s = row
    return zlib.crc32(data, zlib.crc32(json.dumps([*texts, stored_s]).encode()))


def new_row(
    video: str,
    key: str,
    form: str,
    result: VideoResult,
    label: str,
    pooled: NDArray[np.float64] | None = None,
) -> tuple[Any, ...]:
    """Return the row that holds one extractor's part of a result.

    Parameters
    ----------
    video, key : str
        Hash of the video, and key of the computation.
    form : str
        Pools of `pooled`.
    result : VideoResult
        Status, times and rows. A failure has no numbers.
    label : str
        The extractor.
    pooled : array (d,), optional
        Pooled columns to store instead of the rows of every window.

    Raises
    ------
    StoreError
        If the rows are larger than a store can hold.
    """
    rows = result.rows.get(label)
    if result.status.startswith("failed") or (pooled is None and rows is None):
        form, n, d, data = ROWS, 0, 0, b""
    elif pooled is not None:
        n, d, data = 1, len(pooled), np.ascontiguousarray(pooled, "<f8").tobytes()
    else:
        assert rows is not None
        form, (n, d), data = ROWS, rows.values.shape, pack_rows(rows)
    info = {} if result.info is None else dataclasses.asdict(result.info)
    seconds = {name: result.seconds[name] for name in ("decode", label) if name in result.seconds}
    numbers = (result.frames_decoded, result.frames_expected)
    told = (json.dumps(result.warnings), *numbers, json.dumps(info), json.dumps(seconds))
    error = result.error.encode("utf-8", "backslashreplace").decode()
    row = (video, key, form, label, result.status, error, *told, n, d, data, time.time())
    return (*row, checksum(row))


def read_row(row: tuple[Any, ...], width: int | None = None) -> Stored:
    """Return the result held by one row of the store's table, which may come from a stranger.

    Parameters
    ----------
    row : tuple
        video, key, form, label, status, error, warnings, frames_decoded, frames_expected, info, seconds, n,
        d, data, stored_s, checksum (None, or absent: not known).
    width : int, optional
        Number of values that a row or the pooled result must have.

    Raises
    ------
    OddRow, ValueError, TypeError, zlib.error
        If it is no such row.
    """
    columns, known = row[:15], row[15] if len(row) > 15 else None
    if known is not None and known != checksum(columns):
        raise ValueError("its checksum is another one")
    form, n, d, data = columns[2], *columns[11:14]
    stored = _without_data(columns)
    for number in (n, d):
        _count(number)
    if not _check(data, bytes):
        if n * d:
            raise ValueError(f"{n} rows of {d} values are missing")
        return stored
    if stored.failed or (width is not None and d != width):
        raise ValueError(f"a result has {d} columns that should have {0 if stored.failed else width}")
    if form == ROWS:
        return dataclasses.replace(stored, rows=unpack_rows(data, n, d))
    if len(data) != 8 * d:
        raise ValueError(f"a result of {d} columns has {len(data)} bytes")
    return dataclasses.replace(stored, pooled=np.frombuffer(data, "<f8").astype(np.float64))


def _without_data(columns: tuple[Any, ...]) -> Stored:
    """Return what a row says beside the features."""
    label, status, error, warnings, decoded, expected, info, seconds = columns[3:11]
    for text in (label, status, error, warnings, info, seconds):
        _check(text, str)
    if status not in STATUSES and not (_FAILED.fullmatch(status) and status.isprintable()):
        raise ValueError("its status is not known")
    described = _parsed(info, dict)
    times = {name: _time(value) for name, value in _parsed(seconds, dict).items()}
    if not times.keys() <= {"decode", label}:
        raise ValueError("it has times of another extractor")
    return Stored(
        label=label,
        status=status,
        error=error,
        warnings=tuple(_check(text, str) for text in _parsed(warnings, list)),
        frames_decoded=_count(decoded),
        frames_expected=None if expected is None else _count(expected),
        info=_video_info(described) if described else None,
        seconds=times,
    )


def _check(value: Any, kind: type) -> Any:
    """Return a value of exactly this type; True is no number."""
    if type(value) is not kind:
        raise TypeError(f"{type(value).__name__} in the place of {kind.__name__}")
    return value


def _count(value: Any) -> int:
    """Return a whole number from 0."""
    number: int = _check(value, int)
    if not 0 <= number < _MOST:
        raise ValueError(f"{number} is no count")
    return number


def _parsed(text: str, kind: type) -> Any:
    return _check(parse_json(text, "a stored result", error=OddRow, finite=False), kind)


def _time(value: Any) -> float:
    """Return a time in seconds, a finite number from 0."""
    if type(value) not in (int, float) or not 0 <= value < _MOST:
        raise ValueError("a time is no number of seconds")
    return float(value)


@cache
def _kinds() -> dict[str, tuple[type, ...]]:
    """Return the types that the fields of `VideoInfo` may have."""
    return {name: get_args(kind) or (kind,) for name, kind in get_type_hints(VideoInfo).items()}


def _video_info(described: dict[str, Any]) -> VideoInfo:
    """Return the description of a video, whose fields have the types that `VideoInfo` declares."""
    kinds = _kinds()
    if described.keys() != kinds.keys():
        raise ValueError("the video is described by other fields")
    for name, value in described.items():
        allowed = kinds[name]
        if type(value) is int and float in allowed:
            value = float(value)
        if type(value) not in allowed or (type(value) is int and not -_MOST < value < _MOST):
            raise TypeError(f"{name} cannot be {type(value).__name__}")
    return VideoInfo(**described)
