"""Fields in which change over time shows, and their natural-scene statistics."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session
from vqa_features.frame import Views
from vqa_features.kernels.brisque_niqe import brisque_features, brisque_statistics
from vqa_features.kernels.resize import halve

#: Groups of 18 features: two differences, two Haar bands, two kinds of slices.
N_FIELDS = 6
#: Frames of the longest band, of a slice, and of the shortest slice at the end of a video.
LONGEST = 8
SLICE = 32
SHORTEST_SLICE = 8


class _TemporalNssSession(Session):
    """Keeps 8 halved frames, and the rows and 6 lines of up to 32 frames."""

    def __init__(self) -> None:
        self._halved: deque[NDArray[np.float32]] = deque(maxlen=LONGEST)
        self._rows: list[NDArray[np.float32]] = []
        self._columns: list[NDArray[np.float32]] = []
        self._held: list[NDArray[np.float64]] = []

    def prepare(self, frame: Views) -> NDArray[Any]:
        return frame.luma

    def push(self, window: Sequence[Any]) -> NDArray[np.float64] | None:
        previous, current = window
        values = np.full((N_FIELDS, 18), np.nan)
        if previous is not None:
            difference = np.subtract(current, previous, dtype=np.float32)
            values[:2] = brisque_features(difference).reshape(2, 18)
        self._halved.append(halve(current))
        for i, span in ((2, 4), (3, 8)):
            if len(self._halved) >= span:
                values[i] = brisque_statistics(self._haar(span)[None])
        self._keep_lines(current)
        self._held.append(values)
        return self._slice() if len(self._rows) == SLICE else None

    def finish(self) -> NDArray[np.float64] | None:
        return self._slice() if self._held else None

    def _slice(self) -> NDArray[np.float64]:
        """Give the held rows, the last of them with the statistics of the slices of all."""
        if len(self._rows) >= SHORTEST_SLICE:
            for i, lines in ((4, self._rows), (5, self._columns)):
                self._held[-1][i] = brisque_statistics(np.stack(lines, axis=1))
        rows = np.array(self._held).reshape(len(self._held), -1)
        for kept in (self._held, self._rows, self._columns):
            kept.clear()
        return rows

    def _haar(self, span: int) -> NDArray[np.float32]:
        frames = list(self._halved)[-span:]
        band = np.zeros_like(frames[0])
        for older, newer in zip(frames[: span // 2], frames[span // 2 :], strict=True):
            band += newer
            band -= older
        return band * np.float32((span / 2) ** -0.5)

    def _keep_lines(self, plane: NDArray[Any]) -> None:
        height, width = plane.shape
        quarters = np.array([1, 2, 3])
        self._rows.append(plane[quarters * height // 4].astype(np.float32))
        self._columns.append(plane[:, quarters * width // 4].T.astype(np.float32))
