"""GM-LOG: joint statistics of gradient magnitude and Laplacian of Gaussian, 40 features.

Matched is the 40-feature vector of the release, as VIDEVAL carries it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vqa_features.column_facts import ColumnFacts
from vqa_features.extractor import Extractor, Session
from vqa_features.specs import Feature, Scope, VideoInfo

_GROUPS = (
    ("gm", "share of pixels whose normalised gradient magnitude is in bin {}"),
    ("log", "share of pixels whose normalised Laplacian response is in bin {}"),
    ("gm_given_log", "dependency of gradient bin {} on the Laplacian response"),
    ("log_given_gm", "dependency of Laplacian bin {} on the gradient magnitude"),
)
_FEATURES = tuple(
    Feature(f"{group}_{bin_}", text.format(bin_), low=0.0, high=1.0)
    for group, text in _GROUPS
    for bin_ in range(1, 11)
)


@dataclass(frozen=True)
class GmLog(Extractor):
    """Joint statistics of gradient magnitude and Laplacian of Gaussian (Xue et al. 2014)."""

    name: ClassVar[str] = "gm-log"
    group: ClassVar[str] = "nss"
    scope: ClassVar[Scope] = "frame"
    needs: ClassVar[tuple[str, ...]] = ("luma", "gm_log")
    column_facts: ClassVar[ColumnFacts] = {"unit": "1", "direction": "none", "resolution": "full size"}
    references: ClassVar[tuple[str, ...]] = (
        "W. Xue, X. Mou, L. Zhang, A. C. Bovik and X. Feng, Blind image quality assessment using joint "
        "statistics of gradient magnitude and Laplacian features, IEEE TIP 23(11), 2014",
    )

    @property
    def features(self) -> tuple[Feature, ...]:
        """Four groups of ten."""
        return _FEATURES

    def open(self, info: VideoInfo) -> Session:
        """Return a session; it keeps nothing between frames."""
        from ._gm_log import _GmLogSession

        return _GmLogSession()
