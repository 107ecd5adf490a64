"""Predictions over time: one for each second of a video, and how far each second pulls the whole.

Columns whose extractor has a row for each frame, or pair of frames, are pooled over the frames of one second
by the pools of the training. Columns with one row per video, or per clip of several seconds, keep their value
of the whole video. The pull of a second is the prediction of the video minus that of the video without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import TableError, first_few
from ..pooling import columns, pool_rows
from ..pools import BY_TIME, pool_of
from ..video_task import Rows
from .prediction import Matrix, usable_rows

if TYPE_CHECKING:
    import pandas as pd

    from ..batch.options import Extraction
    from ..extractor import Extractor
    from ..video_task import VideoResult
    from .quality_model import QualityModel

Values = NDArray[np.float64]

#: Scopes whose rows belong to one moment.
_MOMENTS = ("frame", "pair")
#: Pools that mean the same over few frames as over many. Of one frame the others are 0, or its value.
_STEADY = ("mean", "median", "harmonic", "minkowskiP")
COLUMNS = ("end_s", "frames", "mos", "extrapolates", "pull")


class _Part(NamedTuple):
    """One extractor of a model: its rows of the video, and the columns of them that the model uses."""

    extractor: Extractor
    rows: Rows
    pools: Sequence[str]
    used: dict[str, int]
    """Place of each column in the model by its name."""

    @property
    def moving(self) -> bool:
        """Whether it has values within a video."""
        return self.extractor.scope in _MOMENTS

    def fill(self, values: Values, kept: NDArray[np.bool_] | None = None) -> None:
        """Write the columns of a row of the model, pooled over the rows that are kept."""
        rows = self.rows
        if kept is not None:
            rows = Rows(rows.times_s[kept], rows.frames[kept], rows.values[kept])
        pooled = dict(
            zip(columns(self.extractor, self.pools), pool_rows(self.extractor, rows, self.pools), strict=True)
        )
        for name, place in self.used.items():
            values[place] = pooled[name]


def time_line(
    model: QualityModel, results: Sequence[tuple[Extraction, VideoResult]], window_s: float = 1.0
) -> pd.DataFrame:
    """Return one row of predictions per second of a video.

    Parameters
    ----------
    model : QualityModel
        Fitted on tables of `extract`.
    results : sequence of (Extraction, VideoResult)
        The rows of the video, for each table of the training.
    window_s : float
        Length of a window in seconds, above 0.

    Returns
    -------
    DataFrame
        Index ``start_s``; columns ``end_s``; ``frames``, their number in the window; ``mos``, the prediction
        of the window, nan where it has one frame and a pool needs several; ``extrapolates``; ``pull``, the
        MOS of the video minus that without the window, above 0 where the window raises it, nan where no other
        is left. ``attrs`` holds ``mos``, ``low`` and ``high`` of the video, and ``notes``, what limits the
        rest. The interval holds for whole videos, not for windows.

    Raises
    ------
    TableError
        If no column has values within a video, or the times of the frames are not known.
    """
    import pandas as pd

    parts = list(_parts(model, results))
    moving = [part for part in parts if part.moving]
    _check(parts, moving)
    windows = [np.floor(part.rows.times_s / window_s + 1e-9) for part in moving]
    numbers = np.unique(np.concatenate(windows))
    masks = [[window == number for window in windows] for number in numbers]
    whole = _pooled(parts, np.full(len(model.card_.columns), np.nan))
    inside = [_pooled(moving, whole, kept) for kept in masks]
    outside = [_pooled(moving, whole, [~one for one in kept]) for kept in masks]
    everything = _predicted(model, np.vstack([whole, *inside, *outside]))
    mos, frames = float(everything["mos"].iloc[0]), np.array([max(map(np.sum, kept)) for kept in masks])
    one, without = (everything.iloc[1 + k * len(numbers) :][: len(numbers)] for k in range(2))
    spread = sorted({pool for part in moving for pool in _spread(part)})
    known = (frames > 1) | (not spread)
    found = pd.DataFrame(
        {
            "end_s": (numbers + 1) * window_s,
            "frames": frames,
            "mos": np.where(known, one["mos"], np.nan),
            "extrapolates": one["extrapolates"].to_numpy(dtype=bool) & known,
            "pull": mos - without["mos"].to_numpy() if len(numbers) > 1 else np.nan,
        },
        index=pd.Index(numbers * window_s, name="start_s"),
    )
    low, high = (float(everything[name].iloc[0]) for name in ("low", "high"))
    found.attrs.update(mos=mos, low=low, high=high, window_s=window_s, notes=_notes(parts, spread, found))
    return found


def _pooled(
    parts: Sequence[_Part], values: Values, kept: Sequence[NDArray[np.bool_]] | None = None
) -> Values:
    """Return a row of the model with the columns of `parts` pooled again, over the rows kept of each."""
    values = values.copy()
    for number, part in enumerate(parts):
        part.fill(values, None if kept is None else kept[number])
    return values


def _parts(model: QualityModel, results: Sequence[tuple[Extraction, VideoResult]]) -> Iterator[_Part]:
    """Yield the extractors of a model with their rows and columns."""
    place = {name: number for number, name in enumerate(model.card_.columns)}
    for source, (extraction, result) in zip(model.card_.sources, results, strict=True):
        for extractor in extraction.extractors:
            given = columns(extractor, extraction.pools)
            used = {name: place[name] for name in given if name in source.columns}
            rows = result.rows.get(extractor.label)
            if used and rows is not None:
                yield _Part(extractor, rows, extraction.pools, used)


def _check(parts: Sequence[_Part], moving: Sequence[_Part]) -> None:
    """Raise TableError if there is no time line."""
    if not moving:
        told = [f"{part.extractor.label} has one row per {part.extractor.scope}" for part in parts]
        raise TableError(f"there are no predictions over time: {first_few(told, 3)}")
    if not all(np.isfinite(part.rows.times_s).all() for part in moving):
        raise TableError("there are no predictions over time: the times of the frames are not known")


def _spread(part: _Part) -> set[str]:
    """Return the pools of the columns in use that depend on the number of frames."""
    pools = {name.rpartition(".")[2] for name in part.used}
    return {
        name
        for name in pools
        if (found := pool_of(name)) is None or found[0].form.removesuffix(BY_TIME) not in _STEADY
    }


def _predicted(model: QualityModel, values: Values) -> pd.DataFrame:
    import pandas as pd

    index = pd.RangeIndex(len(values))
    return model.predicted(Matrix(index, values, usable_rows(model.card_.sources, values)))


def _notes(parts: Sequence[_Part], spread: Sequence[str], found: pd.DataFrame) -> list[str]:
    """Return what limits a time line, in sentences."""
    notes = []
    held = [part for part in parts if not part.moving]
    if held:
        count = sum(len(part.used) for part in held)
        told = first_few([f"{part.extractor.label} (a row per {part.extractor.scope})" for part in held], 3)
        notes.append(f"over time, {count} columns keep their value of the whole video: {told}")
    if spread:
        pools = first_few(spread)
        notes.append(f"pools over a window ({pools}) see fewer frames than in training: compare windows only")
    single = int((found["frames"] < 2).sum())
    if spread and single:
        notes.append(f"{single} window(s) have one frame, of which these pools say nothing: no prediction")
    return notes
