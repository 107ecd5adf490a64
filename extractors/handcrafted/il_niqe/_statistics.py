"""IL-NIQE: statistics of blocks of a colour picture, and their distance from a template.

L. Zhang, L. Zhang and A. C. Bovik, "A feature-enriched completely blind image quality evaluator",
IEEE TIP 24(8), 2015; the numbers are those of the authors' release.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

from vqa_features.kernels.fits import Aggd, aggd_from_sums
from vqa_features.kernels.nss import mscn
from vqa_features.kernels.resize import imresize

from ._log_gabor import log_gabor_filters
from ._weibull import weibull_fit

Image = NDArray[np.float64]
Values = NDArray[np.float64]

#: Every picture is resized to a square of this side, of which whole blocks are used.
SIDE, BLOCK = 524, 84
N_SCALES = 2
#: Opponent colour channels of R, G and B, the last one being luminance.
OPPONENT = np.array([[0.3, 0.04, -0.35], [0.34, -0.6, 0.17], [0.06, 0.63, 0.27]])
#: Log-Gabor filters, and how their first wavelength and the derivatives' deviation shrink with scale.
WAVELENGTH, WAVELENGTH_EXPONENT, FACTOR, BANDWIDTH, SPREAD = 2.4, 0.87, 1.31, 0.55, 1.10
DERIVATIVE_SIGMA, DERIVATIVE_EXPONENT = 1.66, 0.28
DOWNSAMPLE_SIGMA, DOWNSAMPLE_SIZE = 0.9, 6
#: Added to gradient magnitudes, and to colours before their logarithm.
EPSILON, LOG_OFFSET = 2.0**-52, 1e-5
#: What stands for an infinite statistic.
INFINITE = 1e4
_NEIGHBOURS = ((0, 1), (1, 0), (1, 1), (1, -1))


class Template(NamedTuple):
    """Model of pristine pictures: `mean` (k,) and `covariance` (k, k) of principal components.

    `centre` (d,) and `axes` (d, k) take statistics of a block to its components.
    """

    mean: Values
    covariance: Values
    centre: Values
    axes: Values


def components(rgb: NDArray[np.uint8], template: Template) -> Values:
    """Principal components of every block of a picture (h, w, 3), (36, k); nan for a block with one."""
    statistics = block_statistics(rgb)
    statistics[np.isinf(statistics)] = INFINITE
    return np.asarray((statistics - template.centre) @ template.axes)


def score(found: Values, template: Template) -> float:
    """Mean Mahalanobis distance of the blocks' components (n, k) from the template.

    A block without components counts as the mean of the others; nan with fewer than two others.
    """
    known = np.asarray(~np.isnan(found).any(axis=1))
    if known.sum() < 2:
        return float("nan")
    covariance = (template.covariance + np.cov(found[known], rowvar=False)) / 2
    difference = np.where(known[:, None], found, found[known].mean(axis=0)) - template.mean
    squares = (difference * np.linalg.solve(covariance, difference.T).T).sum(axis=1)
    return float(np.sqrt(squares).mean())


def block_statistics(rgb: NDArray[np.uint8]) -> Values:
    """468 statistics of each of 36 blocks, (36, 468): 234 at each of two scales.

    Per scale: 18 of MSCN coefficients, 6 of gradient magnitudes, 6 of log colours, 156 of oriented
    derivatives and log-Gabor responses, 48 of the gradient magnitudes of those.
    """
    square = _resized(rgb)
    whole = SIDE // BLOCK * BLOCK
    colours = list(np.moveaxis(square[:whole, :whole], 2, 0))
    opponents = [sum(w * c for w, c in zip(row, colours, strict=True)) for row in OPPONENT]
    scales = []
    for scale in range(1, N_SCALES + 1):
        scales.append(_scale_statistics(opponents, colours, scale))
        opponents = [_halve(channel) for channel in opponents]
        colours = [_halve(channel) for channel in colours]
    return np.concatenate(scales, axis=1)


def _resized(rgb: NDArray[np.uint8]) -> Image:
    """The square picture, rounded to bytes after each axis, as MATLAB resizes bytes."""
    height, width = rgb.shape[:2]
    image: NDArray[np.generic] = rgb
    for shape in ((SIDE, width), (SIDE, SIDE)) if height >= width else ((height, SIDE), (SIDE, SIDE)):
        image = np.clip(np.floor(imresize(image, shape) + 0.5), 0, 255)
    return np.asarray(image, np.float64)


def _scale_statistics(opponents: list[Image], colours: list[Image], scale: int) -> Values:
    side = BLOCK // scale
    sigma = DERIVATIVE_SIGMA / scale**DERIVATIVE_EXPONENT
    luminance = opponents[2]
    derivatives = [_derivatives(channel, sigma) for channel in opponents]
    responses = list(_log_gabor(luminance, scale))
    response_derivatives = [_derivatives(response, sigma) for response in responses]
    columns = [_neighbour_statistics(_blocks(mscn(luminance, 5, 5 / 6), side))]
    columns += [_weibull(pair, side) for pair in derivatives]
    columns += [_mean_and_variance(channel, side) for channel in _log_opponents(colours)]
    columns += [_shape_and_scale(field, side) for pair in derivatives for field in pair]
    columns += [_shape_and_scale(field, side) for field in responses]
    columns += [_shape_and_scale(field, side) for pair in response_derivatives for field in pair]
    columns += [_weibull(pair, side) for pair in response_derivatives]
    return np.concatenate(columns, axis=1)


def _derivatives(image: Image, sigma: float) -> tuple[Image, Image]:
    """Derivatives of a Gaussian along x and y, not normalised, zeros outside the image."""
    half = int(np.ceil(3 * sigma))
    x = np.arange(-half, half + 1, dtype=np.float64)
    smooth = np.exp(-np.square(x) / (2 * sigma * sigma))
    slope = x * smooth

    def convolve(weights: Values, field: Image, axis: int) -> Image:
        return np.asarray(ndimage.convolve1d(field, weights, axis=axis, mode="constant"))

    return convolve(slope, convolve(smooth, image, 0), 1), convolve(slope, convolve(smooth, image, 1), 0)


def _log_gabor(image: Image, scale: int) -> Iterator[Image]:
    """Real and imaginary responses to twelve filters: three wavelengths, of each four orientations."""
    wavelength = WAVELENGTH / scale**WAVELENGTH_EXPONENT
    spectrum = fft.fft2(image)
    for filters in log_gabor_filters(image.shape, wavelength, FACTOR, BANDWIDTH, SPREAD):
        for one in filters:
            response = fft.ifft2(one * spectrum)
            yield response.real.copy()
            yield response.imag.copy()


def _log_opponents(colours: list[Image]) -> tuple[Image, Image, Image]:
    logs = [np.log(channel + LOG_OFFSET) for channel in colours]
    r, g, b = (channel - channel.mean() for channel in logs)
    return (r + g + b) / np.sqrt(3), (r + g - 2 * b) / np.sqrt(6), (r - g) / np.sqrt(2)


def _halve(image: Image) -> Image:
    """Every second pixel after a Gaussian of even size, whose centre is the pixel up and to the left."""
    x = np.arange(DOWNSAMPLE_SIZE) - (DOWNSAMPLE_SIZE - 1) / 2
    weights = np.exp(-np.square(x) / (2 * DOWNSAMPLE_SIGMA * DOWNSAMPLE_SIGMA))
    weights /= weights.sum()
    for axis in (0, 1):
        image = ndimage.correlate1d(image, weights, axis=axis, mode="nearest", origin=-1)
    return np.asarray(image[::2, ::2])


def _blocks(field: Image, side: int) -> Image:
    """Blocks of `side`, column of blocks by column, (n, side, side)."""
    down, across = field.shape[0] // side, field.shape[1] // side
    return field.reshape(down, side, across, side).transpose(2, 0, 1, 3).reshape(-1, side, side)


def _fit(blocks: Image) -> Aggd:
    x = blocks.reshape(len(blocks), -1)
    absolute = np.abs(x)
    sums = [absolute.sum(1), np.square(x).sum(1), (x * absolute).sum(1), (x < 0).sum(1), (x > 0).sum(1)]
    return aggd_from_sums(x.shape[1], np.stack(sums, axis=1).astype(np.float64))


def _shape_and_scale(field: Image, side: int) -> Values:
    return _own(_fit(_blocks(field, side)))


def _own(fit: Aggd) -> Values:
    return np.stack([fit.shape, (fit.beta_left + fit.beta_right) / 2], axis=1)


def _neighbour_statistics(blocks: Image) -> Values:
    """Fits of a block's samples and of their products with four neighbours, wrapping round, (n, 18)."""
    columns = [_own(_fit(blocks))]
    for shift in _NEIGHBOURS:
        fit = _fit(blocks * np.roll(blocks, shift, axis=(1, 2)))
        columns.append(np.stack([fit.shape, fit.mean, fit.beta_left, fit.beta_right], axis=1))
    return np.concatenate(columns, axis=1)


def _weibull(derivatives: tuple[Image, Image], side: int) -> Values:
    magnitude = np.sqrt(np.square(derivatives[0]) + np.square(derivatives[1])) + EPSILON
    blocks = _blocks(magnitude, side)
    return np.asarray(weibull_fit(blocks.reshape(len(blocks), -1)))


def _mean_and_variance(field: Image, side: int) -> Values:
    blocks = _blocks(field, side)
    return np.stack([blocks.mean(axis=(1, 2)), blocks.var(axis=(1, 2), ddof=1)], axis=1)
