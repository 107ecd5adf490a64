"""TLVQM: motion and flicker of every second frame, spatial detail of representative frames.

Matched is the author's MATLAB release (compute_nrvqa_features.m). Its pooling is kept: windows of
half the frame rate plus one row, rows of every second frame, the last four frames left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vqa_features import kernels
from vqa_features.errors import ParameterError
from vqa_features.extractor import Extractor, Session, Values
from vqa_features.frame import Views
from vqa_features.specs import Cost, Feature, Scope, VideoInfo

from .._chroma import stored_chroma
from .._running_mean import RunningMean

#: A frame's row counts only if this many frames follow it.
TAIL = 4
#: Frames per window where the frame rate is not known.
UNKNOWN_RATE_WINDOW = 30

# name, description, low, high
_LOW_COMPLEXITY = (
    ("motion_intensity", "fourth root of total displacement of the key points over the frame", 0.0, 2.0),
    ("egomotion_density", "density of key points that move like the camera", 0.0, 4.0),
    ("egomotion_intensity", "motion intensity of the points that move like the camera", 0.0, 2.0),
    ("motion_intensity_std", "deviation of displacement over the key points", 0.0, 2.0),
    ("egomotion_intensity_std", "deviation of displacement over the camera's points", 0.0, 2.0),
    ("motion_position", "distance of the centre of motion from the middle of the frame", 0.0, 2.0),
    ("motion_spread", "spread of motion around its centre", 0.0, 1.0),
    ("egomotion_position", "distance of the centre of camera motion from the middle", 0.0, 2.0),
    ("egomotion_spread", "spread of camera motion around its centre", 0.0, 1.0),
    ("motion_prediction_gain", "root of what motion compensation gains in Sobel energy", 0.0, np.inf),
    ("blur", "energy of second derivatives over that of first at strong edges", 0.0, np.inf),
    ("spatial_activity", "fourth root of the deviation of Sobel magnitude", 0.0, 1.5),
    ("interlacing", "likeness of strongest differences between rows and between columns", 0.0, 1.0),
    ("motion_uncertainty", "share of searches without a distinct best match", 0.0, 4.0),
    ("corner_blockiness", "squared ratio of mean and deviation of corner responses", 0.0, np.inf),
    ("jerkiness", "mean root of the change of motion between two frame steps", 0.0, 2.0),
    ("jerkiness_std", "deviation of the root of the change of motion", 0.0, 2.0),
    ("temporal_activity", "fourth root of the mean luma change", 0.0, 1.0),
    ("motion_vertical", "mean vertical motion; 0.5 is none", 0.0, 1.0),
    ("motion_horizontal", "mean horizontal motion; 0.5 is none", 0.0, 1.0),
    ("static_flicker", "mean luma change where nothing moves", 0.0, 1.0),
    ("static_flicker_std", "deviation of luma change where nothing moves", 0.0, 1.0),
    # these help to choose representative frames and are no columns
    ("egomotion_vertical", "mean vertical camera motion", 0.0, 1.0),
    ("egomotion_horizontal", "mean horizontal camera motion", 0.0, 1.0),
    ("colorfulness", "largest minus smallest of R, G, B over the most colourful tenth", 0.0, 1.0),
    ("egomotion_prediction_gain", "prediction gain of the camera's points", 0.0, np.inf),
    ("motion_density", "density of key points", 0.0, 4.0),
    ("motion_area", "share of the frame that moves", 0.0, 1.0),
)
_N_POOLED = 22
_BLUR = [name for name, *_ in _LOW_COMPLEXITY].index("blur")
_HIGH_COMPLEXITY = (
    ("edge_mean", "mean CIELAB Sobel magnitude", 0.0, np.inf),
    ("edge_std", "deviation of CIELAB Sobel magnitude", 0.0, np.inf),
    ("edge_offset", "distance of the centre of edges from the middle of the frame", 0.0, 1.0),
    ("edge_spread", "deviation of edge strength times distance from the middle", 0.0, np.inf),
    ("bright_share", "share of the frame in segments of brightest luma", 0.0, 1.0),
    ("bright_segment", "mean share of one brightest segment", 0.0, 1.0),
    ("dark_share", "share of the frame in segments of darkest luma", 0.0, 1.0),
    ("dark_segment", "mean share of one darkest segment", 0.0, 1.0),
    ("noise_density", "share of impulse-like pixels outside saturated segments", 0.0, 1.0),
    ("noise_mean", "mean CIELAB strength of impulse-like pixels", 0.0, np.inf),
    ("noise_std", "deviation of the CIELAB strength of impulse-like pixels", 0.0, np.inf),
    ("block_strength", "rise of the highest peak in the autocorrelation of edge profiles", 0.0, np.inf),
    ("block_period", "period of that peak over 21 pixels", 0.0, 1.0),
    ("block_peaks", "share of shifts that are local peaks", 0.0, 1.0),
    ("darkness", "area under the cumulative histogram of lightness", 0.0, 1.0),
    ("lightness", "area above the cumulative histogram of lightness", 0.0, np.inf),
    ("chroma", "root mean square of a* and b* over 50", 0.0, np.inf),
    ("chroma_std", "sum of the deviations of a* and b* over 100", 0.0, np.inf),
    ("dct_symmetry", "correlation of the quarters of the DCT spectrum", 0.0, 1.0),
    ("dct_decay", "high diagonal frequencies over low ones", -np.inf, np.inf),
    ("dct_balance", "weaker over stronger of horizontal and vertical frequencies", -np.inf, np.inf),
    ("edge_width", "mean autocorrelation of edges at shifts 2 to 6 over that at 1", -np.inf, np.inf),
    ("edge_width_near", "the same at shifts 2 to 4", -np.inf, np.inf),
    ("edge_width_nearest", "the same at shift 2", -np.inf, np.inf),
    ("ringing_peak", "distance of the highest local peak of edge autocorrelation, over 5", 0.0, 1.5),
    ("ringing_valley", "distance of its deepest local valley, over 5", 0.0, 1.5),
    ("sharp_share", "share of blocks with strong edges of more than mean contrast", 0.0, 1.0),
    ("blurred_share", "share of blocks with strong edges of less than mean contrast", 0.0, 1.0),
    ("sharp_contrast", "mean edge contrast of the sharp blocks", 0.0, np.inf),
    ("blurred_contrast", "mean edge contrast of the blurred blocks", 0.0, np.inf),
)
_FEATURES = (
    *(Feature(name, text, low=low, high=high) for name, text, low, high in _LOW_COMPLEXITY[:_N_POOLED]),
    *(
        Feature(f"{name}_change", f"deviation over a window of: {text}", low=0.0)
        for name, text, *_ in _LOW_COMPLEXITY[:_N_POOLED]
    ),
    Feature("motion_blur_correlation", "correlation of motion intensity and blur in a window", "", -1.0, 1.0),
    *(Feature(name, text, low=low, high=high) for name, text, low, high in _HIGH_COMPLEXITY),
)


@dataclass(frozen=True)
class Tlvqm(Extractor):
    """Two-level video quality model: 22 means, 23 consistencies, 30 spatial features of a video.

    Like the release it takes code values as limited-range BT.601, whatever the file says. Frames given
    as RGB arrays have their chroma computed (see `_planes`). A clip shorter than a window is one
    window; all is nan with fewer than three frames.

    Parameters
    ----------
    window : int, optional
        Frames per window, at least 2. None is one second: the frame rate, rounded (30 where it is
        not known).
    """

    window: int | None = None

    name: ClassVar[str] = "tlvqm"
    group: ClassVar[str] = "motion"
    cost: ClassVar[Cost] = "medium"
    scope: ClassVar[Scope] = "video"
    needs: ClassVar[tuple[str, ...]] = ("luma", "chroma", "rgb")
    references: ClassVar[tuple[str, ...]] = (
        "J. Korhonen, Two-Level Approach for No-Reference Consumer Video Quality Assessment, IEEE TIP "
        "28(12), 2019",
        "author's MATLAB release (jarikorhonen/nr-vqa-consumervideo), matched to 1e-12",
    )

    def __post_init__(self) -> None:
        if self.window is not None and self.window < 2:
            raise ParameterError(f"tlvqm[window] must be at least 2 frames, got {self.window}")

    @property
    def features(self) -> tuple[Feature, ...]:
        """22 means over windows, 23 changes within windows, 30 of representative frames."""
        return _FEATURES

    def open(self, info: VideoInfo) -> Session:
        """Return a session with windows of this video's frame rate."""
        window = self.window
        if window is None:
            window = max(2, round(info.fps)) if np.isfinite(info.fps) else UNKNOWN_RATE_WINDOW
        return _Tlvqm(window)


