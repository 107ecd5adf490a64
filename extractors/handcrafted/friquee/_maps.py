"""Statistics FRIQUEE takes of a map: of its MSCN coefficients, its deviation field, its bands.

D. Ghadiyaram and A. C. Bovik, "Perceptual quality prediction on authentically distorted images using
a bag of features approach", Journal of Vision 17(1), 2017. The border is zero throughout.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.special import gamma

from vqa_features.kernels.cones import rgb_to_hue_saturation
from vqa_features.kernels.field_statistics import moments, neighbour_products
from vqa_features.kernels.fits import aggd_fit, aggd_from_sums, ggd_fit
from vqa_features.kernels.jit import jit
from vqa_features.kernels.nss import ROUNDING, SIGMA, SIZE, gaussian
from vqa_features.kernels.resize import imresize

Image = NDArray[np.float64]
Values = NDArray[np.float64]

#: Half of the window's side.
HALF = SIZE // 2
#: Deviations of the two Gaussians whose difference filters a deviation field.
DOG_SIGMAS = (SIGMA, 1.5 * SIGMA)
#: Taps of the Laplacian pyramid, times 16.
BINOMIAL = np.array([1.0, 4.0, 6.0, 4.0, 1.0])


class Normalised(NamedTuple):
    """A map, its MSCN coefficients and its local deviation, each (h, w)."""

    level: Image
    coefficients: Image
    deviation: Image


def normalise(image: NDArray[Any]) -> Normalised:
    """Divisive normalisation of a map (h, w) in 8-bit code units."""
    plane = np.asarray(image, np.float64)
    padded = np.zeros((plane.shape[0] + 2 * HALF, plane.shape[1] + 2 * HALF))
    padded[HALF:-HALF, HALF:-HALF] = plane
    coefficients, deviation = np.empty(plane.shape), np.empty(plane.shape)
    _normalise(padded, gaussian(), coefficients, deviation)
    return Normalised(plane, coefficients, deviation)


# The operations are those of `kernels.nss` in the same order, without fast math: in areas that are flat but
# for rounding, as a halved map has them, the signs of coefficients are those of the rounding.
@jit(error_model="numpy")
def _normalise(padded: Image, weights: Values, coefficients: Image, deviations: Image) -> None:
    """Moments about the centre pixel, down the columns and then across, row by row."""
    down = np.empty((2, padded.shape[1]))
    for y in range(deviations.shape[0]):
        _column_moments(padded, y, weights, down)
        _normalise_row(padded, y, weights, down, coefficients, deviations)


@jit(error_model="numpy")
def _column_moments(padded: Image, y: int, weights: Values, down: Image) -> None:
    for x in range(down.shape[1]):
        first = second = 0.0
        for i in range(SIZE):
            d = padded[y + i, x] - padded[y + HALF, x]
            first += weights[i] * d
            second += weights[i] * d * d
        down[0, x] = first
        down[1, x] = second


@jit(error_model="numpy")
def _normalise_row(
    padded: Image, y: int, weights: Values, down: Image, coefficients: Image, deviations: Image
) -> None:
    for x in range(deviations.shape[1]):
        centre = padded[y + HALF, x + HALF]
        first = second = 0.0
        for j in range(SIZE):
            e = padded[y + HALF, x + j] - centre
            first += weights[j] * (down[0, x + j] + e)
            second += weights[j] * (down[1, x + j] + e * (2.0 * down[0, x + j] + e))
        first = 0.0 if first * first <= ROUNDING * second else first
        deviation = np.sqrt(max(second - first * first, 0.0))
        deviations[y, x] = deviation
        coefficients[y, x] = (centre - (centre + first)) / (deviation + 1.0)


def product_features(of: Normalised) -> Values:
    """Of the products with four neighbours: AGGD shape, mean, left and right variance of each (16),
    then skewness and kurtosis of each (8)."""
    products = neighbour_products(of.coefficients, of.level)
    fit = aggd_from_sums(of.level.size, products.sums)
    model = np.stack([fit.shape, fit.mean, np.square(fit.left), np.square(fit.right)], axis=1)
    sample = np.stack([products.skewness, products.kurtosis], axis=1)
    return np.concatenate([model.ravel(), sample.ravel()])


def deviation_features(deviation: Image) -> Values:
    """Kurtosis, skewness and mean of a deviation field, (3,)."""
    of = moments(deviation)
    return np.array([of.kurtosis, of.skewness, of.mean])


def coefficient_features(coefficients: Image) -> Values:
    """GGD shape and standard deviation, kurtosis and skewness, (4,)."""
    fit, of = ggd_fit(coefficients), moments(coefficients)
    return np.array([fit.shape, np.sqrt(fit.variance), of.kurtosis, of.skewness])


def band_features(deviation: Image) -> Values:
    """Of the difference of Gaussians of a deviation field, (6,).

    GGD shape and standard deviation, skewness and kurtosis of its MSCN coefficients; skewness and
    kurtosis of the MSCN coefficients of its own deviation field.
    """
    band = normalise(difference_of_gaussians(deviation))
    fit, first = ggd_fit(band.coefficients), moments(band.coefficients)
    second = moments(normalise(band.deviation).coefficients)
    return np.array(
        [
            fit.shape,
            np.sqrt(fit.variance),
            first.skewness,
            first.kurtosis,
            second.skewness,
            second.kurtosis,
        ]
    )


def difference_of_gaussians(field: Image) -> Image:
    """7 x 7 Gaussian of 7/6 pixels less one of 7/4 pixels, zeros outside, (h, w)."""
    windows = (gaussian(SIZE, sigma) for sigma in DOG_SIGMAS)
    narrow, wide = (cv2.sepFilter2D(field, -1, w, w, borderType=cv2.BORDER_CONSTANT) for w in windows)
    return np.asarray(narrow - wide)


def laplacian_features(image: Image) -> Values:
    """GGD shape and standard deviation, skewness and kurtosis of the finest Laplacian band, (4,)."""
    band = laplacian_band(image)
    fit, of = ggd_fit(band), moments(band)
    return np.array([fit.shape, np.sqrt(fit.variance), of.skewness, of.kurtosis])


def laplacian_band(image: NDArray[Any]) -> Image:
    """A map less its Burt-Adelson reduction and expansion, (h, w); the border is mirrored.

    References
    ----------
    P. J. Burt and E. H. Adelson, "The Laplacian pyramid as a compact image code", IEEE Transactions
    on Communications 31(4), 1983.
    """
    plane = np.asarray(image, np.float64)
    mirror = cv2.BORDER_REFLECT_101
    taps = BINOMIAL / 16
    spread = np.zeros_like(plane)
    spread[::2, ::2] = cv2.sepFilter2D(plane, -1, taps, taps, borderType=mirror)[::2, ::2]
    return plane - cv2.sepFilter2D(spread, -1, 2 * taps, 2 * taps, borderType=mirror)


def opponent_features(first: Image, second: Image, third: Image) -> Values:
    """AGGD shape, left and right deviation, kurtosis and skewness of two opponencies, (10,).

    Parameters
    ----------
    first, second, third : (h, w)
        L, M and S responses of the eye's cones. The opponencies, red-green and blue-yellow, are of
        the MSCN coefficients of their logarithms, log(response + 1).
    """
    l_, m, s = (normalise(np.log1p(response)).coefficients for response in (first, second, third))
    features = []
    for opponency in ((l_ - m) / np.sqrt(2), (l_ + m - 2 * s) / np.sqrt(6)):
        fit, of = aggd_fit(opponency), moments(opponency)
        features += [fit.shape, fit.left, fit.right, of.kurtosis, of.skewness]
    return np.array(features, np.float64)


def yellow_features(rgb: NDArray[np.uint8]) -> Values:
    """Misfit of a generalised Gaussian to the yellow map's deviation field, then to the map, (2,).

    Both are taken after divisive normalisation. The yellow map is (R + G) / 2 - |R - G| / 2 - B.
    """
    r, g, b = np.moveaxis(rgb.astype(np.float64), 2, 0)
    yellow = normalise((r + g) / 2 - np.abs(r - g) / 2 - b)
    return np.array(
        [histogram_misfit(normalise(yellow.deviation).coefficients), histogram_misfit(yellow.coefficients)]
    )


def histogram_misfit(field: Image, bins: int = 100) -> float:
    """Squared distance of a field's histogram to a generalised Gaussian, over its variance.

    As in the release the Gaussian is fitted to the centres of the bins, not to the samples. nan for
    a constant field.
    """
    low, high = float(field.min()), float(field.max())
    if not low < high:
        return np.nan
    edges = low + (high - low) / bins * np.arange(bins + 1)
    counts = np.histogram(field, bins=edges)[0] / field.size
    centres = (edges[:-1] + edges[1:]) / 2
    fit = ggd_fit(centres)
    scale = np.sqrt(fit.variance * gamma(1 / fit.shape) / gamma(3 / fit.shape))
    density = np.exp(-((np.abs(centres) / scale) ** fit.shape))
    return float(np.square(density / density.sum() - counts).sum() / fit.variance)


def luma_features(luma: NDArray[Any], rgb: NDArray[np.uint8]) -> Values:
    """The 74 features of the luma map, those of the yellow map among them."""
    features, plane = [], np.asarray(luma, np.float64)
    first = normalise(plane)
    for field in (first, normalise(imresize(plane, 0.5))):
        features += [
            product_features(field),
            deviation_features(field.deviation),
            coefficient_features(field.coefficients),
        ]
    return np.concatenate(
        [*features, yellow_features(rgb), band_features(first.deviation), laplacian_features(plane)]
    )


def hue_saturation_features(rgb: NDArray[np.uint8]) -> Values:
    """Mean and standard deviation (n - 1) of the hue in degrees, then of the saturation, (4,)."""
    hue, saturation = rgb_to_hue_saturation(rgb)
    return np.array([hue.mean(), hue.std(ddof=1), saturation.mean(), saturation.std(ddof=1)])


def map_features(image: Image, products: bool) -> Values:
    """Features of the chroma map (80, with `products`) or of a cone response (32, without)."""
    features = []
    first = normalise(image)
    for field in (first, normalise(imresize(image, 0.5))):
        if products:
            features.append(product_features(field))
        features += [
            deviation_features(field.deviation),
            coefficient_features(field.coefficients),
            coefficient_features(normalise(field.deviation).coefficients),
        ]
    return np.concatenate([*features, band_features(first.deviation), laplacian_features(image)])
