"""The training part of one split: inner folds, prepared columns, target scale."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .splits import Positions, Split, fold_tests
from .subsample import subsample

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

Values = NDArray[np.float64]
Protocol = Literal["strict", "literature"]
Search = Literal["refine", "full", "random10"]
SEARCHES = ("refine", "full", "random10")

INNER_FOLDS = 3
#: Up to this many training rows kernel methods search on all of them, above on `SEARCHED_ROWS` of them.
MOST_SEARCHED_ROWS = 5_000
SEARCHED_ROWS = 4_000
#: Steps of a pipeline that can work in place, with the same numbers.
_IN_PLACE = ("impute", "standard", "scale")


class Fit(NamedTuple):
    """Outcome of one regressor on one split."""

    predicted: Values
    """(test rows,), on the MOS scale."""
    out_of_fold: Values
    """(training rows,): each row predicted by a model that did not see its fold; nan in no fold."""
    chosen: dict[str, Any]
    at_edge: tuple[str, ...] = ()
    """Hyperparameters chosen at an end of their grid, see `vqa_features.evaluation.grids.edges`."""

    def left_out(self, y: Values) -> tuple[Values, Values]:
        """Return the out-of-fold predictions, and `y` (training rows,), of the rows that were in a fold."""
        rows = np.isfinite(self.out_of_fold)
        return self.out_of_fold[rows], y[rows]


class TrainingPart(NamedTuple):
    """Training rows, test features and the pipeline to search."""

    pipeline: Pipeline
    table: Values
    """(rows, columns): features of all rows; copies of a part are made when asked for, and not kept."""
    mos: Values
    """(rows,): MOS of all rows."""
    split: Split
    groups: NDArray[np.generic] | None
    """(training rows,)"""
    strict: bool
    seed: int
    validation: Positions | None = None
    """(validation rows,): training rows on which hyperparameters are chosen, in the place of inner folds."""

    @property
    def shape(self) -> tuple[int, int]:
        """Number of training rows and of columns."""
        return len(self.split.train), self.table.shape[1]

    @property
    def features(self) -> Values:
        """Features of the training rows, a new copy."""
        return self.table[self.split.train]

    @property
    def y(self) -> Values:
        """MOS of the training rows."""
        return self.mos[self.split.train]

    @property
    def test_features(self) -> Values:
        """Features of the test rows, a new copy."""
        return self.table[self.split.test]

    def folds(self) -> list[Positions]:
        """Return the validation rows of every inner fold (strict: shuffled, grouped; else contiguous).

        Given validation rows are the only fold.
        """
        if self.validation is not None:
            return [self.validation]
        if self.strict:
            return fold_tests(len(self.y), self.groups, INNER_FOLDS, self.seed)
        return list(np.array_split(np.arange(len(self.y)), INNER_FOLDS))

    def rest(self, rows: Positions) -> Positions:
        """Return the training rows that are not among `rows`."""
        return np.setdiff1d(np.arange(len(self.y)), rows)

    def prepared(self, train: Values, other: Values) -> tuple[Values, Values]:
        """Fit the steps before the regressor on `train`; return both parts transformed.

        Both are overwritten, so that at most two copies of them exist at a time.
        """
        from sklearn.base import clone

        steps = clone(self.pipeline[:-1])
        named = [name for name in _IN_PLACE if name in steps.named_steps]
        steps.set_params(**{f"{name}__copy": False for name in named})
        for _, step in steps.steps:
            train, other = step.fit_transform(train), step.transform(other)
        return train, other

    def is_large(self) -> bool:
        """Return whether kernel methods search on a subsample of the training rows."""
        return len(self.y) > MOST_SEARCHED_ROWS

    def subsample(self) -> TrainingPart:
        """Return the seeded part of the training rows, groups whole, on which kernel methods search.

        It holds one test row: a search needs none, and no step of the pipeline takes 0 rows.
        """
        rows = subsample(len(self.y), self.groups, SEARCHED_ROWS, self.seed)
        groups = None if self.groups is None else self.groups[rows]
        held = None if self.validation is None else np.flatnonzero(np.isin(rows, self.validation))
        split = Split(self.split.train[rows], self.split.test[:1])
        return self._replace(split=split, groups=groups, validation=held)

    def further_gammas(self) -> int:
        """Return the number of gammas to add to the grid (strict only)."""
        return further_gammas(len(self.y)) if self.strict else 0


def further_gammas(rows: int) -> int:
    """Return the number of gammas that a strict search adds: one for each doubling of the training rows."""
    return max(0, math.ceil(math.log2(rows / MOST_SEARCHED_ROWS)))


def target_scale(y: Values) -> tuple[float, float]:
    """Return mean and standard deviation of the MOS, the latter 1 where all are equal."""
    unit = float(y.std())
    return float(y.mean()), unit if unit > 0 else 1.0
