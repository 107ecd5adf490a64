"""RAPIQUE's natural-scene half: spatial and temporal statistics of one-second chunks, 1836 features.

Matched is the authors' release (calc_RAPIQUE_features.m) without its network. A chunk is centred on
a frame; its spatial features are the mean and the absolute difference of two frames a third of a
second before and after the centre, its temporal ones are of eight frames about the centre. The video
has the mean over chunks.
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
class RapiqueNss(Extractor):
    """RAPIQUE's natural-scene statistics of a video: 680 means, 680 changes, 476 temporal.

    RGB is the release's own conversion of luma and chroma. Frames without chroma planes (RGB and gray
    arrays) are taken as the RGB they give.
    """

    name: ClassVar[str] = "rapique-nss"
    group: ClassVar[str] = "temporal"
    cost: ClassVar[Cost] = "medium"
    scope: ClassVar[Scope] = "video"
    needs: ClassVar[tuple[str, ...]] = ("luma", "chroma", "rgb")
    substitutes: ClassVar[Mapping[str, str]] = MappingProxyType({"chroma": "rgb"})
    column_facts: ClassVar[ColumnFacts] = {"unit": "1", "direction": "none"}
    references: ClassVar[tuple[str, ...]] = (
        "Z. Tu, X. Yu, Y. Wang, N. Birkbeck, B. Adsumilli and A. C. Bovik, RAPIQUE: Rapid and accurate "
        "video quality prediction of user generated content, IEEE Open Journal of Signal Processing 2, 2021",
        "the authors' release (vztu/RAPIQUE) without its network",
    )

    @property
    def features(self) -> tuple[Feature, ...]:
        """680 means of spatial features, 680 of their changes, 476 temporal ones."""
        return FEATURES

    def open(self, info: VideoInfo) -> Session:
        """Return a session with chunks of this video's frame rate."""
        from ._session import _RapiqueNssSession

        return _RapiqueNssSession(whole_frame_rate(info.fps, at_least=1))
