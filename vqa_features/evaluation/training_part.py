"""The training part of one split: inner folds, prepared columns, target scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError
from .splits import Positions, fold_tests

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

Values = NDArray[np.float64]
Protocol = Literal["strict", "literature"]
Search = Literal["refine", "full", "random10"]
SEARCHES = ("refine", "full", "random10")

INNER_FOLDS = 3
#: Above this many training rows one Gram matrix outgrows a gigabyte.
MOST_GRAM_ROWS = 12_000


class Fit(NamedTuple):
    """Outcome of one regressor on one split."""

    predicted: Values
    """(test rows,), on the MOS scale."""
    out_of_fold: Values
    """(training rows,): each row predicted by a model that did not see its fold."""
    chosen: dict[str, Any]
    at_edge: tuple[str, ...] = ()
    """Hyperparameters chosen at an end of their grid, see `vqa_features.evaluation.grids.edges`."""


class TrainingPart(NamedTuple):
    """Training rows, test features and the pipeline to search."""

    pipeline: Pipeline
    X: Values
    y: Values
    X_test: Values
    groups: NDArray[np.generic] | None
    strict: bool
    seed: int

    def folds(self) -> list[Positions]:
        """Return the validation rows of every inner fold (strict: shuffled, grouped; else contiguous)."""
        if self.strict:
            return fold_tests(len(self.y), self.groups, INNER_FOLDS, self.seed)
        return list(np.array_split(np.arange(len(self.y)), INNER_FOLDS))

    def rest(self, rows: Positions) -> Positions:
        """Return the training rows that are not among `rows`."""
        return np.setdiff1d(np.arange(len(self.y)), rows)

    def prepared(self, train: Values, other: Values) -> tuple[Values, Values]:
        """Fit the steps before the regressor on `train`; return both parts transformed."""
        from sklearn.base import clone

        steps = clone(self.pipeline[:-1])
        return steps.fit_transform(train), steps.transform(other)

    def check_gram_rows(self, name: str) -> None:
        """Raise ParameterError if the Gram matrix of the training rows is too large."""
        rows = len(self.y)
        if rows > MOST_GRAM_ROWS:
            raise ParameterError(
                f"{name} needs a matrix of {rows} x {rows} training rows, above the limit of "
                f"{MOST_GRAM_ROWS}: use ridge or gradient-boosting, or fewer rows"
            )


def target_scale(y: Values) -> tuple[float, float]:
    """Return mean and standard deviation of the MOS, the latter 1 where all are equal."""
    unit = float(y.std())
    return float(y.mean()), unit if unit > 0 else 1.0
