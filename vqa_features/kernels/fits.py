"""Moment-matching fits of generalised Gaussians: symmetric (GGD) and asymmetric (AGGD).

The shape is looked up on a grid, as the published programs do: the grid point whose ratio of
moments is nearest to the sample's.
"""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gamma as gamma_function

Values = NDArray[np.float64]


class Grid:
    """Shapes start, start + step, ..., stop and their ratios of moments.

    Parameters
    ----------
    start, step, stop : float
        As in MATLAB's ``start:step:stop``.
    """

    def __init__(self, start: float, step: float, stop: float) -> None:
        count = math.floor((stop - start) / step + 1e-9) + 1
        self.shapes: Values = np.asarray(start + step * np.arange(count), dtype=np.float64)
        g1, g2, g3 = (gamma_function(k / self.shapes) for k in (1, 2, 3))
        #: (E|x|)^2 / E[x^2] of a generalised Gaussian: increases with the shape.
        self.ratios = g2 * g2 / (g1 * g3)
        self._inverse = 1 / self.ratios[::-1]
        #: Of each shape: itself, its scale per standard deviation, its mean absolute value per scale.
        columns = np.stack([self.shapes, np.sqrt(g1 / g3), g2 / g1], axis=1)
        self._columns = np.concatenate([columns, np.full((1, 3), np.nan)])  # the last row answers nan
        self._inverse_shapes = np.append(self.shapes[::-1], np.nan)

    def from_ratio(self, ratio: ArrayLike) -> Values:
        """Shape whose (E|x|)^2 / E[x^2] is nearest to each `ratio`; nan for nan."""
        return self.rows_of_ratio(ratio)[..., 0][()]

    def rows_of_ratio(self, ratio: ArrayLike) -> Values:
        """Of each `ratio` the shape, its scale per standard deviation, its mean |x| per scale, (..., 3)."""
        return self._columns[_nearest(self.ratios, ratio)]

    def from_inverse_ratio(self, inverse: ArrayLike) -> Values:
        """Shape whose E[x^2] / (E|x|)^2 is nearest to each `inverse`; nan for nan."""
        return self._inverse_shapes[_nearest(self._inverse, inverse)][()]


def _nearest(increasing: Values, value: ArrayLike) -> NDArray[np.intp]:
    """Index of the element that is nearest to each value; the number of elements for nan."""
    value = np.asarray(value, np.float64)
    right = np.clip(np.searchsorted(increasing, value), 1, increasing.size - 1)
    below = value - increasing[right - 1] <= increasing[right] - value
    return np.where(np.isnan(value), increasing.size, right - below)


@functools.cache
def grid(start: float = 0.2, step: float = 0.001, stop: float = 10.0) -> Grid:
    """The grid start:step:stop, made once. The default is BRISQUE's and NIQE's; RAPIQUE's is 0.1:0.001:6."""
    return Grid(start, step, stop)


class Ggd(NamedTuple):
    """Generalised Gaussians of mean zero: `shape` (2 is normal) and `variance`, numbers or arrays."""

    shape: Values
    variance: Values


class Aggd(NamedTuple):
    """Asymmetric generalised Gaussians: `shape`, and the root mean squares of the two sides.

    `left` is that of the negative, `right` of the positive samples. `beta_left` and `beta_right` are the
    scales of the sides (NIQE's parametrisation), `mean` is that of the fitted distribution,
    (beta_right - beta_left) gamma(2/a) / gamma(1/a). Numbers or arrays.
    """

    shape: Values
    left: Values
    right: Values
    beta_left: Values
    beta_right: Values
    mean: Values


def ggd_fit(x: NDArray[np.floating], shapes: Grid | None = None) -> Ggd:
    """Fit a symmetric generalised Gaussian to all samples of `x`, any shape.

    The shape is nan where all samples are zero or there are none.

    References
    ----------
    K. Sharifi and A. Leon-Garcia, "Estimation of shape parameter for generalized Gaussian
    distributions in subband decompositions of video", IEEE TCSVT 5(1), 1995.
    """
    return ggd_from_sums(x.size, np.abs(x).sum(dtype=np.float64), np.square(x).sum(dtype=np.float64), shapes)


def ggd_from_sums(n: ArrayLike, absolute: ArrayLike, squares: ArrayLike, shapes: Grid | None = None) -> Ggd:
    """Fit from the number of samples, the sum of |x| and the sum of x^2 (numbers or arrays)."""
    absolute, squares, n = (np.asarray(value, np.float64) for value in (absolute, squares, n))
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = n * squares / (absolute * absolute)
        return Ggd((shapes or grid()).from_inverse_ratio(inverse), squares / n)


def aggd_fit(x: NDArray[np.floating], shapes: Grid | None = None) -> Aggd:
    """Fit an asymmetric generalised Gaussian to all samples of `x`, any shape.

    A side without samples has no spread: its `left` or `right` and the shape are nan.

    References
    ----------
    N.-E. Lasmar, Y. Stitou and Y. Berthoumieu, "Multiscale skewed heavy tailed model for texture
    analysis", ICIP 2009.
    """
    absolute = np.abs(x)
    sums = [absolute.sum(), np.square(x).sum(), (x * absolute).sum(), (x < 0).sum(), (x > 0).sum()]
    return aggd_from_sums(x.size, np.array(sums, np.float64), shapes)


def aggd_from_sums(n: ArrayLike, sums: Values, shapes: Grid | None = None) -> Aggd:
    """Fit from sums over `n` samples.

    Parameters
    ----------
    n : int or array
        Number of samples.
    sums : (..., 5)
        Sum of |x|, of x^2 and of x |x|, number of negative and of positive samples.
    shapes : Grid, optional
        Shapes to choose from; `grid()` unless given.

    Returns
    -------
    Aggd
        Of arrays of shape (...).
    """
    absolute, squares, signed, negative, positive = np.moveaxis(sums, -1, 0)
    n = np.asarray(n, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.sqrt(np.maximum(squares - signed, 0) / 2 / np.where(negative > 0, negative, np.nan))
        right = np.sqrt(np.maximum(squares + signed, 0) / 2 / np.where(positive > 0, positive, np.nan))
        skew = left / right
        ratio = absolute * absolute / (n * squares)
        ratio = ratio * (skew * skew * skew + 1) * (skew + 1) / (skew * skew + 1) ** 2
        shape, scale, absolute_mean = np.moveaxis((shapes or grid()).rows_of_ratio(ratio), -1, 0)
        mean = (right - left) * scale * absolute_mean
    return Aggd(shape[()], left, right, left * scale, right * scale, mean)
