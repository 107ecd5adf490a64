"""Statistics of HIGRADE: log-derivatives of MSCN fields of a map and of its gradient, coherence."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session
from vqa_features.frame import Views
from vqa_features.kernels.field_statistics import log_derivatives, mean_and_snr, moments
from vqa_features.kernels.fits import ggd_from_sums
from vqa_features.kernels.gradients import sobel_magnitude
from vqa_features.kernels.lab8 import srgb_to_lab8
from vqa_features.kernels.nss import gaussian, local_moments
from vqa_features.kernels.resize import imresize

Values = NDArray[np.float64]

#: Coherences, in 0 .. 1, that differ by less are equal: equal blocks differ by what a matrix product rounds.
COHERENCE_ROUNDING = 1e-12
#: Side in pixels of the blocks of the gradient coherence.
BLOCK = 9
#: Features of one map at one scale.
PER_SCALE = 18


class _HigradeSession(Session):
    """`spatial_features` of L*, a* and b*, each followed by `second` of the same channel."""

    def __init__(self, second: Callable[[NDArray[np.uint8]], Values]) -> None:
        self._second = second

    def push(self, window: Sequence[Views]) -> Values:
        lab = srgb_to_lab8(window[0].rgb)
        channels = np.moveaxis(lab, 2, 0)
        return np.concatenate([part(c) for c in channels for part in (spatial_features, self._second)])


def spatial_features(image: NDArray[Any], scales: int = 2) -> Values:
    """HIGRADE's 18 statistics of a map at each scale, (18 * scales,).

    Per scale: mean of the local deviation and its (mean / std)^2, standard deviation and shape of
    the MSCN coefficients, then of each of the seven `field_statistics.DERIVATIVES` of their logarithm.
    Each further scale is the last one halved.

    Parameters
    ----------
    image : (h, w)
        Any real dtype, in 8-bit code units.
    scales : int
        Number of scales, at least 1.
    """
    features: list[float] = []
    plane = np.asarray(image, np.float64)
    for scale in range(scales):
        if scale:
            plane = imresize(plane, 0.5)
        mean, deviation = local_moments(plane, border="zero")
        coefficients = (plane - mean) / (deviation + 1)
        centred = coefficients - coefficients.mean()
        sums = np.empty((8, 2))
        sums[0] = np.abs(centred).sum(), np.square(centred).sum()
        sums[1:] = log_derivatives(coefficients, "zero", centred=True)
        fit = ggd_from_sums(plane.size, sums[:, 0], sums[:, 1])
        features += [*mean_and_snr(deviation), *np.stack([np.sqrt(fit.variance), fit.shape], axis=1).ravel()]
    return np.array(features)


def gradient_features(image: NDArray[Any], scales: int = 2) -> Values:
    """`spatial_features` of the Sobel gradient magnitude of a map, (18 * scales,)."""
    return spatial_features(sobel_magnitude(image), scales)


def coherence_features(image: NDArray[Any]) -> Values:
    """Mean, standard deviation (n - 1), skewness and kurtosis of the gradient coherence, (4,)."""
    field = gradient_coherence(image)
    if field.size < 2:
        return np.full(4, np.nan)
    if np.ptp(field) <= COHERENCE_ROUNDING:
        field = np.full_like(field, field.flat[0])
    of = moments(field)
    return np.array([of.mean, of.std * (field.size / (field.size - 1)) ** 0.5, of.skewness, of.kurtosis])


def gradient_coherence(image: NDArray[Any]) -> Values:
    """((l1 - l2) / (l1 + l2))^2 of the structure tensor of each whole 9 x 9 block, (rows, columns).

    nan where a block has no gradient at all. Blocks stand alone: zeros lie outside them.
    """
    rows, columns = image.shape[0] // BLOCK, image.shape[1] // BLOCK
    plane = np.asarray(image[: rows * BLOCK, : columns * BLOCK], np.float64)
    blocks = plane.reshape(rows, BLOCK, columns, BLOCK).swapaxes(1, 2).reshape(-1, BLOCK * BLOCK)
    across, down = (blocks @ operator for operator in _block_operators())
    xx, yy, xy = ((a * b).sum(axis=1) for a, b in ((across, across), (down, down), (across, down)))
    with np.errstate(invalid="ignore", divide="ignore"):
        # eigenvalues of [[xx, xy], [xy, yy]] differ by sqrt((xx - yy)^2 + 4 xy^2)
        coherence = ((xx - yy) ** 2 + 4 * xy * xy) / (xx + yy) ** 2
    return coherence.reshape(rows, columns)


@functools.cache
def _block_operators() -> tuple[Values, Values]:
    """Convolution of a block with the differences of a 9 x 9 Gaussian (deviation 0.5), as matrices."""
    bell = gaussian(BLOCK, 0.5)
    slope = bell - np.concatenate([[0.0], bell[:-1]])
    smooth, differ = _toeplitz(bell), _toeplitz(slope)
    # row-major blocks: down by the first factor, across by the second
    across, down = np.kron(smooth, differ).T, np.kron(differ, smooth).T
    return np.ascontiguousarray(across, np.float64), np.ascontiguousarray(down, np.float64)


def _toeplitz(taps: Values) -> Values:
    """Matrix of "same" convolution with `taps` on BLOCK samples, zeros outside."""
    return np.array([np.convolve(unit, taps, mode="same") for unit in np.eye(BLOCK)]).T
