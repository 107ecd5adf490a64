"""Colourfulness of Hasler and Suesstrunk and the opponent-colour moments it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vqa_features.column_facts import ColumnFacts
from vqa_features.extractor import Extractor, Session
from vqa_features.specs import Cost, Feature, VideoInfo


@dataclass(frozen=True)
class Colorfulness(Extractor):
    """How colourful each frame is, on full-range RGB."""

    name: ClassVar[str] = "colorfulness"
    group: ClassVar[str] = "colour"
    cost: ClassVar[Cost] = "cheap"
    needs: ClassVar[tuple[str, ...]] = ("rgb",)
    column_facts: ClassVar[ColumnFacts] = {"direction": "none", "resolution": "full size"}
    references: ClassVar[tuple[str, ...]] = (
        "D. Hasler and S. Suesstrunk, Measuring colourfulness in natural images, SPIE 5007, 2003",
    )

    @property
    def features(self) -> tuple[Feature, ...]:
        """The measure, then mean and deviation of both opponent signals."""
        codes = "8-bit codes"
        return (
            Feature(
                "colorfulness", "joint deviation of rg and yb + 0.3 * their distance from gray", codes, low=0
            ),
            Feature("rg_mean", "mean of R - G", codes, -255, 255, sign="above 0: more red than green"),
            Feature("rg_std", "deviation of R - G", codes, 0, 255),
            Feature(
                "yb_mean", "mean of (R + G) / 2 - B", codes, -255, 255, sign="above 0: more yellow than blue"
            ),
            Feature("yb_std", "deviation of (R + G) / 2 - B", codes, 0, 255),
        )

    def open(self, info: VideoInfo) -> Session:
        """Return a session; it keeps nothing between frames."""
        from ._colorfulness import _ColorfulnessSession

        return _ColorfulnessSession()
