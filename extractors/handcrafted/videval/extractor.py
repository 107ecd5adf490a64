"""VIDEVAL: 60 features selected from five methods, pooled over windows of half a second.

Matched is the authors' release (calc_VIDEVAL_feats.m): rows of every second frame, each with the
frames before and after it; the last three frames dropped; windows of half the frame rate plus one
row, which overlap by that row; means and standard deviations (n - 1) averaged over windows. Six
features come from one frame per second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from vqa_features import kernels
from vqa_features.extractor import Extractor, Session, Values
from vqa_features.frame import Views
from vqa_features.specs import Cost, Feature, Scope, VideoInfo

from .._chroma import stored_chroma

#: A frame's row counts only if this many frames follow it.
TAIL = 2
#: A frame of the one-per-second features counts only if this many frames follow it.
COSTLY_TAIL = 3
#: Frames per second where the rate is not known.
UNKNOWN_RATE = 30

# name and description of the 50 frame features, in the release's order
_FRAME_FEATURES = (
    ("brisque_H_left_variance_s1", "BRISQUE: left variance of horizontal products"),
    ("brisque_V_left_variance_s1", "BRISQUE: left variance of vertical products"),
    ("brisque_H_left_variance_s2", "BRISQUE: left variance of horizontal products at half size"),
    ("brisque_D1_alpha_s2", "BRISQUE: AGGD shape of diagonal products at half size"),
    ("gm_log_gm_2", "GM-LOG: share of gradient magnitudes in bin 2"),
    ("gm_log_gm_4", "GM-LOG: share of gradient magnitudes in bin 4"),
    ("gm_log_gm_8", "GM-LOG: share of gradient magnitudes in bin 8"),
    ("gm_log_log_8", "GM-LOG: share of Laplacian responses in bin 8"),
    ("gm_log_log_10", "GM-LOG: share of Laplacian responses in bin 10"),
    ("gm_log_gm_given_log_3", "GM-LOG: dependency of gradient bin 3"),
    ("gm_log_log_given_gm_4", "GM-LOG: dependency of Laplacian bin 4"),
    ("gm_log_log_given_gm_10", "GM-LOG: dependency of Laplacian bin 10"),
    ("higrade_mscn_std_s1", "HIGRADE: deviation of the gradient's MSCN coefficients"),
    ("higrade_log_mix_std_s1", "HIGRADE: deviation of the gradient's mixed log-derivative"),
    ("higrade_log_mix_gamma_s1", "HIGRADE: GGD shape of the gradient's mixed log-derivative"),
    ("higrade_log_lap_gamma_s1", "HIGRADE: GGD shape of the gradient's second log-derivative"),
    ("higrade_mscn_std_s2", "HIGRADE: deviation of the gradient's MSCN coefficients at half size"),
    ("higrade_D1_gamma_s2", "HIGRADE: GGD shape of their diagonal difference at half size"),
    ("higrade_D2_gamma_s2", "HIGRADE: GGD shape of their other diagonal difference at half size"),
    ("higrade_lap_std_s2", "HIGRADE: deviation of their second difference at half size"),
    ("friquee_luma_H_skewness", "FRIQUEE luma: skewness of horizontal products"),
    ("friquee_luma_V_mean", "FRIQUEE luma: AGGD mean of vertical products"),
    ("friquee_luma_sigma_mean_s1", "FRIQUEE luma: mean local deviation"),
    ("friquee_luma_H_alpha", "FRIQUEE luma: AGGD shape of horizontal products"),
    ("friquee_luma_sigma_mean_s2", "FRIQUEE luma: mean local deviation at half size"),
    ("friquee_luma_mscn_skewness_s2", "FRIQUEE luma: skewness of MSCN coefficients at half size"),
    ("friquee_luma_dog_std", "FRIQUEE luma: deviation of the band-passed deviation field"),
    ("friquee_luma_dog_kurtosis", "FRIQUEE luma: kurtosis of the band-passed deviation field"),
    ("friquee_luma_dog_sigma_kurtosis", "FRIQUEE luma: kurtosis of that field's own deviation field"),
    ("friquee_luma_laplacian_alpha", "FRIQUEE luma: GGD shape of the finest Laplacian band"),
    ("friquee_luma_laplacian_std", "FRIQUEE luma: deviation of the finest Laplacian band"),
    ("friquee_chroma_H_right_variance", "FRIQUEE chroma: right variance of horizontal products"),
    ("friquee_chroma_V_alpha", "FRIQUEE chroma: AGGD shape of vertical products"),
    ("friquee_chroma_D1_left_variance", "FRIQUEE chroma: left variance of diagonal products"),
    ("friquee_chroma_D2_kurtosis", "FRIQUEE chroma: kurtosis of the other diagonal products"),
    ("friquee_chroma_sigma_skewness_s1", "FRIQUEE chroma: skewness of the local deviation"),
    ("friquee_chroma_V_kurtosis_s2", "FRIQUEE chroma: kurtosis of vertical products at half size"),
    ("friquee_chroma_sigma_kurtosis_s2", "FRIQUEE chroma: kurtosis of the local deviation at half size"),
    ("friquee_chroma_sigma_mean_s2", "FRIQUEE chroma: mean local deviation at half size"),
    ("friquee_chroma_dog_std", "FRIQUEE chroma: deviation of the band-passed deviation field"),
    ("friquee_chroma_dog_skewness", "FRIQUEE chroma: skewness of the band-passed deviation field"),
    ("friquee_chroma_laplacian_skewness", "FRIQUEE chroma: skewness of the finest Laplacian band"),
    ("friquee_S_sigma_mscn_std_s2", "FRIQUEE S cones: deviation of the normalised deviation field"),
    ("tlvqm_motion_intensity", "TLVQM: fourth root of total displacement over the frame"),
    ("tlvqm_egomotion_intensity_std", "TLVQM: deviation of displacement over the camera's points"),
    ("tlvqm_spatial_activity", "TLVQM: fourth root of the deviation of Sobel magnitude"),
    ("tlvqm_jerkiness", "TLVQM: mean root of the change of motion"),
    ("tlvqm_temporal_activity", "TLVQM: fourth root of the mean luma change"),
    ("tlvqm_motion_vertical", "TLVQM: mean vertical motion; 0.5 is none"),
    ("tlvqm_static_flicker_std", "TLVQM: deviation of luma change where nothing moves"),
)
_COSTLY_FEATURES = (
    ("tlvqm_edge_mean", "TLVQM: mean CIELAB Sobel magnitude"),
    ("tlvqm_edge_std", "TLVQM: deviation of CIELAB Sobel magnitude"),
    ("tlvqm_chroma", "TLVQM: root mean square of a* and b* over 50"),
    ("tlvqm_edge_width", "TLVQM: mean autocorrelation of edges at shifts 2 to 6 over that at 1"),
    ("tlvqm_edge_width_nearest", "TLVQM: autocorrelation of edges at shift 2 over that at 1"),
    ("tlvqm_blurred_contrast", "TLVQM: mean edge contrast of the blurred blocks"),
)
#: Numbers (from 1) of the frame features whose window means, and whose window deviations, are taken.
MEANS = (2, 3, 4, 7, 9, 10, *range(12, 21), 25, 27, 29, 30, 32, *range(34, 49))
DEVIATIONS = (1, 5, 6, 8, 11, 12, 17, 21, 22, 23, 24, 26, 28, 29, 31, 33, 45, 49, 50)
_FEATURES = (
    *(Feature(f"{name}_mean", f"{text}; mean") for name, text in (_FRAME_FEATURES[k - 1] for k in MEANS)),
    *(
        Feature(f"{name}_std", f"{text}; deviation over time", low=0.0)
        for name, text in (_FRAME_FEATURES[k - 1] for k in DEVIATIONS)
    ),
    *(Feature(name, f"{text}; one frame per second") for name, text in _COSTLY_FEATURES),
)
_N_STILL = 43


@dataclass(frozen=True)
class Videval(Extractor):
    """VIDEVAL's 60 features of a video (Tu et al. 2021)."""

    name: ClassVar[str] = "videval"
    group: ClassVar[str] = "fusion"
    cost: ClassVar[Cost] = "heavy"
    scope: ClassVar[Scope] = "video"
    needs: ClassVar[tuple[str, ...]] = ("luma", "chroma", "rgb")
    references: ClassVar[tuple[str, ...]] = (
        "Z. Tu, Y. Wang, N. Birkbeck, B. Adsumilli and A. C. Bovik, UGC-VQA: Benchmarking blind video "
        "quality assessment for user generated content, IEEE TIP 30, 2021",
        "the authors' release (vztu/VIDEVAL), run by MATLAB",
    )

    @property
    def features(self) -> tuple[Feature, ...]:
        """35 window means, 19 window deviations, 6 features of one frame per second."""
        return _FEATURES

    def open(self, info: VideoInfo) -> Session:
        """Return a session with windows of this video's frame rate."""
        return _Session(max(2, round(info.fps)) if np.isfinite(info.fps) else UNKNOWN_RATE)


