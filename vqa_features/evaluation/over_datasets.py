"""Summary of models over several datasets: weighted mean correlation and the Bayesian signed-rank test.

Friedman's test and Nemenyi's critical difference are in `vqa_features.evaluation.significance`.

References
----------
A. Benavoli, G. Corani, J. Demsar, M. Zaffalon, "Time for a change: a tutorial for comparing multiple
classifiers through Bayesian analysis", JMLR 18, 2017, section 4.2.
A. Benavoli et al., "A Bayesian Wilcoxon signed-rank test based on the Dirichlet process", ICML 2014.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ParameterError

Values = NDArray[np.float64]
Mean = Literal["plain", "fisher-z"]

#: Weight of the prior's one observation, a difference of 0, against 1 of each dataset.
PRIOR = 0.5
SAMPLES = 50_000
#: Samples of the posterior that are held at once.
AT_ONCE = 2_000


def weighted_mean(correlations: ArrayLike, videos: ArrayLike, how: Mean = "plain") -> Values:
    """Return the mean correlation of every model over datasets, weighted by their numbers of videos.

    Parameters
    ----------
    correlations : (datasets, models)
        SRCC or PLCC.
    videos : (datasets,)
        Weight of each dataset.
    how : {"plain", "fisher-z"}
        ``plain``: the weighted sum of the correlations. ``fisher-z``: of their atanh, transformed back; a
        correlation of 1 or -1 then outweighs all others.

    Returns
    -------
    (models,) float64
        Correlation, -1 .. 1.

    Raises
    ------
    ParameterError
        If the arrays do not fit, or a correlation or weight is out of range.

    Examples
    --------
    >>> weighted_mean([[0.8], [0.6]], [300, 100]).round(3).tolist()
    [0.75]
    """
    r, n = np.asarray(correlations, dtype=np.float64), np.asarray(videos, dtype=np.float64)
    if r.ndim != 2 or n.shape != r.shape[:1] or not len(n):
        raise ParameterError(
            f"correlations must be (datasets, models) and videos (datasets,), got {r.shape} and {n.shape}"
        )
    if not (np.abs(r) <= 1).all() or not (np.isfinite(n) & (n > 0)).all():
        raise ParameterError("correlations must lie in -1 .. 1 and numbers of videos above 0")
    if how not in get_args(Mean):
        raise ParameterError(f"how must be one of {', '.join(get_args(Mean))}, got {how!r}")
    weights = n / n.sum()
    if how == "plain":
        return np.asarray(weights @ r)
    with np.errstate(divide="ignore"):
        z = np.arctanh(r)
    if (np.isposinf(z).any(axis=0) & np.isneginf(z).any(axis=0)).any():
        raise ParameterError("the Fisher mean of a correlation of 1 and one of -1 is not defined")
    return np.asarray(np.tanh(weights @ z))


class SignedRank(NamedTuple):
    """Posterior probabilities of the Bayesian signed-rank test; they sum to 1."""

    better: float
    """The first model is better by more than the region of practical equivalence."""
    equivalent: float
    """The difference lies within the region."""
    worse: float


def bayesian_signed_rank(
    differences: ArrayLike,
    rope: float = 0.01,
    *,
    prior: float = PRIOR,
    samples: int = SAMPLES,
    seed: int = 0,
) -> SignedRank:
    """Return how probable it is that better, equivalent or worse is what a further dataset most likely shows.

    The differences and one prior difference of 0 get Dirichlet weights. In each sample the weights of all
    pairs of differences are summed by their mean: above `rope`, within, below. The probability of a region
    is the share of samples in which it has the largest sum.

    Parameters
    ----------
    differences : (datasets,)
        Score of the first model minus that of the second, one per dataset.
    rope : float
        Half-width of the region of practical equivalence, in units of the score; 0 compares signs only.
    prior : float
        Weight of the prior difference of 0; a difference of each dataset has 1.
    samples : int
        Samples of the posterior. The standard error of a probability is at most ``.5 / sqrt(samples)``.
    seed : int
        Seed of the samples.

    Returns
    -------
    SignedRank
        Three probabilities.

    Raises
    ------
    ParameterError
        If there is no finite difference or a parameter is out of range.

    Examples
    --------
    >>> bayesian_signed_rank([0.05, 0.06, 0.04, 0.07, 0.05], rope=0.01).better > 0.99
    True
    """
    d = np.asarray(differences, dtype=np.float64)
    if d.ndim != 1 or not len(d) or not np.isfinite(d).all():
        raise ParameterError(f"need one finite difference per dataset, got {d.shape}")
    if rope < 0 or prior <= 0 or samples < 1:
        raise ParameterError(
            f"need rope >= 0, prior > 0 and at least one sample, got {rope}, {prior} and {samples}"
        )
    z = np.concatenate([[0.0], d])
    sums = z[:, None] + z[None, :]
    above, below = _share_above(sums, 2 * rope), _share_above(-sums, 2 * rope)
    random = np.random.default_rng(seed)
    wins = np.zeros(3)
    for start in range(0, samples, AT_ONCE):
        weights = random.dirichlet([prior] + [1.0] * len(d), min(AT_ONCE, samples - start))
        better, worse = (np.einsum("si,ij,sj->s", weights, one, weights) for one in (above, below))
        largest = np.column_stack([better, 1 - better - worse, worse])
        # Regions of equal sum share the sample; 1e-12 is above the rounding of a sum of weights.
        first = largest > largest.max(axis=1, keepdims=True) - 1e-12
        wins += (first / first.sum(axis=1, keepdims=True)).sum(axis=0)
    return SignedRank(*(float(one) for one in wins / samples))


def _share_above(sums: Values, limit: float) -> Values:
    """Return 1 above the limit, 0 below it and 1/2 at it."""
    return (sums > limit) + 0.5 * (sums == limit)
