"""Features of frames held in memory, and the quality score of a file or of frames."""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np

from ..errors import ParameterError
from ..frame import Frame
from ..picture import ArrayPicture
from ..pooling import check_pools, columns
from ..registry import make_all
from ..specs import Area, Luma, VideoInfo
from ..video.light import LUMA_IS, coding_of, notes_on
from ..video_task import VideoResult
from .active_area import PICTURES, ActiveArea, check_area
from .allocator import keep_freed_pages
from .arrays import FramesInMemory, frames_of
from .engine import feed_all
from .luma_choice import check_luma
from .single_video import Extractors, extract
from .tabulate import as_pandas

if TYPE_CHECKING:
    import pandas as pd


@overload
def extract_frames(
    frames: Any,
    extractors: Extractors,
    *,
    fps: float | None = ...,
    luma: Luma | None = ...,
    area: Area = ...,
    per_frame: Literal[False] = False,
    pool: str | Sequence[str] = ...,
    bit_depth: int | None = ...,
    layout: str | None = ...,
    data_range: float | None = ...,
    threads: int = ...,
) -> pd.Series[float]: ...
@overload
def extract_frames(
    frames: Any,
    extractors: Extractors,
    *,
    fps: float | None = ...,
    luma: Luma | None = ...,
    area: Area = ...,
    per_frame: Literal[True],
    pool: str | Sequence[str] = ...,
    bit_depth: int | None = ...,
    layout: str | None = ...,
    data_range: float | None = ...,
    threads: int = ...,
) -> pd.DataFrame: ...
@overload
def extract_frames(
    frames: Any,
    extractors: Extractors,
    *,
    fps: float | None = ...,
    luma: Luma | None = ...,
    area: Area = ...,
    per_frame: bool,
    pool: str | Sequence[str] = ...,
    bit_depth: int | None = ...,
    layout: str | None = ...,
    data_range: float | None = ...,
    threads: int = ...,
) -> pd.Series[float] | pd.DataFrame: ...
def extract_frames(
    frames: Any,
    extractors: Extractors,
    *,
    fps: float | None = None,
    luma: Luma | None = None,
    area: Area = "full",
    per_frame: bool = False,
    pool: str | Sequence[str] = "mean",
    bit_depth: int | None = None,
    layout: str | None = None,
    data_range: float | None = None,
    threads: int = 1,
) -> pd.Series[float] | pd.DataFrame:
    """Return the features of one picture or of several frames held in memory.

    Parameters
    ----------
    frames : array, tensor, or iterable of them
        One picture (h, w) or (h, w, 3), or frames (t, h, w) or (t, h, w, 3): planes are taken as luma, three
        channels as RGB. uint8, uint16 (`bit_depth`) or float (`data_range`). A list or generator holds
        frames (h, w) or (h, w, 3).
    extractors : str, Extractor or list of them
        Names or labels, e.g. ``["brisque", "siti"]``.
    fps : float, optional
        Frames per second; needed by extractors that sample by time.
    luma : {"y", "rgb2gray", "pq", "pu21"}, optional
        "y" for planes, "rgb2gray" for RGB, where the others are errors: there is no Y plane. "pq" and "pu21"
        take planes as full-range SDR.
    area : {"full", "active"}
        Use the whole pictures, or what lies between black bars, as in `extract`.
    per_frame : bool
        Return one row per frame (pair, clip) instead of one pooled vector.
    pool : str or list of str
        Statistics over time, e.g. ``mean``, ``p10``, ``lowest10s``: see `vqa_features.pools.POOLS`.
    bit_depth : int, optional
        Bits of uint16 samples, 10 by default.
    layout : {"HW", "HWC", "CHW", "THW", "THWC", "TCHW", "CTHW"}, optional
        Order of the axes. It is needed where the shape can be read in two ways, as (h, w, 3) can, and for
        channels first.
    data_range : {1, 255}, optional
        White of float frames, which are rounded to 8 bits.
    threads : int
        Threads that share the frames, as in `extract`; they change no number.

    Returns
    -------
    pandas.Series or pandas.DataFrame
        As from `extract`. One picture, given without an axis of time, is a still picture: a method of which
        no column has a value without further frames is refused.

    Raises
    ------
    ParameterError
        If the shape is not clear or not allowed, a sample has no certain meaning (bool, wide integers, nan,
        float without `data_range`, values out of range), or `luma` does not fit.
    DecodeError
        If the frames are one picture, and the method needs more.
    UnknownName, WeightsMissing
        If the extractors are not usable.

    See Also
    --------
    extract : The same for a file.
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
    check_area(area)
    if threads < 1:
        raise ParameterError(f"threads must be 1 or more, got {threads}")
    keep_freed_pages()
    pools = check_pools([pool] if isinstance(pool, str) else pool)
    given = frames_of(frames, layout=layout, data_range=data_range, bit_depth=bit_depth)
    luma_source = _luma_source(given, luma)
    check_luma(luma_source, made)
    pictures = [ArrayPicture(array, given.bit_depth) for array in given.arrays]
    info = _info_of(given, math.nan if fps is None else float(fps))
    coding = coding_of(info, luma_source)
    stream: Iterable[Frame] = (
        Frame(picture, i, 0.0 if given.single else i / info.fps, luma_source, coding=coding)
        for i, picture in enumerate(pictures)
    )
    told_before = notes_on(coding, info)
    if area == "active":
        spread = np.unique(np.linspace(0, len(pictures) - 1, PICTURES).round().astype(int))
        active = ActiveArea.of(
            Frame(pictures[i], i, math.nan, luma_source, coding=coding) for i in spread.tolist()
        )
        assert active is not None  # there are frames
        stream, info = active.crop(stream), active.described(info)
        told_before += active.warnings
    rows, seconds, told = feed_all(stream, info, made, threads)
    count, told_all = len(pictures), (*told_before, *told)
    result = VideoResult(info.path, info.path, "ok", "", told_all, count, count, info, rows, seconds)
    return as_pandas(result, made, pools, per_frame)


def _luma_source(given: FramesInMemory, luma: Luma | None) -> Luma:
    """Return where luma comes from, after checking that `luma` fits the frames."""
    colour = given.arrays[0].ndim == 3
    if luma not in (None, "rgb2gray") and colour:
        raise ParameterError(
            f'luma="{luma}" is not possible for RGB frames, which have no Y plane; leave it out'
        )
    if luma == "rgb2gray" and not colour:
        raise ParameterError('luma="rgb2gray" needs RGB frames (t, h, w, 3); planes are luma already')
    return luma or ("rgb2gray" if colour else "y")


def _info_of(given: FramesInMemory, fps: float) -> VideoInfo:
    first, count = given.arrays[0], len(given.arrays)
    return VideoInfo(
        path="<frames>",
        width=first.shape[1],
        height=first.shape[0],
        fps=fps,
        frames=count,
        duration_s=count / fps if fps > 0 else None,
        codec="array",
        pix_fmt="rgb24" if first.ndim == 3 else "gray",
        bit_depth=given.bit_depth,
        container="array" if given.single else "",
    )


def score(
    source: Any,
    name: str,
    *,
    luma: Luma | None = None,
    area: Area = "full",
    bit_depth: int | None = None,
    layout: str | None = None,
    data_range: float | None = None,
    remote: bool = False,
) -> float:
    """Return the quality score of a file, of one picture or of several frames.

    Parameters
    ----------
    source : path or array
        A video or picture file, or frames as `extract_frames` takes them.
    name : str
        An extractor with a feature called ``score``: niqe, brisque, il-niqe, piqe, cambi; fast-vqa-b,
        dover-technical and the other quality networks.
    luma : {"y", "rgb2gray", "pq", "pu21"}, optional
        As in `extract` and `extract_frames`.
    area : {"full", "active"}
        The whole picture, or the part inside black bars.
    bit_depth, layout, data_range
        What arrays hold, as in `extract_frames`.
    remote : bool
        As in `extract`.

    Returns
    -------
    float
        Mean over frames or clips. The direction is that of the extractor's feature ``score``: for the
        first five lower is better, for the networks higher. nan where no frame has a score; a
        UserWarning states the reason. With `luma` "pq" or "pu21" a UserWarning says what luma is: the
        published scores were fitted to SDR codes.

    Raises
    ------
    ParameterError
        If the extractor has no score, or the frames are not clear.
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
        raise ParameterError(
            f"{extractor.name} has no score; niqe, brisque, il-niqe, piqe, cambi and quality networks do"
        )
    options = {"bit_depth": bit_depth, "layout": layout, "data_range": data_range}
    if isinstance(source, str | os.PathLike):
        if given := [option for option, value in options.items() if value is not None]:
            raise ParameterError(f"{' and '.join(given)} is for arrays, and {os.fspath(source)!r} is a file")
        series: Any = extract(source, extractor, luma=luma or "y", area=area, remote=remote)
    else:
        series = extract_frames(source, extractor, luma=luma, area=area, **options)  # type: ignore[call-overload]
    value = float(series[columns(extractor, ["mean"])[extractor.feature_names.index("score")]])
    if told := [text for text in series.attrs["warnings"] if text.startswith(LUMA_IS)]:
        warnings.warn(told[0], UserWarning, stacklevel=2)
    if math.isnan(value):
        reasons = [
            text for text in series.attrs["warnings"] if text.startswith(f"{extractor.label}: no value")
        ]
        warnings.warn("; ".join(reasons), UserWarning, stacklevel=2)
    return value
