"""HIGRADE-1 (216 features) and HIGRADE-2 (120): statistics of gradients of L*, a* and b*.

Matched is the authors' release (``higrade_1.m``, ``higrade_2.m``). Both take 8-bit L*a*b* of the RGB
frame. HIGRADE-1 has, per channel, 18 statistics at two scales of the channel and of its Sobel
gradient; HIGRADE-2 has them of the channel and adds four statistics of the gradient's coherence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from vqa_features.column_facts import ColumnFacts
from vqa_features.extractor import Extractor, Session
from vqa_features.specs import Cost, Feature, Scope, VideoInfo

from ._nss_columns import CODES, SIGNS, size_of_scale

CHANNELS = ("L", "a", "b")
_MAPS = {"px": "the channel", "grad": "its gradient magnitude"}
_FIELDS = {
    "mscn": "MSCN coefficients",
    "log_H": "horizontal log-derivative",
    "log_V": "vertical log-derivative",
    "log_D1": "diagonal log-derivative",
    "log_D2": "other diagonal log-derivative",
    "log_mix": "mixed second log-derivative",
    "log_lap": "vertical less horizontal second log-derivative",
    "log_diag": "diagonal less other diagonal second log-derivative",
}


def _spatial(channel: str, map_: str) -> list[Feature]:
    features: list[Feature] = []
    for scale in (1, 2):
        prefix, of = f"{channel}_{map_}_s{scale}", f"{_MAPS[map_]} ({channel}*, scale {scale})"
        statistics = [
            Feature(f"{prefix}_sigma_mean", f"mean local deviation of {of}", CODES, low=0.0),
            Feature(f"{prefix}_sigma_snr2", f"(mean / std)^2 of the local deviation of {of}", low=0.0),
        ]
        for field, text in _FIELDS.items():
            statistics += [
                Feature(f"{prefix}_{field}_std", f"standard deviation of the {text} of {of}", low=0.0),
                Feature(f"{prefix}_{field}_gamma", f"GGD shape of the {text} of {of}", low=0.2, high=10.0),
            ]
        features += [replace(one, resolution=size_of_scale(scale)) for one in statistics]
    return features


def _coherence(channel: str) -> list[Feature]:
    of = f"of the gradient coherence of 9 x 9 blocks ({channel}*)"
    return [
        Feature(f"{channel}_coh_mean", f"mean {of}", low=0.0, high=1.0),
        Feature(f"{channel}_coh_std", f"standard deviation {of}", low=0.0),
        Feature(f"{channel}_coh_skew", f"skewness {of}", sign=SIGNS["skewness"]),
        Feature(f"{channel}_coh_kurt", f"kurtosis {of}", low=1.0),
    ]


_FEATURES_1 = tuple(feature for c in CHANNELS for m in _MAPS for feature in _spatial(c, m))
_FEATURES_2 = tuple(feature for c in CHANNELS for feature in (*_spatial(c, "px"), *_coherence(c)))


@dataclass(frozen=True)
class _Higrade(Extractor):
    """Declarations that the two feature vectors share."""

    group: ClassVar[str] = "nss"
    cost: ClassVar[Cost] = "cheap"
    scope: ClassVar[Scope] = "frame"
    column_facts: ClassVar[ColumnFacts] = {"unit": "1", "direction": "none", "resolution": "full size"}
    needs: ClassVar[tuple[str, ...]] = ("lab", "lab_statistics")


_PAPER = (
    "D. Kundu, D. Ghadiyaram, A. C. Bovik and B. L. Evans, No-reference quality assessment of "
    "tone-mapped HDR pictures, IEEE TIP 26(6), 2017; the release's "
)


@dataclass(frozen=True)
class Higrade1(_Higrade):
    """HIGRADE-1: pixel and gradient statistics of L*, a*, b* (Kundu et al. 2017)."""

    name: ClassVar[str] = "higrade-1"
    references: ClassVar[tuple[str, ...]] = (_PAPER + "higrade_1.m",)

    @property
    def features(self) -> tuple[Feature, ...]:
        """Per channel: 36 statistics of the channel, 36 of its gradient."""
        return _FEATURES_1

    def open(self, info: VideoInfo) -> Session:
        """Return a session; it keeps nothing between frames."""
        from ._higrade import _HigradeSession, gradient_features

        return _HigradeSession(gradient_features)


@dataclass(frozen=True)
class Higrade2(_Higrade):
    """HIGRADE-2: pixel statistics and gradient coherence of L*, a*, b* (Kundu et al. 2017)."""

    name: ClassVar[str] = "higrade-2"
    version: ClassVar[int] = 2
    references: ClassVar[tuple[str, ...]] = (_PAPER + "higrade_2.m",)

    @property
    def features(self) -> tuple[Feature, ...]:
        """Per channel: 36 statistics of the channel, 4 of its gradient's coherence."""
        return _FEATURES_2

    def open(self, info: VideoInfo) -> Session:
        """Return a session; it keeps nothing between frames."""
        from ._higrade import _HigradeSession, coherences_features

        return _HigradeSession(coherences_features)
