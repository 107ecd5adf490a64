"""Moment-matching fits of generalised Gaussians: symmetric (GGD) and asymmetric (AGGD).

The shape is looked up on a grid, as the published programs do: the grid point whose ratio of
moments is nearest to the sample's.
"""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
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
        self.shapes = start + step * np.arange(count)
        g1, g2, g3 = (gamma_function(k / self.shapes) for k in (1, 2, 3))
        #: (E|x|)^2 / E[x^2] of a generalised Gaussian: increases with the shape.
        self.ratios = g2 * g2 / (g1 * g3)
        self._inverse = 1 / self.ratios[::-1]

    def from_ratio(self, ratio: float) -> float:
        """Shape whose (E|x|)^2 / E[x^2] is nearest to `ratio`; nan for nan."""
        return float(self.shapes[_nearest(self.ratios, ratio)]) if ratio == ratio else math.nan

    def from_inverse_ratio(self, inverse: float) -> float:
        """Shape whose E[x^2] / (E|x|)^2 is nearest to `inverse`; nan for nan."""
        if inverse != inverse:
            return math.nan
        return float(self.shapes[self.shapes.size - 1 - _nearest(self._inverse, inverse)])


def _nearest(increasing: Values, value: float) -> int:
    right = int(np.searchsorted(increasing, value))
    if right == 0:
        return 0
    if right == increasing.size:
        return right - 1
    return right - 1 if value - increasing[right - 1] <= increasing[right] - value else right


@functools.cache
def grid(start: float = 0.2, step: float = 0.001, stop: float = 10.0) -> Grid:
    """The grid start:step:stop, made once. The default is BRISQUE's and NIQE's; RAPIQUE's is 0.1:0.001:6."""
    return Grid(start, step, stop)


class Ggd(NamedTuple):
    """A generalised Gaussian of mean zero: `shape` (2 is normal) and `variance`."""

    shape: float
    variance: float


class Aggd(NamedTuple):
    """An asymmetric generalised Gaussian.

    `left` and `right` are the root mean squares of the negative and of the positive samples.
    """

    shape: float
    left: float
    right: float

    @property
    def _beta_per_std(self) -> float:
        return math.sqrt(math.gamma(1 / self.shape) / math.gamma(3 / self.shape))

    @property
    def beta_left(self) -> float:
        """Scale of the negative side (NIQE's parametrisation)."""
        return self.left * self._beta_per_std

    @property
    def beta_right(self) -> float:
        """Scale of the positive side."""
        return self.right * self._beta_per_std

    @property
    def mean(self) -> float:
        """Mean of the fitted distribution, (beta_right - beta_left) gamma(2/a) / gamma(1/a)."""
        return (self.beta_right - self.beta_left) * math.gamma(2 / self.shape) / math.gamma(1 / self.shape)


def ggd_fit(x: NDArray[np.floating], shapes: Grid | None = None) -> Ggd:
    """Fit a symmetric generalised Gaussian to all samples of `x`, any shape.

    Returns nan for the shape where all samples are zero or there are none.

    References
    ----------
    K. Sharifi and A. Leon-Garcia, "Estimation of shape parameter for generalized Gaussian
    distributions in subband decompositions of video", IEEE TCSVT 5(1), 1995.
    """
    n = x.size
    if n == 0:
        return Ggd(math.nan, math.nan)
    return ggd_from_moments(float(np.abs(x).sum()) / n, float(np.square(x).sum()) / n, shapes)


def ggd_from_moments(mean_abs: float, mean_square: float, shapes: Grid | None = None) -> Ggd:
    """Fit from E|x| and E[x^2]."""
    inverse = mean_square / (mean_abs * mean_abs) if mean_abs > 0 else math.nan
    return Ggd((shapes or grid()).from_inverse_ratio(inverse), mean_square)


def aggd_fit(x: NDArray[np.floating], shapes: Grid | None = None) -> Aggd:
    """Fit an asymmetric generalised Gaussian to all samples of `x`, any shape.

    A side without samples has no spread: its `left` or `right` and the shape are nan.

    References
    ----------
    N.-E. Lasmar, Y. Stitou and Y. Berthoumieu, "Multiscale skewed heavy tailed model for texture
    analysis", ICIP 2009.
    """
    negative, positive = x[x < 0], x[x > 0]
    return aggd_from_moments(
        x.size,
        float(-negative.sum(dtype=np.float64) + positive.sum(dtype=np.float64)),
        float(np.square(negative).sum()),
        float(np.square(positive).sum()),
        negative.size,
        positive.size,
        shapes,
    )


def aggd_from_moments(
    n: int,
    sum_abs: float,
    squares_left: float,
    squares_right: float,
    n_left: int,
    n_right: int,
    shapes: Grid | None = None,
) -> Aggd:
    """Fit from the number of samples, the sum of |x| and, of each side, the sum of squares and the number."""
    left = math.sqrt(squares_left / n_left) if n_left else math.nan
    right = math.sqrt(squares_right / n_right) if n_right else math.nan
    if n_left == 0 or n_right == 0:
        return Aggd(math.nan, left, right)
    skew = left / right
    mean_square = (squares_left + squares_right) / n
    ratio = (sum_abs / n) ** 2 / mean_square
    ratio *= (skew * skew * skew + 1) * (skew + 1) / (skew * skew + 1) ** 2
    return Aggd((shapes or grid()).from_ratio(ratio), left, right)
