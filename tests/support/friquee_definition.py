"""FRIQUEE's complex wavelet part (C-DIIVINE) by its definitions in NumPy: the oracle of the kernels."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, gamma, polygamma

from vqa_features.kernels.fits import ggd_from_sums, grid
from vqa_features.kernels.resize import imresize

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Values = NDArray[np.float64]

SCALES, ORIENTATIONS = 3, 6
#: Steps after which an iteration is given up, and the change at which it has converged.
MOST_STEPS, MAGNITUDE_CHANGE, PHASE_CHANGE = 500, 1e-4, 1e-5
#: Side of the window of complex-wavelet similarity.
WINDOW = 7
#: Samples of the tables: radial transition (a raised cosine one octave wide) and angular window.
RADIAL_SAMPLES, ANGULAR_SAMPLES = 256, 1024


class Pyramid(NamedTuple):
    """High-pass residual (h, w) and ``bands[scale][orientation]``, finest scale first."""

    high: Real
    bands: list[list[Complex]]


def complex_pyramid(image: NDArray[Any], scales: int, orientations: int) -> Pyramid:
    """Decompose a picture (h, w); each scale has half the height and width, rounded up, of the last."""
    spectrum = np.fft.fftshift(np.fft.fft2(np.asarray(image, np.float64)))
    log_radius, angle = _polar(spectrum.shape)
    x, rise = _radial_table()
    fall = np.sqrt(np.maximum(1 - rise * rise, 0))
    high = np.fft.ifft2(np.fft.ifftshift(spectrum * np.interp(log_radius, x, rise))).real
    spectrum = spectrum * np.interp(log_radius, x, fall)
    bands = []
    for scale in range(scales):
        x = x - 1  # one octave lower
        base = (-1j) ** (orientations - 1) * spectrum * np.interp(log_radius, x, rise)
        bands.append(
            [
                np.fft.ifft2(np.fft.ifftshift(base * _angular_mask(angle, k, orientations)))
                for k in range(orientations)
            ]
        )
        if scale < scales - 1:
            inside = tuple(_low_frequencies(n) for n in spectrum.shape)
            log_radius, angle = log_radius[inside], angle[inside]
            spectrum = spectrum[inside] * np.interp(log_radius, x, fall)
    return Pyramid(high, bands)


def _polar(shape: tuple[int, ...]) -> tuple[Real, Real]:
    """Logarithm (base 2) of the radius, 0 at half the sampling rate, and angle of each frequency."""
    ramps = [(np.arange(n) - n // 2) / (n / 2) for n in shape]
    y, x = np.meshgrid(*ramps, indexing="ij")
    radius = np.hypot(x, y)
    centre = shape[0] // 2, shape[1] // 2
    radius[centre] = radius[centre[0], centre[1] - 1]
    return np.log2(radius), np.arctan2(y, x)


def _radial_table() -> tuple[Real, Real]:
    """Log radius and high-pass gain over the transition from -1 to 0 octaves."""
    phase = np.pi * np.arange(-RADIAL_SAMPLES - 1, 2) / (2 * RADIAL_SAMPLES)
    gain = np.cos(phase) ** 2
    gain[0], gain[-1] = gain[1], gain[-2]
    return -0.5 + 2 / np.pi * (phase + np.pi / 4), np.sqrt(gain)


def _angular_mask(angle: Real, k: int, orientations: int) -> Real:
    """One-sided window cos^(n - 1) about the k-th of n orientations."""
    order = orientations - 1
    phase = np.pi * np.arange(-2 * ANGULAR_SAMPLES - 1, ANGULAR_SAMPLES + 2) / ANGULAR_SAMPLES
    square = 4.0**order * math.factorial(order) ** 2 / (orientations * math.factorial(2 * order))
    wrapped = np.mod(np.pi + phase, 2 * np.pi) - np.pi
    window = 2 * np.sqrt(square) * np.cos(phase) ** order * (np.abs(wrapped) < np.pi / 2)
    return np.interp(angle, phase + np.pi * k / orientations, window)


def _low_frequencies(n: int) -> slice:
    """The half of n shifted frequencies about zero that the next scale keeps."""
    kept = (n + 1) // 2
    start = n // 2 - kept // 2
    return slice(start, start + kept)


def cdiivine_features(image: NDArray[Any]) -> Values:
    """The 82 features of a map (h, w).

    Eight log scales and eight shapes of the magnitudes (six orientations of the finest scale, all of
    them, all of the next), six deviations and six shapes of their mixed differences, the concentration
    of 24 relative phases, 30 similarities of bands of different scales.
    """
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
    s0, s1, s2 = _power_sums(b, log)
    level = np.log(0.5 * b * s0 / log.size)
    value = 1 + 2 * digamma(2 / b) / b - 2 * s1 / s0 + 2 / b * level
    slope = -2 * digamma(2 / b) / b**2 - 4 * polygamma(1, 2 / b) / b**3
    slope -= 2 * (s2 * s0 - s1 * s1) / s0**2
    slope += -2 * level / b**2 + 2 / b**2 + 2 * s1 / (b * s0)
    return float(value), float(slope)


def _power_sums(b: float, log: Values) -> tuple[Any, Any, Any]:
    """Sums of x^b, x^b log x and x^b (log x)^2."""
    power = np.exp(b * log)
    return power.sum(), power @ log, power @ np.square(log)


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


def _weighted_mean_direction(cosine: Values, sine: Values, x: float, y: float) -> tuple[Any, Any]:
    weight = 1.0 / (1.0 - x * cosine - y * sine)
    return weight @ cosine / weight.sum(), weight @ sine / weight.sum()


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
