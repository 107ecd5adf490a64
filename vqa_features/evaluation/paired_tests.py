"""Significance tests between two models on one fixed test set.

References
----------
X.-L. Meng, R. Rosenthal, D. B. Rubin, "Comparing correlated correlation coefficients", Psychological Bulletin
111, 1992, equations 1 to 3.
C. Croux, C. Dehon, "Influence functions of the Spearman and Kendall correlation measures", Statistical
Methods and Applications 19, 2010.
ITU-T P.1401 (2020), section 7.7 (significance of the difference between RMSEs).
L. Krasula et al., "On the accuracy of objective image and video quality models: new methodology for
performance evaluation", QoMEX 2016.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ParameterError
from .metrics import pair, rmse, srcc
from .pair_ranking import distinguished

Values = NDArray[np.float64]


class ZTest(NamedTuple):
    """Statistic that is standard normal without a difference, and its two-sided p."""

    z: float
    p: float


def meng_rosenthal_rubin(r_a: float, r_b: float, r_ab: float, rows: int) -> ZTest:
    """Return the test of a difference between two models' correlations with one MOS.

    Parameters
    ----------
    r_a, r_b : float
        Correlation of each model's predictions with the MOS (Pearson's; see `compare_correlations` for SRCC).
    r_ab : float
        Correlation between the two models' predictions.
    rows : int
        Number of videos.
    """
    from scipy.stats import norm

    if rows < 4 or not all(-1 < r < 1 for r in (r_a, r_b, r_ab)):
        raise ParameterError(
            f"need at least 4 videos and correlations inside (-1, 1), got {rows}, {r_a}, {r_b}, {r_ab}"
        )
    mean_square = (r_a**2 + r_b**2) / 2
    f = min((1 - r_ab) / (2 * (1 - mean_square)), 1.0)
    h = (1 - f * mean_square) / (1 - mean_square)
    z = float((np.arctanh(r_a) - np.arctanh(r_b)) * np.sqrt((rows - 3) / (2 * (1 - r_ab) * h)))
    return ZTest(z, float(2 * norm.sf(abs(z))))


def compare_correlations(a: ArrayLike, b: ArrayLike, mos: ArrayLike) -> ZTest:
    """Return the test of a difference between two models' rank correlations with the MOS of one test set.

    The difference of Fisher's z of both SRCC is divided by its standard error from their influence
    functions, which share the videos. `meng_rosenthal_rubin` has the variance of Pearson's correlation:
    on SRCC of .95 it finds a difference in 8 to 10 % of pairs without one, at a level of 5 %; this test in
    4 to 5.5 % (100 to 1000 videos).

    Parameters
    ----------
    a, b : (n,)
        Predictions of the two models.
    mos : (n,)
        MOS of the same videos, at least 4.
    """
    from scipy.stats import norm

    _, _, difference, error = rank_difference(a, b, mos)
    if error <= 1e-12:
        equal = abs(difference) <= 1e-12
        return ZTest(0.0 if equal else float(np.copysign(np.inf, difference)), 1.0 if equal else 0.0)
    return ZTest(difference / error, float(2 * norm.sf(abs(difference) / error)))


class RankDifference(NamedTuple):
    """Difference of two SRCC with the same MOS."""

    srcc_a: float
    srcc_b: float
    difference: float
    """Of Fisher's z, a minus b; of the SRCC themselves if one of them is 1 or -1."""
    error: float
    """Standard error of `difference` over drawn videos."""


def rank_difference(a: ArrayLike, b: ArrayLike, mos: ArrayLike) -> RankDifference:
    """Return the difference that `compare_correlations` tests, and its standard error.

    Parameters
    ----------
    a, b : (n,)
        Predictions of the two models.
    mos : (n,)
        MOS of the same videos, at least 4.
    """
    y = pair(a, mos)[1]
    if len(y) < 4:
        raise ParameterError(f"need at least 4 videos, got {len(y)}")
    r = np.nan_to_num([srcc(a, y), srcc(b, y)], nan=0.0)
    influence = np.array([_rank_influence(np.asarray(x, dtype=np.float64), y) for x in (a, b)])
    scale = r
    if (np.abs(r) < 1 - 1e-12).all():  # Fisher's z of a perfect order is infinite
        influence /= (1 - r * r)[:, None]
        scale = np.arctanh(r)
    error = float(np.std(influence[0] - influence[1], ddof=1) / np.sqrt(len(y)))
    return RankDifference(float(r[0]), float(r[1]), float(scale[0] - scale[1]), error)


def srcc_interval(
    predicted: ArrayLike, mos: ArrayLike, groups: ArrayLike | None = None, level: float = 0.95
) -> tuple[float, float]:
    """Return the interval of the SRCC of one model over the videos of one test set.

    Fisher's z of the SRCC plus and minus its standard error from the influence of each video. The
    influences of one group are added before they are squared, so that its videos do not count as
    independent.

    Parameters
    ----------
    predicted, mos : (n,)
        Predictions and MOS.
    groups : (n,), optional
        Source content of each video.
    level : float
        Confidence.

    Returns
    -------
    tuple of float
        Lower and upper end; nan for a constant side, fewer than 4 videos or fewer than 2 groups.
    """
    from scipy.stats import norm

    x, y = pair(predicted, mos)
    r = srcc(x, y)
    labels = np.arange(len(x)) if groups is None else np.unique(groups, return_inverse=True)[1]
    count = int(labels.max()) + 1
    if not np.isfinite(r) or len(x) < 4 or count < 2:
        return float("nan"), float("nan")
    if abs(r) > 1 - 1e-12:
        return float(r), float(r)
    influence = _rank_influence(x, y)
    total = np.bincount(labels, influence - influence.mean())
    error = float(np.sqrt(np.square(total).sum() * count / (count - 1))) / len(x) / (1 - r * r)
    z, wide = np.arctanh(r), float(norm.ppf((1 + level) / 2)) * error
    return float(np.tanh(z - wide)), float(np.tanh(z + wide))


