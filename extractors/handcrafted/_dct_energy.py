"""Integer DCT of blocks of 32 x 32, and the weighted sums that VCA takes of its coefficients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session
from vqa_features.frame import Views
from vqa_features.kernels.jit import jit

Image = NDArray[np.float64]

#: Side of a block, in pixels.
BLOCK = 32
#: 64 * 2 ** .5 * cos(k * pi / 64) for k of 0 .. 31, as H.265 rounds them; the first is for the constant row.
_COSINES = np.array(
    "64 90 90 90 89 88 87 85 83 82 80 78 75 73 70 67 64 61 57 54 50 46 43 38 36 31 25 22 18 13 9 4".split(),
    float,
)
#: What VCA divides a block's energy, and its change, by.
E_NORM, H_NORM = 90.0, 18.0
#: Weights are in 1 / 2 ** 8; the lowest frequency of a row and of a column has a smaller one.
_SHIFT, _LOWEST = 8, 27


class Textures(NamedTuple):
    """What is kept of a frame.

    Attributes
    ----------
    energies : ndarray, (rows, columns) int64
        Weighted sum of each block.
    values : tuple of float
        E, L, middle and high share.
    """

    energies: NDArray[np.int64]
    values: tuple[float, float, float, float]


class DctEnergySession(Session):
    """Energy of each frame and its change; keeps nothing between pairs."""

    concurrent = True

    def prepare(self, frame: Views) -> Textures:
        energies, bands, brightness = _block_sums(coefficients(frame.luma), _WEIGHTS)
        low, middle, high = bands
        total = low + middle + high
        shares = (middle / total, high / total) if total > 0 else (np.nan, np.nan)
        return Textures(energies, (float(energies.mean()) / E_NORM, brightness, *shares))

    def push(self, window: Sequence[Any]) -> NDArray[np.float64]:
        previous, current = window
        change = np.nan
        if previous is not None:
            change = float(np.abs(current.energies - previous.energies).mean()) / H_NORM
        energy, *others = current.values
        return np.array([energy, change, *others])


def coefficients(plane: NDArray[Any]) -> Image:
    """Return the integer DCT of H.265 of each block of 32 x 32.

    Parameters
    ----------
    plane : (h, w) uint8 or float32
        Luma codes in 8-bit units; the last row and column are repeated to a multiple of 32.

    Returns
    -------
    ndarray, (ceil(h / 32), 32, ceil(w / 32), 32) float64
        Whole numbers, 4 times those of the orthonormal DCT; axes 1 and 3 are the vertical and the horizontal
        frequency.
    """
    height, width = plane.shape
    padded = cv2.copyMakeBorder(plane, 0, -height % BLOCK, 0, -width % BLOCK, cv2.BORDER_REPLICATE)
    rows = padded.reshape(-1, BLOCK).astype(np.float64) @ _MATRIX.T
    across = _shifted(rows, 4).reshape(-1, BLOCK, padded.shape[1])
    return _shifted(_MATRIX @ across, 11).reshape(across.shape[0], BLOCK, -1, BLOCK)


def _shifted(values: Image, bits: int) -> Image:
    """Shift whole numbers right by `bits` in place, rounded to the nearest, half up."""
    values += 2.0 ** (bits - 1)
    values *= 2.0**-bits
    return np.floor(values, out=values)


def _matrix() -> Image:
    """Transform matrix of H.265, 8.6.4.2: entry (k, n) is `_COSINES` at the angle k (2 n + 1)."""
    angle = np.outer(np.arange(BLOCK), 2 * np.arange(BLOCK) + 1) % 128
    angle = np.minimum(angle, 128 - angle)
    folded = np.where(angle > 32, 64 - angle, angle) % 32
    return np.where(angle > 32, -1, 1) * _COSINES[folded]


def _weights() -> NDArray[np.int32]:
    """Weights of the coefficients in 1 / 256: exp(-|(i j / 32^2)^2 - 1|) for i and j of 1 .. 32."""
    product = np.outer(np.arange(1, BLOCK + 1), np.arange(1, BLOCK + 1)) / BLOCK**2
    weights = np.floor(255 * np.exp(-np.abs(product * product - 1))).astype(np.int32)
    weights[0, 0], weights[0, 1], weights[1, 0] = 0, _LOWEST, _LOWEST
    return weights


_MATRIX, _WEIGHTS = _matrix(), _weights()


@jit()
def _block_sums(
    blocks: Image, weights: NDArray[np.int32]
) -> tuple[NDArray[np.int64], tuple[float, float, float], float]:
    """Weighted sum of each block, energy of detail in three bands, and mean square root of the DC."""
    energies = np.zeros((blocks.shape[0], blocks.shape[2]), np.int64)
    low = middle = total = brightness = 0.0
    for r in range(blocks.shape[0]):
        for i in range(BLOCK):
            for c in range(blocks.shape[2]):
                line = blocks[r, i, c]
                energy = 0
                for j in range(BLOCK):
                    energy += (np.int32(abs(line[j])) * weights[i, j]) >> _SHIFT
                energies[r, c] += energy
                first = second = rest = 0.0
                for j in range(BLOCK // 4):
                    first += line[j] * line[j]
                for j in range(BLOCK // 4, BLOCK // 2):
                    second += line[j] * line[j]
                for j in range(BLOCK // 2, BLOCK):
                    rest += line[j] * line[j]
                total += first + second + rest
                if i < BLOCK // 4:
                    low += first
                    middle += second
                elif i < BLOCK // 2:
                    middle += first + second
        for c in range(blocks.shape[2]):
            dc = blocks[r, 0, c, 0]
            brightness += np.sqrt(dc)
            low -= dc * dc
            total -= dc * dc
    return energies, (low, middle, total - low - middle), brightness / energies.size
