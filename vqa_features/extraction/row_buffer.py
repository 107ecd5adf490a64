"""Rows of one extractor as they come, without an object for each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..extractor import Values
from ..video_task import Rows

#: Rows of a block; memory is taken a block at a time, and a long video copies no row until its end.
_BLOCK = 1024


class RowBuffer:
    """Collects rows in blocks: 8 bytes for each number, and 16 for the time and number of the frame.

    Parameters
    ----------
    n_columns : int
        Values of a row.
    """

    def __init__(self, n_columns: int) -> None:
        self._type = np.dtype(
            [("time_s", np.float64), ("frame", np.int64), ("values", np.float64, (n_columns,))]
        )
        self._full: list[NDArray[np.void]] = []
        self._block = np.empty(_BLOCK, self._type)
        self._used = 0

    def add(self, time_s: float, frame: int, values: Values) -> None:
        """Add one row.

        Parameters
        ----------
        time_s : float
            Time of its frame in seconds.
        frame : int
            Number of its frame.
        values : ndarray, (n_columns,) float64
            Features.
        """
        if self._used == _BLOCK:
            self._full.append(self._block)
            self._block, self._used = np.empty(_BLOCK, self._type), 0
        self._block["time_s"][self._used] = time_s
        self._block["frame"][self._used] = frame
        self._block["values"][self._used] = values
        self._used += 1

    def rows(self) -> Rows:
        """Return all rows, in the order they came."""
        blocks = [*self._full, self._block[: self._used]]
        return Rows(*(np.concatenate([block[name] for block in blocks]) for name in self._type.names or ()))
