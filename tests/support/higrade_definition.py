"""HIGRADE's statistics and 8-bit L*a*b* as NumPy and SciPy compute them from their definitions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from vqa_features.kernels import lab8
from vqa_features.kernels.fits import ggd_fit
from vqa_features.kernels.nss import gaussian
from vqa_features.kernels.resize import imresize

Values = NDArray[np.float64]


def log_statistics(image: NDArray[Any], scales: int = 2) -> Values:
    """What `statistics_of_maps` gives for one map, (18 * scales,)."""
    features: list[float] = []
    plane = np.asarray(image, np.float64)
    for scale in range(scales):
        plane = imresize(plane, 0.5) if scale else plane
        coefficients, deviation = _normalised(plane)
        snr = np.nan if np.ptp(deviation) == 0 else deviation.mean() ** 2 / deviation.var(ddof=1)
        features += [deviation.mean(), snr]
        for field in (coefficients - coefficients.mean(), *_derivatives(coefficients)):
            fit = ggd_fit(field)
            features += [float(np.sqrt(fit.variance)), float(fit.shape)]
    return np.array(features)


def _normalised(plane: Values) -> tuple[Values, Values]:
    """MSCN coefficients and local deviation, moments taken about each window's centre pixel."""
    height, width = plane.shape
    padded = np.pad(plane, 3)
    first, second = np.zeros_like(plane), np.zeros_like(plane)
    weights = np.outer(gaussian(), gaussian())
    for y in range(7):
        for x in range(7):
            difference = padded[y : y + height, x : x + width] - plane
            first += weights[y, x] * difference
            second += weights[y, x] * difference**2
    first[first**2 <= 1e-24 * second] = 0
    deviation = np.sqrt(np.maximum(second - first**2, 0))
    return -first / (deviation + 1), deviation


def _derivatives(coefficients: Values) -> list[Values]:
    """The seven log-derivatives; the last two less their mean."""
    log = np.log(np.abs(coefficients) + 0.1)
    left, above = np.roll(log, 1, 1), np.roll(log, 1, 0)
    corner, below_left = np.roll(log, (1, 1), (0, 1)), np.roll(log, (-1, 1), (0, 1))
    p = np.pad(log, 1)
    lap = p[:-2, 1:-1] + p[2:, 1:-1] - p[1:-1, :-2] - p[1:-1, 2:]
    diagonal = p[:-2, :-2] + p[2:, 2:] - p[:-2, 2:] - p[2:, :-2]
    firsts = [log - left, log - above, log - corner, log - below_left, (log - left) - (above - corner)]
    return [*firsts, lap - lap.mean(), diagonal - diagonal.mean()]


def gradient_coherence(image: NDArray[Any], side: int = 9) -> Values:
    """Coherence of each whole block by its own convolutions and eigenvalues, (rows, columns)."""
    rows, columns = image.shape[0] // side, image.shape[1] // side
    bell = gaussian(side, 0.5)
    slope = bell - np.concatenate([[0.0], bell[:-1]])
    out = np.full((rows, columns), np.nan)
    for at in np.ndindex(rows, columns):
        y, x = at[0] * side, at[1] * side
        block = image[y : y + side, x : x + side].astype(np.float64)
        across = ndimage.convolve(block, np.outer(bell, slope), mode="constant").ravel()
        down = ndimage.convolve(block, np.outer(slope, bell), mode="constant").ravel()
        if block.any():
            low, high = np.linalg.eigvalsh([[across @ across, across @ down], [across @ down, down @ down]])
            out[at] = ((high - low) / (high + low)) ** 2
    return out


def srgb_to_lab8(rgb: NDArray[np.uint8], white: lab8.White) -> NDArray[np.uint8]:
    """8-bit L*a*b* of pixels (..., 3) in float64."""
    xyz = lab8.tone_curve()[rgb] @ lab8._matrix(white).T
    line = lab8.SLOPE * xyz + 16 / 116
    x, y, z = np.moveaxis(np.where(xyz > lab8.LINEAR_BELOW, np.cbrt(xyz), line), -1, 0)
    lab = np.stack([2.55 * (116 * y - 16), 500 * (x - y) + 128, 200 * (y - z) + 128], axis=-1)
    return np.clip(np.floor(lab + 0.5), 0, 255).astype(np.uint8)
