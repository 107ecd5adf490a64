"""A total from a small sample: a stratified two-phase ratio estimate with its interval.

Phase one gives the size of every stratum, phase two a quantity x that is known of many members (work that is
modelled from their headers), phase three the quantity y of some of these (measured seconds). The mean of y is
``R * sum(W_h * mean_h(x))`` with R the ratio of the weighted sums of y and x (Cochran, Sampling Techniques,
3rd ed., 1977, sections 6.10 and 12.9). Its variance adds what each phase leaves open.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Mean:
    """An estimated mean, and the limits of its interval.

    Parameters
    ----------
    value, low, high : float
        The mean, and limits that hold it with the level that was asked for.
    """

    value: float
    low: float
    high: float

    def times(self, factor: float) -> Mean:
        """Return the estimate of a multiple."""
        return Mean(self.value * factor, self.low * factor, self.high * factor)

    def plus(self, constant: float) -> Mean:
        """Return the estimate with a constant added."""
        return Mean(self.value + constant, self.low + constant, self.high + constant)


@dataclass(frozen=True)
class Strata:
    """Members of a population by stratum, and those that were drawn.

    Parameters
    ----------
    counts : ndarray, (h,)
        Members that phase one has found in each stratum.
    drawn : ndarray of int, (n,)
        Stratum of each member of phase two.
    population : int
        Members of the whole population, as many as phase one has seen or more.
    """

    counts: Array
    drawn: NDArray[np.int64]
    population: int

    def weights(self, chosen: NDArray[np.bool_] | None = None) -> Array:
        """Return what part of the population each drawn member stands for; 0 where it is not `chosen`."""
        taken = np.ones(len(self.drawn), bool) if chosen is None else chosen
        per_stratum = np.bincount(self.drawn[taken], minlength=len(self.counts))
        share = np.divide(self.counts, per_stratum, out=np.zeros_like(self.counts), where=per_stratum > 0)
        return np.asarray(share[self.drawn] * taken / share[self.drawn][taken].sum(), dtype=np.float64)


def mean_of(strata: Strata, modelled: Array, measured: Array, level: float = 0.95) -> Mean:
    """Return the mean of a quantity over the population.

    Parameters
    ----------
    strata : Strata
        Phases one and two.
    modelled : ndarray, (n,)
        What the quantity is about proportional to, above 0.
    measured : ndarray, (n,)
        The quantity; nan where it was not measured.
    level : float
        Of the interval, which is symmetric on a logarithmic scale.

    Returns
    -------
    Mean
        Unbounded above where fewer than two members were measured.
    """
    from scipy.stats import t

    known = np.isfinite(measured)
    weights = strata.weights(known)
    ratio = float(weights[known] @ measured[known] / (weights[known] @ modelled[known]))
    mean = ratio * float(strata.weights() @ modelled)
    n = int(known.sum())
    if n < 2:
        return Mean(mean, 0.0, math.inf)
    rest = weights[known] * (measured[known] - ratio * modelled[known])
    of_ratio = n / (n - 1) * float(rest @ rest) / float(weights[known] @ modelled[known]) ** 2
    variance = of_ratio * (mean / ratio) ** 2 + ratio**2 * (
        _between_strata(strata, modelled) + _unseen(strata, modelled)
    )
    factor = math.exp(float(t.ppf((1 + level) / 2, n - 1)) * math.sqrt(variance) / mean)
    return Mean(mean, mean / factor, mean * factor)


def _between_strata(strata: Strata, values: Array) -> float:
    """Return the variance that phase two leaves to the mean: members of a stratum differ."""
    total, share = 0.0, strata.counts / strata.counts.sum()
    for number, count in enumerate(strata.counts):
        here = values[strata.drawn == number]
        if len(here) > 1 and count > len(here):
            total += share[number] ** 2 * (1 / len(here) - 1 / count) * float(here.var(ddof=1))
    return float(total)


def _unseen(strata: Strata, values: Array) -> float:
    """Return the variance that phase one leaves: members of the population that it has not seen."""
    seen = float(strata.counts.sum())
    if seen < 2 or seen >= strata.population:
        return 0.0
    weights = strata.weights()
    mean = float(weights @ values)
    spread = float(weights @ (values - mean) ** 2) * seen / (seen - 1)
    return (1 / seen - 1 / strata.population) * spread
