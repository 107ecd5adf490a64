"""BRISQUE: statistics of normalised luminance and of neighbouring products, and the published score.

Matched: the LIVE release (``brisque_feature`` and its support vector regressor) to 1e-6 on images
without flat areas. Flat areas follow the rule of `vqa_features.kernels.nss`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vqa_features.column_facts import ColumnFacts
from vqa_features.errors import ParameterError
from vqa_features.extractor import Extractor, Session
from vqa_features.resources import load_arrays
from vqa_features.specs import Checkpoint, Cost, Feature, VideoInfo

from ._nss_columns import field_features, size_of_scale

MODEL = "ut_live/brisque_svr.npz"
MODEL_INFO = Checkpoint(
    tag="live",
    url="https://github.com/utlive/BRISQUE",
    licence="University of Texas at Austin notice (resources/ut_live/NOTICE.txt)",
    file=MODEL,
    sha256="194614aa8f42c20f615452573f1073324f11a8e7ea23aa6528da6d74cfab606a",
    size=173820,
    bundled=True,
    seen="seen in this package, from utlive/BRISQUE",
)
OWN = Feature("mscn_var", "variance of the MSCN coefficients", low=0)


@dataclass(frozen=True)
class Brisque(Extractor):
    """Spatial natural-scene statistics of each frame, 18 per scale, and the score of two scales.

    Parameters
    ----------
    scales : int
        Number of scales, 1 to 6, each half the size of the last. The published method has 2; the
        score exists for 2 only.
    """

    scales: int = 2

    name: ClassVar[str] = "brisque"
    group: ClassVar[str] = "nss"
    cost: ClassVar[Cost] = "cheap"
    references: ClassVar[tuple[str, ...]] = (
        "A. Mittal, A. K. Moorthy and A. C. Bovik, No-reference image quality assessment in the spatial "
        "domain, IEEE TIP 21(12), 2012",
        "LIVE release of BRISQUE (utlive/BRISQUE 2e2a5ac): features, SVR of 774 support vectors",
    )
    column_facts: ClassVar[ColumnFacts] = {"unit": "1", "direction": "none", "resolution": "full size"}
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = (MODEL_INFO,)

    def __post_init__(self) -> None:
        if not 1 <= self.scales <= 6:
            raise ParameterError(f"brisque[scales] must be 1 to 6, got {self.scales}")

    @property
    def features(self) -> tuple[Feature, ...]:
        """18 columns per scale, then the score."""
        columns = [
            feature
            for scale in range(1, self.scales + 1)
            for feature in field_features(f"s{scale}", OWN, "var", size_of_scale(scale))
        ]
        if self.scales == 2:
            columns.append(
                Feature(
                    "score",
                    "score of the published regressor (DMOS of LIVE)",
                    direction="lower is better",
                    sign="below 0: better than the pristine pictures of its training",
                    resolution="full and half size",
                )
            )
        return tuple(columns)

    def open(self, info: VideoInfo) -> Session:
        """Return a session; it keeps nothing between frames."""
        from ._brisque import _BrisqueSession

        return _BrisqueSession(self.scales, load_arrays(MODEL) if self.scales == 2 else None)

    def weights_sha256(self) -> str | None:
        """Hash of the regressor, where a score is given."""
        return MODEL_INFO.sha256 if self.scales == 2 else None
