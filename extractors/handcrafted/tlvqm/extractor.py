"""TLVQM: motion and flicker of every second frame, spatial detail of representative frames.

Matched is the author's MATLAB release (compute_nrvqa_features.m). Its pooling is kept: windows of
half the frame rate plus one row, rows of every second frame, the last four frames left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

from vqa_features.column_facts import ColumnFacts
from vqa_features.errors import ParameterError
from vqa_features.extractor import Extractor, Session
from vqa_features.specs import Cost, Feature, Scope, VideoInfo

from .._frame_rate import whole_frame_rate
from ._columns import FEATURES


@dataclass(frozen=True)
class Tlvqm(Extractor):
    """Two-level video quality model: 22 means, 23 consistencies, 30 spatial features of a video.

    Like the release it takes code values as limited-range BT.601, whatever the file says. Chroma
    of frames given as RGB or gray arrays is computed: limited-range BT.601 at full size. A clip
    shorter than a window is one window; all is nan with fewer than three frames.

    Parameters
    ----------
    window : int, optional
        Frames per window, at least 2. None is one second: the frame rate, rounded (30 where it is
        not known).
    """

    window: int | None = None

    name: ClassVar[str] = "tlvqm"
    group: ClassVar[str] = "motion"
    cost: ClassVar[Cost] = "cheap"
    scope: ClassVar[Scope] = "video"
    least_frames: ClassVar[int] = 3
    needs: ClassVar[tuple[str, ...]] = ("luma", "half_unit_luma", "chroma", "rgb")
    substitutes: ClassVar[Mapping[str, str]] = MappingProxyType({"chroma": "rgb"})
    column_facts: ClassVar[ColumnFacts] = {"unit": "1", "direction": "none"}
    references: ClassVar[tuple[str, ...]] = (
        "J. Korhonen, Two-Level Approach for No-Reference Consumer Video Quality Assessment, IEEE TIP "
        "28(12), 2019",
        "author's MATLAB release (jarikorhonen/nr-vqa-consumervideo), matched to 1e-12",
    )

    def __post_init__(self) -> None:
        if self.window is not None and self.window < 2:
            raise ParameterError(f"tlvqm[window] must be at least 2 frames, got {self.window}")

    @property
    def features(self) -> tuple[Feature, ...]:
        """22 means over windows, 23 changes within windows, 30 of representative frames."""
        return FEATURES

    def open(self, info: VideoInfo) -> Session:
        """Return a session with windows of this video's frame rate."""
        from ._session import _TlvqmSession

        return _TlvqmSession(self.window or whole_frame_rate(info.fps, at_least=2))
