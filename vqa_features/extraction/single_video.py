"""Features of one video: one decode for all extractors, one pooled row or rows per frame."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal, overload

from ..errors import ParameterError
from ..extractor import Extractor
from ..pooling import check_pools
from ..registry import make_all
from ..remote.addresses import Access, opened_input
from ..specs import Area, Every, Luma, RawFormat, Sampling
from ..video_task import VideoTask
from .active_area import check_area
from .luma_choice import check_luma
from .tabulate import as_pandas
from .task import run_task

if TYPE_CHECKING:
    import pandas as pd

Extractors = str | Extractor | Iterable[str | Extractor]


@overload
def extract(
    path: str | os.PathLike[str],
    extractors: Extractors,
    *,
    per_frame: Literal[False] = False,
    pool: str | Sequence[str] = ...,
    fps: float | None = ...,
    every: Every | None = ...,
    offset: int = ...,
    frames: int | None = ...,
    start_s: float = ...,
    duration_s: float | None = ...,
    luma: Luma = ...,
    area: Area = ...,
    raw: RawFormat | None = ...,
    threads: int = ...,
    remote: bool = ...,
) -> pd.Series[float]: ...
@overload
def extract(
    path: str | os.PathLike[str],
    extractors: Extractors,
    *,
    per_frame: Literal[True],
    pool: str | Sequence[str] = ...,
    fps: float | None = ...,
    every: Every | None = ...,
    offset: int = ...,
    frames: int | None = ...,
    start_s: float = ...,
    duration_s: float | None = ...,
    luma: Luma = ...,
    area: Area = ...,
    raw: RawFormat | None = ...,
    threads: int = ...,
    remote: bool = ...,
) -> pd.DataFrame: ...
@overload
def extract(
    path: str | os.PathLike[str],
    extractors: Extractors,
    *,
    per_frame: bool,
    pool: str | Sequence[str] = ...,
    fps: float | None = ...,
    every: Every | None = ...,
    offset: int = ...,
    frames: int | None = ...,
    start_s: float = ...,
    duration_s: float | None = ...,
    luma: Luma = ...,
    area: Area = ...,
    raw: RawFormat | None = ...,
    threads: int = ...,
    remote: bool = ...,
) -> pd.Series[float] | pd.DataFrame: ...
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
    area: Area = "full",
    raw: RawFormat | None = None,
    threads: int = 1,
    remote: bool = False,
) -> pd.Series[float] | pd.DataFrame:
    """Return the features of one video.

    Parameters
    ----------
    path : path
        A video or picture file, or with `remote` its address.
    extractors : str, Extractor or list of them
        Names or labels, e.g. ``["brisque", "siti"]``.
    per_frame : bool
        Return one row per frame (pair, clip) instead of one pooled vector.
    pool : str or list of str
        Statistics over time, e.g. ``mean``, ``p10``, ``lowest10s``: see `vqa_features.pools.POOLS`.
    fps, every, offset, frames, start_s, duration_s
        Which frames are used: see `Sampling`. All of them by default.
    luma : {"y", "rgb2gray", "pq", "pu21"}
        Source of luma: the decoder's Y plane, MATLAB's rgb2gray of the RGB frame, or the light of a display
        in codes of PQ or PU21, 0 to 255, by the transfer and range of the file, which a warning names.
    area : {"full", "active"}
        Use the whole pictures, or what lies between black bars: found once, from 24 pictures of the part
        that is used, and told in `attrs` as ``active_area``.
    raw : RawFormat, optional
        Geometry of a headerless YUV file.
    threads : int
        Threads that share the frames of the video; they change no number. One of them decodes. The time of
        an extractor is summed over them, and each takes the memory of a few frames more.
    remote : bool
        Open `path` where it is an address: ``s3://``, ``gs://`` or ``https://``.

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
    name, file = opened_input(path, Access.of(remote))
    check_area(area)
    check_luma(luma, made)
    if threads < 1:
        raise ParameterError(f"threads must be 1 or more, got {threads}")
    task = VideoTask(name, name, tuple(made), sampling, luma, raw, threads, area, file)
    return as_pandas(run_task(task, alone=False), made, pools, per_frame)
