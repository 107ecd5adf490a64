"""One video: one decode, all extractors, one pooled row (or rows per frame)."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ParameterError, TableError
from ..extractor import Extractor
from ..frame import ArrayPicture, Frame
from ..pooling import check_pools, columns, pool_rows
from ..registry import make_all
from ..specs import Luma, RawFormat, Sampling, VideoInfo, VideoResult, VideoTask
from ..video import Video
from .engine import feed_all

if TYPE_CHECKING:
    import pandas as pd

Extractors = str | Extractor | Iterable[str | Extractor]


def run_task(task: VideoTask) -> VideoResult:
    """Extract from one video.

    Raises
    ------
    DecodeError
        If the file cannot be opened or no frame of it decodes.
    """
    with Video(
        task.path, sampling=task.sampling, raw=task.raw, luma=task.luma, threads=task.threads
    ) as video:
        rows, seconds, warnings = feed_all(video, video.info, task.extractors)
        outcome = video.outcome
        return VideoResult(
            id=task.id,
            path=task.path,
            status=outcome.status,
            error=outcome.error,
            warnings=(*outcome.warnings, *warnings),
            frames_decoded=outcome.frames_decoded,
            frames_expected=outcome.frames_expected,
            info=video.info,
            rows=rows,
            seconds=seconds,
        )


def extract(
    path: str | os.PathLike[str],
    extractors: Extractors,
    *,
    per_frame: bool = False,
    pool: str | Sequence[str] = "mean",
    fps: float | None = None,
    every: int | None = None,
    offset: int = 0,
    frames: int | None = None,
    start_s: float = 0.0,
    duration_s: float | None = None,
    luma: Luma = "y",
    raw: RawFormat | None = None,
    threads: int = 1,
) -> pd.Series[float] | pd.DataFrame:
    """Return the features of one video.

    Parameters
    ----------
    path : path
        A video file.
    extractors : str, Extractor or list of them
        Names or labels, e.g. ``["brisque", "siti"]``.
    per_frame : bool
        Return one row per frame (pair, clip) instead of one pooled vector.
    pool : str or list of str
        Over time: mean, std, min, max, median, p0 .. p100.
    fps, every, offset, frames, start_s, duration_s
        Which frames are seen: see `Sampling`. All of them by default.
    luma : {"y", "rgb2gray"}
        What luma is: the decoder's Y plane, or MATLAB's gray of the RGB frame.
    raw : RawFormat, optional
        Geometry of a headerless YUV file.
    threads : int
        Decoder threads; no number changes with them.

    Returns
    -------
    pandas.Series
        Named ``<extractor>.<feature>.<pool>``; its `attrs` hold status, error and warnings.
    pandas.DataFrame
        With `per_frame`: index ``time_s``, columns ``<extractor>.<feature>``; nan where an
        extractor has no row that begins at that frame. Extractors of scope "video" have no rows.

    Raises
    ------
    DecodeError
        If the file cannot be opened or no frame of it decodes.
    UnknownName, ParameterError, WeightsMissing
        If the extractors or parameters are not usable.

    Examples
    --------
    >>> extract("clip.mp4", "siti")["siti.si.mean"]  # doctest: +SKIP
    47.1
    """
    made = make_all(extractors)
    sampling = Sampling(fps, every, offset, frames, start_s, duration_s)
    pools = check_pools([pool] if isinstance(pool, str) else pool)
    task = VideoTask(os.fspath(path), os.fspath(path), tuple(made), sampling, luma, raw, threads)
    result = run_task(task)
    return _as_pandas(result, made, pools, per_frame)


def extract_frames(
    frames: Any,
    extractors: Extractors,
    *,
    fps: float | None = None,
    luma: Luma | None = None,
    per_frame: bool = False,
    pool: str | Sequence[str] = "mean",
    bit_depth: int | None = None,
) -> pd.Series[float] | pd.DataFrame:
    """Return the features of frames held in memory.

    Parameters
    ----------
    frames : array or sequence of arrays
        uint8 or uint16: planes (t, h, w), taken as luma, or RGB (t, h, w, 3).
    fps : float, optional
        Frames per second; needed by extractors that sample by time.
    luma : {"y", "rgb2gray"}, optional
        "y" for planes, "rgb2gray" for RGB, where "y" is an error: there is no Y plane.
    bit_depth : int, optional
        Bits of uint16 samples, 10 unless told otherwise.

    The other parameters and the result are those of `extract`.
    """
    made = make_all(extractors)
    pools = check_pools([pool] if isinstance(pool, str) else pool)
    arrays = [np.asarray(frame) for frame in frames]
    if not arrays:
        raise ParameterError("no frames were given; at least one is needed")
    colour = arrays[0].ndim == 3
    if luma == "y" and colour:
        raise ParameterError('luma="y" is not possible for RGB frames, which have no Y plane; leave it out')
    if luma == "rgb2gray" and not colour:
        raise ParameterError('luma="rgb2gray" needs RGB frames (t, h, w, 3); planes are luma already')
    if any(array.shape != arrays[0].shape for array in arrays):
        raise ParameterError("all frames must have the same shape")
    rate = math.nan if fps is None else float(fps)
    pictures = [ArrayPicture(array, bit_depth) for array in arrays]
    luma_source: Luma = "rgb2gray" if colour else "y"
    height, width = arrays[0].shape[:2]
    info = VideoInfo(
        path="<frames>",
        width=width,
        height=height,
        fps=rate,
        frames=len(arrays),
        duration_s=len(arrays) / rate if rate > 0 else None,
        codec="array",
        pix_fmt="rgb24" if colour else "gray",
        bit_depth=pictures[0].bit_depth,
    )
    stream = (Frame(picture, i, i / rate, luma_source) for i, picture in enumerate(pictures))
    rows, seconds, warnings = feed_all(stream, info, made)
    result = VideoResult(
        "<frames>", "<frames>", "ok", "", tuple(warnings), len(arrays), len(arrays), info, rows, seconds
    )
    return _as_pandas(result, made, pools, per_frame)


def score(source: Any, name: str, *, luma: Luma | None = None) -> float:
    """Return the quality score of a video, of one frame (h, w[, 3]) or of frames (t, h, w[, 3]).

    Parameters
    ----------
    source : path or array
    name : str
        An extractor with a feature called ``score``: niqe, brisque, il-niqe, piqe.
    luma : {"y", "rgb2gray"}, optional
        As in `extract` and `extract_frames`.

    Returns
    -------
    float
        Mean over frames; which direction is better is said by the extractor's feature.
    """
    (extractor,) = make_all(name)
    if "score" not in extractor.feature_names:
        raise ParameterError(f"{extractor.name} has no score; niqe, brisque, il-niqe and piqe do")
    if isinstance(source, str | os.PathLike):
        series: Any = extract(source, extractor, luma=luma or "y")
    else:
        array = np.asarray(source)
        single = array.ndim == 2 or (array.ndim == 3 and array.shape[2] == 3)
        series = extract_frames(array[None] if single else array, extractor, luma=luma)
    return float(series[columns(extractor, ["mean"])[extractor.feature_names.index("score")]])


def pooled_row(
    result: VideoResult, extractors: Sequence[Extractor], pools: Sequence[str]
) -> dict[str, float]:
    """Pool a result to named columns; extractors without rows give nan."""
    row: dict[str, float] = {}
    for extractor in extractors:
        names = columns(extractor, pools)
        rows = result.rows.get(extractor.label)
        values = np.full(len(names), np.nan) if rows is None else pool_rows(extractor, rows, pools)
        row.update(zip(names, values.tolist(), strict=True))
    return row


def per_frame_table(result: VideoResult, extractors: Sequence[Extractor]) -> pd.DataFrame:
    """Return one row per frame of the stream that begins a row of some extractor."""
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


def _as_pandas(
    result: VideoResult, extractors: Sequence[Extractor], pools: Sequence[str], per_frame: bool
) -> pd.Series[float] | pd.DataFrame:
    import pandas as pd

    out: pd.Series[float] | pd.DataFrame
    if per_frame:
        out = per_frame_table(result, extractors)
    else:
        out = pd.Series(pooled_row(result, extractors, pools), dtype=np.float64)
    warnings = [*result.warnings, *(text for extractor in extractors for text in extractor.warnings())]
    out.attrs.update(status=result.status, error=result.error, warnings=warnings)
    return out
