"""Fades and dissolves: runs of frames each of which is a mixture of those some frames before and after it."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.cuts import dissimilarity

#: Frames before and after of which one may be a mixture, and the most frames of a transition with these.
SIDE, LONGEST = 4, 250
#: Root mean square of a change, in codes, from which on it is examined.
CHANGE = 2.0
#: Share of the squared change that a mixture may leave, of neighbours and of the ends of a transition.
LEFT, LEFT_OF_ENDS = 0.05, 0.15
#: Weights of the two pictures of a mixture: at a cut one of them is 0.
WEIGHTS = (0.15, 0.85)
#: Least dissimilarity of the two ends, a little blurred.
UNLIKE = 0.2
#: Standard deviation, in codes, of a thumbnail without a picture.
BLANK = 1.5


class Transition(NamedTuple):
    """A gradual transition: the frames before and after it, and whether one of them has no content."""

    first: int
    last: int
    fade: bool


class Gradual:
    """Finds gradual transitions.

    Attributes
    ----------
    found : list of Transition
        Those that have ended.
    """

    def __init__(self) -> None:
        self.found: list[Transition] = []
        self._frames = 0
        self._recent: deque[NDArray[np.float32]] = deque(maxlen=2 * SIDE + 1)
        self._run: list[NDArray[np.float32]] = []

    def update(self, newest: NDArray[np.float32]) -> None:
        """Take the thumbnail of the next frame."""
        self._recent.append(newest)
        self._frames += 1
        if len(self._recent) <= 2 * SIDE:
            return
        if is_mixture(self._recent[SIDE], self._recent[0], newest, LEFT):
            self._run = [*(self._run or list(self._recent)[:-1]), newest][: LONGEST + 1]
        else:
            self._end(self._frames - 1)

    def finish(self) -> list[Transition]:
        """Take the end of the video; return all transitions."""
        self._end(self._frames)
        return self.found

    def _end(self, after: int) -> None:
        """Take the end of a run, if there is one; `after` is the frame that follows it."""
        run, self._run = self._run, []
        if not 0 < len(run) <= LONGEST:
            return
        first, last = run[0], run[-1]
        if not is_mixture(run[len(run) // 2], first, last, LEFT_OF_ENDS):
            return
        # Of a fine texture that moves by less than a cell the thumbnails are mixtures and unlike.
        before, after_it = (np.asarray(cv2.blur(end, (3, 3)), np.float32) for end in (first, last))
        if dissimilarity(before, after_it) >= UNLIKE:
            fade = min(first.std(), last.std()) < BLANK
            self.found.append(Transition(after - len(run), after - 1, bool(fade)))


def is_mixture(
    middle: NDArray[np.float32], first: NDArray[np.float32], last: NDArray[np.float32], left: float
) -> bool:
    """Return whether a picture is a mixture of two others, but for a share `left` of their difference."""
    change = first - last
    energy = float(np.square(change).mean())
    if energy < CHANGE**2:
        return False
    weight = float((change * (middle - last)).mean()) / energy
    rest = float(np.square(middle - last - weight * change).mean())
    return WEIGHTS[0] <= weight <= WEIGHTS[1] and rest <= left * energy
