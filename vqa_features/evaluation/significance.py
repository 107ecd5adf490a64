"""Significance of differences over splits that share most of their training videos.

References
----------
C. Nadeau, Y. Bengio, "Inference for the generalization error", Machine Learning 52, 2003 (corrected
resampled t).
D. J. Schuirmann, J. Pharmacokinetics and Biopharmaceutics 15, 1987 (two one-sided tests).
S. Holm, Scandinavian Journal of Statistics 6, 1979.
J. Demsar, "Statistical comparisons of classifiers over multiple data sets", JMLR 7, 2006 (critical
difference).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ParameterError

Values = NDArray[np.float64]


class Difference(NamedTuple):
    """Result of a test of paired differences over splits."""

    difference: float
    low: float
    high: float
    t: float
    df: int
    p: float
    p_equivalence: float


def corrected_t(
    differences: ArrayLike, test_train_ratio: float, margin: float = 0.01, level: float = 0.95
) -> Difference:
    """Return the Nadeau-Bengio corrected resampled t test and the equivalence test within ``margin``.

    The variance of the mean over J overlapping splits is estimated by ``(1/J + n_test/n_train) var(d)``: at
    80/20 and J = 100 the naive t is 5.1 times too large.

    Parameters
    ----------
    differences : (J,)
        Score of one model minus that of the other, per split.
    test_train_ratio : float
        Test rows per training row, .25 at 80/20; 0 gives the plain paired t test.
    margin : float
        Largest absolute difference that counts as none. `p_equivalence` is the larger p of the two
        one-sided tests.
    level : float
        Coverage of the interval `low` .. `high`.

    Returns
    -------
    Difference
        Mean difference with its interval, t, degrees of freedom, two-sided p and p of the equivalence test.

    Raises
    ------
    ParameterError
        If there are fewer than two finite differences or a parameter is out of range.

    Notes
    -----
    If all differences are equal, t is 0 for a difference of 0 and infinite otherwise.
    """
    from scipy.stats import t as student

    d = np.asarray(differences, dtype=np.float64)
    if d.ndim != 1 or len(d) < 2 or not np.isfinite(d).all():
        raise ParameterError(f"at least two finite differences are needed, got {d.shape}")
    if test_train_ratio < 0 or margin <= 0 or not 0 < level < 1:
        raise ParameterError(
            f"need test_train_ratio >= 0, margin > 0 and 0 < level < 1, "
            f"got {test_train_ratio}, {margin}, {level}"
        )
    df = len(d) - 1
    mean = float(d.mean())
    error = float(np.sqrt((1 / len(d) + test_train_ratio) * d.var(ddof=1)))
    if error <= np.finfo(float).eps * max(1.0, abs(mean)):
        equal = abs(mean) <= np.finfo(float).eps
        t = 0.0 if equal else float(np.copysign(np.inf, mean))
        return Difference(mean, mean, mean, t, df, 1.0 if equal else 0.0, 0.0 if abs(mean) < margin else 1.0)
    t = mean / error
    half = float(student.ppf(0.5 + level / 2, df)) * error
    p_equivalence = max(
        float(student.sf((mean + margin) / error, df)), float(student.cdf((mean - margin) / error, df))
    )
    return Difference(mean, mean - half, mean + half, t, df, float(2 * student.sf(abs(t), df)), p_equivalence)


def holm(p_values: ArrayLike) -> Values:
    """Return Holm's step-down adjusted p values in the order given, each at most 1."""
    # Ours because SciPy has no Holm and statsmodels would be a dependency for six lines.
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    adjusted = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    result = np.empty_like(p)
    result[order] = np.minimum(adjusted, 1.0)
    return result


class Interval(NamedTuple):
    """A percentile interval."""

    low: float
    high: float


def percentile_interval(values: ArrayLike, level: float = 0.95) -> Interval:
    """Return the central interval holding `level` of the values."""
    low, high = np.quantile(np.asarray(values, dtype=np.float64), [0.5 - level / 2, 0.5 + level / 2])
    return Interval(float(low), float(high))


