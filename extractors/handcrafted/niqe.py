"""NIQE: distance of a frame's statistics from those of pristine photographs.

Matched: the LIVE release (``computequality`` with 96 x 96 blocks) to 1e-6 on images without flat
areas. Flat areas follow the rule of `vqa_features.kernels.nss`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from vqa_features import kernels
from vqa_features.data import load_arrays
from vqa_features.extractor import Extractor, Session
from vqa_features.frame import Views
from vqa_features.specs import Cost, Feature, VideoInfo, WeightsInfo

from ._natural_scene import field_features

MODEL = "ut_live/niqe_pristine.npz"
MODEL_INFO = WeightsInfo(
    origin="LIVE release of NIQE, carried with this package",
    licence="University of Texas at Austin notice (data/ut_live/NOTICE.txt)",
    sha256="14b52d86fdfd9d9fde7234fbf29b18d8fac52d2a4d67e53e03e07c424ccd4ad2",
    size=7249,
)
OWN = Feature("mscn_beta", "mean of the left and right scale of the MSCN coefficients", low=0)


@dataclass(frozen=True)
class Niqe(Extractor):
    """36 natural-scene statistics, averaged over 96 x 96 blocks, and the opinion-unaware score.

    All are nan for a frame smaller than one block in a direction; the score is nan with fewer than
    two blocks whose features are all defined, for it needs their covariance.
    """

    name: ClassVar[str] = "niqe"
    group: ClassVar[str] = "nss"
    cost: ClassVar[Cost] = "cheap"
    references: ClassVar[tuple[str, ...]] = (
        'A. Mittal, R. Soundararajan and A. C. Bovik, Making a "completely blind" image quality analyzer, '
        "IEEE SPL 20(3), 2013",
        "LIVE release of NIQE (utlive/niqe d80aead): features, pristine model",
    )
    weights_info: ClassVar[WeightsInfo | None] = MODEL_INFO

    @property
    def features(self) -> tuple[Feature, ...]:
        """18 columns per scale, then the score."""
        score = Feature("score", "distance from the pristine model", low=0, direction="lower is better")
        return (*field_features("s1", OWN, "beta"), *field_features("s2", OWN, "beta"), score)

    def open(self, info: VideoInfo) -> Session:
        """Return a session; it keeps nothing between frames."""
        return _Niqe()

    def weights_sha256(self) -> str | None:
        """Hash of the pristine model."""
        return MODEL_INFO.sha256


class _Niqe(Session):
    def __init__(self) -> None:
        self._model = load_arrays(MODEL)

    def push(self, window: Sequence[Views]) -> NDArray[np.float64]:
        natural_scene = kernels.natural_scene
        blocks = natural_scene.niqe_block_features(window[0].luma)
        score = natural_scene.niqe_distance(blocks, self._model["mean"], self._model["covariance"])
        return np.append(natural_scene.mean_over_blocks(blocks), score)
