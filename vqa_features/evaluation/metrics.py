"""Agreement of predictions with mean opinion scores: rank and linear correlation, error, logistic maps.

Every function takes two arrays of shape (n,), predictions first, and returns a float. A correlation is nan
if one side is constant.

References
----------
ITU-T P.1401 (2020), sections 7.5 and 7.6 (RMSE, outlier ratio).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from .logistic_maps import fit_logistic, logistic4, logistic5
from .pairs import Values, pair

__all__ = [
    "METRICS",
    "Metric",
    "fit_logistic",
    "krcc",
    "logistic4",
    "logistic5",
    "mae",
    "outlier_ratio",
    "pair",
    "plcc",
    "rmse",
    "srcc",
]


@dataclass(frozen=True)
class Metric:
    """One metric of a model on one split, with its column in every result."""

    name: str
    """Name of the column."""
    function: Callable[[Values, Values], float]
    """From predictions and MOS of the test videos, each (n,), to the value."""
    label: str
    """Name on the page and in figures."""
    higher_is_better: bool = True
    """True for correlations: one that is not defined, of a constant prediction, counts as 0."""
    predictions: Literal["raw", "mapped", "test-mapped"] = "mapped"
    """Which predictions are scored: before the logistic map, after that of the protocol, or after one
    fitted on the test part."""

    def of(self, predictions: Mapping[str, Values], mos: Values) -> float:
        """Return the value for the predictions by kind."""
        found = self.function(predictions[self.predictions], mos)
        return 0.0 if self.higher_is_better and np.isnan(found) else float(found)


def srcc(predicted: ArrayLike, mos: ArrayLike) -> float:
    """Return Spearman's rank correlation, -1 .. 1; ties share their mean rank.

    Parameters
    ----------
    predicted, mos : (n,)
        Predictions and MOS.

    See Also
    --------
    krcc : Kendall's rank correlation.
    plcc : Linear correlation.

    Examples
    --------
    >>> import vqa_features as vf
    >>> vf.metrics.srcc([1, 2, 3, 4], [10, 20, 40, 30])
    0.8
    """
    from scipy.stats import rankdata

    x, y = pair(predicted, mos)
    return _pearson(rankdata(x), rankdata(y))


def krcc(predicted: ArrayLike, mos: ArrayLike) -> float:
    """Return Kendall's rank correlation (tau-b), -1 .. 1.

    Parameters
    ----------
    predicted, mos : (n,)
        Predictions and MOS.

    See Also
    --------
    srcc : Spearman's rank correlation.

    Examples
    --------
    >>> import vqa_features as vf
    >>> round(vf.metrics.krcc([1, 2, 3, 4], [10, 20, 40, 30]), 4)
    0.6667
    """
    from scipy.stats import kendalltau

    x, y = pair(predicted, mos)
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    return float(kendalltau(x, y).statistic)


def plcc(predicted: ArrayLike, mos: ArrayLike) -> float:
    """Return Pearson's linear correlation, -1 .. 1, without a logistic map.

    Parameters
    ----------
    predicted, mos : (n,)
        Predictions and MOS.

    See Also
    --------
    fit_logistic : Map from predictions to MOS, applied before in published tables.

    Examples
    --------
    >>> import vqa_features as vf
    >>> vf.metrics.plcc([1, 2, 3], [2, 4, 6])
    1.0
    """
    x, y = pair(predicted, mos)
    return _pearson(x, y)


def _pearson(x: Values, y: Values) -> float:
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    x, y = x - x.mean(), y - y.mean()
    return float(np.clip(x @ y / np.sqrt((x @ x) * (y @ y)), -1.0, 1.0))


def rmse(predicted: ArrayLike, mos: ArrayLike) -> float:
    """Return the root of the mean squared error, in units of the MOS.

    Parameters
    ----------
    predicted, mos : (n,)
        Predictions and MOS.

    See Also
    --------
    mae : Mean absolute error.

    Examples
    --------
    >>> import vqa_features as vf
    >>> vf.metrics.rmse([1, 2, 3, 4], [1, 2, 3, 6])
    1.0
    """
    x, y = pair(predicted, mos)
    return float(np.sqrt(np.mean((x - y) ** 2)))


def mae(predicted: ArrayLike, mos: ArrayLike) -> float:
    """Return the mean absolute error, in units of the MOS.

    Parameters
    ----------
    predicted, mos : (n,)
        Predictions and MOS.

    Examples
    --------
    >>> import vqa_features as vf
    >>> vf.metrics.mae([1, 2, 3, 4], [1, 2, 3, 6])
    0.5
    """
    x, y = pair(predicted, mos)
    return float(np.mean(np.abs(x - y)))


def outlier_ratio(
    predicted: ArrayLike, mos: ArrayLike, std: ArrayLike, counts: ArrayLike | None = None
) -> float:
    """Return the share of videos whose error exceeds the uncertainty of their MOS, 0 .. 1.

    Parameters
    ----------
    predicted, mos : (n,)
        Predictions and MOS.
    std : (n,)
        Standard deviation of the single opinions of each video.
    counts : (n,), optional
        Opinions per video. With it the limit is P.1401's 95 % interval of the mean,
        1.96 std / sqrt(count); without it VQEG's older limit of 2 std.
    """
    x, y = pair(predicted, mos)
    limit = 2 * np.asarray(std, dtype=np.float64)
    if counts is not None:
        limit = 1.96 * np.asarray(std, dtype=np.float64) / np.sqrt(np.asarray(counts, dtype=np.float64))
    return float(np.mean(np.abs(x - y) > limit))


#: Every metric of a comparison, in the order of its columns; a new one is one more line.
METRICS: tuple[Metric, ...] = (
    Metric("srcc", srcc, "SRCC", predictions="raw"),
    Metric("krcc", krcc, "KRCC", predictions="raw"),
    Metric("plcc_raw", plcc, "PLCC, raw", predictions="raw"),
    Metric("plcc", plcc, "PLCC"),
    Metric("plcc_test_mapped", plcc, "PLCC, test map", predictions="test-mapped"),
    Metric("rmse", rmse, "RMSE", higher_is_better=False),
    Metric("mae", mae, "MAE", higher_is_better=False),
)
