"""Windows of frames, reduced to means of areas, in which flicker is looked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session, Values
from vqa_features.frame import Views
from vqa_features.kernels import cuts

from ._places import bands, local, whole

#: Frames in which flicker is looked for, and the fewest between two cuts that are enough.
FRAMES, FEWEST = 32, 16
#: Cells of the grid in each direction; rows and strips in which bands are looked for.
CELLS, ROWS, STRIPS = 64, 128, 8


@dataclass(eq=False)
class _Seen:
    """What windows need of a frame."""

    cells: NDArray[np.float32]
    strips: NDArray[np.float32]
    signature: cuts.Signature
    shape: tuple[int, ...]


class FlickerSession(Session):
    """Keeps some thousand means of each frame of a window.

    Parameters
    ----------
    fps : float
        Frames per second, nan if unknown.
    least_side : int
        Pixels in the shorter direction below which there is no value.
    """

    concurrent = True

    def __init__(self, fps: float, least_side: int) -> None:
        self._fps = fps
        self._least_side = least_side
        self._ends: tuple[_Seen, _Seen] | None = None
        self._values = np.full(8, np.nan)

    def prepare(self, frame: Views) -> _Seen:
        plane = np.ascontiguousarray(frame.luma, dtype=np.float32)
        rows = min(ROWS, plane.shape[0])
        cells: Any = cv2.resize(plane, (CELLS, CELLS), interpolation=cv2.INTER_AREA)
        strips: Any = cv2.resize(plane, (STRIPS, rows), interpolation=cv2.INTER_AREA)
        return _Seen(cells, strips, cuts.Signature(frame.thumbnail), plane.shape)

    def push(self, window: Sequence[_Seen | None]) -> Values:
        frames = shot(window)
        if len(frames) < FEWEST or min(frames[-1].shape) < self._least_side:
            return np.full(8, np.nan)
        if self._ends != (frames[0], frames[-1]):  # rows at the ends of a shot have the same frames
            self._ends = frames[0], frames[-1]
            self._values = self._flicker(frames)
        return self._values

    def _flicker(self, frames: Sequence[_Seen]) -> Values:
        cells = np.stack([one.cells for one in frames]).astype(np.float64)
        strips = np.stack([one.strips for one in frames]).astype(np.float64)
        band, wave = bands(strips, 0)
        cells -= cv2.resize(wave.T, (len(frames), CELLS), interpolation=cv2.INTER_AREA).T[:, :, None]
        of_all = whole(cells)
        if of_all.amplitude and not band.amplitude:
            band, _ = bands(strips, of_all.frequency)
        here = local(cells, of_all.frequency or band.frequency)
        hertz = self._fps * np.array([of_all.frequency, band.frequency, here.frequency])
        rows = frames[-1].shape[0] / band.extent if band.extent else 0.0
        amplitudes = of_all.amplitude, band.amplitude, here.amplitude
        return np.array(
            [amplitudes[0], hertz[0], amplitudes[1], hertz[1], rows, amplitudes[2], hertz[2], here.extent]
        )


def shot(window: Sequence[_Seen | None]) -> list[_Seen]:
    """Return the 32 frames nearest to the sampled one, fewer if its shot or the video has fewer."""
    at = FRAMES - 1 + cuts.BEFORE
    first = last = at
    back = on = True
    while (back or on) and last - first < FRAMES - 1:
        back = back and window[first - 1] is not None and not _is_cut(window, first)
        first -= back
        if last - first == FRAMES - 1:
            break
        on = on and window[last + 1] is not None and not _is_cut(window, last + 1)
        last += on
    return [one for one in window[first : last + 1] if one is not None]


def _is_cut(window: Sequence[_Seen | None], place: int) -> bool:
    """Return whether a cut lies before the frame at a place of the window."""
    near = window[place - cuts.BEFORE : place + cuts.AFTER + 1]
    return cuts.begins_shot([None if one is None else one.signature for one in near], cuts.BEFORE) == 1
