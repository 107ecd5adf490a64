"""Share of pairs of videos that predictions put in the right order.

Pairs share videos, so the standard error is that of dyadic data: errors of pairs with a common video are
correlated.

References
----------
P. M. Aronow, C. Samii, V. A. Assenova, "Cluster-robust variance estimation for dyadic data", Political
Analysis 23, 2015, equation 5.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ParameterError
from .pairs import pair

Values = NDArray[np.float64]
Truths = NDArray[np.bool_]

#: Cells of a matrix of pairs that is held at once.
AT_ONCE = 4_000_000


class PairAccuracy(NamedTuple):
    """How many pairs are ordered correctly."""

    accuracy: float
    """0 .. 1, .5 by chance; equal predictions count half; nan without pairs."""
    error: float
    """Standard error over drawn videos, or groups for pairs inside groups; nan for fewer than two."""
    pairs: int
    """Pairs that count."""
    ties: int
    """Pairs of equal predictions among them."""
    units: int
    """Videos, or groups, in these pairs."""


def distinguished(gap: Values, variance: Values, level: float = 0.95) -> Truths:
    """Return for each pair whether single opinions distinguish its two videos, by a z test.

    Parameters
    ----------
    gap : (...)
        Differences of two MOS.
    variance : (...)
        Variance of each difference: the sum of both ``std**2 / count``.
    level : float
        Two-sided confidence.
    """
    from scipy.stats import norm

    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.nan_to_num(gap / np.sqrt(variance), nan=0.0)
    return np.asarray(np.abs(z) > norm.ppf(0.5 + level / 2))


def pair_accuracy(
    predicted: ArrayLike,
    mos: ArrayLike,
    *,
    margin: float = 0.0,
    std: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    level: float = 0.95,
    groups: ArrayLike | None = None,
) -> PairAccuracy:
    """Return the share of pairs in the order of their MOS, of all pairs that differ enough.

    Parameters
    ----------
    predicted, mos : (n,)
        Predictions and MOS.
    margin : float
        Pairs whose MOS differ by no more are left out; 0 leaves out equal MOS.
    std, counts : (n,), optional
        Standard deviation and number of the single opinions of each video. With them, pairs whose MOS do not
        differ significantly are left out too.
    level : float
        Two-sided confidence of that test.
    groups : (n,), optional
        Source content; only pairs inside one group count (within-content accuracy).

    Returns
    -------
    PairAccuracy
        Accuracy with its standard error, and numbers of pairs.

    Raises
    ------
    ParameterError
        If the arrays do not fit or a parameter is out of range.

    See Also
    --------
    vqa_features.evaluation.paired_tests.krasula : ROC areas over all pairs.

    Examples
    --------
    >>> found = pair_accuracy([1.0, 2.0, 4.0, 3.0], [10, 20, 30, 40])
    >>> round(found.accuracy, 3), found.pairs
    (0.833, 6)
    """
    x, y = pair(predicted, mos)
    if not margin >= 0 or not 0 < level < 1 or (std is None) != (counts is None):
        raise ParameterError(
            f"need margin >= 0, 0 < level < 1, and std and counts together, got {margin} and {level}"
        )
    variance = None if std is None or counts is None else _variance(std, counts, len(y))
    labels = None if groups is None else _codes(groups, len(y))
    sums, squares, ties = np.zeros((len(y), 2)), np.zeros(3), 0
    for rows in _blocks(len(y)):
        gap = y[rows, None] - y
        chosen = np.abs(gap) > margin
        if variance is not None:
            chosen &= distinguished(gap, variance[rows, None] + variance, level)
        if labels is not None:
            chosen &= labels[rows, None] == labels
        agreement = np.sign(gap) * np.sign(x[rows, None] - x)
        right = np.where(chosen, (agreement + 1) / 2, 0.0)
        sums[rows] = np.column_stack([right.sum(axis=1), chosen.sum(axis=1)])
        squares += (np.square(right).sum(), right.sum(), chosen.sum())
        ties += int((chosen & (agreement == 0)).sum())
    # Every pair was met in both orders.
    return _summary(sums, squares / 2, ties // 2, labels)


def listed_pair_accuracy(predicted: ArrayLike, better: ArrayLike, worse: ArrayLike) -> PairAccuracy:
    """Return the share of listed pairs in the right order, such as those of a study of pairs.

    Parameters
    ----------
    predicted : (n,)
        Predictions.
    better, worse : (pairs,) int
        Row positions of the better and the worse video of each pair.

    Returns
    -------
    PairAccuracy
        Accuracy with its standard error, and numbers of pairs.

    Raises
    ------
    ParameterError
        If the arrays do not fit, a position is out of range, or a video is paired with itself.
    """
    x = np.asarray(predicted, dtype=np.float64)
    first, second = np.asarray(better, dtype=np.intp), np.asarray(worse, dtype=np.intp)
    if x.ndim != 1 or first.ndim != 1 or first.shape != second.shape or not np.isfinite(x).all():
        raise ParameterError(
            "need finite predictions (n,) and two vectors of row positions of one length, "
            f"got {x.shape}, {first.shape} and {second.shape}"
        )
    if len(first) and (min(first.min(), second.min()) < 0 or max(first.max(), second.max()) >= len(x)):
        raise ParameterError(f"row positions must lie in 0 .. {len(x) - 1}")
    if (first == second).any():
        raise ParameterError(f"{int((first == second).sum())} pair(s) hold one video twice")
    right = (np.sign(x[first] - x[second]) + 1) / 2
    sums = np.zeros((len(x), 2))
    for side in (first, second):
        np.add.at(sums, side, np.column_stack([right, np.ones(len(right))]))
    squares = np.array([np.square(right).sum(), right.sum(), len(right)])
    return _summary(sums, squares, int((right == 0.5).sum()), None)


def _summary(sums: Values, squares: Values, ties: int, labels: NDArray[np.intp] | None) -> PairAccuracy:
    """Return the accuracy from sums of correct and of all pairs, by video and over all pairs.

    Parameters
    ----------
    sums : (n, 2)
        Correct and counted pairs of each video.
    squares : (3,)
        Over the pairs: sum of squares of the values, sum of the values, number.
    ties : int
        Pairs of equal predictions.
    labels : (n,), optional
        Number of the group of each video, for pairs inside groups.
    """
    number = squares[2]
    if labels is not None:  # pairs of different groups are independent
        sums = np.column_stack([np.bincount(labels, column) for column in sums.T]) / 2
    units = int((sums[:, 1] > 0).sum())
    if number == 0:
        return PairAccuracy(float("nan"), float("nan"), 0, 0, 0)
    accuracy = float(squares[1] / number)
    variance = float(np.square(sums[:, 0] - accuracy * sums[:, 1]).sum())
    if labels is None:  # each pair was counted at both of its videos
        variance -= float(squares[0] - 2 * accuracy * squares[1] + accuracy**2 * number)
    error = np.sqrt(max(variance, 0.0) * units / (units - 1)) / number if units > 1 else np.nan
    return PairAccuracy(accuracy, float(error), int(number), ties, units)


def _variance(std: ArrayLike, counts: ArrayLike, rows: int) -> Values:
    """Return the variance of each MOS."""
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.asarray(std, dtype=np.float64) ** 2 / np.asarray(counts, dtype=np.float64)
    if variance.shape != (rows,) or not np.isfinite(variance).all() or (variance < 0).any():
        raise ParameterError("std and counts must be finite, counts above 0, with one value per video")
    return np.asarray(variance)


def _codes(groups: ArrayLike, rows: int) -> NDArray[np.intp]:
    labels = np.asarray(groups)
    if labels.shape != (rows,):
        raise ParameterError(f"groups must have one value per video, got {labels.shape} for {rows} videos")
    return np.asarray(np.unique(labels, return_inverse=True)[1], dtype=np.intp)


def _blocks(rows: int) -> Iterator[slice]:
    step = max(1, AT_ONCE // rows)
    return (slice(start, start + step) for start in range(0, rows, step))
