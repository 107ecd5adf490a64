"""C-DIIVINE: statistics of the magnitudes and phases of complex wavelet coefficients, 82 features.

Y. Zhang, A. K. Moorthy, D. M. Chandler and A. C. Bovik, "C-DIIVINE: No-reference image quality
assessment based on local magnitude and phase statistics of natural scenes", Signal Processing: Image
Communication 29(7), 2014. The numbers are those of the release that FRIQUEE carries.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, gamma, polygamma

from vqa_features.kernels.fits import ggd_from_sums, grid
from vqa_features.kernels.jit import SUMMING, jit

from . import _condensed
from ._condensed import Directions, Magnitudes
from ._enlarging import enlarged_magnitude
from ._magnitudes import Normalised, magnitude, normalised_magnitudes
from ._similarity import similarities, similarity
from ._steerable import Pyramid, complex_pyramid

Real = NDArray[np.float64]
Values = NDArray[np.float64]

SCALES, ORIENTATIONS = 3, 6
#: Least side of a picture that has three scales.
LEAST_SIDE = 32
#: Steps after which an iteration is given up, and the change at which it has converged.
MOST_STEPS, MAGNITUDE_CHANGE, PHASE_CHANGE = 500, 1e-4, 1e-5


def cdiivine_features(image: NDArray[Any]) -> Values:
    """The 82 features of a map (h, w); nan where a side is below 32 pixels.

    Eight log scales and eight shapes of the magnitudes (six orientations of the finest scale, all of
    them, all of the next), six deviations and six shapes of their mixed differences, the concentration
    of 24 relative phases, 30 similarities of bands of different scales.
    """
    if min(image.shape) < LEAST_SIDE:
        return np.full(82, np.nan)
    pyramid = complex_pyramid(image, SCALES, ORIENTATIONS)
    phases = phase_features(pyramid)
    fits = [magnitude_fits(pyramid, 0), magnitude_fits(pyramid, 1)]
    (fine, mixed), (coarse, _) = fits
    scales, shapes = np.array([*fine, coarse[-1]]).T
    with np.errstate(divide="ignore", invalid="ignore"):
        scales = np.log(scales)
    return np.concatenate([scales, shapes, *mixed.T, phases, scale_similarities(pyramid)])


def magnitude_fits(pyramid: Pyramid, scale: int) -> tuple[list[tuple[float, float]], Values]:
    """Fits of the divisively normalised magnitudes of the finest scale (0) or the next one (1).

    Returns
    -------
    list of (scale, shape)
        Of each orientation of the finest scale, then of all orientations of the scale together.
    (6, 2) float64
        Deviation and shape of the mixed differences of each orientation.
    """
    bands = pyramid.bands[scale]
    parents = pyramid.bands[1] if scale == 0 else []  # only the finest scale has parents
    magnitudes = np.empty((len(bands) + len(parents), *bands[0].shape))
    for band, out in zip(bands, magnitudes, strict=False):
        magnitude(band, out)
    for parent, out in zip(parents, magnitudes[len(bands) :], strict=True):
        enlarged_magnitude(parent, out)
    found = normalised_magnitudes(bands, magnitudes)
    mixed = []
    for one in found:
        fit = ggd_from_sums(one.samples, one.absolute, one.squares)
        mixed.append((np.sqrt(fit.variance), fit.shape))
    fits = [_fit([one]) for one in found] if scale == 0 else []
    return [*fits, _fit(found)], np.array(mixed)


def _fit(found: list[Normalised]) -> tuple[float, float]:
    """Scale and shape of the magnitudes of some bands together; nan where one is not above 0."""
    samples = sum(one.samples for one in found)
    if samples == 0 or any(one.invalid for one in found):
        return np.nan, np.nan
    bins = functools.reduce(np.add, [one.bins for one in found])
    return magnitude_fit(_condensed.magnitudes(bins), samples)


def magnitude_fit(x: Magnitudes, samples: int) -> tuple[float, float]:
    """Scale and shape of the distribution x exp(-(x / scale)^shape) fitted by maximum likelihood.

    The release starts Newton's iteration from a ratio of moments where the shape was meant; nan where
    it does not converge.
    """
    with np.errstate(all="ignore"):
        value = np.exp(x.log)
        weighted = x.weight * value
        start = _start_from_moments(float(weighted.sum()) / samples, float(weighted @ value) / samples)
        shape, last = start, np.nan
        for _ in range(MOST_STEPS):
            height, slope = _likelihood_slope(shape, x, samples)
            shape, last = shape - height / slope, shape
            if not abs(shape - last) >= MAGNITUDE_CHANGE:
                break
        else:
            return np.nan, np.nan
        mean = x.weight @ np.exp(shape * x.log) / samples
        return float((0.5 * shape * mean) ** (1 / shape)), float(shape)


def _start_from_moments(mean: float, mean_square: float) -> float:
    shapes = grid(0.1, 0.001, 10.0).shapes
    ratios = gamma(3 / shapes) ** 2 / (gamma(2 / shapes) * gamma(4 / shapes))
    return float(ratios[np.nanargmin(np.abs(mean * mean / mean_square - ratios))])


def _likelihood_slope(b: float, x: Magnitudes, samples: int) -> tuple[float, float]:
    """Derivative of the log-likelihood in the shape (up to a factor), and its own derivative."""
    power = x.weight * np.exp(b * x.log)
    s0, s1, s2 = power.sum(), power @ x.log, power @ np.square(x.log)
    level = np.log(0.5 * b * s0 / samples)
    value = 1 + 2 * digamma(2 / b) / b - 2 * s1 / s0 + 2 / b * level
    slope = -2 * digamma(2 / b) / b**2 - 4 * polygamma(1, 2 / b) / b**3
    slope -= 2 * (s2 * s0 - s1 * s1) / s0**2
    slope += -2 * level / b**2 + 2 / b**2 + 2 * s1 / (b * s0)
    return float(value), float(slope)


def phase_features(pyramid: Pyramid) -> Values:
    """Concentration of the wrapped Cauchy distribution of relative phases, (24,).

    Of the two finest scales and six orientations: towards the left neighbour, then the one above.
    """
    found = []
    for band in (band for scale in pyramid.bands[:2] for band in scale):
        beside, above = _condensed.no_directions(), _condensed.no_directions()
        _condensed.add_relative_phases(band.view(np.float64), beside, above)
        found.append([wrapped_cauchy_concentration(_condensed.directions(one)) for one in (beside, above)])
    return np.array(found).T.ravel()


def wrapped_cauchy_concentration(of: Directions | None) -> float:
    """Maximum-likelihood concentration 0..1 of directions; nan where it does not converge.

    It does not where all samples have one direction (None).

    References
    ----------
    J. T. Kent and D. E. Tyler, "Maximum likelihood estimation for the wrapped Cauchy distribution",
    Journal of Applied Statistics 15(2), 1988.
    """
    if of is None:
        return np.nan
    x = y = 0.3
    for _ in range(2 * MOST_STEPS):
        last_x, last_y = x, y
        x, y = _weighted_mean_direction(of.cosine, of.sine, of.weight, x, y)
        if abs(x - last_x) < PHASE_CHANGE and abs(y - last_y) < PHASE_CHANGE:
            radius = x * x + y * y
            return float((1 - np.sqrt(max(1 - radius, 0.0))) / np.sqrt(radius)) if radius > 0 else 0.0
    return np.nan


@jit(**SUMMING)
def _weighted_mean_direction(
    cosine: Values, sine: Values, weight: Values, x: float, y: float
) -> tuple[float, float]:
    total = along = across = 0.0
    for i in range(cosine.size):
        w = weight[i] / (1.0 - x * cosine[i] - y * sine[i])
        total += w
        along += w * cosine[i]
        across += w * sine[i]
    return along / total, across / total


def scale_similarities(pyramid: Pyramid) -> Values:
    """Complex-wavelet similarity of bands of different scales, six orientations each, (30,).

    Third and second scale, second and first, second and high-pass, third and high-pass, third and
    first; the coarser band is enlarged.
    """
    found = []
    # the release counts scales from the coarsest: its second is the middle one, its third the finest
    for fine, middle, coarse in zip(*pyramid.bands, strict=True):
        found.append([similarity(coarse, middle), *similarities(fine, middle, coarse, pyramid.high)])
    return np.array(found).T.ravel()
