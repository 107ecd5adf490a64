"""Space-time chips: short slices of a video along the direction in which it looks most natural.

J. P. Ebenezer, Z. Shang, Y. Wu, H. Wei, S. Sethuraman and A. C. Bovik, "ChipQA: No-reference video
quality prediction via space-time chips", IEEE TIP 30, 2021; the numbers are those of its release.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Values = NDArray[np.float64]
Indices = NDArray[np.int64]

#: Frames of a chip, and pixels along its line.
LENGTH = 5
REACH = LENGTH // 2
#: Distance of the centres, and how far they stay from the far border.
PITCH = 4 * LENGTH
N_ANGLES = 6
#: Added to the squared variance under a kurtosis, and the kurtosis of a normal sample.
FLOOR, NORMAL = 1e-4, 3.0


class Grid:
    """Centres of the chips of frames of `shape` (h, w), row by row, and the pixels around them.

    `rows` and `columns` count the centres. For portrait frames the grid is that of the
    transposed frame laid over the pixels in memory order, as in the release.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        short, long = sorted(shape)
        y, x = (np.arange(LENGTH, side - PITCH, PITCH) for side in (short, long))
        self.rows, self.columns = len(y), len(x)
        width = shape[1]
        around = np.arange(-REACH, REACH + 1)
        centres = (y[:, None] * width + x[None, :]).ravel()
        self._places: Indices = centres[:, None, None] + around[None, :, None] * width + around[None, None, :]

    def patches(self, field: NDArray[np.floating]) -> NDArray[np.float32]:
        """The 5 x 5 pixels around every centre, (n, 5, 5) float32."""
        return np.asarray(field.reshape(-1)[self._places], np.float32)

    def tile(self, chips: Values) -> Values:
        """Lay chips (n, 5, 5) side by side as their centres lie, (5 * rows, 5 * columns)."""
        grid = chips.reshape(self.rows, self.columns, LENGTH, LENGTH)
        return grid.swapaxes(1, 2).reshape(self.rows * LENGTH, self.columns * LENGTH)


@functools.cache
def _temporal_weights() -> Values:
    """The matrix (5, 5) that band-passes five frames in time, mirrored at both ends.

    The impulse response t (1 - t / 2) exp(-t) is a model of cells of the lateral geniculate nucleus.
    """
    t = np.arange(LENGTH, dtype=np.float64)
    response = (t * (1 - 0.5 * t) * np.exp(-t))[::-1]
    return np.asarray(ndimage.correlate1d(np.eye(LENGTH), response, axis=0, mode="mirror"))


@functools.cache
def _lines() -> tuple[Indices, Indices]:
    """Rows and columns (6, 5) inside a patch of lines through its centre, every 30 degrees."""
    angles = np.arange(N_ANGLES) * (np.pi / N_ANGLES)  # sin 30 degrees must fall as released
    along = np.arange(-REACH, REACH + 1)
    rows, columns = np.outer(np.sin(angles), along), np.outer(np.cos(angles), along)
    return np.rint(rows).astype(np.int64) + REACH, np.rint(columns).astype(np.int64) + REACH


def most_natural_chips(patches: NDArray[np.floating]) -> Values:
    """Of every place the chip whose kurtosis is nearest to a normal sample's, (n, 5, 5).

    Parameters
    ----------
    patches : (5, n, 5, 5)
        MSCN coefficients around every centre in five successive frames.

    Returns
    -------
    (n, 5, 5) float64
        Rows are time, columns run along the chosen line; the first angle wins a tie.
    """
    filtered = np.einsum("kt,tnyx->nkyx", _temporal_weights(), patches)
    rows, columns = _lines()
    slices = filtered[:, :, rows, columns]  # (n, time, angle, point)
    samples = slices.swapaxes(1, 2).reshape(len(slices), N_ANGLES, -1)
    centred = samples - samples.mean(axis=2, keepdims=True)
    squares = np.square(centred)
    variance = squares.mean(axis=2)
    kurtosis = np.square(squares).mean(axis=2) / (variance * variance + FLOOR)
    chosen = np.abs(kurtosis - NORMAL).argmin(axis=1)
    return samples[np.arange(len(samples)), chosen].reshape(-1, LENGTH, LENGTH)
