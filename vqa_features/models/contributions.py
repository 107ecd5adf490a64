"""Contributions of columns to one prediction of a fitted pipeline.

Of a linear pipeline they are exact: coefficient times the distance of the value from the training mean. Of
any other they are estimated: training rows are turned into the explained row column by column, in random
orders, and the change of the prediction is counted to the column that was changed. The columns of one
extractor are changed one after the other, so that their sum is the Shapley value of the extractor (the
contributions are Owen values).

References
----------
E. Strumbelj and I. Kononenko, "Explaining prediction models and individual predictions with feature
contributions", Knowledge and Information Systems 41, 2014 (sampling of orders and of training rows).
S. M. Lundberg and S.-I. Lee, "A unified approach to interpreting model predictions", NeurIPS 2017.
G. Owen, "Values of games with a priori unions", Mathematical Economics and Game Theory, 1977.
R. Mitchell, J. Cooper, E. Frank and G. Holmes, "Sampling permutations for Shapley value estimation", Journal
of Machine Learning Research 23, 2022 (each order together with its reverse).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import VqaError
from .background import even_places

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

Values = NDArray[np.float64]
Predict = Callable[[Values], Values]

#: Orders drawn for each training row; each is used forwards and backwards.
ORDERS = 2
#: Bounds of the work: rows that are predicted for one explanation, and training rows used all the same.
MOST_PREDICTIONS, LEAST_ROWS = 50_000, 8
#: Number of rows that are predicted at once, and the greatest number of values in them.
_ROWS_AT_ONCE, _VALUES_AT_ONCE = 1024, 1 << 22
#: A linear function is one at the middle of two rows to this share of its range.
_LINEAR = 1e-8
#: Contributions sum to prediction minus mean to this share of the larger of both.
_ADDITIVE = 1e-6


class Contributions(NamedTuple):
    """What each column adds to a prediction, on the scale of the pipeline."""

    mean: float
    """Mean prediction of the training rows."""
    prediction: float
    values: Values
    """(columns,): their sum is prediction - mean."""
    errors: Values
    """(columns,): standard error of the random orders; 0 where the values are exact."""


def is_linear(pipeline: Pipeline, probes: Values) -> bool:
    """Return whether predictions are a linear function of the columns.

    Parameters
    ----------
    pipeline : Pipeline
        Fitted.
    probes : (rows, columns)
        Rows across the training range. The prediction in the middle of any two is to be the mean of theirs.
    """
    regressor: Any = pipeline
    while inner := _inner(regressor):
        regressor = inner
    if not hasattr(regressor, "coef_"):
        return False
    first, second = np.triu_indices(len(probes), 1)
    ends = np.asarray(pipeline.predict(probes), dtype=np.float64)
    middles = np.asarray(pipeline.predict((probes[first] + probes[second]) / 2), dtype=np.float64)
    unit = max(float(np.ptp(ends)), 1e-3 * float(np.abs(ends).max()))
    return bool(np.all(np.abs(middles - (ends[first] + ends[second]) / 2) <= _LINEAR * unit))


def _inner(estimator: Any) -> Any:
    """Return the regressor inside a pipeline or a transformed target, None if it is neither."""
    if hasattr(estimator, "steps"):
        return estimator.steps[-1][1]
    return getattr(estimator, "regressor_", None)


def exact(predict: Predict, row: Values) -> Contributions:
    """Return the contributions to the prediction of a linear pipeline.

    Parameters
    ----------
    predict : callable
        From (rows, columns) to (rows,); a missing value counts as the training mean of its column.
    row : (columns,)
        The explained row.
    """
    mean = float(predict(np.full((1, len(row)), np.nan))[0])
    prediction = float(predict(row[None])[0])
    alone = np.empty(len(row))
    step = _step(len(row))
    for first in range(0, len(row), step):
        places = np.arange(first, min(first + step, len(row)))
        one_column = np.full((len(places), len(row)), np.nan)
        one_column[np.arange(len(places)), places] = row[places]
        alone[places] = predict(one_column)
    return checked(Contributions(mean, prediction, alone - mean, np.zeros(len(row))))


def sampled(
    predict: Predict, row: Values, background: Values, groups: Sequence[Sequence[int]], seed: int = 0
) -> Contributions:
    """Return estimated contributions to the prediction of any pipeline.

    Parameters
    ----------
    predict : callable
        From (rows, columns) to (rows,).
    row : (columns,)
        The explained row.
    background : (training rows, columns)
        Each is used equally often: the contributions sum to the prediction minus their mean prediction.
    groups : sequence of sequence of int
        Columns of each extractor, changed one after the other; every column is in one of them.
    seed : int
        Seed of the orders.
    """
    random = np.random.default_rng(seed)
    affordable = MOST_PREDICTIONS // (2 * ORDERS * (len(row) + 1))
    background = background[even_places(len(background), max(affordable, LEAST_ROWS))]
    orders = np.stack([_order(groups, random) for _ in range(len(background) * ORDERS)])
    both = np.stack([orders, orders[:, ::-1]], axis=1).reshape(-1, len(row))
    changes = _changes(predict, row, np.repeat(background, 2 * ORDERS, axis=0), both)
    found = changes.reshape(len(background), ORDERS, 2, len(row)).mean(axis=2)
    spread = found.var(axis=1, ddof=1) / ORDERS
    return checked(
        Contributions(
            float(predict(background).mean()),
            float(predict(row[None])[0]),
            found.mean(axis=(0, 1)),
            np.sqrt(spread.sum(axis=0)) / len(background),
        )
    )


def _order(groups: Sequence[Sequence[int]], random: np.random.Generator) -> NDArray[np.intp]:
    """Return the columns in random order, those of a group one after the other."""
    parts = [random.permutation(np.asarray(groups[place])) for place in random.permutation(len(groups))]
    return np.concatenate(parts).astype(np.intp)


def _changes(predict: Predict, row: Values, starts: Values, orders: NDArray[np.intp]) -> Values:
    """Return by how much the prediction changes with each column as starts become `row`, (starts, columns).

    `orders` (starts, columns) holds the order of the columns for each start.
    """
    count = len(row) + 1
    place = np.argsort(orders, axis=1)
    predicted = np.empty(len(starts) * count)
    step = _step(len(row))
    for first in range(0, len(predicted), step):
        walk, done = np.divmod(np.arange(first, min(first + step, len(predicted))), count)
        predicted[first : first + step] = predict(np.where(place[walk] < done[:, None], row, starts[walk]))
    changes = np.diff(predicted.reshape(len(starts), count), axis=1)
    return np.take_along_axis(changes, place, axis=1)


def _step(columns: int) -> int:
    """Return the number of rows that are predicted at once."""
    return max(1, min(_ROWS_AT_ONCE, _VALUES_AT_ONCE // columns))


def checked(found: Contributions) -> Contributions:
    """Return contributions whose sum is the prediction minus the mean; VqaError if it is not."""
    wanted, total = found.prediction - found.mean, float(found.values.sum())
    unit = max(abs(found.prediction), abs(found.mean), float(np.abs(found.values).sum()))
    if not abs(total - wanted) <= _ADDITIVE * unit:
        raise VqaError(
            f"the contributions sum to {total:g}, and the prediction differs from the mean by {wanted:g}: "
            "the regressor gives other predictions for the same row, and cannot be explained"
        )
    return found