def _rank_influence(x: Values, y: Values) -> Values:
    """Return the influence of each video on the SRCC, up to a constant; 0 if one side is constant."""
    from scipy.stats import rankdata

    u, v = rankdata(x) / len(x), rankdata(y) / len(y)
    if np.ptp(u) == 0 or np.ptp(v) == 0:
        return np.zeros(len(x))
    return np.asarray((u * v + _mean_above(x, v) + _mean_above(y, u)) / (u.std() * v.std()))


def _mean_above(values: Values, weights: Values) -> Values:
    """Return for each value the sum of the weights of larger values over n; an equal value counts half."""
    inverse = np.unique(values, return_inverse=True)[1]
    total = np.bincount(inverse, weights)
    return np.asarray((total[::-1].cumsum()[::-1] - total / 2)[inverse] / len(values))


class FTest(NamedTuple):
    """Ratio of the larger to the smaller residual variance, and its two-sided p."""

    ratio: float
    p: float


def compare_errors(a: ArrayLike, b: ArrayLike, mos: ArrayLike, parameters: int = 4) -> FTest:
    """Return the test of a difference between two models' squared errors (P.1401).

    The test assumes normal residuals, independent between models. On one test set they are correlated,
    which makes it conservative.

    Parameters
    ----------
    a, b : (n,)
        Predictions of the two models, after their logistic maps.
    mos : (n,)
        MOS of the same videos.
    parameters : int
        Parameters of the fitted map, taken off the degrees of freedom.
    """
    from scipy.stats import f as fisher

    freedom = len(np.asarray(mos)) - parameters
    if freedom < 1:
        raise ParameterError(f"need more than {parameters} videos, got {len(np.asarray(mos))}")
    large, small = sorted((rmse(a, mos) ** 2, rmse(b, mos) ** 2), reverse=True)
    if small == 0:
        return FTest(float("inf") if large > 0 else 1.0, 0.0 if large > 0 else 1.0)
    if large == small:  # SciPy before 1.17 ends 3e-16 below
        return FTest(1.0, 1.0)
    return FTest(large / small, min(1.0, float(2 * fisher.sf(large / small, freedom, freedom))))


class PairAnalysis(NamedTuple):
    """How well score differences classify pairs of videos, as areas under ROC curves (.5 is chance)."""

    different_similar: float
    """Area for pairs that viewers distinguish against pairs they do not, by absolute difference."""
    better_worse: float
    """Area for the sign of the difference, among the pairs that viewers distinguish."""
    correct: float
    """Share of those pairs with the correct sign."""
    different_pairs: int
    similar_pairs: int


def krasula(
    predicted: ArrayLike, mos: ArrayLike, std: ArrayLike, counts: ArrayLike, level: float = 0.95
) -> PairAnalysis:
    """Return the analysis of all pairs of videos, split by whether single opinions distinguish them.

    Parameters
    ----------
    predicted, mos : (n,)
        Predictions and MOS.
    std, counts : (n,)
        Standard deviation and number of the single opinions of each video.
    level : float
        Two-sided confidence at which a pair counts as different.
    """
    x, y = pair(predicted, mos)
    variance = np.asarray(std, dtype=np.float64) ** 2 / np.asarray(counts, dtype=np.float64)
    if variance.shape != y.shape or not np.isfinite(variance).all():
        raise ParameterError("std and counts must be finite and have one value per video")
    first, second = np.triu_indices(len(y), k=1)
    order = y[first] - y[second]
    different = distinguished(order, variance[first] + variance[second], level)
    gap = x[first] - x[second]
    signed = gap[different] * np.sign(order[different])
    # Each different pair counts in both orders, so that the area does not depend on the order of videos.
    return PairAnalysis(
        auc(np.abs(gap[different]), np.abs(gap[~different])),
        auc(signed, -signed),
        float(np.mean(signed > 0)) if len(signed) else float("nan"),
        int(different.sum()),
        int((~different).sum()),
    )


def auc(positive: ArrayLike, negative: ArrayLike) -> float:
    """Return the probability that a positive value exceeds a negative one, ties counting half.

    This is the area under the ROC curve, 0 .. 1; nan if a side is empty.
    """
    from sklearn.metrics import roc_auc_score

    p, n = np.asarray(positive, dtype=np.float64), np.asarray(negative, dtype=np.float64)
    if not len(p) or not len(n):
        return float("nan")
    sides = np.concatenate([np.ones(len(p)), np.zeros(len(n))])
    return float(roc_auc_score(sides, np.concatenate([p, n])))
