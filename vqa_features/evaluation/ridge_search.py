"""Hyperparameter search of ridge and kernel ridge in closed form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from . import regressors
from .grids import edges
from .kernel_solvers import Decomposition, squared_distances
from .many_rows import check_needed, fit_kernel_ridge_on_all
from .splits import Positions
from .training_part import Fit, TrainingPart, Values, target_scale


class _Solved(NamedTuple):
    """One point of the grid: its squared error on left-out rows, and their predictions."""

    error: float
    alpha: float
    gamma: float
    decomposition: Decomposition
    left_out: Values


def fit_ridge(part: TrainingPart, name: str) -> Fit:
    """Choose alpha (and gamma) by squared error of left-out rows, or groups; fit and predict.

    Of many training rows a subsample is searched by kernel ridge.
    """
    if name == "kernel-ridge" and part.is_large():
        check_needed([name], *part.shape)
        found = _search(part.subsample(), name, part.further_gammas())
        return fit_kernel_ridge_on_all(part, found.chosen, _blocks(part))._replace(at_edge=found.at_edge)
    return _search(part, name)


def _search(part: TrainingPart, name: str, further: int = 0) -> Fit:
    """Search on all rows of the part, with `further` gammas in the grid."""
    kernel = name == "kernel-ridge"
    train, test = part.prepared(part.features, part.test_features)
    shift, unit = target_scale(part.y)
    grid = regressors.grid(name, train.shape[1], relative=part.strict, further=further)
    if not kernel:
        mean = train.mean(axis=0)
        train -= mean
    solutions = _solutions(train, (part.y - shift) / unit, grid, _blocks(part))
    best = min(solutions, key=lambda solved: solved.error)
    dual = best.decomposition.dual(best.alpha)
    if kernel:
        scaled = np.exp(-best.gamma * squared_distances(test, train)) @ dual
        chosen = {"alpha": best.alpha, "gamma": best.gamma}
    else:
        scaled = (test - mean) @ (train.T @ dual)
        chosen = {"alpha": best.alpha}
    return Fit(scaled * unit + shift, best.left_out * unit + shift, chosen, edges(chosen, grid))


def _blocks(part: TrainingPart) -> list[Positions] | None:
    """Return the rows of each group, which are left out together; None leaves out one row at a time."""
    if part.groups is None or len(np.unique(part.groups)) < 2:
        return None
    return [np.flatnonzero(part.groups == label) for label in np.unique(part.groups)]


def _solutions(
    train: Values, target: Values, grid: dict[str, tuple[float, ...]], blocks: list[Positions] | None
) -> Iterator[_Solved]:
    """Solve every point of the grid with one decomposition per kernel width; `train` is centred for ridge."""
    distances = squared_distances(train, train) if "gamma" in grid else None
    for gamma in grid.get("gamma", (0.0,)):
        if distances is None:
            solved = Decomposition.of_centred(train, target)
        else:
            solved = Decomposition.of_kernel(np.exp(-gamma * distances), target)
        for alpha in grid["alpha"]:
            left_out = solved.out_of_block(alpha, blocks)
            yield _Solved(float(np.mean((left_out - target) ** 2)), alpha, gamma, solved, left_out)
