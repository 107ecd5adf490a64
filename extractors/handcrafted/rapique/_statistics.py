"""Feature maps and statistics of RAPIQUE's natural-scene half.

Z. Tu, X. Yu, Y. Wang, N. Birkbeck, B. Adsumilli and A. C. Bovik, "RAPIQUE: Rapid and accurate video
quality prediction of user generated content", IEEE Open Journal of Signal Processing 2, 2021.
The border is replicated for MSCN fields. The numbers are those of the authors' release.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.cones import planes_to_rgb8
from vqa_features.kernels.fits import aggd_from_sums, ggd_from_sums, grid
from vqa_features.kernels.gradients import (
    contrast,
    gaussian_derivative_magnitude,
    gaussian_surround,
    laplacian_of_gaussian,
    sobel_magnitude,
)
from vqa_features.kernels.lab8 import soften, srgb_to_lab8
from vqa_features.kernels.resize import imresize

from ._map_sums import DERIVATIVES, DEVIATION, OWN, PRODUCTS, map_sums

Image = NDArray[np.float64]
Values = NDArray[np.float64]

#: Maps whose statistics are taken at full and at half size, and those at half size only.
LUMA_MAPS = ("Y", "GM", "LoG", "DoG1")
COLOUR_MAPS = ("O1", "O2", "GMO1", "GMO2", "BY", "RG", "GMBY", "GMRG", "A", "B", "GMA", "GMB")
#: Deviation in pixels of the Gaussian derivatives of the colour maps.
DERIVATIVE_SIGMA = 1.66
#: The codes of 8 bits, of which functions are tables.
CODES = np.arange(256.0)
#: Two opponent colours, as weights of R, G and B.
OPPONENTS = ((0.30, 0.04, -0.35), (0.34, -0.60, 0.17))
#: Luma (less nothing), U and V (less `CHROMA_OFFSET`) to RGB.
YUV_TO_RGB = np.array([[1.0, 0.0, 1.4022], [1.0, -0.3456, -0.7145], [1.0, 1.7710, 0.0]])
CHROMA_OFFSET = 127.0
#: Haar wavelet packet of three levels over eight frames, without the all-ones filter.
HAAR = np.array(
    [
        [1, 1, 1, 1, -1, -1, -1, -1],
        [1, 1, -1, -1, 1, 1, -1, -1],
        [1, 1, -1, -1, -1, -1, 1, 1],
        [1, -1, 1, -1, 1, -1, 1, -1],
        [1, -1, 1, -1, -1, 1, -1, 1],
        [1, -1, -1, 1, 1, -1, -1, 1],
        [1, -1, -1, 1, -1, 1, 1, -1],
    ],
    np.float64,
)
#: Rows whose bands are computed at once: what eight frames of them hold stays in the cache.
STRIP = 16


def yuv_to_rgb8(y: NDArray[Any], u: Image, v: Image) -> NDArray[np.uint8]:
    """RGB (h, w, 3) uint8 of planes of one size in 8-bit codes, as the release converts them.

    Full range, and 127 where 128 would be neutral.
    """
    offset = np.array([0.0, CHROMA_OFFSET, CHROMA_OFFSET])
    return planes_to_rgb8((y, u, v), YUV_TO_RGB, offset, np.zeros(3), rounded=False)


def map_statistics(image: Image) -> Values:
    """The 34 statistics of one map.

    GGD shape and deviation of the MSCN coefficients; mean of the local deviation and its (mean /
    std)^2; AGGD shape, mean, left and right deviation of the products with four neighbours; GGD
    shape and deviation of seven log-derivatives.
    """
    shapes = grid(0.1, 0.001, 6.0)
    n, sums = image.size, map_sums(image)
    own = ggd_from_sums(n, sums[OWN, 0], sums[OWN, 1], shapes)
    products = aggd_from_sums(n, sums[PRODUCTS:DERIVATIVES], shapes)
    derivatives = ggd_from_sums(n, sums[DERIVATIVES:, 0], sums[DERIVATIVES:, 1], shapes)
    return np.concatenate(
        [
            [own.shape, np.sqrt(own.variance)],
            _mean_and_snr(n, *sums[DEVIATION, :3]),
            np.stack([products.shape, products.mean, products.left, products.right], axis=1).ravel(),
            np.stack([derivatives.shape, np.sqrt(derivatives.variance)], axis=1).ravel(),
        ]
    )


def _mean_and_snr(n: int, start: float, first: float, second: float) -> tuple[float, float]:
    """Mean, and (mean / standard deviation)^2 with n - 1, from sums of d and d^2 about `start`.

    nan for a constant field.
    """
    mean = start + first / n
    if not second > 0:
        return mean, np.nan
    return mean, mean * mean * (n - 1) / (second - first * first / n)


def spatial_features(rgb: NDArray[np.uint8]) -> Values:
    """The 680 features of a picture: `map_statistics` of 4 maps at two sizes, of 12 at half size."""
    features = []
    for k, map_ in enumerate(spatial_maps(rgb)):
        if k < len(LUMA_MAPS):
            features.append(map_statistics(map_))
        features.append(map_statistics(imresize(map_, 0.5)))
    return np.concatenate(features)


def spatial_maps(rgb: NDArray[np.uint8]) -> Iterator[Image]:
    """The sixteen maps of `LUMA_MAPS` and `COLOUR_MAPS` in order, each (h, w)."""
    gray = np.floor(rgb @ np.array([0.298936021293775, 0.587043074451121, 0.114020904255103]) + 0.5)
    yield gray
    yield sobel_magnitude(gray)
    yield np.abs(contrast(gray, laplacian_of_gaussian(9, 1.5), "replicate"))
    yield contrast(gray, gaussian_surround(8, 1.0), "replicate")
    channels = cv2.split(rgb)
    opponents = [
        sum(cv2.LUT(channel, w * CODES) for w, channel in zip(weights, channels, strict=True))
        for weights in OPPONENTS
    ]
    logs = [np.asarray(cv2.LUT(channel, np.log(CODES + 0.1))) for channel in channels]
    r, g, b = (log - log.mean() for log in logs)
    lab = srgb_to_lab8(soften(rgb), "d65")
    pairs: list[list[Any]] = [
        opponents,
        [(r + g - 2 * b) / np.sqrt(6), (r - g) / np.sqrt(2)],
        [lab[..., 1].astype(np.float64), lab[..., 2].astype(np.float64)],
    ]
    for pair in pairs:
        yield from pair
        for map_ in pair:
            yield gaussian_derivative_magnitude(map_, DERIVATIVE_SIGMA)


def temporal_features(frames: Sequence[Image], ratio: float) -> Values:
    """The 476 features of eight luma planes: `map_statistics` of 7 Haar bands at two sizes.

    `ratio` below one shrinks each band; the release has shrunk the planes by it before.
    """
    features = []
    for band in haar_bands(frames):
        shrunk = imresize(band, ratio) if ratio < 1 else band
        features += [map_statistics(shrunk), map_statistics(imresize(shrunk, 0.5))]
    return np.concatenate(features)


def haar_bands(frames: Sequence[Image]) -> Image:
    """The seven bands of `HAAR` of eight planes (h, w) float64, (7, h, w).

    By sums and differences of pairs, a strip of rows at a time. Differences come first, so that bands of
    equal frames are exactly zero.
    """
    bands = np.empty((len(HAAR), *frames[0].shape))
    for top in range(0, len(frames[0]), STRIP):
        a, b, c, d, e, f, g, h = (frame[top : top + STRIP] for frame in frames)
        low = a + b, c + d, e + f, g + h
        high = a - b, c - d, e - f, g - h
        left, right = low[0] - low[1], low[2] - low[3]
        out = bands[:, top : top + STRIP]
        np.add(low[0] - low[2], low[1] - low[3], out=out[0])
        np.add(left, right, out=out[1])
        np.subtract(left, right, out=out[2])
        left, right = high[0] + high[1], high[2] + high[3]
        np.add(left, right, out=out[3])
        np.subtract(left, right, out=out[4])
        left, right = high[0] - high[1], high[2] - high[3]
        np.add(left, right, out=out[5])
        np.subtract(left, right, out=out[6])
    return bands
