"""The result of one extractor for one video as a store returns it."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..specs import Rows, VideoInfo
from .packing import unpack_rows

#: Form of a per-window result; that of a pooled one is its pools, joined with ``+``.
ROWS = "rows"

#: Kinds of failures whose reason may lie outside the video.
OUTSIDE = (
    *("crash", "timeout", "io", "memory"),
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


def read_row(row: tuple[Any, ...], form: str) -> Stored:
    """Return the result held by one row of the store's table.

    Parameters
    ----------
    row : tuple
        label, status, error, warnings, frames_decoded, frames_expected, info, seconds, n, d, data.
    form : str
        `ROWS`, or the pools of a pooled result.
    """
    label, status, error, warnings, decoded, expected, info, seconds, n, d, data = row
    described = json.loads(info)
    stored = Stored(
        label=label,
        status=status,
        error=error,
        warnings=tuple(json.loads(warnings)),
        frames_decoded=decoded,
        frames_expected=expected,
        info=VideoInfo(**described) if described else None,
        seconds={name: float(value) for name, value in json.loads(seconds).items()},
    )
    if not data:
        return stored
    if form == ROWS:
        return dataclasses.replace(stored, rows=unpack_rows(data, n, d))
    pooled = np.frombuffer(data, "<f8").astype(np.float64)
    if len(pooled) != d:
        raise ValueError(f"a result of {label} has {len(pooled)} columns, not {d}")
    return dataclasses.replace(stored, pooled=pooled)
