"""VIDEVAL: 60 features selected from five methods, pooled over windows of half a second.

Matched is the authors' release (calc_VIDEVAL_feats.m): rows of every second frame, each with the
frames before and after it; the last three frames dropped; windows of half the frame rate plus one
row, which overlap by that row; means and standard deviations (n - 1) averaged over windows. Six
features come from one frame per second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

from vqa_features.column_facts import ColumnFacts
from vqa_features.extractor import Extractor, Session
from vqa_features.specs import Cost, Feature, Scope, VideoInfo

from .._frame_rate import whole_frame_rate
from ._columns import FEATURES


@dataclass(frozen=True)
class Videval(Extractor):
    """VIDEVAL's 60 features of a video (Tu et al. 2021).

    Chroma of frames given as RGB or gray arrays is computed: limited-range BT.601 at full size.
    """

    name: ClassVar[str] = "videval"
    group: ClassVar[str] = "fusion"
    cost: ClassVar[Cost] = "medium"
    scope: ClassVar[Scope] = "video"
    needs: ClassVar[tuple[str, ...]] = ("luma", "half_unit_luma", "chroma", "rgb", "gm_log")
    substitutes: ClassVar[Mapping[str, str]] = MappingProxyType({"chroma": "rgb"})
    column_facts: ClassVar[ColumnFacts] = {"unit": "1", "direction": "none"}
    references: ClassVar[tuple[str, ...]] = (
        "Z. Tu, Y. Wang, N. Birkbeck, B. Adsumilli and A. C. Bovik, UGC-VQA: Benchmarking blind video "
        "quality assessment for user generated content, IEEE TIP 30, 2021",
        "the authors' release (vztu/VIDEVAL), run by MATLAB",
    )

    @property
    def features(self) -> tuple[Feature, ...]:
        """35 window means, 19 window deviations, 6 features of one frame per second."""
        return FEATURES

    def open(self, info: VideoInfo) -> Session:
        """Return a session with windows of this video's frame rate."""
        from ._session import _VidevalSession

        return _VidevalSession(whole_frame_rate(info.fps, at_least=2))