def bootstrap_srcc(
    predicted: ArrayLike,
    mos: ArrayLike,
    groups: ArrayLike | None = None,
    samples: int = 1000,
    seed: int = 0,
) -> Values:
    """Return the SRCC of every model on videos drawn with replacement, shape (samples, models).

    All models share the draws, so the difference of two columns is a paired bootstrap. The SRCC of a
    constant side counts as 0.

    Parameters
    ----------
    predicted : (videos, models)
        Predictions.
    mos : (videos,)
        MOS.
    groups : (videos,), optional
        Source content; whole groups are drawn.
    samples : int
        Number of resamples.
    seed : int
        Seed of the draws.
    """
    from scipy.stats import rankdata

    table = np.asarray(predicted, dtype=np.float64)
    y = np.asarray(mos, dtype=np.float64)
    if table.ndim != 2 or len(table) != len(y) or not (np.isfinite(table).all() and np.isfinite(y).all()):
        raise ParameterError(
            f"need finite predictions (videos, models) and MOS, got {table.shape} and {y.shape}"
        )
    result = np.empty((samples, table.shape[1]))
    for sample, rows in enumerate(_resamples(len(y), groups, samples, seed)):
        ranks = rankdata(np.column_stack([table[rows], y[rows]]), axis=0)
        ranks -= ranks.mean(axis=0)
        length = np.sqrt((ranks * ranks).sum(axis=0))
        with np.errstate(invalid="ignore", divide="ignore"):
            result[sample] = (ranks[:, :-1].T @ ranks[:, -1]) / (length[:-1] * length[-1])
    return np.nan_to_num(result, nan=0.0)


def _resamples(rows: int, groups: ArrayLike | None, samples: int, seed: int) -> list[NDArray[np.intp]]:
    random = np.random.default_rng(seed)
    if groups is None:
        return [random.integers(0, rows, rows) for _ in range(samples)]
    labels = np.asarray(groups)
    members = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    drawn = (random.integers(0, len(members), len(members)) for _ in range(samples))
    return [np.concatenate([members[i] for i in choice]) for choice in drawn]


class CriticalDifference(NamedTuple):
    """Values of a critical-difference diagram."""

    mean_ranks: Values
    """(models,), 1 is best."""
    critical_difference: float
    friedman_p: float
    cliques: list[tuple[int, ...]]
    """Maximal sets of models, by position, whose mean ranks lie within the critical difference."""


def critical_difference(scores: ArrayLike, alpha: float = 0.05) -> CriticalDifference:
    """Return Friedman's test and Nemenyi's critical difference for scores (blocks, models), higher is better.

    Blocks should be independent, such as datasets. Overlapping splits of one dataset are not: `corrected_t`
    with `holm` tests them.

    Parameters
    ----------
    scores : (blocks, models)
        Higher is better.
    alpha : float
        Level of the test.
    """
    from scipy.stats import friedmanchisquare, rankdata, studentized_range

    table = np.asarray(scores, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] < 2 or table.shape[1] < 2:
        raise ParameterError(f"scores must be (blocks, models), each at least 2, got {table.shape}")
    blocks, models = table.shape
    ranks = rankdata(-table, axis=1).mean(axis=0)
    q = float(studentized_range.ppf(1 - alpha, models, np.inf)) / np.sqrt(2)
    width = float(q * np.sqrt(models * (models + 1) / (6 * blocks)))
    p = float(friedmanchisquare(*table.T).pvalue) if models > 2 else float("nan")
    order = np.argsort(ranks, kind="stable")
    cliques: list[tuple[int, ...]] = []
    last_end = 0
    for start in range(models):
        end = start
        while end + 1 < models and ranks[order[end + 1]] - ranks[order[start]] <= width:
            end += 1
        if end > start and end > last_end:
            cliques.append(tuple(int(i) for i in order[start : end + 1]))
            last_end = end
    return CriticalDifference(ranks, width, p, cliques)
