"""Video BLIINDS: NIQE of the frames, spectra of their differences, coherency of their motion.

Matched is the LIVE release, whose own pristine model travels with this package. The release works on
luma as stored and needs width times height to be a multiple of 100; here the number of motion
vectors is rounded down where it is not. A match that its search leaves outside the frame, where the
release stops with an error, is moved back inside.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from vqa_features.column_facts import ColumnFacts
from vqa_features.extractor import Extractor, Session
from vqa_features.resources import load_arrays
from vqa_features.specs import Checkpoint, Cost, Feature, Scope, VideoInfo

from .._nss_columns import field_features
from ..niqe import OWN

MODEL = "ut_live/v_bliinds_pristine.npz"
MODEL_INFO = Checkpoint(
    tag="live",
    url="https://github.com/utlive/VideoBLIINDS",
    licence="University of Texas at Austin notice (resources/ut_live/NOTICE.txt)",
    file=MODEL,
    sha256="c71416f0534f371aefd9d3545a71ffaacf9e4d028aae03facb4b2f94f8b3b45f",
    size=7247,
    bundled=True,
    seen="seen in this package, from utlive/VideoBLIINDS",
)
_SPATIAL_FRAMES = "all sampled frames but five at each end"
_RATIOS = (
    ("high_low", "high to low"),
    ("high_middle", "high to middle"),
    ("high_middle_low", "high and middle to low"),
    ("high_rest", "high to middle and low"),
    ("middle_low", "middle to low"),
)
_TEMPORAL = (
    Feature(
        "dc_variation", "log of mean change of the deviation of compensated block DC", "log of codes", low=0.0
    ),
    Feature("dc_change", "log of mean change of the DC of frame differences", "log of codes", low=0.0),
    *(
        Feature(f"shape_{name}", f"log of the ratio of spectral shapes, {text} frequencies", low=0.0)
        for name, text in _RATIOS
    ),
    Feature("motion_coherency", "log of one plus mean coherency of motion", low=0.0, high=np.log(2)),
    Feature("motion_global", "log of one plus excess of mean over most frequent motion", low=0.0),
)


@functools.cache
def _features() -> tuple[Feature, ...]:
    """Return the columns, made once."""
    score = Feature(
        "niqe",
        "mean distance from the release's pristine model",
        low=0,
        direction="lower is better",
        resolution="full and half size",
    )
    halved = field_features("s2", OWN, "beta", "half size")
    spatial = (*field_features("s1", OWN, "beta"), *halved, score)
    return (*(replace(one, frame=_SPATIAL_FRAMES) for one in spatial), *_TEMPORAL)


@dataclass(frozen=True)
class VBliinds(Extractor):
    """36 NIQE statistics with score, and nine temporal features of a video's luma.

    The NIQE part leaves out five frames at each end; of a clip that has no other frames it takes all.
    It is nan for frames smaller than 96 x 96, its score with fewer than two such blocks; DC
    variations need three frames of 32 x 16, the other temporal features two.
    """

    name: ClassVar[str] = "v-bliinds"
    group: ClassVar[str] = "temporal"
    cost: ClassVar[Cost] = "cheap"
    scope: ClassVar[Scope] = "video"
    column_facts: ClassVar[ColumnFacts] = {
        "unit": "1",
        "direction": "none",
        "resolution": "full size",
        "frame": "all pairs of successive sampled frames",
    }
    references: ClassVar[tuple[str, ...]] = (
        "M. A. Saad, A. C. Bovik and C. Charrier, Blind prediction of natural video quality, IEEE TIP "
        "23(3), 2014",
        "LIVE release of Video BLIINDS (utlive/VideoBLIINDS): features, pristine model",
    )
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = (MODEL_INFO,)

    @property
    def features(self) -> tuple[Feature, ...]:
        """NIQE's 37 columns, then nine temporal ones."""
        return _features()

    def open(self, info: VideoInfo) -> Session:
        """Return a session that keeps one frame."""
        from ._session import _VBliindsSession

        model = load_arrays(MODEL)
        return _VBliindsSession(model["mean"], model["covariance"])

    def weights_sha256(self) -> str | None:
        """Hash of the pristine model."""
        return MODEL_INFO.sha256
