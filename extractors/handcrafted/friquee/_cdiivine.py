"""C-DIIVINE: statistics of the magnitudes and phases of complex wavelet coefficients, 82 features.

Y. Zhang, A. K. Moorthy, D. M. Chandler and A. C. Bovik, "C-DIIVINE: No-reference image quality
assessment based on local magnitude and phase statistics of natural scenes", Signal Processing: Image
Communication 29(7), 2014. The numbers are those of the release that FRIQUEE carries.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, gamma, polygamma

from vqa_features.kernels.fits import ggd_from_sums, grid
from vqa_features.kernels.jit import SUMMING, jit
from vqa_features.kernels.resize import imresize

from ._steerable import Complex, Pyramid, complex_pyramid

Real = NDArray[np.float64]
Values = NDArray[np.float64]

SCALES, ORIENTATIONS = 3, 6
#: Least side of a picture that has three scales.
LEAST_SIDE = 32
#: Steps after which an iteration is given up, and the change at which it has converged.
MOST_STEPS, MAGNITUDE_CHANGE, PHASE_CHANGE = 500, 1e-4, 1e-5
#: Side of the window of complex-wavelet similarity.
WINDOW = 7


def cdiivine_features(image: NDArray[Any]) -> Values:
    """The 82 features of a map (h, w); nan where a side is below 32 pixels.

    Eight log scales and eight shapes of the magnitudes (six orientations of the finest scale, all of
    them, all of the next), six deviations and six shapes of their mixed differences, the concentration
    of 24 relative phases, 30 similarities of bands of different scales.
    """
    if min(image.shape) < LEAST_SIDE:
        return np.full(82, np.nan)
    pyramid = complex_pyramid(image, SCALES, ORIENTATIONS)
    return np.concatenate([magnitude_features(pyramid), phase_features(pyramid), scale_similarities(pyramid)])


def magnitude_features(pyramid: Pyramid) -> Values:
    """Fits of the divisively normalised magnitudes of the two finest scales, (28,)."""
    fine, coarse = ([np.abs(band) for band in _normalised(pyramid, scale)] for scale in (0, 1))
    groups = [*fine, np.concatenate([band.ravel() for band in fine])]
    groups.append(np.concatenate([band.ravel() for band in coarse]))
    scales, shapes = np.array([magnitude_fit(group.ravel()) for group in groups]).T
    with np.errstate(divide="ignore", invalid="ignore"):
        scales = np.log(scales)
    deviations, gammas = [], []
    for band in fine:
        left = np.roll(band, 1, axis=1)
        mixed = band - left - np.roll(band - left, 1, axis=0)
        mixed -= mixed.mean()
        fit = ggd_from_sums(mixed.size, np.abs(mixed).sum(), np.square(mixed).sum())
        deviations.append(np.sqrt(fit.variance))
        gammas.append(fit.shape)
    return np.concatenate([scales, shapes, deviations, gammas])


def _normalised(pyramid: Pyramid, scale: int) -> list[Complex]:
    """Bands of a scale over the energy of their neighbourhoods, without the outermost pixels."""
    bands = pyramid.bands[scale]
    inner = [np.abs(band)[1:-1, 1:-1].ravel() for band in bands]
    results = []
    for k, band in enumerate(bands):
        magnitude = np.abs(band)
        height, width = band.shape
        columns = [
            magnitude[1 + dy : height - 1 + dy, 1 + dx : width - 1 + dx].ravel()
            for dy in (-1, 0, 1)
            for dx in (-1, 0, 1)
        ]
        if scale == 0:  # only the finest scale has a parent
            parent = _resized(pyramid.bands[1][k], 2)
            columns.append(np.abs(parent)[1 : height - 1, 1 : width - 1].ravel())
        own = len(columns)  # the neighbours in orientation do not count in the release's divisor
        vectors = np.stack([*columns, *(inner[j] for j in range(len(bands)) if j != k)])
        centre = band[1:-1, 1:-1]
        energy = _mahalanobis(vectors) / own
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = (centre - centre.mean()) / np.sqrt(energy).reshape(centre.shape)
        results.append(ratio - ratio.mean())
    return results


def _mahalanobis(vectors: Real) -> Values:
    """x' C^-1 x of each column of (variables, samples), C their second moments; nan if C is singular."""
    moments = vectors @ vectors.T / vectors.shape[1]
    try:
        return np.einsum("ij,ij->j", vectors, np.linalg.inv(moments) @ vectors)
    except np.linalg.LinAlgError:
        return np.full(vectors.shape[1], np.nan)


def magnitude_fit(x: Values) -> tuple[float, float]:
    """Scale and shape of the distribution x exp(-(x / scale)^shape) fitted by maximum likelihood.

    The release starts Newton's iteration from a ratio of moments where the shape was meant; nan where
    it does not converge.
    """
    if not x.size or not x.min() > 0:
        return np.nan, np.nan
    start = _start_from_moments(float(x.mean()), float(np.square(x).mean()))
    with np.errstate(all="ignore"):
        log = np.log(x)
        shape, last = start, np.nan
        for _ in range(MOST_STEPS):
            value, slope = _likelihood_slope(shape, log)
            shape, last = shape - value / slope, shape
            if not abs(shape - last) >= MAGNITUDE_CHANGE:
                break
        else:
            return np.nan, np.nan
        return float((0.5 * shape * np.exp(shape * log).mean()) ** (1 / shape)), float(shape)


