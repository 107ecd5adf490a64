"""Hyperparameter search of support vector regression over shared Gram matrices.

scikit-learn's GridSearchCV computes the kernel again for every grid point; here one matrix per inner fold
serves all points of the grid, with the same choice (tests/evaluation/test_model_search.py).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from . import regressors
from .grids import edges
from .kernel_solvers import KernelFold, squared_distances
from .many_rows import check_needed, fit_svr_on_all
from .splits import Positions
from .training_part import Fit, Search, TrainingPart, Values, target_scale

#: Start of a refined search: every third gamma, low and middle cost (high costs are slow and rarely chosen).
_START_COSTS, _GAMMA_STRIDE = (0, 4), 3


def fit_svr(part: TrainingPart, name: str, search: Search) -> Fit:
    """Choose C (and gamma) by mean R^2 over the inner folds; refit on the whole training part.

    Of many training rows a subsample is searched.
    """
    if part.is_large():
        check_needed([name], *part.shape)
        found = _search(part.subsample(), name, search, part.further_gammas())
        return fit_svr_on_all(part, name, found.chosen)._replace(at_edge=found.at_edge)
    return _search(part, name, search)


def _search(part: TrainingPart, name: str, search: Search, further: int = 0) -> Fit:
    """Search on all rows of the part, with `further` gammas in the grid."""
    from sklearn.metrics import r2_score

    rbf = name == "svr-rbf"
    train, test = part.prepared(part.features, part.test_features)
    grid = regressors.grid(name, train.shape[1], relative=part.strict, further=further)
    tests = part.folds()
    whole = _kernel_fold(part, train, part.y, test, rbf)
    if part.strict:
        folds = [_strict_fold(part, rows, rbf) for rows in tests]
    else:
        folds = [_shared_fold(whole, rows) for rows in tests]
    predictions: dict[tuple[float, float | None], list[Values]] = {}

    y = part.y

    def score(cost: float, gamma: float | None) -> float:
        key = (cost, gamma)
        if key not in predictions:
            predictions[key] = [fold.predict(cost, gamma) for fold in folds]
        each = [r2_score(y[rows], found) for rows, found in zip(tests, predictions[key], strict=True)]
        return float(np.mean(each))

    gammas: Sequence[float | None] = grid["gamma"] if rbf else (None,)
    cost, gamma = choose(score, grid["C"], gammas, search, part.seed)
    out_of_fold = np.full(len(part.y), np.nan)
    for rows, found in zip(tests, predictions[cost, gamma], strict=True):
        out_of_fold[rows] = found
    chosen = {"C": cost} if gamma is None else {"C": cost, "gamma": gamma}
    return Fit(whole.predict(cost, gamma), out_of_fold, chosen, edges(chosen, grid))


def _kernel_fold(part: TrainingPart, train: Values, y: Values, other: Values, rbf: bool) -> KernelFold:
    shift, unit = target_scale(y) if part.strict else (0.0, 1.0)
    if rbf:
        base, cross = squared_distances(train, train), squared_distances(other, train)
    else:
        base, cross = train @ train.T, other @ train.T
    return KernelFold(base, cross, (y - shift) / unit, regressors.EPSILON, shift, unit)


def _strict_fold(part: TrainingPart, rows: Positions, rbf: bool) -> KernelFold:
    kept = part.rest(rows)
    train, other = part.prepared(part.features[kept], part.features[rows])
    return _kernel_fold(part, train, part.y[kept], other, rbf)


def _shared_fold(whole: KernelFold, rows: Positions) -> KernelFold:
    """Cut one inner fold out of the training part's Gram matrix."""
    kept = np.setdiff1d(np.arange(len(whole.target)), rows)
    return KernelFold(
        np.ascontiguousarray(whole.base[np.ix_(kept, kept)]),
        np.ascontiguousarray(whole.base[np.ix_(rows, kept)]),
        whole.target[kept],
        whole.epsilon,
    )


def choose(
    score: Callable[[float, float | None], float],
    costs: Sequence[float],
    gammas: Sequence[float | None],
    search: Search,
    seed: int,
) -> tuple[float, float | None]:
    """Return the pair of highest score among those the search visits; of equals, the first in grid order.

    Parameters
    ----------
    score : callable
        Score of a pair (C, gamma); higher is better.
    costs, gammas : sequence of float
        The grid; gammas are ``(None,)`` for a linear kernel.
    search : {"refine", "full", "random10"}
        ``refine`` starts on a coarse sub-grid and visits the neighbours of the best pair until it stays the
        best; ``full`` visits every pair; ``random10`` draws ten.
    seed : int
        Seed of ``random10``.
    """
    visited: dict[tuple[int, int], float] = {}

    def visit(points: Iterable[tuple[int, int]]) -> None:
        for i, j in sorted(points, key=lambda point: point[1]):  # a fold holds few kernels at a time
            if (i, j) not in visited:
                visited[i, j] = score(costs[i], gammas[j])

    everything = list(itertools.product(range(len(costs)), range(len(gammas))))
    if search == "random10":
        visit(_drawn(costs, gammas, seed))
    elif search == "full" or len(gammas) == 1:
        visit(everything)
    else:
        visit((i, j) for i, j in everything if i in _START_COSTS and j % _GAMMA_STRIDE == 1)
        before = None
        while before != _best(visited):
            before = _best(visited)
            visit(point for point in everything if _adjacent(point, before))
    i, j = _best(visited)
    return costs[i], gammas[j]


def _best(visited: Mapping[tuple[int, int], float]) -> tuple[int, int]:
    """Return the grid point of highest score, the first in grid order of equals."""
    top = max(visited.values())
    return next(point for point in sorted(visited) if visited[point] == top)


def _adjacent(a: tuple[int, int], b: tuple[int, int]) -> bool:
    return max(abs(a[0] - b[0]), abs(a[1] - b[1])) <= 1


def _drawn(costs: Sequence[float], gammas: Sequence[float | None], seed: int) -> list[tuple[int, int]]:
    """Return the ten grid points RandomizedSearchCV would draw with this seed."""
    from sklearn.model_selection import ParameterSampler

    space = {"C": range(len(costs)), "gamma": range(len(gammas))}
    count = min(10, len(costs) * len(gammas))
    return [(point["C"], point["gamma"]) for point in ParameterSampler(space, count, random_state=seed)]
