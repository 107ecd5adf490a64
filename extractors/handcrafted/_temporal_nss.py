"""Fields in which change over time shows, and their natural-scene statistics."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session
from vqa_features.frame import Views
from vqa_features.kernels.brisque_niqe import brisque_statistics, scale_sums, statistics_from_sums
from vqa_features.kernels.cuts import AFTER, Signature
from vqa_features.kernels.jit import jit
from vqa_features.kernels.resize import halve

from ._cut_mask import CutMask

Plane = NDArray[np.float32]
Values = NDArray[np.float64]

#: Groups of 18 features: two differences, two Haar bands, two kinds of slices.
N_FIELDS = 6
#: Frames of the bands and of a slice.
BANDS = (4, 8)
SLICE = 32


@dataclass
class _Seen:
    """What windows need of a frame; the pictures are let go once no later window can use them."""

    place: int
    plane: NDArray[Any] | None
    rows: NDArray[np.float32]
    columns: NDArray[np.float32]
    signature: Signature
    _halved: NDArray[np.float32] | None = None

    @property
    def halved(self) -> NDArray[np.float32]:
        """The picture at half size, computed on first use: neighbours of sampled frames may not need it."""
        if self._halved is None:
            assert self.plane is not None
            self._halved = halve(self.plane)
        return self._halved

    def let_go(self) -> None:
        """Keep the lines and the signature alone."""
        self.plane = self._halved = None


class _TemporalNssSession(Session):
    """Keeps 8 pictures up to the sampled one and 6 after it, and in windows 6 lines of each frame.

    Parameters
    ----------
    sampled : bool
        Whether windows hold sampled frames, which are then counted, and not neighbours in the source.
    """

    def __init__(self, sampled: bool) -> None:
        self._sampled = sampled
        self._recent: deque[_Seen] = deque(maxlen=BANDS[-1] + 1 + AFTER)
        self._cuts = CutMask(AFTER)
        self._next_slice = 0

    def prepare(self, frame: Views) -> _Seen:
        plane = frame.luma
        quarters = np.array([1, 2, 3])
        seen = _Seen(
            frame.index if self._sampled else frame.source,
            plane,
            plane[quarters * plane.shape[0] // 4].astype(np.float32),
            plane[:, quarters * plane.shape[1] // 4].T.astype(np.float32),
            Signature(frame.thumbnail),
        )
        self._recent.append(seen)  # not pure: else a window of sparse samples would hold 44 pictures
        if len(self._recent) > BANDS[-1] + AFTER:
            self._recent[0].let_go()
        return seen

    def push(self, window: Sequence[_Seen | None]) -> NDArray[np.float64]:
        values = np.full((N_FIELDS, 18), np.nan)
        across = self._cuts.judge([None if one is None else one.signature for one in window], SLICE - 1)
        upto = window[: len(window) - AFTER]

        def shot(span: int) -> list[Any]:
            """The last frames, if they are there and of one shot."""
            whole = None not in upto[-span:] and 1 not in across[1 - span :]
            return list(upto[-span:]) if whole else []

        current: Any = upto[-1]
        fields: list[tuple[list[int], tuple[Values, Values]]] = []  # rows of `values`, and their sums
        if pair := shot(2):
            difference = np.asarray(cv2.subtract(current.plane, pair[0].plane, dtype=cv2.CV_32F), np.float32)
            fields.append(([0, 1], scale_sums(difference)))
        for i, span in enumerate(BANDS, start=2):
            if frames := shot(span):
                fields.append(([i], scale_sums(_haar([one.halved for one in frames]), scales=1)))
        if fields:
            rows = [row for places, _ in fields for row in places]
            sums, sizes = (np.concatenate(parts) for parts in zip(*(of for _, of in fields), strict=True))
            values[rows] = statistics_from_sums(sums, sizes).reshape(-1, 18)
        if current.place >= self._next_slice and (frames := shot(SLICE)):
            self._next_slice = current.place + SLICE
            for i, lines in ((4, [one.rows for one in frames]), (5, [one.columns for one in frames])):
                values[i] = brisque_statistics(np.stack(lines, axis=1), border="replicate")
        return np.append(values, across[-1])


def _haar(frames: Sequence[Any]) -> NDArray[np.float32]:
    """Newer less older half of the frames over the square root of half their number."""
    half = len(frames) // 2
    band = np.zeros_like(frames[0])
    for i in range(0, half, 2):
        _add_differences(band, frames[half + i], frames[i], frames[half + i + 1], frames[i + 1])
    return band * np.float32(half**-0.5)


@jit(error_model="numpy")
def _add_differences(band: Plane, newer: Plane, older: Plane, next_newer: Plane, next_older: Plane) -> None:
    """Add two differences to `band`, one after the other: equal frames give exactly zero."""
    for y in range(band.shape[0]):
        for x in range(band.shape[1]):
            value = (band[y, x] + newer[y, x]) - older[y, x]
            band[y, x] = (value + next_newer[y, x]) - next_older[y, x]