def _start_from_moments(mean: float, mean_square: float) -> float:
    shapes = grid(0.1, 0.001, 10.0).shapes
    ratios = gamma(3 / shapes) ** 2 / (gamma(2 / shapes) * gamma(4 / shapes))
    return float(ratios[np.nanargmin(np.abs(mean * mean / mean_square - ratios))])


def _likelihood_slope(b: float, log: Values) -> tuple[float, float]:
    """Derivative of the log-likelihood in the shape (up to a factor), and its own derivative."""
    s0, s1, s2 = np.array(_power_sums(b, log))  # NumPy's numbers: nan and not an exception
    level = np.log(0.5 * b * s0 / log.size)
    value = 1 + 2 * digamma(2 / b) / b - 2 * s1 / s0 + 2 / b * level
    slope = -2 * digamma(2 / b) / b**2 - 4 * polygamma(1, 2 / b) / b**3
    slope -= 2 * (s2 * s0 - s1 * s1) / s0**2
    slope += -2 * level / b**2 + 2 / b**2 + 2 * s1 / (b * s0)
    return float(value), float(slope)


@jit(**SUMMING)
def _power_sums(b: float, log: Values) -> tuple[float, float, float]:
    """Sums of x^b, x^b log x and x^b (log x)^2."""
    s0 = s1 = s2 = 0.0
    for i in range(log.size):
        power = np.exp(b * log[i])
        s0 += power
        s1 += power * log[i]
        s2 += power * log[i] * log[i]
    return s0, s1, s2


def phase_features(pyramid: Pyramid) -> Values:
    """Concentration of the wrapped Cauchy distribution of relative phases, (24,).

    Of the two finest scales and six orientations: towards the left neighbour, then the one above.
    """
    phases = [np.angle(band) for scale in pyramid.bands[:2] for band in scale]
    return np.array(
        [
            wrapped_cauchy_concentration((np.roll(phase, 1, axis=axis) - phase)[:, 1:])
            for axis in (1, 0)
            for phase in phases
        ]
    )


def wrapped_cauchy_concentration(angle: Real) -> float:
    """Maximum-likelihood concentration 0..1 of angles in radians; nan where it does not converge.

    References
    ----------
    J. T. Kent and D. E. Tyler, "Maximum likelihood estimation for the wrapped Cauchy distribution",
    Journal of Applied Statistics 15(2), 1988.
    """
    cosine, sine = np.cos(angle).ravel(), np.sin(angle).ravel()
    x = y = 0.3
    for _ in range(2 * MOST_STEPS):
        last_x, last_y = x, y
        x, y = _weighted_mean_direction(cosine, sine, x, y)
        if abs(x - last_x) < PHASE_CHANGE and abs(y - last_y) < PHASE_CHANGE:
            radius = x * x + y * y
            return float((1 - np.sqrt(max(1 - radius, 0.0))) / np.sqrt(radius)) if radius > 0 else 0.0
    return np.nan


@jit(**SUMMING)
def _weighted_mean_direction(cosine: Values, sine: Values, x: float, y: float) -> tuple[float, float]:
    total = along = across = 0.0
    for i in range(cosine.size):
        weight = 1.0 / (1.0 - x * cosine[i] - y * sine[i])
        total += weight
        along += weight * cosine[i]
        across += weight * sine[i]
    return along / total, across / total


def scale_similarities(pyramid: Pyramid) -> Values:
    """Complex-wavelet similarity of bands of different scales, six orientations each, (30,).

    Third and second scale, second and first, second and high-pass, third and high-pass, third and
    first; the coarser band is enlarged.
    """
    fine, middle, coarse = pyramid.bands
    high = [pyramid.high.astype(np.complex128)] * ORIENTATIONS
    # the release counts scales from the coarsest: its second is the middle one, its third the finest
    pairs = ((coarse, middle), (middle, fine), (middle, high), (fine, high), (coarse, fine))
    return np.array(
        [similarity(_resized(a, b.shape), b) for one, other in pairs for a, b in zip(one, other, strict=True)]
    )


def similarity(a: Complex, b: Complex) -> float:
    """Complex-wavelet structural similarity 0..1 of two bands, Gaussian-weighted about the centre.

    References
    ----------
    M. P. Sampat, Z. Wang, S. Gupta, A. C. Bovik and M. K. Markey, "Complex wavelet structural
    similarity", IEEE TIP 18(11), 2009, with K = 0.
    """
    if min(b.shape) < WINDOW:
        return np.nan
    product = a * np.conj(b)
    cross = np.hypot(_box(product.real), _box(product.imag))
    energy = _box(np.square(np.abs(a)) + np.square(np.abs(b)))
    weights = [_bell(n, b.shape[0] / 4) for n in cross.shape]
    with np.errstate(invalid="ignore"):
        return float(weights[0] @ (2 * cross / energy) @ weights[1])


def _box(field: Real) -> Real:
    """Mean over each whole 7 x 7 window."""
    half = WINDOW // 2
    mean = cv2.boxFilter(np.ascontiguousarray(field), -1, (WINDOW, WINDOW))
    return np.asarray(mean[half:-half, half:-half])


def _bell(size: int, sigma: float) -> Values:
    x = np.arange(size) - (size - 1) / 2
    weights = np.exp(-x * x / (2 * sigma * sigma))
    return weights / weights.sum()


def _resized(band: Complex, to: float | tuple[int, ...]) -> Complex:
    size = to if isinstance(to, int | float) else (to[0], to[1])
    return imresize(band.real, size) + 1j * imresize(band.imag, size)
