"""Video BLIINDS: NIQE of the frames, spectra of their differences, coherency of their motion.

Matched is the LIVE release, whose own pristine model travels with this package. The release works on
luma as stored and needs width times height to be a multiple of 100; here the number of motion
vectors is rounded down where it is not. A match that its search leaves outside the frame, where the
release stops with an error, is moved back inside.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from vqa_features import kernels
from vqa_features.extractor import Extractor, Session, Values
from vqa_features.frame import Views
from vqa_features.resources import load_arrays
from vqa_features.specs import Checkpoint, Cost, Feature, Scope, VideoInfo

from .._brisque_niqe import field_features
from .._running_mean import RunningMean
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
)
#: NIQE leaves out this many frames at each end, of a clip that has more.
MARGIN = 5
_RATIOS = (
    ("high_low", "high to low"),
    ("high_middle", "high to middle"),
    ("high_middle_low", "high and middle to low"),
    ("high_rest", "high to middle and low"),
    ("middle_low", "middle to low"),
)
_TEMPORAL = (
    Feature("dc_variation", "log of mean change of the deviation of compensated block DC", low=0.0),
    Feature("dc_change", "log of mean change of the DC of frame differences", low=0.0),
    *(
        Feature(f"shape_{name}", f"log of the ratio of spectral shapes, {text} frequencies", low=0.0)
        for name, text in _RATIOS
    ),
    Feature("motion_coherency", "log of one plus mean coherency of motion", low=0.0, high=np.log(2)),
    Feature("motion_global", "log of one plus excess of mean over most frequent motion", low=0.0),
)


@dataclass(frozen=True)
class VBliinds(Extractor):
    """36 NIQE statistics with score, and nine temporal features of a video's luma.

    The NIQE part leaves out five frames at each end; of a clip that has no other frames it takes all.
    It is nan for frames smaller than 96 x 96, its score with fewer than two such blocks; DC
    variations need three frames of 32 x 16, the other temporal features two.
    """

    name: ClassVar[str] = "v-bliinds"
    group: ClassVar[str] = "temporal"
    cost: ClassVar[Cost] = "medium"
    scope: ClassVar[Scope] = "video"
    references: ClassVar[tuple[str, ...]] = (
        "M. A. Saad, A. C. Bovik and C. Charrier, Blind prediction of natural video quality, IEEE TIP "
        "23(3), 2014",
        "LIVE release of Video BLIINDS (utlive/VideoBLIINDS): features, pristine model",
    )
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = (MODEL_INFO,)

    @property
    def features(self) -> tuple[Feature, ...]:
        """NIQE's 37 columns, then nine temporal ones."""
        score = Feature("niqe", "mean distance from the release's pristine model", low=0)
        return (*field_features("s1", OWN, "beta"), *field_features("s2", OWN, "beta"), score, *_TEMPORAL)

    def open(self, info: VideoInfo) -> Session:
        """Return a session that keeps one frame."""
        return _VBliinds()

    def weights_sha256(self) -> str | None:
        """Hash of the pristine model."""
        return MODEL_INFO.sha256


class _VBliinds(Session):
    def __init__(self) -> None:
        self._model = load_arrays(MODEL)
        self._previous: Values | None = None
        self._n_frames = 0
        self._niqe = RunningMean(37)
        self._pending: deque[Values] = deque(maxlen=2 * MARGIN)  # NIQE of the last frames
        self._last_deviation = self._last_dc = np.nan
        self._changes = RunningMean(2)
        self._log_ratios = RunningMean(len(_RATIOS))
        self._motion = RunningMean(3)  # coherency, mode, excess of the mean over the mode

    def push(self, window: Sequence[Views]) -> None:
        plane = np.asarray(window[0].luma, np.float64)
        self._n_frames += 1
        self._pending.append(self._niqe_of(plane))
        if self._n_frames > 2 * MARGIN:
            self._niqe.add(self._pending[-1 - MARGIN])
        if self._previous is not None:
            self._add_pair(plane, self._previous)
        self._previous = plane

    def finish(self) -> Values:
        if self._n_frames <= 2 * MARGIN:
            for row in self._pending:
                self._niqe.add(row)
        variation, change = self._changes.value
        coherency, mode, excess = self._motion.value
        temporal = [variation, change, *np.exp(self._log_ratios.value), coherency, excess / (1 + mode)]
        return np.concatenate([self._niqe.value, np.log1p(temporal)])

    def _niqe_of(self, plane: Values) -> Values:
        natural_scene = kernels.brisque_niqe
        blocks = natural_scene.niqe_block_features(plane)
        score = natural_scene.niqe_distance(blocks, self._model["mean"], self._model["covariance"])
        return np.append(natural_scene.mean_over_blocks(blocks), score)

    def _add_pair(self, plane: Values, previous: Values) -> None:
        from . import _motion_dct, _ntss

        kernel = _motion_dct
        if min(plane.shape) < kernel.RESIDUAL_BLOCK:
            return
        shapes, dc = kernel.difference_spectrum(plane, previous)
        self._log_ratios.add(np.log(kernel.spectral_ratios(shapes)))
        deviation = kernel.residual_dc_deviation(plane, previous)
        if self._n_frames > 2:
            self._changes.add(np.abs([deviation - self._last_deviation, dc - self._last_dc]))
        self._last_deviation, self._last_dc = deviation, dc
        side = kernel.COHERENCY_BLOCK
        motion = _ntss.block_motion(plane, previous, side, kernel.COHERENCY_STEP)
        mode, mean = kernel.motion_mode_and_mean(motion, plane.size // (side * side))
        self._motion.add(np.array([kernel.motion_coherency(motion), mode, abs(mean - mode)]))
