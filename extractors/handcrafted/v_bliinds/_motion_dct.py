"""Temporal parts of Video BLIINDS: DC variation, spectral ratios and motion coherency.

M. A. Saad, A. C. Bovik and C. Charrier, "Blind prediction of natural video quality", IEEE TIP 23(3),
2014; the numbers are those of the LIVE release.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.special import gammaln

from vqa_features.kernels.jit import SUMMING, jit

from . import _ntss
from ._ntss import Plane
from ._spectrum import SIDE, coefficient_moments

Image = NDArray[np.float64]
Motion = NDArray[np.int64]

#: Sides of the blocks of the coherency and of the compensated residual.
COHERENCY_BLOCK, RESIDUAL_BLOCK = 10, 16
#: First steps of the searches: ranges 15 and 7.
COHERENCY_STEP, RESIDUAL_STEP = 8, 4
#: Shape where the moments fit no generalised Gaussian of the table.
NO_SHAPE = 11.0
#: Added to a mean absolute value before it divides.
MEAN_ABS_FLOOR = 1e-7
RATIO_FLOOR = 0.1


def residual_dc_deviation(current: Plane, previous: Plane) -> float:
    """Deviation over 16x16 blocks of the DC of the motion-compensated difference of two frames.

    nan with fewer than two blocks. The planes are those of `_ntss.padded`.
    """
    motion = _ntss.block_motion(current, previous, RESIDUAL_BLOCK, RESIDUAL_STEP)
    dc = np.zeros(motion.shape[:2])
    _residual_dc(current, previous, motion, RESIDUAL_BLOCK, dc)
    return float(dc.std(ddof=1)) if dc.size > 1 else np.nan


@jit(**SUMMING)
def _residual_dc(current: Plane, previous: Plane, motion: Motion, side: int, dc: Image) -> None:
    """DC of the DCT of each block's residual; a block is kept inside the frame."""
    height, width = current.shape[0], current.shape[1] - _ntss.MARGIN
    for row in range(dc.shape[0]):
        for column in range(dc.shape[1]):
            y, x = row * side, column * side
            v = min(max(y + motion[row, column, 0], 0), height - side)
            h = min(max(x + motion[row, column, 1], 0), width - side)
            total = np.float32(0)  # exact, as the costs of `_ntss`
            for a in range(side):
                for b in range(side):
                    total += current[y + a, x + b] - previous[v + a, h + b]
            dc[row, column] = total / side


@functools.cache
def _shape_table() -> tuple[Image, Image]:
    """Shapes 0.03 .. 10 and their variances over squared mean absolute values, which fall."""
    shapes = 0.03 + 0.001 * np.arange(9971, dtype=np.float64)
    log_ratio = gammaln(1 / shapes) + gammaln(3 / shapes) - 2 * gammaln(2 / shapes)
    return shapes, np.exp(log_ratio)


@functools.cache
def _zigzag(side: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and columns of a square in zigzag order, to the right first."""
    cells = [(r, c) for r in range(side) for c in range(side)]
    cells.sort(key=lambda cell: (sum(cell), cell[0] if sum(cell) % 2 else cell[1]))
    rows, columns = np.array(cells).T
    return rows, columns


def difference_spectrum(current: Plane, previous: Plane) -> tuple[Image, float]:
    """Shapes of the 5x5 DCT coefficients of a frame difference, and the mean of their DC.

    Parameters
    ----------
    current, previous : (h, w + MARGIN) float32
        From `_ntss.padded`.

    Returns
    -------
    shapes : (25,)
        Of a generalised Gaussian per frequency, in zigzag order; 11 where none fits.
    dc : float
    """
    mean, squares, absolute = coefficient_moments(current, previous)
    n = (current.shape[0] // SIDE) * ((current.shape[1] - _ntss.MARGIN) // SIDE)
    ratio = squares / max(n - 1, 1) / (np.square(absolute / n) + MEAN_ABS_FLOOR)
    shapes, ratios = _shape_table()
    place = np.searchsorted(-ratios, -ratio, side="right") - 1
    found = np.where(
        (place >= 0) & (place < shapes.size - 1), shapes[np.clip(place, 0, shapes.size - 1)], NO_SHAPE
    )
    return found[_zigzag(SIDE)], float(mean[0, 0])


def spectral_ratios(shapes: Image) -> Image:
    """Ratios of geometric means of the shapes of high, middle and low frequencies, (5,).

    High to low, high to middle, high and middle to low, high to middle and low, middle to low.
    """
    low, middle, high = np.exp(np.log(shapes[1:]).reshape(3, 8).mean(axis=1))
    return np.array(
        [
            high / (RATIO_FLOOR + low),
            high / (RATIO_FLOOR + middle),
            (high + middle) / 2 / (RATIO_FLOOR + low),
            high / (RATIO_FLOOR + (middle + low) / 2),
            middle / (RATIO_FLOOR + low),
        ]
    )


def motion_coherency(motion: Motion) -> float:
    """Mean over blocks of the squared contrast of the eigenvalues of the motion tensor, 0..1."""
    rows, columns = motion[..., 0].astype(np.float64), motion[..., 1].astype(np.float64)
    weights = np.exp(-np.square(np.arange(-2, 3)) / (2 * 0.5 * 0.5))
    weights /= weights.sum()

    def smooth(product: Image) -> Image:
        down = ndimage.correlate1d(product, weights, axis=0, mode="reflect")
        return np.asarray(ndimage.correlate1d(down, weights, axis=1, mode="reflect"))

    a, b, c = smooth(rows * rows), smooth(rows * columns), smooth(columns * columns)
    trace = np.square(a + c)
    contrast = np.square(a - c) + 4 * b * b
    return float(np.divide(contrast, trace, out=np.zeros_like(trace), where=trace > 0).mean())


def motion_mode_and_mean(motion: Motion, n_vectors: int) -> tuple[float, float]:
    """Most frequent (the smallest of several) and mean length of `n_vectors` motion vectors.

    The release counts one vector per hundred pixels of the frame; those beyond the whole blocks are
    zero.
    """
    squares = (motion[..., 0] * motion[..., 0] + motion[..., 1] * motion[..., 1]).ravel()
    counts = np.bincount(squares)
    counts[0] += n_vectors - squares.size
    total = float(np.sqrt(squares).sum())
    return float(np.sqrt(counts.argmax())), total / n_vectors
