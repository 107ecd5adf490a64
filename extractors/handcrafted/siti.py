"""SI and TI of ITU-T P.910: how much detail a frame has and how much changed since the last one.

Computed on luma codes in 8-bit units as decoded (the Recommendation's plain definition). FFmpeg's
``siti`` filter stretches limited-range codes to 0 .. 255 first: its numbers are 255 / 219 times
these where no code lies outside 16 .. 235.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vqa_features.column_facts import ColumnFacts
from vqa_features.extractor import PairExtractor, Session
from vqa_features.specs import Cost, Feature, VideoInfo


@dataclass(frozen=True)
class SiTi(PairExtractor):
    """Spatial information of every frame, temporal information of every frame but the first.

    `si` is nan for a frame with fewer than 3 pixels in a direction, `ti` for the first frame.
    """

    name: ClassVar[str] = "siti"
    group: ClassVar[str] = "temporal"
    version: ClassVar[int] = 2
    cost: ClassVar[Cost] = "cheap"
    separable: ClassVar[bool] = True
    least_side: ClassVar[int] = 3
    column_facts: ClassVar[ColumnFacts] = {
        "unit": "8-bit codes",
        "direction": "none",
        "resolution": "full size",
    }
    references: ClassVar[tuple[str, ...]] = (
        "ITU-T P.910, Subjective video quality assessment methods for multimedia applications",
    )

    @property
    def features(self) -> tuple[Feature, ...]:
        """SI and TI."""
        return (
            Feature("si", "standard deviation of the Sobel magnitude", low=0, frame="the sampled frame"),
            Feature("ti", "standard deviation of the difference from the last frame", low=0),
        )

    def open(self, info: VideoInfo) -> Session:
        """Return a session; it keeps nothing between pairs."""
        from ._siti import _SiTiSession

        return _SiTiSession()
