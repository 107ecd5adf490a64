"""What the extraction of one video takes and gives: the task and the result."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import Failure
from .specs import Area, Luma, RawFormat, Sampling, VideoInfo


@dataclass(frozen=True)
class Rows:
    """Rows of one extractor for one video.

    Parameters
    ----------
    times_s : ndarray, (n,) float64
        Time in seconds of the frame each row belongs to, for a clip of its first one.
    frames : ndarray, (n,) int64
        Number of that frame among all frames of the part of the video that is used.
    values : ndarray, (n, d) float64
        Features.
    """

    times_s: NDArray[np.float64]
    frames: NDArray[np.int64]
    values: NDArray[np.float64]


#: Size, time of the last change in ns and tag of an object, by which it is known, as 63-bit numbers.
Mark = tuple[int, int, int]


@dataclass(frozen=True)
class RemoteFile:
    """Where the bytes of a video are, if not in a file of this machine.

    Parameters
    ----------
    address : str
        To be opened; it may hold credentials and is shown nowhere.
    most_bytes : int
        A larger file is refused.
    mark : Mark, optional
        What a listing said of it.
    """

    address: str = field(repr=False)
    most_bytes: int
    mark: Mark | None = None


@dataclass(frozen=True)
class Sight:
    """What an extractor saw of a part of a video.

    Parameters
    ----------
    flat : bool
        Every sampled picture was flat.
    beside : bool
        A window of a pair had the frame before the sampled one; where none before is taken, the one after it.
    """

    flat: bool
    beside: bool


@dataclass(frozen=True, eq=False)
class TimeRange:
    """Pictures of a video that one task decodes, and what is known of the whole video.

    Pictures are numbered in order of presentation, from the first of the video.

    Parameters
    ----------
    first, stop : int
        The range has the rows of the pictures `first` to ``stop - 1``.
    given : (int, int)
        First picture that extractors are given, and the one after the last: the neighbours of the range are
        among them.
    entry : (int, int) or None
        Time stamp and number of the picture with which decoding begins; None at the beginning.
    times : ndarray, (n,) float64
        Seconds of every picture of the video; each decoded one must have its time.
    expected : object
        The `vqa_features.video.expectation.Expectation` of the whole video.
    mark : (int, int)
        Size and time stamp of the file.
    """

    first: int
    stop: int
    given: tuple[int, int]
    entry: tuple[int, int] | None
    times: NDArray[np.float64]
    expected: Any
    mark: tuple[int, int]


@dataclass(frozen=True)
class VideoTask:
    """One video to extract from; it is pickled for a worker process.

    Parameters
    ----------
    id, path : str
        Identifier of the row, and the file, or its address without credentials.
    extractors : tuple of Extractor
        What to compute.
    sampling : Sampling
        Which frames are used.
    luma : {"y", "rgb2gray", "pq", "pu21"}
        Source of luma.
    raw : RawFormat, optional
        Geometry of a headerless YUV file.
    threads : int
        Threads that share the frames: see `vqa_features.extraction.frame_threads`. One of them decodes,
        alone, because the pictures of a damaged stream depend on the number of decoding threads.
    area : {"full", "active"}
        The whole pictures, or what lies between black bars.
    remote : RemoteFile, optional
        Where the bytes are, if `path` is an address.
    part : TimeRange, optional
        The part of the video whose rows are wanted; all of it by default.
    sparse : bool
        Whether pictures that no extractor is given may be left undecoded (`vqa_features.video.sparse`).
    """

    id: str
    path: str
    extractors: tuple[Any, ...]
    sampling: Sampling = field(default_factory=Sampling)
    luma: Luma = "y"
    raw: RawFormat | None = None
    threads: int = 1
    area: Area = "full"
    remote: RemoteFile | None = None
    part: TimeRange | None = None
    sparse: bool = True


@dataclass(frozen=True)
class VideoResult:
    """Outcome of one video.

    Parameters
    ----------
    id, path : str
        Identifier of the row, and the file.
    status : str
        ok, partial, suspect or failed(kind).
    error : str
        What went wrong, "" if nothing did.
    warnings : tuple of str
        What a reader of the numbers should know.
    frames_decoded, frames_expected : int
        Frames of the source in the requested part that were decoded, and their expected number, None if
        unknown. Where few frames are sampled, not all are decoded, and a warning says so.
    info : VideoInfo, optional
        The video's description, None if it could not be opened.
    rows, failures : dict
        `Rows` and `Failure` by extractor label; with failures, `status` is still that of decoding.
    seconds : dict
        Measured time in seconds by extractor label, and of ``decode``; of several threads it is the sum.
    digest : str, optional
        SHA-256 of the file's bytes, where the work has read them all.
    mark : Mark, optional
        Of the object at an address, when it was read.
    sight : dict
        Of a `TimeRange`: `Sight` by extractor label.
    """

    id: str
    path: str
    status: str
    error: str = ""
    warnings: tuple[str, ...] = ()
    frames_decoded: int = 0
    frames_expected: int | None = None
    info: VideoInfo | None = None
    rows: dict[str, Rows] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    failures: dict[str, Failure] = field(default_factory=dict)
    digest: str | None = None
    mark: Mark | None = None
    sight: dict[str, Sight] = field(default_factory=dict)
