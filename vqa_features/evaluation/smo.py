"""Exact epsilon support vector regression on many rows, by sequential minimal optimisation.

LIBSVM computes kernel rows one by one, which takes hours for 28 000 rows of 2048 columns. Here the whole Gram
matrix comes from matrix products, in blocks, and is kept in float32, the precision of LIBSVM's own cache. The
solver follows LIBSVM: second-order choice of the pair, the same stopping rule, the same offset. Coefficients
are differences of LIBSVM's two multipliers of a row, of which one is always 0.

References
----------
R.-E. Fan, P.-H. Chen, C.-J. Lin, "Working set selection using second order information for training support
vector machines", JMLR 6, 2005.
G. W. Flake, S. Lawrence, "Efficient SVM regression training with SMO", Machine Learning 46, 2002 (one signed
coefficient a row).
"""

from __future__ import annotations

import functools
import gc
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..kernels.jit import jit

Values = NDArray[np.float64]
Gram = NDArray[np.float32]

#: LIBSVM's stopping tolerance and its least curvature.
TOLERANCE = 1e-3
_LEAST_CURVATURE = 1e-12


class Dual(NamedTuple):
    """A fitted model: predictions are kernel rows times `coefficients` (n,) plus `offset`."""

    coefficients: Values
    offset: float


def fit_dual(gram: Gram, target: Values, cost: float, epsilon: float) -> Dual:
    """Return the support vector regression of one Gram matrix.

    Parameters
    ----------
    gram : (n, n) float32
        Kernel of the training rows, symmetric.
    target : (n,)
        Values to regress on.
    cost : float
        C, the bound of every coefficient.
    epsilon : float
        Half-width of the tube without loss.
    """
    coefficients, gradient = _solve(gram, target, cost, epsilon)
    # Derivatives of the dual where a coefficient grows and where it falls.
    grows = gradient + np.where(coefficients >= 0, epsilon, -epsilon)
    falls = gradient + np.where(coefficients > 0, epsilon, -epsilon)
    free = (coefficients != 0) & (np.abs(coefficients) < cost)
    if free.any():
        return Dual(coefficients, -float(grows[free].mean()))
    low = grows[coefficients < cost].min()
    high = falls[coefficients > -cost].max()
    return Dual(coefficients, -float(low + high) / 2)


@functools.cache
def compile_solver() -> None:
    """Compile the solver, or load it, before there is a large Gram matrix.

    A first compilation leaves exceptions in reference cycles. They keep the frames of every caller alive, and
    with them a Gram matrix, until the garbage collector runs.
    """
    fit_dual(np.ones((1, 1), dtype=np.float32), np.zeros(1), 1.0, 0.0)
    gc.collect()


@jit(error_model="numpy")
def _solve(gram: Gram, target: Values, cost: float, epsilon: float) -> tuple[Values, Values]:
    """Return coefficients and gradient of the smooth part, both (n,)."""
    n = len(target)
    power = np.array([np.float64(gram[k, k]) for k in range(n)])
    beta, gradient = np.zeros(n), -target
    up, down, step = 0, 0, 0.0
    while True:
        # The pair: the steepest coefficient to raise, and the one to lower that gains most beside it.
        before_row, before_other = gram[up], gram[down]
        up, low = -1, np.inf
        for k in range(n):
            gradient[k] += step * (np.float64(before_row[k]) - np.float64(before_other[k]))
            if beta[k] < cost:
                slope = gradient[k] + (epsilon if beta[k] >= 0 else -epsilon)
                if slope < low:
                    up, low = k, slope
        row, own = gram[up], power[up]
        down, best, high = -1, 0.0, -np.inf
        for k in range(n):
            if beta[k] > -cost:
                slope = gradient[k] + (epsilon if beta[k] > 0 else -epsilon)
                high = max(high, slope)
                gain = slope - low
                if gain > 0:
                    curvature = max(own + power[k] - 2.0 * row[k], _LEAST_CURVATURE)
                    if gain * gain > best * curvature:
                        down, best, step = k, gain * gain / curvature, gain / curvature
        if down < 0 or high - low < TOLERANCE:
            return beta, gradient
        # No further than the next bend of the objective: 0 or the bound.
        room_up = -beta[up] if beta[up] < 0 else cost - beta[up]
        room_down = beta[down] if beta[down] > 0 else beta[down] + cost
        step = min(step, room_up, room_down)
        beta[up] = beta[up] + step if step < room_up else (0.0 if beta[up] < 0 else cost)
        beta[down] = beta[down] - step if step < room_down else (0.0 if beta[down] > 0 else -cost)
