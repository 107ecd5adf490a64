"""The contract: an extractor is declared data, and computes in a session opened for one video."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, get_args

import numpy as np
from numpy.typing import NDArray

from .column_facts import ColumnFacts, described
from .declaration import check_declaration, check_distinct
from .errors import ParameterError
from .parameters import format_value
from .session import Session, Values
from .specs import Checkpoint, Cost, Family, Feature, Pairs, Scope, VideoInfo

__all__ = ["Extractor", "PairExtractor", "Session", "Values", "check_pairs"]


@dataclass(frozen=True)
class Extractor:
    """A published method: declared data and a way to open a session.

    Subclasses are frozen dataclasses; their fields are the method's parameters, checked in
    ``__post_init__``, with defaults that give the published method. A field whose value cannot
    change a number (a device, a batch size) is declared with ``metadata={"identity": False}``.

    The class attributes are checked when the class is made. A class without a name is an abstract
    base: it may leave name, group, `features`, `open` and `windows` to its subclasses.

    Attributes
    ----------
    name : str
        Public name: lower-case letters, digits and hyphens.
    family : {"handcrafted", "deep"}
        Side of the comparison.
    group : str
        Kind of method, for listing.
    version : int
        1 or more; raised whenever a number changes.
    cost : {"cheap", "medium", "heavy"}
        Order of magnitude of the computing time, see `specs.SECONDS_PER_MEGAPIXEL`.
    scope : {"frame", "pair", "clip", "video"}
        frame: each frame alone, in no guaranteed order. pair: a frame and its neighbours in the source,
        two successive frames by default. clip: the windows of `windows`. video: all sampled frames in order,
        one frame at a time, and one row at the end.
    before, after : int
        Scope "pair": frames of the source that its windows have before and after the sampled frame, for which
        the row stands. `push` gets all of them in order; None where the part of the video has no such frame.
    separable : bool
        Scope "pair": whether every row follows from its window alone, so that parts of a video may be
        computed apart. Rows of scope "frame" always do.
    every_frame : bool
        Scope "video": whether it is given every frame of the used part, however the video is sampled.
    needs : tuple of str
        Views a session uses (names in `vqa_features.frame.VIEWS`).
    substitutes : mapping
        Views of `needs` that some frames lack, each with the other view of `needs` from which the
        session computes the same thing then: ``{"chroma": "rgb"}``, because frames given as RGB or
        gray arrays have no chroma planes.
    least_frames, least_side : int
        Frames, and pixels in the shorter direction, below which no column has a value.
    sparse : tuple of str
        Names of features that have no value in pictures without the thing they describe.
    packages : tuple of str
        Packages beyond the required ones that a session imports.
    references : tuple of str
        Paper, release, and what of it is matched; the first is the source of every column by default.
    column_facts : ColumnFacts
        What every column says where its `Feature` does not say another; the frame follows from `scope`.
    checkpoints : tuple of Checkpoint
        Published learned parameters with origin and licence; the first is the default.

    Raises
    ------
    ParameterError
        When a subclass is made whose declaration is not allowed; the message names the class, the
        value and what is allowed.
    """

    name: ClassVar[str] = ""
    family: ClassVar[Family] = "handcrafted"
    group: ClassVar[str] = ""
    version: ClassVar[int] = 1
    cost: ClassVar[Cost] = "cheap"
    scope: ClassVar[Scope] = "frame"
    before: ClassVar[int] = 1
    after: ClassVar[int] = 0
    separable: ClassVar[bool] = False
    every_frame: ClassVar[bool] = False
    needs: ClassVar[tuple[str, ...]] = ("luma",)
    substitutes: ClassVar[Mapping[str, str]] = MappingProxyType({})
    sparse: ClassVar[tuple[str, ...]] = ()
    packages: ClassVar[tuple[str, ...]] = ()
    least_frames: ClassVar[int] = 1
    least_side: ClassVar[int] = 1
    references: ClassVar[tuple[str, ...]] = ()
    column_facts: ClassVar[ColumnFacts] = ColumnFacts()
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        check_declaration(cls, Extractor)

    @property
    def features(self) -> tuple[Feature, ...]:
        """The columns, in order."""
        raise NotImplementedError

    @property
    def described_features(self) -> tuple[Feature, ...]:
        """The columns, in order, each with all that is declared of it."""
        return described(self)

    def open(self, info: VideoInfo) -> Session:
        """Return a fresh session for one video.

        Parameters
        ----------
        info : VideoInfo
            What is known of the video before decoding.
        """
        raise NotImplementedError

    def windows(self, n_frames: int, fps: float) -> NDArray[np.int64]:
        """Return the frame numbers of each window, for scope "clip".

        Parameters
        ----------
        n_frames : int
            Expected length of the sampled stream.
        fps : float
            Its rate in frames per second, nan if unknown.

        Returns
        -------
        ndarray, (n_windows, span) int64
            Numbers in 0 .. n_frames - 1; they may repeat.
        """
        raise NotImplementedError

    def clip_work(self, info: VideoInfo) -> float:
        """Return the work of one window of scope "clip", relative to that of other sizes of the picture.

        Parameters
        ----------
        info : VideoInfo
            The video.

        Returns
        -------
        float
            1 by default: the work does not depend on the size.
        """
        return 1.0

    def weights_sha256(self) -> str | None:
        """Return the hash of the learned parameters this instance would use, None where it uses none."""
        return None

    def warnings(self) -> tuple[str, ...]:
        """Return warnings about this choice of parameters (random weights, for example)."""
        return ()

    def notes(self, values: NDArray[np.float64]) -> Sequence[str]:
        """Return what a reader of a video's columns should know, from the rows of all its windows.

        Parameters
        ----------
        values : ndarray, (n, d)
            The rows, in order; nan where there is no value.

        Returns
        -------
        sequence of str
            Clauses for the warnings of the result.
        """
        return ()

    def reason(self, info: VideoInfo, n_frames: int, missing: Sequence[str]) -> str:
        """Return why columns have no value for a video whose pictures are not flat: a clause for a warning.

        Override it where a part of the columns needs more than `least_frames` and `least_side` say.

        Parameters
        ----------
        info : VideoInfo
            The video.
        n_frames : int
            Frames that it was given.
        missing : sequence of str
            Features without a value.
        """
        if n_frames < self.least_frames:
            return f"the method needs {self.least_frames} frames, and {n_frames} were read"
        if min(info.width, info.height) < self.least_side:
            return (
                f"the method needs {self.least_side} pixels in each direction, and the pictures have "
                f"{info.width}x{info.height}"
            )
        if n_frames == 1 and self.scope == "video":
            return "one frame was read, and they compare frames"
        read = f"{n_frames} frame{'s' * (n_frames != 1)} of {info.width}x{info.height}"
        return f"{read} are too few, too small or too uniform for them"

    @property
    def feature_names(self) -> list[str]:
        """Names of the columns, in order.

        Raises
        ------
        ParameterError
            If two columns have the same name.
        """
        names = [feature.name for feature in self.features]
        check_distinct(type(self), names)
        return names

    def parameters(self) -> dict[str, Any]:
        """Return every parameter that can change a number, by name."""
        return {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if field.metadata.get("identity", True)
        }

    def changed_parameters(self) -> dict[str, Any]:
        """Return the parameters that differ from the published method's."""
        return {
            field.name: value
            for field in dataclasses.fields(self)
            if field.metadata.get("identity", True) and (value := getattr(self, field.name)) != field.default
        }

    @property
    def label(self) -> str:
        """Name that can be read back: ``name`` or ``name[key=value,...]`` of changed parameters."""
        changed = self.changed_parameters()
        if not changed:
            return self.name
        return f"{self.name}[{','.join(f'{k}={format_value(v)}' for k, v in changed.items())}]"

    def identity(self) -> dict[str, Any]:
        """Return what a stored value depends on apart from the video: its part of the cache key."""
        return {
            "name": self.name,
            "version": self.version,
            "parameters": self.parameters(),
            "weights": self.weights_sha256(),
        }


@dataclass(frozen=True)
class PairExtractor(Extractor):
    """Base of the methods that measure change: which frames a pair has is their first parameter.

    Parameters
    ----------
    pairs : {"adjacent", "sampled"}
        adjacent: the sampled frame and its neighbours in the source, so that a change is over one frame of
        the source however the video is sampled. sampled: neighbours among the sampled frames.
    """

    scope: ClassVar[Scope] = "pair"

    pairs: Pairs = "adjacent"

    def __post_init__(self) -> None:
        check_pairs(self)


def check_pairs(extractor: Any) -> None:
    """Raise ParameterError if the parameter ``pairs`` of an extractor is not allowed."""
    allowed = get_args(Pairs)
    if extractor.pairs not in allowed:
        raise ParameterError(
            f"{extractor.name}: pairs must be one of {', '.join(allowed)}, got {extractor.pairs!r}"
        )
