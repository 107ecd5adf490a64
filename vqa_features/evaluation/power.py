"""Power: which difference between two models a test would see, before more videos or splits are paid for.

References
----------
C. Nadeau, Y. Bengio, "Inference for the generalization error", Machine Learning 52, 2003. Under their model
of equally correlated splits the corrected resampled t has a noncentral t distribution with J - 1 degrees of
freedom.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError

Values = NDArray[np.float64]

POWER = 0.8
ALPHA = 0.05
#: Half of a difference of Fisher's z that makes one SRCC 1 and the other -1 in double precision.
FARTHEST = 40.0
#: Nodes of the integral over the estimated error; the power is exact to 1e-6.
NODES = 400


def power_over_splits(
    difference: float, deviation: float, splits: int, test_train_ratio: float, alpha: float = ALPHA
) -> float:
    """Return the probability that the corrected resampled t test sees a true difference.

    Parameters
    ----------
    difference : float
        True mean difference of the two models' scores.
    deviation : float
        Standard deviation of the differences over splits.
    splits : int
        Number of splits, at least 2.
    test_train_ratio : float
        Test rows per training row, .25 at 80/20.
    alpha : float
        Two-sided level of the test.

    Returns
    -------
    float
        `alpha` for a difference of 0, up to 1.

    See Also
    --------
    vqa_features.evaluation.significance.corrected_t : The test.
    """
    from scipy.stats import norm
    from scipy.stats import t as student

    error = _error(deviation, splits, test_train_ratio, alpha)
    if error == 0:
        return 1.0 if difference != 0 else alpha
    if difference == 0:
        return alpha
    df, shift = splits - 1, abs(difference) / error
    limit = float(student.ppf(1 - alpha / 2, df))
    # SciPy's noncentral t is nan for some large shifts: the normal power, averaged over the estimated error.
    estimated, weights = _estimated_errors(df)
    seen = norm.sf(limit * estimated - shift) + norm.cdf(-limit * estimated - shift)
    return min(1.0, float(weights @ seen))


@lru_cache(maxsize=16)
def _estimated_errors(df: int) -> tuple[Values, Values]:
    """Return standard errors that are estimated where the true one is 1, and how often each is."""
    from scipy.stats import chi2

    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    return np.sqrt(chi2.ppf((nodes + 1) / 2, df) / df), weights / 2


def detectable_over_splits(
    deviation: float, splits: int, test_train_ratio: float, power: float = POWER, alpha: float = ALPHA
) -> float:
    """Return the smallest true difference that the corrected resampled t test sees with some power.

    Parameters
    ----------
    deviation, splits, test_train_ratio, alpha
        As for `power_over_splits`.
    power : float
        Probability of seeing it, above `alpha`.

    Examples
    --------
    >>> round(detectable_over_splits(deviation=0.02, splits=100, test_train_ratio=0.25), 4)
    0.0289
    """
    from scipy.optimize import brentq

    _check_power(power, alpha)
    error = _error(deviation, splits, test_train_ratio, alpha)
    if error == 0:
        return 0.0
    top = error
    while power_over_splits(top, deviation, splits, test_train_ratio, alpha) < power:
        top *= 2
    return float(
        brentq(lambda d: power_over_splits(d, deviation, splits, test_train_ratio, alpha) - power, 0, top)
    )


def power_on_videos(difference: float, srcc: float, error: float, alpha: float = ALPHA) -> float:
    """Return the probability that the z test on one test set sees a true difference of two SRCC.

    Parameters
    ----------
    difference : float
        True difference of the two SRCC.
    srcc : float
        SRCC in the middle of both on Fisher's scale, inside (-1, 1).
    error : float
        Standard error of the difference of Fisher's z (`paired_tests.rank_difference`). It falls with the
        root of the number of videos.
    alpha : float
        Two-sided level of the test.

    Returns
    -------
    float
        `alpha` for a difference of 0, up to 1.

    See Also
    --------
    vqa_features.evaluation.paired_tests.compare_correlations : The test.
    """
    from scipy.stats import norm

    _check_correlation(srcc, error, alpha)
    shift = _fisher_difference(difference, srcc)
    if error == 0:
        return 1.0 if shift else alpha
    limit = float(norm.ppf(1 - alpha / 2))
    return float(norm.sf(limit - shift / error) + norm.cdf(-limit - shift / error))


def detectable_on_videos(srcc: float, error: float, power: float = POWER, alpha: float = ALPHA) -> float:
    """Return the smallest true difference of two SRCC that the z test on one test set sees with some power.

    Parameters
    ----------
    srcc, error, alpha
        As for `power_on_videos`.
    power : float
        Probability of seeing it, above `alpha`.

    Examples
    --------
    >>> round(detectable_on_videos(srcc=0.8, error=0.05), 4)
    0.0505
    """
    _check_power(power, alpha)
    _check_correlation(srcc, error, alpha)
    z, half = float(np.arctanh(srcc)), _errors_apart(power, alpha) * error / 2
    return float(np.tanh(z + half) - np.tanh(z - half))


def error_needed_on_videos(
    difference: float, srcc: float, power: float = POWER, alpha: float = ALPHA
) -> float:
    """Return the standard error at which the z test on one test set sees a difference with some power.

    Parameters
    ----------
    difference, srcc, alpha
        As for `power_on_videos`.
    power : float
        Probability of seeing it, above `alpha`.
    """
    _check_power(power, alpha)
    _check_correlation(srcc, 0.0, alpha)
    return _fisher_difference(difference, srcc) / _errors_apart(power, alpha)


def _errors_apart(power: float, alpha: float) -> float:
    """Return how many standard errors a difference must measure to be seen by a z test."""
    from scipy.optimize import brentq
    from scipy.stats import norm

    limit = float(norm.ppf(1 - alpha / 2))
    top = limit + float(norm.ppf(power)) + 1
    return float(brentq(lambda z: norm.sf(limit - z) + norm.cdf(-limit - z) - power, 0, top))


def _fisher_difference(difference: float, srcc: float) -> float:
    """Return the difference on Fisher's scale whose two ends, around `srcc`, differ so in SRCC."""
    from scipy.optimize import brentq

    d, z = abs(difference), float(np.arctanh(srcc))
    if d == 0:
        return 0.0
    if d >= 2:
        raise ParameterError(f"two SRCC differ by less than 2, got {difference}")
    return 2 * float(brentq(lambda h: np.tanh(z + h) - np.tanh(z - h) - d, 0, FARTHEST))


def _error(deviation: float, splits: int, ratio: float, alpha: float) -> float:
    """Return the standard error of the mean difference over splits."""
    if deviation < 0 or not np.isfinite(deviation) or splits < 2 or ratio < 0 or not 0 < alpha < 1:
        raise ParameterError(
            "need a deviation and a test_train_ratio of at least 0, 2 splits or more and 0 < alpha < 1, "
            f"got {deviation}, {ratio}, {splits} and {alpha}"
        )
    return float(deviation * np.sqrt(1 / splits + ratio))


def _check_power(power: float, alpha: float) -> None:
    if not alpha < power < 1:
        raise ParameterError(f"power must lie between alpha ({alpha}) and 1, got {power}")


def _check_correlation(srcc: float, error: float, alpha: float) -> None:
    if not -1 < srcc < 1 or not 0 <= error < np.inf or not 0 < alpha < 1:
        raise ParameterError(
            f"need an SRCC inside (-1, 1), an error of at least 0 and 0 < alpha < 1, "
            f"got {srcc}, {error} and {alpha}"
        )
