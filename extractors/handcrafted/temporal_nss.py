"""Natural-scene statistics of the difference of successive frames.

The difference of two frames of natural video, normalised like a picture (MSCN), follows the same
family of distributions; compression, noise and stalls change the shape and the spread of the fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from vqa_features import kernels
from vqa_features.extractor import Extractor, Session
from vqa_features.frame import Views
from vqa_features.specs import Cost, Feature, Scope, VideoInfo

from ._natural_scene import scale_features

OWN = Feature("mscn_var", "variance of the MSCN coefficients of the difference", low=0)


@dataclass(frozen=True)
class TemporalNss(Extractor):
    """BRISQUE's 36 statistics, of the difference from the last frame instead of a frame.

    All are nan for the first frame. Two equal frames have variance 0 and no fit (nan).
    """

    name: ClassVar[str] = "temporal-nss"
    group: ClassVar[str] = "temporal"
    cost: ClassVar[Cost] = "cheap"
    scope: ClassVar[Scope] = "pair"
    references: ClassVar[tuple[str, ...]] = (
        "M. A. Saad, A. C. Bovik and C. Charrier, Blind prediction of natural video quality, IEEE TIP 23(3), "
        "2014 (natural statistics of frame differences)",
        "A. Mittal, A. K. Moorthy and A. C. Bovik, No-reference image quality assessment in the spatial "
        "domain, IEEE TIP 21(12), 2012 (the statistics)",
    )

    @property
    def features(self) -> tuple[Feature, ...]:
        """18 columns per scale."""
        return tuple(feature for scale in (1, 2) for feature in scale_features(scale, OWN, "var"))

    def open(self, info: VideoInfo) -> Session:
        """Return a session; it keeps nothing between pairs."""
        return _TemporalNss()


class _TemporalNss(Session):
    def prepare(self, frame: Views) -> NDArray[Any]:
        return frame.luma

    def push(self, window: Sequence[Any]) -> NDArray[np.float64]:
        previous, current = window
        if previous is None:
            return np.full(36, np.nan)
        return kernels.natural_scene.brisque_features(np.subtract(current, previous, dtype=np.float32))
