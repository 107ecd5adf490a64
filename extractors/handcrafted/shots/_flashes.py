"""Flashes by the rule of ITU-R BT.1702 and WCAG: opposing changes of the same area within a second.

Quantities are followed in the cells of a grid. A change begins at an extreme and is complete where the value
is a step away from it; a rise can only be followed by a fall. A change counts in a cell if the cells in
which the same change was completed at the same time have more than a quarter of the area.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

Cells = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: Opposing changes in a second that are allowed: three flashes.
ALLOWED = 6
#: Share of the area that has to change.
AREA = 0.25
#: Changes of several cells within so many seconds are one: light does not rise everywhere in the same frame.
TOGETHER_S = 1 / 15
#: A second, less what times differ in their last bits.
SECOND_S = 1 - 1e-6
ROUNDING = 1e-6


class _Extremes(NamedTuple):
    """The highest or the lowest state of each cell since its last change."""

    value: Cells
    around: Cells
    marked: Mask

    @classmethod
    def none(cls, n: int, value: float) -> Self:
        return cls(np.full(n, value), np.zeros(n), np.zeros(n, bool))

    def put(self, cells: Mask, value: Cells, around: Cells, marked: Mask) -> None:
        for mine, new in zip(self, (value, around, marked), strict=True):
            mine[cells] = new[cells]


class OpposingChanges:
    """Rises and falls of a quantity in each of n cells, in turn.

    Parameters
    ----------
    n : int
        Number of cells.
    step : float
        Least change.
    """

    def __init__(self, n: int, step: float) -> None:
        self._step = step - ROUNDING
        self._direction = np.zeros(n, np.int8)
        self._high, self._low = _Extremes.none(n, -np.inf), _Extremes.none(n, np.inf)

    def update(self, value: Cells, around: Cells, marked: Mask) -> tuple[Mask, Mask]:
        """Take the next frame and return in which cells it completes a rise, and in which a fall.

        Parameters
        ----------
        value : ndarray, (n,)
            The quantity.
        around : ndarray, (n,)
            Its mean around each cell, which has to change by half of the step: what moves does not do that.
        marked : ndarray, (n,) bool
            A change counts only if it begins or ends in a marked state.
        """
        fell, rose = (
            (sign * self._direction <= 0)
            & (sign * (value - old.value) >= self._step)
            & (sign * (around - old.around) >= self._step / 2)
            & (old.marked | marked)
            for sign, old in ((-1, self._high), (1, self._low))
        )
        self._direction[fell], self._direction[rose] = -1, 1
        self._high.put(rose | (value > self._high.value), value, around, marked)
        self._low.put(fell | (value < self._low.value), value, around, marked)
        return rose, fell


class Flashes:
    """Flashes of one kind: how many, and the most in any second.

    Parameters
    ----------
    n, step
        As in `OpposingChanges`.
    share : callable
        From a mask of cells to the share of the area that decides.

    Attributes
    ----------
    most : int
        The most opposing changes of the area in any second up to now.
    """

    def __init__(self, n: int, step: float, share: Callable[[Mask], float]) -> None:
        self._changes = OpposingChanges(n, step)
        self._share = share
        self._completed = np.full((2, n), -np.inf)
        self._open = np.zeros((2, n), bool)
        self._counted: deque[tuple[float, Mask]] = deque()
        self._last = np.full(n, -np.inf)
        self._flashes = np.zeros(n, np.int64)
        self.most = 0

    def update(self, value: Cells, around: Cells, marked: Mask, time_s: float) -> bool:
        """Take the next frame; return whether the second up to it has more changes than are allowed."""
        for side, completed in enumerate(self._changes.update(value, around, marked)):
            self._completed[side, completed] = time_s
            self._open[side] |= completed
            together = time_s - self._completed[side] < TOGETHER_S - ROUNDING
            new = together & self._open[side]
            if new.any() and self._share(together) > AREA:
                self._count(new, time_s)
                self._open[side, new] = False
        while self._counted and time_s - self._counted[0][0] >= SECOND_S:
            self._counted.popleft()
        if not self._counted:
            return False
        number = np.sum([mask for _, mask in self._counted], axis=0)
        while self._share(number > self.most) > AREA:
            self.most += 1
        return bool(self._share(number > ALLOWED) > AREA)

    @property
    def number(self) -> int:
        """Flashes of the area up to now: two opposing changes less than a second apart are one."""
        found = 0
        while self._share(self._flashes > found) > AREA:
            found += 1
        return found

    def _count(self, cells: Mask, time_s: float) -> None:
        self._counted.append((time_s, cells))
        pair = cells & (time_s - self._last < SECOND_S)
        self._flashes[pair] += 1
        self._last[cells] = time_s
        self._last[pair] = -np.inf
