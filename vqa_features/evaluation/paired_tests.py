"""Which of two models is better on one fixed test set.

References
----------
X.-L. Meng, R. Rosenthal, D. B. Rubin, "Comparing correlated correlation coefficients", Psychological Bulletin
111, 1992, equations 1 to 3.
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

Values = NDArray[np.float64]


class ZTest(NamedTuple):
    """A statistic that is standard normal if there is no difference, and its two-sided p."""

    z: float
    p: float


def meng_rosenthal_rubin(r_a: float, r_b: float, r_ab: float, rows: int) -> ZTest:
    """Test whether two models correlate differently with one MOS.

    Parameters
    ----------
    r_a, r_b : float
        Correlation of each model's predictions with the MOS (Pearson's, or Spearman's as an approximation).
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
    """Return `meng_rosenthal_rubin` for the rank correlations of two models' predictions with the MOS."""
    between = srcc(a, b)
    if between > 1 - 1e-12:  # the same order: nothing to tell apart, and a division by zero in the test
        return ZTest(0.0, 1.0)
    return meng_rosenthal_rubin(srcc(a, mos), srcc(b, mos), between, len(np.asarray(mos)))


class FTest(NamedTuple):
    """Ratio of the larger to the smaller residual variance, and its two-sided p."""

    ratio: float
    p: float


def compare_errors(a: ArrayLike, b: ArrayLike, mos: ArrayLike, parameters: int = 4) -> FTest:
    """Test whether two models' squared errors differ (P.1401); `parameters` of the fitted map cost freedom.

    The test takes the residuals for normal and independent of each other; on one test set they are
    correlated, which makes it cautious.
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
    """How well score differences tell pairs of videos apart, as areas under ROC curves (.5 is chance)."""

    different_similar: float
    """Do larger differences go with pairs that viewers tell apart?"""
    better_worse: float
    """Among those, is the sign right?"""
    correct: float
    """Share of those with the right sign."""
    different_pairs: int
    similar_pairs: int


def krasula(
    predicted: ArrayLike, mos: ArrayLike, std: ArrayLike, counts: ArrayLike, level: float = 0.95
) -> PairAnalysis:
    """Analyse all pairs of videos by what single opinions can tell apart.

    Parameters
    ----------
    predicted, mos : (n,)
    std, counts : (n,)
        Standard deviation and number of the single opinions of each video.
    level : float
        Two-sided confidence at which a pair counts as different.
    """
    from scipy.stats import norm

    x, y = pair(predicted, mos)
    variance = np.asarray(std, dtype=np.float64) ** 2 / np.asarray(counts, dtype=np.float64)
    if variance.shape != y.shape or not np.isfinite(variance).all():
        raise ParameterError("std and counts must be finite and have one value per video")
    first, second = np.triu_indices(len(y), k=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.nan_to_num((y[first] - y[second]) / np.sqrt(variance[first] + variance[second]), nan=0.0)
    different = np.abs(z) > norm.ppf(0.5 + level / 2)
    gap = x[first] - x[second]
    signed = gap[different] * np.sign(z[different])
    # Each different pair counts in both orders, so that the area does not depend on the order of videos.
    return PairAnalysis(
        auc(np.abs(gap[different]), np.abs(gap[~different])),
        auc(signed, -signed),
        float(np.mean(signed > 0)) if len(signed) else float("nan"),
        int(different.sum()),
        int((~different).sum()),
    )


def auc(positive: ArrayLike, negative: ArrayLike) -> float:
    """Return the chance that a positive value exceeds a negative one, ties counting half; nan if a side is
    empty."""
    from scipy.stats import rankdata

    p, n = np.asarray(positive, dtype=np.float64), np.asarray(negative, dtype=np.float64)
    if not len(p) or not len(n):
        return float("nan")
    ranks = rankdata(np.concatenate([p, n]))
    return float((ranks[: len(p)].sum() - len(p) * (len(p) + 1) / 2) / (len(p) * len(n)))
