"""PIQE: score of each frame and the shares of active, artefact and noisy blocks.

Matched is MATLAB's ``piqe``. The masks themselves: `vqa_features.extractors.handcrafted._piqe.piqe`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vqa_features.column_facts import ColumnFacts
from vqa_features.extractor import Extractor, Session
from vqa_features.specs import Cost, Feature, VideoInfo

_FEATURES = (
    Feature(
        "score",
        "perception-based image quality, about 0 to 100",
        direction="lower is better",
        sign="below 0 only where artefact blocks vary more than their surroundings",
    ),
    Feature("active_share", "share of pixels in blocks with spatial activity", low=0.0, high=1.0),
    Feature("artefact_share", "share of pixels in active blocks with a calm edge", low=0.0, high=1.0),
    Feature("noise_share", "share of pixels in active blocks that look like noise", low=0.0, high=1.0),
)


@dataclass(frozen=True)
class Piqe(Extractor):
    """Perception-based image quality evaluator (Venkatanath et al. 2015)."""

    name: ClassVar[str] = "piqe"
    group: ClassVar[str] = "artefact"
    cost: ClassVar[Cost] = "cheap"
    column_facts: ClassVar[ColumnFacts] = {"unit": "1", "direction": "none", "resolution": "full size"}
    references: ClassVar[tuple[str, ...]] = (
        "N. Venkatanath, D. Praneeth, M. C. Bh, S. S. Channappayya and S. S. Medasani, Blind image "
        "quality evaluation using perception based features, NCC 2015",
        "MATLAB's piqe, two images within 0.3 %",
    )

    @property
    def features(self) -> tuple[Feature, ...]:
        """Score and three shares."""
        return _FEATURES

    def open(self, info: VideoInfo) -> Session:
        """Return a session; it keeps nothing between frames."""
        from ._piqe import _PiqeSession

        return _PiqeSession()
