"""Features of one video: one decode for all extractors, one pooled row or rows per frame."""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError
from ..extractor import Extractor
from ..files.names import opened_name
from ..frame import ArrayPicture, Frame
from ..pooling import check_pools, columns
from ..registry import make_all
from ..specs import Every, Luma, RawFormat, Sampling, VideoInfo, VideoResult, VideoTask
from .engine import feed_all
from .tabulate import as_pandas
from .task import run_task

if TYPE_CHECKING:
    import pandas as pd

Extractors = str | Extractor | Iterable[str | Extractor]


def extract(
    path: str | os.PathLike[str],
    extractors: Extractors,
    *,
    per_frame: bool = False,
    pool: str | Sequence[str] = "mean",
    fps: float | None = None,
    every: Every | None = None,
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
        Statistics over time, e.g. ``mean``, ``p10``, ``lowest10s``: see `vqa_features.pools.POOLS`.
    fps, every, offset, frames, start_s, duration_s
        Which frames are used: see `Sampling`. All of them by default.
    luma : {"y", "rgb2gray"}
        Source of luma: the decoder's Y plane, or MATLAB's rgb2gray of the RGB frame.
    raw : RawFormat, optional
        Geometry of a headerless YUV file.
    threads : int
        Decoder threads; they change no number.

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

    See Also
    --------
    extract_frames : The same for frames in memory.
    extract_many : The same for many videos, in worker processes.
    list_extractors : The names.

    Examples
    --------
    >>> from importlib.resources import files
    >>> import vqa_features as vf
    >>> clip = files("vqa_features.resources") / "demo/bikes_square.mp4"
    >>> row = vf.extract(clip, "siti", pool=["mean", "max"], frames=3)
    >>> list(row.index)
    ['siti.si.mean', 'siti.ti.mean', 'siti.si.max', 'siti.ti.max']
    >>> row.attrs["status"]
    'ok'
    >>> vf.extract(clip, "siti", per_frame=True, every=4, duration_s=0.5).shape
    (4, 2)
    """
    made = make_all(extractors)
    sampling = Sampling(fps, every, offset, frames, start_s, duration_s)
    pools = check_pools([pool] if isinstance(pool, str) else pool)
    name = opened_name(path)
    task = VideoTask(name, name, tuple(made), sampling, luma, raw, threads)
    return as_pandas(run_task(task, alone=False), made, pools, per_frame)


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
    extractors : str, Extractor or list of them
        Names or labels, e.g. ``["brisque", "siti"]``.
    fps : float, optional
        Frames per second; needed by extractors that sample by time.
    luma : {"y", "rgb2gray"}, optional
        "y" for planes, "rgb2gray" for RGB, where "y" is an error: there is no Y plane.
    per_frame : bool
        Return one row per frame (pair, clip) instead of one pooled vector.
    pool : str or list of str
        Statistics over time, e.g. ``mean``, ``p10``, ``lowest10s``: see `vqa_features.pools.POOLS`.
    bit_depth : int, optional
        Bits of uint16 samples, 10 by default.

    Returns
    -------
    pandas.Series or pandas.DataFrame
        As from `extract`.

    Raises
    ------
    ParameterError
        If the frames have no allowed shape or type, or `luma` does not fit them.
    UnknownName, WeightsMissing
        If the extractors are not usable.

    See Also
    --------
    extract : The same for a video file.
    score : One quality score.

    Examples
    --------
    A still clip has spatial information and no temporal information:

    >>> import numpy as np
    >>> import vqa_features as vf
    >>> stripes = np.tile(np.arange(64, dtype=np.uint8) % 8 // 4 * 100, (3, 64, 1))
    >>> row = vf.extract_frames(stripes, "siti")
    >>> bool(row["siti.si.mean"] > 0), float(row["siti.ti.mean"])
    (True, 0.0)
    """
    made = make_all(extractors)
    pools = check_pools([pool] if isinstance(pool, str) else pool)
    arrays = [np.asarray(frame) for frame in frames]
    luma_source = _luma_source(arrays, luma)
    pictures = [ArrayPicture(array, bit_depth) for array in arrays]
    info = _info_of(pictures, arrays[0], math.nan if fps is None else float(fps))
    stream = (Frame(picture, i, i / info.fps, luma_source) for i, picture in enumerate(pictures))
    rows, seconds, told = feed_all(stream, info, made)
    result = VideoResult(
        info.path, info.path, "ok", "", tuple(told), len(arrays), len(arrays), info, rows, seconds
    )
    return as_pandas(result, made, pools, per_frame)


def _luma_source(arrays: Sequence[NDArray[Any]], luma: Luma | None) -> Luma:
    """Return where luma comes from, after checking that all frames are alike and `luma` fits them."""
    if not arrays:
        raise ParameterError("no frames were given; at least one is needed")
    colour = arrays[0].ndim == 3
    if luma == "y" and colour:
        raise ParameterError('luma="y" is not possible for RGB frames, which have no Y plane; leave it out')
    if luma == "rgb2gray" and not colour:
        raise ParameterError('luma="rgb2gray" needs RGB frames (t, h, w, 3); planes are luma already')
    if any(array.shape != arrays[0].shape for array in arrays):
        raise ParameterError("all frames must have the same shape")
    return "rgb2gray" if colour else "y"


def _info_of(pictures: Sequence[ArrayPicture], first: NDArray[Any], fps: float) -> VideoInfo:
    height, width = first.shape[:2]
    return VideoInfo(
        path="<frames>",
        width=width,
        height=height,
        fps=fps,
        frames=len(pictures),
        duration_s=len(pictures) / fps if fps > 0 else None,
        codec="array",
        pix_fmt="rgb24" if first.ndim == 3 else "gray",
        bit_depth=pictures[0].bit_depth,
    )


def score(source: Any, name: str, *, luma: Luma | None = None) -> float:
    """Return the quality score of a video, of one frame or of several frames.

    Parameters
    ----------
    source : path or array
        A video file, one frame (h, w) or (h, w, 3), or frames (t, h, w) or (t, h, w, 3).
    name : str
        An extractor with a feature called ``score``: niqe, brisque, il-niqe, piqe.
    luma : {"y", "rgb2gray"}, optional
        As in `extract` and `extract_frames`.

    Returns
    -------
    float
        Mean over frames. The direction is that of the extractor's feature ``score``: for the four
        above, lower is better. nan where no frame has a score; a UserWarning states the reason.

    Raises
    ------
    ParameterError
        If the extractor has no score.
    DecodeError
        If the file cannot be opened or no frame of it decodes.

    See Also
    --------
    extract, extract_frames : All features.

    Examples
    --------
    A blurred picture has a higher (worse) score:

    >>> from scipy.ndimage import gaussian_filter
    >>> from skimage.data import camera
    >>> import vqa_features as vf
    >>> vf.score(camera(), "niqe") < vf.score(gaussian_filter(camera(), 3), "niqe")
    True
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
    value = float(series[columns(extractor, ["mean"])[extractor.feature_names.index("score")]])
    if math.isnan(value):
        reasons = [
            text for text in series.attrs["warnings"] if text.startswith(f"{extractor.label}: no value")
        ]
        warnings.warn("; ".join(reasons), UserWarning, stacklevel=2)
    return value
