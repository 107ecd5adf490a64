"""The contract: an extractor is declared, then computes in a session opened for one video."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from .errors import ParameterError
from .frame import Views
from .specs import Cost, Family, Feature, Scope, VideoInfo, WeightsInfo

Values = NDArray[np.float64]


class Session:
    """State of one extractor for one video; the base class keeps none.

    The engine calls `prepare` once per frame that some window holds, then `push` once per window
    in the order the windows end, then `finish` once.
    """

    def prepare(self, frame: Views) -> Any:
        """Return what `push` shall receive for this frame.

        Override it where a clip is buffered, so that small arrays are kept and not frames.
        """
        return frame

    def push(self, window: Sequence[Any]) -> Values | None:
        """Take one window of prepared frames; return rows (k, d), one row (d,) or None.

        A session may hold rows back to compute them in batches: rows come out in the order the
        windows went in, the rest at `finish`. A session of scope "video" returns None here.
        """
        raise NotImplementedError

    def finish(self) -> Values | None:
        """Return the rows still held back, or, for scope "video", the one row of the video."""
        return None


@dataclass(frozen=True)
class Extractor:
    """A published method: declared data and a way to open a session.

    Subclasses are frozen dataclasses; their fields are the method's parameters, checked in
    ``__post_init__``, with defaults that give the published method. A field whose value cannot
    change a number (a device, a batch size) is declared with ``metadata={"identity": False}``.

    Class attributes
    ----------------
    name : str
        Public name, lower case with hyphens.
    family, group, cost
        For listing and comparing: see `specs`.
    version : int
        Raised whenever a number changes.
    scope : {"frame", "pair", "clip", "video"}
        frame: each frame alone, in no promised order. pair: two successive frames. clip: the
        windows of `windows`. video: every frame in order, one frame at a time, and one row
        at the end.
    needs : tuple of str
        Views a session uses (names in `vqa_features.frame.VIEWS`).
    substitutes : mapping
        Views of `needs` that some frames lack, each with the other view of `needs` from which the
        session computes the same thing then: ``{"chroma": "rgb"}``, because frames given as RGB or
        gray arrays have no chroma planes.
    references : tuple of str
        Paper, release, and what of it is matched.
    weights_info : WeightsInfo or None
        Origin and licence of learned parts.
    """

    name: ClassVar[str] = ""
    family: ClassVar[Family] = "handcrafted"
    group: ClassVar[str] = ""
    version: ClassVar[int] = 1
    cost: ClassVar[Cost] = "cheap"
    scope: ClassVar[Scope] = "frame"
    needs: ClassVar[tuple[str, ...]] = ("luma",)
    substitutes: ClassVar[Mapping[str, str]] = MappingProxyType({})
    references: ClassVar[tuple[str, ...]] = ()
    weights_info: ClassVar[WeightsInfo | None] = None

    @property
    def features(self) -> tuple[Feature, ...]:
        """The columns, in order."""
        raise NotImplementedError

    def open(self, info: VideoInfo) -> Session:
        """Return a fresh session for the video `info` describes."""
        raise NotImplementedError

    def windows(self, n_frames: int, fps: float) -> NDArray[np.int64]:
        """Frame numbers of each window, (n_windows, span), for scope "clip".

        `n_frames` is the expected length of the sampled stream; numbers may repeat and must be
        in 0 .. n_frames - 1.
        """
        raise NotImplementedError

    def weights_sha256(self) -> str | None:
        """Hash of the learned parameters this instance would use, None where there are none."""
        return None

    def warnings(self) -> tuple[str, ...]:
        """What a user should know of this choice of parameters (random weights, say)."""
        return ()

    @property
    def feature_names(self) -> list[str]:
        """Names of the columns, in order."""
        return [feature.name for feature in self.features]

    def parameters(self) -> dict[str, Any]:
        """Every parameter that can change a number, by name."""
        return {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if field.metadata.get("identity", True)
        }

    def changed_parameters(self) -> dict[str, Any]:
        """The parameters that differ from the published method's."""
        changed = {}
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if field.metadata.get("identity", True) and value != field.default:
                changed[field.name] = value
        return changed

    @property
    def label(self) -> str:
        """Name that can be read back: ``name`` or ``name[key=value,...]`` of changed parameters."""
        changed = self.changed_parameters()
        if not changed:
            return self.name
        return f"{self.name}[{','.join(f'{k}={format_value(v)}' for k, v in changed.items())}]"

    def identity(self) -> dict[str, Any]:
        """What a stored value depends on: the cache key's part that is not the video."""
        return {
            "name": self.name,
            "version": self.version,
            "parameters": self.parameters(),
            "weights": self.weights_sha256(),
        }


def format_value(value: Any) -> str:
    """Text of a parameter value inside a label; tuples are joined with ``+``."""
    if isinstance(value, tuple):
        return "+".join(format_value(item) for item in value)
    text = str(value)
    if any(mark in text for mark in "[],=+"):
        raise ParameterError(f"a parameter value may not contain any of [],=+, got {text!r}")
    return text


def iter_rows(values: Values | None, n_columns: int) -> Iterator[Values]:
    """Yield each row of what a session returned, checking its width."""
    if values is None:
        return
    rows = np.atleast_2d(np.asarray(values, dtype=np.float64))
    if rows.shape[1] != n_columns:
        raise ValueError(f"a session returned {rows.shape[1]} columns, declared are {n_columns}")
    yield from rows