class _Session(Session):
    """Rows as frames arrive; a row waits until enough frames follow it.

    Kept are the first frame until another counts, two half-size lumas, one window of
    rows and what windows gave.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._half = rate // 2
        self._n_frames = 0
        self._first: tuple[Any, Any] | None = None  # for videos too short for any other
        self._halves: list[Any] = []
        self._still = np.empty(0)  # features of the last odd frame alone
        self._waiting: list[tuple[int, Values]] = []
        self._costly_waiting: list[tuple[int, Values]] = []
        self._rows: list[Values] = []  # of the window that is being filled
        self._windows: list[Values] = []
        self._costly: list[Values] = []

    def push(self, window: Sequence[Views]) -> None:
        """Take the next frame."""
        from . import _selected

        frame = window[0]
        index = self._n_frames
        self._n_frames += 1
        planes = frame.luma, stored_chroma(frame)
        half = _selected.half_frame(frame.luma)
        if index == 0:
            self._first = planes
        if (index + 1) % self._rate == self._half:
            self._costly_waiting.append((index, _costly(*planes)))
        if index % 2 == 1:
            self._still = _still(*planes)
        elif index > 0:
            before, here = self._halves
            moving = _selected.moving_features(before, here, half, frame.luma.shape[1])
            self._waiting.append((index - 1, np.concatenate([self._still, moving])))
        self._halves = [*self._halves[-1:], half]
        while self._waiting and self._waiting[0][0] + TAIL <= index:
            self._add_row(self._waiting.pop(0)[1])
        while self._costly_waiting and self._costly_waiting[0][0] + COSTLY_TAIL <= index:
            self._costly.append(self._costly_waiting.pop(0)[1])
        if self._rows and self._costly:
            self._first = None

    def finish(self) -> Values:
        """Return the row of the video: of what there is, where it is shorter than one window."""
        if not self._rows and self._first is not None:
            still = _still(*self._first) if self._n_frames < 2 else self._still
            short = np.concatenate([still, np.full(len(_FRAME_FEATURES) - _N_STILL, np.nan)])
            self._rows = [row for _, row in self._waiting] or [short]
        if not self._windows:
            self._windows = [_pool(self._rows)]
        if not self._costly and self._first is not None:
            self._costly = [_costly(*self._first)]
        return np.concatenate([_mean(np.array(self._windows)), _mean(np.array(self._costly))])

    def _add_row(self, row: Values) -> None:
        self._rows.append(row)
        if len(self._rows) == self._half + 1:
            self._windows.append(_pool(self._rows))
            self._rows = [row]


def _planes(luma: Any, chroma: Any) -> tuple[Any, Any, Any]:
    return luma, *kernels.colour.chroma_at_luma_size(chroma, luma.shape)


def _still(luma: Any, chroma: Any) -> Values:
    from . import _selected

    return _selected.still_features(*_planes(luma, chroma))


def _costly(luma: Any, chroma: Any) -> Values:
    from . import _selected

    return _selected.costly_features(*_planes(luma, chroma))


def _pool(rows: list[Values]) -> Values:
    """Means and deviations (n - 1) of the rows of one window; values that are nan do not count."""
    table = np.array(rows)
    counts = np.sum(~np.isnan(table), axis=0)
    means = _mean(table)
    squares = np.nansum(np.square(table - means), axis=0)
    deviations = np.sqrt(squares / np.where(counts > 1, counts - 1, np.nan))
    return np.concatenate([means[np.array(MEANS) - 1], deviations[np.array(DEVIATIONS) - 1]])


def _mean(table: Values) -> Values:
    """Mean over rows of the values that are not nan; nan where there are none."""
    counts = np.sum(~np.isnan(table), axis=0)
    return np.nansum(table, axis=0) / np.where(counts > 0, counts, np.nan)
