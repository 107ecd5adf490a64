"""Fields of a map that VIDEVAL's statistics are taken of, in one pass each, and sums over them.

Rows have the type of the map, totals are in float64. Those of float32 are within 1e-6 of
`friquee._maps.normalise` and of `kernels.field_statistics`, which are in double precision. The flat areas
follow the rule of `kernels.mscn_sums`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.field_statistics import Moments, Products
from vqa_features.kernels.fits import Ggd, ggd_from_sums
from vqa_features.kernels.jit import SUMMING, jit
from vqa_features.kernels.mscn_sums import ROUNDING as SINGLE_ROUNDING
from vqa_features.kernels.mscn_sums import SIDE, side_of_level
from vqa_features.kernels.nss import ROUNDING as DOUBLE_ROUNDING
from vqa_features.kernels.nss import gaussian

Single = NDArray[np.float32]
#: float32 or float64.
Field = NDArray[Any]
Values = NDArray[np.float64]

#: Share of the second moment about zero that a variance must exceed not to be rounding.
VARIANCE_ROUNDING = 1e-12


class Fields(NamedTuple):
    """MSCN coefficients of a map, (h, w + 1) with the last column before the first, and its deviation.

    `deviation` (h, w) is the local one. Both have the type of the map.
    """

    wrapped: Field
    deviation: Field

    @property
    def coefficients(self) -> Field:
        """The coefficients alone, (h, w)."""
        return self.wrapped[:, 1:]


def normalise(plane: Field) -> Fields:
    """Divisive normalisation of a map (h, w), float32 or float64, in 8-bit code units, zeros outside."""
    height, width = plane.shape
    padded = np.zeros((height + 6, width + 6), plane.dtype)
    padded[3:-3, 3:-3] = plane
    fields = Fields(np.empty((height, width + 1), plane.dtype), np.empty((height, width), plane.dtype))
    rounding = plane.dtype.type(SINGLE_ROUNDING if plane.dtype == np.float32 else DOUBLE_ROUNDING)
    _normalise(padded, gaussian().astype(plane.dtype), rounding, *fields)
    return fields


@jit(**SUMMING)
def _normalise(padded: Field, weights: Field, rounding: Any, wrapped: Field, deviations: Field) -> None:
    """Two passes about the centre pixel, as `kernels.mscn_sums` explains them."""
    height, width = deviations.shape
    moments = np.empty((2, width + 6), padded.dtype)
    for y in range(height):
        for x in range(width + 6):
            centre = padded[y + 3, x]
            up_3, down_3 = padded[y, x] - centre, padded[y + 6, x] - centre
            up_2, down_2 = padded[y + 1, x] - centre, padded[y + 5, x] - centre
            up_1, down_1 = padded[y + 2, x] - centre, padded[y + 4, x] - centre
            mean = weights[0] * (up_3 + down_3) + weights[1] * (up_2 + down_2) + weights[2] * (up_1 + down_1)
            second = (
                weights[0] * (up_3 * up_3 + down_3 * down_3)
                + weights[1] * (up_2 * up_2 + down_2 * down_2)
                + weights[2] * (up_1 * up_1 + down_1 * down_1)
            )
            moments[0, x] = mean
            moments[1, x] = second - mean * mean
        for x in range(width):
            centre = padded[y + 3, x + 3]
            mean = moments[0, x + 3]
            first = weights[3] * mean
            second = weights[3] * (moments[1, x + 3] + mean * mean)
            for j in range(3):
                left = (padded[y + 3, x + j] - centre) + moments[0, x + j]
                right = (padded[y + 3, x + 6 - j] - centre) + moments[0, x + 6 - j]
                first += weights[j] * (left + right)
                second += weights[j] * (
                    moments[1, x + j] + moments[1, x + 6 - j] + left * left + right * right
                )
            deviation = np.sqrt(abs(second - first * first))
            coefficient = -first / (deviation + np.float32(1))
            flat = SIDE * side_of_level(np.float32(np.floor(centre)))
            deviations[y, x] = deviation
            wrapped[y, x + 1] = coefficient if first * first > rounding * second else flat
        wrapped[y, 0] = wrapped[y, width]


def products(of: Fields) -> Products:
    """As `kernels.field_statistics.neighbour_products` of a map and its level."""
    totals = np.zeros((4, 8))
    _product_sums(of.wrapped, totals)
    n = of.deviation.size
    found = [_standardised(totals[k, [5, 1, 6, 7]] / n) for k in range(4)]
    skewness, kurtosis = (
        np.array([getattr(one, name) for one in found]) for name in ("skewness", "kurtosis")
    )
    return Products(totals[:, :5], skewness, kurtosis)


@jit(**SUMMING)
def _product_sums(wrapped: Field, totals: Values) -> None:
    """Add sums of |p|, p^2, p|p|, p < 0, p > 0, p, p^3, p^4 per direction, (4, 8)."""
    height, width = wrapped.shape[0], wrapped.shape[1] - 1
    for y in range(height):
        for k in range(4):
            other = y - 1 if y > 0 else height - 1
            if k == 0:
                other = y
            elif k == 3:
                other = y + 1 if y + 1 < height else 0
            _add_products(wrapped[y, 1:], wrapped[other, 1:] if k == 1 else wrapped[other, :width], totals[k])


@jit(**SUMMING)
def _add_products(here: Field, other: Field, totals: Values) -> None:
    absolute = square = signed = plain = cube = fourth = here[0] - here[0]  # zero of their type
    negative = positive = here[0] - here[0]
    for x in range(here.size):
        p = here[x] * other[x]
        q = p * p
        absolute += abs(p)
        square += q
        signed += p * abs(p)
        negative += np.float32(p < 0)
        positive += np.float32(p > 0)
        plain += p
        cube += q * p
        fourth += q * q
    sums = (absolute, square, signed, negative, positive, plain, cube, fourth)
    for k in range(8):
        totals[k] += sums[k]


def moments(field: Single) -> Moments:
    """Moments of all samples of a field (h, w); skewness and kurtosis are nan where all are equal."""
    return _standardised(np.array(_power_sums(np.ascontiguousarray(field).ravel())) / max(field.size, 1))


@jit(**SUMMING)
def _power_sums(samples: Single) -> tuple[float, float, float, float]:
    first = second = third = fourth = 0.0
    for i in range(samples.size):
        sample = np.float64(samples[i])
        square = sample * sample
        first += sample
        second += square
        third += square * sample
        fourth += square * square
    return first, second, third, fourth


def _standardised(means: Values) -> Moments:
    """Moments from the means of the first four powers."""
    first, second, third, fourth = means
    variance = second - first * first
    if not variance > VARIANCE_ROUNDING * second:  # rounding leaves a little where all samples are equal
        return Moments(float(first), 0.0, np.nan, np.nan)
    skewness = (third - 3 * first * second + 2 * first**3) / variance**1.5
    kurtosis = (fourth - 4 * first * third + 6 * first**2 * second - 3 * first**4) / variance**2
    return Moments(float(first), float(np.sqrt(variance)), float(skewness), float(kurtosis))


def root_mean_square(field: Single) -> float:
    """Root of the mean of the squares of a field."""
    return float(np.sqrt(cv2.norm(field, cv2.NORM_L2SQR) / field.size))


def ggd_of(field: Single, centred: bool = False) -> Ggd:
    """Generalised Gaussian of a field, of which the mean is subtracted first where `centred`."""
    if centred:
        field = field - np.float32(cv2.mean(field)[0])
    return ggd_from_sums(field.size, cv2.norm(field, cv2.NORM_L1), cv2.norm(field, cv2.NORM_L2SQR))


def around(field: Single) -> Single:
    """Pixels above and below less those to the left and right, zeros outside, (h, w)."""
    out = np.zeros_like(field)
    out[1:] += field[:-1]
    out[:-1] += field[1:]
    out[:, 1:] -= field[:, :-1]
    out[:, :-1] -= field[:, 1:]
    return out
