"""Plain measures that a reader can check by eye: light, detail, noise, artefacts, and what changes."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Extractor, Session
from vqa_features.frame import Views
from vqa_features.specs import Cost, Feature, Scope, VideoInfo

CODES = "8-bit codes"
PICTURE = (
    Feature("brightness", "mean luma", CODES, 0, 255),
    Feature("contrast", "standard deviation of luma", CODES, 0, 127.5),
    Feature("entropy", "entropy of the luma histogram", "bits", 0, 8),
    Feature("saturation", "mean of the largest less the smallest of R, G, B", CODES, 0, 255),
    Feature("dark_share", "share of pixels with luma up to 20", low=0, high=1),
    Feature("bright_share", "share of pixels with luma from 235", low=0, high=1),
    Feature("letterbox", "share of rows in black bars at the top and the bottom", low=0, high=1),
    Feature("pillarbox", "share of columns in black bars at the sides", low=0, high=1),
    Feature("laplacian_var", "variance of the Laplacian", low=0),
    Feature("blur", "how little a further blur changes the picture", low=0, high=1),
    Feature("noise_immerkaer", "noise by Immerkaer's mask", CODES, low=0),
    Feature("noise_wavelet", "noise by the median diagonal wavelet coefficient", CODES, low=0),
    Feature("blockiness", "steps across 8 x 8 borders over steps elsewhere, 1 for none", low=0),
    Feature("banding", "share of pixels at a small step between flat runs", low=0, high=1),
)
CHANGE = (
    Feature("change", "mean absolute difference from the last frame", CODES, 0, 255),
    Feature("duplicate", "1 where the frame equals the last one", low=0, high=1),
    Feature("frozen", "1 where the mean absolute difference is below 0.1 code", low=0, high=1),
    Feature("cut", "1 where picture and histogram change at once", low=0, high=1),
    Feature("flicker", "distance of the last brightness from the mean of its two neighbours", CODES, low=0),
    Feature("jerk", "distance of the last change from the mean of its two neighbours", CODES, low=0),
)
#: Below this mean absolute difference a frame counts as frozen (FFmpeg's freezedetect: -60 dB, 0.26).
FROZEN = 0.1
#: A cut changes the mean pixel by more than 15 codes and moves more than a quarter of the histogram.
CUT_CHANGE, CUT_HISTOGRAM = 15.0, 0.25


@dataclass(frozen=True)
class Basics(Extractor):
    """14 measures of each frame and 6 of what changes between frames.

    Of the last frame's change nothing is known at the first frame (nan); `flicker` needs three
    frames and `jerk` four. Measures that need more pixels than there are, and `blur` of a flat
    picture, are nan.
    """

    name: ClassVar[str] = "basics"
    group: ClassVar[str] = "artefact"
    cost: ClassVar[Cost] = "medium"
    scope: ClassVar[Scope] = "pair"
    needs: ClassVar[tuple[str, ...]] = ("luma", "rgb")
    references: ClassVar[tuple[str, ...]] = (
        "F. Crete et al., The blur effect, SPIE 6492, 2007",
        "J. Immerkaer, Fast noise variance estimation, CVIU 64(2), 1996",
        "D. L. Donoho and I. M. Johnstone, Ideal spatial adaptation by wavelet shrinkage, Biometrika 81(3)",
    )

    @property
    def features(self) -> tuple[Feature, ...]:
        """Of the picture, then of its change."""
        return (*PICTURE, *CHANGE)

    def open(self, info: VideoInfo) -> Session:
        """Return a session; it keeps three brightnesses and three changes."""
        return _Basics()


@dataclass(frozen=True)
class _Seen:
    """What is kept of a frame until the next."""

    plane: NDArray[np.float32]
    histogram: NDArray[np.float64]
    picture: NDArray[np.float64]


class _Basics(Session):
    def __init__(self) -> None:
        self._brightness: deque[float] = deque(maxlen=3)
        self._change: deque[float] = deque(maxlen=3)

    def prepare(self, frame: Views) -> _Seen:
        from . import _basics

        basics = _basics
        plane = np.ascontiguousarray(frame.luma, dtype=np.float32)
        histogram = basics.histogram(plane)
        rgb = frame.rgb
        largest = np.maximum(np.maximum(rgb[..., 0], rgb[..., 1]), rgb[..., 2])
        smallest = np.minimum(np.minimum(rgb[..., 0], rgb[..., 1]), rgb[..., 2])
        picture = [
            plane.mean(dtype=np.float64),
            plane.std(dtype=np.float64),
            basics.entropy(histogram),
            (largest - smallest).mean(dtype=np.float64),
            (plane <= basics.DARK).mean(),
            (plane >= basics.BRIGHT).mean(),
            *basics.bars(plane),
            basics.laplacian_variance(plane),
            basics.blur_effect(plane),
            basics.immerkaer_noise(plane),
            basics.wavelet_noise(plane),
            basics.blockiness(plane),
            basics.banding(plane),
        ]
        return _Seen(plane, histogram, np.array(picture, dtype=np.float64))

    def push(self, window: Sequence[Any]) -> NDArray[np.float64]:
        previous, current = window
        self._brightness.append(float(current.picture[0]))
        values = np.full(len(CHANGE), np.nan)
        if previous is not None:
            difference = np.abs(current.plane - previous.plane)
            change = float(difference.mean(dtype=np.float64))
            moved = np.abs(current.histogram - previous.histogram).sum() / 2
            self._change.append(change)
            values[:4] = (
                change,
                not difference.any(),
                change < FROZEN,
                change > CUT_CHANGE and moved > CUT_HISTOGRAM,
            )
        values[4] = _bend(self._brightness)
        values[5] = _bend(self._change)
        return np.concatenate([current.picture, values])


def _bend(last: Sequence[float]) -> float:
    """Distance of the middle one of three values from the mean of the outer two; nan before."""
    return abs(last[1] - (last[0] + last[2]) / 2) if len(last) == 3 else float("nan")
