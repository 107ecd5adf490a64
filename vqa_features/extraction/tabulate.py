"""The result of one video as a pooled row, or as a table with one row per frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..errors import TableError
from ..extractor import Extractor
from ..pooling import columns, pool_rows, pool_warnings
from ..video_task import VideoResult

if TYPE_CHECKING:
    import pandas as pd


def pooled_row(
    result: VideoResult, extractors: Sequence[Extractor], pools: Sequence[str]
) -> dict[str, float]:
    """Return a result pooled over time, by column name.

    Parameters
    ----------
    result : VideoResult
        Outcome of one video.
    extractors : sequence of Extractor
        Those whose columns are wanted.
    pools : sequence of str
        Checked names of pools.

    Returns
    -------
    dict
        An extractor without rows gives nan.
    """
    row: dict[str, float] = {}
    for extractor in extractors:
        names = columns(extractor, pools)
        rows = result.rows.get(extractor.label)
        values = np.full(len(names), np.nan) if rows is None else pool_rows(extractor, rows, pools)
        row.update(zip(names, values.tolist(), strict=True))
    return row


def per_frame_table(result: VideoResult, extractors: Sequence[Extractor]) -> pd.DataFrame:
    """Return one row per frame at which a row of some extractor begins.

    Parameters
    ----------
    result : VideoResult
        Outcome of one video.
    extractors : sequence of Extractor
        Those whose columns are wanted; scope "video" has no rows per frame.

    Returns
    -------
    pandas.DataFrame
        Index ``time_s``, columns ``<extractor>.<feature>``.

    Raises
    ------
    TableError
        If no extractor has rows per frame.
    """
    import pandas as pd

    parts = []
    times: dict[int, float] = {}
    for extractor in extractors:
        if extractor.scope == "video" or extractor.label not in result.rows:
            continue
        rows = result.rows[extractor.label]
        times.update(zip(rows.frames.tolist(), rows.times_s.tolist(), strict=True))
        names = [f"{extractor.label}.{name}" for name in extractor.feature_names]
        part = pd.DataFrame(rows.values, index=rows.frames, columns=names)
        parts.append(part[~part.index.duplicated()])
    if not parts:
        raise TableError("none of these extractors has rows per frame")
    table = pd.concat(parts, axis=1).sort_index()
    table.index = pd.Index([times[frame] for frame in table.index], name="time_s")
    return table


def as_pandas(
    result: VideoResult, extractors: Sequence[Extractor], pools: Sequence[str], per_frame: bool
) -> pd.Series[float] | pd.DataFrame:
    """Return a result as users receive it, with status, error and warnings in `attrs`.

    Parameters
    ----------
    result : VideoResult
        Outcome of one video.
    extractors : sequence of Extractor
        Those that were run.
    pools : sequence of str
        Checked names of pools.
    per_frame : bool
        Whether to return one row per frame.

    Returns
    -------
    pandas.Series or pandas.DataFrame
        `pooled_row` as a Series, or `per_frame_table`. Their `attrs` hold status, error, warnings and, where
        bars were looked for, the active area.
    """
    import pandas as pd

    out: pd.Series[float] | pd.DataFrame
    warnings = [*result.warnings, *(text for extractor in extractors for text in extractor.warnings())]
    if per_frame:
        out = per_frame_table(result, extractors)
    else:
        row = pooled_row(result, extractors, pools)
        out = pd.Series(row, dtype=np.float64)
        warnings += [text for extractor in extractors for text in pool_warnings(extractor, row, pools)]
    out.attrs.update(status=result.status, error=result.error, warnings=warnings)
    if result.info is not None and result.info.active_area is not None:
        out.attrs["active_area"] = result.info.active_area
    return out