class _Planes(NamedTuple):
    """What is kept of a frame until it may be a representative one."""

    luma: NDArray[Any]
    chroma: NDArray[Any]


class _Tlvqm(Session):
    """Rows of low-complexity features as frames arrive; windows are closed as rows are certain.

    Kept are the rows, and the planes of their frames, of one window and no more.
    """

    def __init__(self, window: int) -> None:
        self._half = window // 2
        self._n_frames = 0
        self._halves: list[Any] = []  # the last two half-size frames
        self._middle: _Planes | None = None  # the last frame with an odd number
        self._uncertain: list[tuple[int, Values, _Planes]] = []
        self._rows: dict[int, tuple[Values, _Planes]] = {}
        self._n_rows = 0
        self._window_start = 0
        self._span_start = 0
        self._not_before = 0  # the next representative row is not before this one
        self._pooled = RunningMean(2 * _N_POOLED + 1)
        self._spatial = RunningMean(len(_HIGH_COMPLEXITY))

    def push(self, window: Sequence[Views]) -> None:
        from . import _low_complexity

        frame = window[0]
        index = self._n_frames
        self._n_frames += 1
        half = _low_complexity.half_frame(frame.luma)
        if index % 2 == 1:
            self._middle = _Planes(frame.luma, stored_chroma(frame))
        elif self._middle is not None:
            values = _frame_features(self._middle, (*self._halves, half))
            self._uncertain.append((index - 1, values, self._middle))
        self._halves = [*self._halves[-1:], half]
        while self._uncertain and self._uncertain[0][0] + TAIL <= index:
            self._add_row(*self._uncertain.pop(0)[1:])

    def finish(self) -> Values:
        if self._n_rows == 0:
            for _, values, planes in self._uncertain:
                self._add_row(values, planes)
        if self._n_rows and self._pooled.count == 0:
            self._close_window(0, self._n_rows - 1)
        if self._n_rows and self._spatial.count == 0:
            self._close_span(0, self._n_rows - 1)
        return np.concatenate([self._pooled.value, self._spatial.value])

    def _add_row(self, values: Values, planes: _Planes) -> None:
        """Take a row that counts, and close the window and the span it completes."""
        newest = self._n_rows
        self._rows[newest] = values, planes
        self._n_rows += 1
        if newest == self._window_start + self._half:
            self._close_window(self._window_start, newest)
            self._window_start = newest
        if newest == self._span_start + self._half + 1:
            self._close_span(max(self._span_start, self._not_before), newest - 1)
            self._span_start += self._half
            for old in [row for row in self._rows if row < self._span_start]:
                del self._rows[old]

    def _close_window(self, first: int, last: int) -> None:
        rows = np.array([self._rows[row][0][:_N_POOLED] for row in range(first, last + 1)])
        changes = rows.std(axis=0, ddof=1) if len(rows) > 1 else np.zeros(_N_POOLED)
        correlation = 0.0
        if np.ptp(rows[:, 0]) > 0 and np.ptp(rows[:, _BLUR]) > 0:
            correlation = float(np.corrcoef(rows[:, 0], rows[:, _BLUR])[0, 1])
        self._pooled.add(np.concatenate([rows.mean(axis=0), changes, [correlation]]))

    def _close_span(self, first: int, last: int) -> None:
        """Compute the spatial features of the row nearest to the mean of its span."""
        from . import _high_complexity

        rows = np.array([self._rows[row][0] for row in range(first, last + 1)])
        chosen = first + int(np.abs(rows - rows.mean(axis=0)).sum(axis=1).argmin())
        self._not_before = chosen + min(5, self._half - 1)
        luma, chroma = self._rows[chosen][1]
        u, v = kernels.colour.chroma_at_luma_size(chroma, luma.shape)
        found = _high_complexity.spatial_features(luma, u, v)
        self._spatial.add(np.array([found[name] for name, *_ in _HIGH_COMPLEXITY]))


def _frame_features(middle: _Planes, halves: tuple[Any, Any, Any]) -> Values:
    """Features of one frame, in the order of `_LOW_COMPLEXITY`."""
    from . import _low_complexity

    luma, chroma = middle
    kernel = _low_complexity
    found = kernel.motion_features(*halves, kernel.search_radius(luma.shape[1]))
    found["blur"] = kernel.blur(luma)
    found["interlacing"] = kernel.interlacing(luma)
    u, v = (
        kernels.resize.imresize(plane, halves[1].luma.shape)
        for plane in kernels.colour.chroma_at_luma_size(chroma, luma.shape)
    )
    found["colorfulness"] = kernel.colorfulness(kernels.colour.ycbcr_to_rgb(halves[1].luma * 255, u, v))
    return np.array([found[name] for name, *_ in _LOW_COMPLEXITY])
