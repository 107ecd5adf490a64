"""One regressor on one split: search inside the training part, fit, predict the test part.

The outcome is what GridSearchCV over the pipeline of `regressors` would give (mean R^2 over the inner
folds, refitted on the whole training part); only the work is arranged differently, see `kernel_solvers`.
In strict mode imputer, scaler and target scale are fitted again inside every inner fold. In literature mode
they are fitted once on the training part, the folds are contiguous and the target is not scaled, as in the
public scripts.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError
from . import regressors
from .kernel_solvers import Decomposition, KernelFold, squared_distances
from .splits import Positions, Split, fold_tests

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

Values = NDArray[np.float64]
Protocol = Literal["strict", "literature"]
Search = Literal["refine", "full", "random10"]
SEARCHES = ("refine", "full", "random10")
DEFAULT_SEARCH: dict[str, Search] = {"strict": "refine", "literature": "random10"}

INNER_FOLDS = 3
#: Above this many training rows one Gram matrix outgrows a gigabyte.
MOST_GRAM_ROWS = 12_000
#: Where a refined search starts: every third gamma, low and middle cost (high costs are slow and rarely
#: chosen).
_START_COSTS, _START_GAMMAS = (0, 4), (1, 4, 7)


class Fit(NamedTuple):
    """Outcome of one regressor on one split."""

    predicted: Values
    """(test rows,), on the MOS scale."""
    out_of_fold: Values
    """(training rows,): each row predicted by a model that did not see its fold."""
    chosen: dict[str, float]


def fit_predict(
    name: str,
    X: Values,
    y: Values,
    split: Split,
    groups: NDArray[np.generic] | None = None,
    *,
    protocol: Protocol = "strict",
    search: Search | None = None,
    seed: int = 0,
    blocks: Sequence[int] = (),
    weights: Sequence[float] = (),
    components: int | None = None,
) -> Fit:
    """Search, fit and predict one split.

    Parameters
    ----------
    name : str
        A regressor of `vqa_features.evaluation.regressors.make`.
    X : (rows, columns)
        Features; nan where missing, never infinite.
    y : (rows,)
        MOS.
    groups : (rows,), optional
        Kept on one side of every inner fold (strict only).
    search : {"refine", "full", "random10"}, optional
        ``refine`` climbs from a coarse sub-grid, ``full`` visits every point, ``random10`` draws ten with
        `seed`. Default: refine in strict mode, random10 in literature mode.
    blocks : sequence of int
        Columns of each family when `X` joins several (early fusion).
    weights : sequence of float
        Share of the variance each family gets; default: all alike.
    components : int, optional
        Reduce the columns to this many principal components inside every fold.
    """
    strict = protocol == "strict"
    problem = _Problem(
        regressors.make(
            name, seed=seed, scale_target=strict, blocks=blocks, weights=weights, components=components
        ),
        X[split.train],
        y[split.train],
        X[split.test],
        None if groups is None or not strict else groups[split.train],
        strict,
        seed,
    )
    if search is None:
        search = DEFAULT_SEARCH[protocol]
    if search not in SEARCHES:
        raise ParameterError(f"search must be one of {', '.join(SEARCHES)}, got {search!r}")
    if name in ("svr-rbf", "svr-linear"):
        return _fit_svr(problem, name, search)
    if name in ("ridge", "kernel-ridge"):
        return _fit_ridge(problem, name)
    return _fit_plain(problem)


class _Problem(NamedTuple):
    pipeline: Pipeline
    X: Values
    y: Values
    X_test: Values
    groups: NDArray[np.generic] | None
    strict: bool
    seed: int

    def folds(self) -> list[Positions]:
        if self.strict:
            return fold_tests(len(self.y), self.groups, INNER_FOLDS, self.seed)
        return list(np.array_split(np.arange(len(self.y)), INNER_FOLDS))

    def prepared(self, train: Values, other: Values) -> tuple[Values, Values]:
        """Fit everything before the regressor on `train`; return both parts transformed."""
        from sklearn.base import clone

        steps = clone(self.pipeline[:-1])
        return steps.fit_transform(train), steps.transform(other)


def _fit_svr(problem: _Problem, name: str, search: Search) -> Fit:
    _check_rows(name, len(problem.y))
    rbf = name == "svr-rbf"
    train, test = problem.prepared(problem.X, problem.X_test)
    grid = regressors.grid(name, train.shape[1], relative=problem.strict)
    tests = problem.folds()
    whole = _kernel_fold(problem, train, problem.y, test, rbf)
    if problem.strict:
        parts = [_strict_fold(problem, rows, rbf) for rows in tests]
    else:
        parts = [_shared_fold(whole, rows) for rows in tests]
    predictions: dict[tuple[float, float | None], list[Values]] = {}

    def score(cost: float, gamma: float | None) -> float:
        key = (cost, gamma)
        if key not in predictions:
            predictions[key] = [part.predict(cost, gamma) for part in parts]
        each = [_r2(problem.y[rows], found) for rows, found in zip(tests, predictions[key], strict=True)]
        return float(np.mean(each))

    gammas: Sequence[float | None] = grid["gamma"] if rbf else (None,)
    cost, gamma = choose(score, grid["C"], gammas, search, problem.seed)
    out_of_fold = np.empty(len(problem.y))
    for rows, found in zip(tests, predictions[cost, gamma], strict=True):
        out_of_fold[rows] = found
    chosen = {"C": cost} if gamma is None else {"C": cost, "gamma": gamma}
    return Fit(whole.predict(cost, gamma), out_of_fold, chosen)


def _kernel_fold(problem: _Problem, train: Values, y: Values, other: Values, rbf: bool) -> KernelFold:
    shift, unit = _target_scale(y) if problem.strict else (0.0, 1.0)
    if rbf:
        base, cross = squared_distances(train, train), squared_distances(other, train)
    else:
        base, cross = train @ train.T, other @ train.T
    return KernelFold(base, cross, (y - shift) / unit, regressors.EPSILON, shift, unit)


def _strict_fold(problem: _Problem, rows: Positions, rbf: bool) -> KernelFold:
    kept = np.setdiff1d(np.arange(len(problem.y)), rows)
    train, other = problem.prepared(problem.X[kept], problem.X[rows])
    return _kernel_fold(problem, train, problem.y[kept], other, rbf)


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
    """Return the pair of highest score among those the search visits; of equals, the first in grid order."""
    visited: dict[tuple[int, int], float] = {}

    def visit(points: Iterable[tuple[int, int]]) -> None:
        for i, j in points:
            if 0 <= i < len(costs) and 0 <= j < len(gammas) and (i, j) not in visited:
                visited[i, j] = score(costs[i], gammas[j])

    def best() -> tuple[int, int]:
        top = max(visited.values())
        return next(point for point in sorted(visited) if visited[point] == top)

    everything = list(itertools.product(range(len(costs)), range(len(gammas))))
    if search == "random10":
        visit(_drawn(costs, gammas, seed))
    elif search == "full" or len(gammas) == 1:
        visit(everything)
    else:
        visit(itertools.product(_START_COSTS, _START_GAMMAS))
        before = None
        while before != best():
            before = best()
            visit((before[0] + i, before[1] + j) for i, j in itertools.product((-1, 0, 1), repeat=2))
    i, j = best()
    return costs[i], gammas[j]


def _drawn(costs: Sequence[float], gammas: Sequence[float | None], seed: int) -> list[tuple[int, int]]:
    """Return the ten grid points RandomizedSearchCV would draw with this seed."""
    from sklearn.model_selection import ParameterSampler

    space = {"C": range(len(costs)), "gamma": range(len(gammas))}
    count = min(10, len(costs) * len(gammas))
    return [(point["C"], point["gamma"]) for point in ParameterSampler(space, count, random_state=seed)]


def _fit_ridge(problem: _Problem, name: str) -> Fit:
    """Choose alpha (and a kernel's gamma) by squared error of rows, or whole groups, left out in closed
    form."""
    kernel = name == "kernel-ridge"
    if kernel:
        _check_rows(name, len(problem.y))
    train, test = problem.prepared(problem.X, problem.X_test)
    shift, unit = _target_scale(problem.y)
    target = (problem.y - shift) / unit
    grid = regressors.grid(name, train.shape[1], relative=problem.strict)
    blocks = None
    if problem.groups is not None and len(np.unique(problem.groups)) > 1:
        blocks = [np.flatnonzero(problem.groups == label) for label in np.unique(problem.groups)]
    distances = squared_distances(train, train) if kernel else None
    best: tuple[float, float, float, Decomposition, Values] | None = None
    for gamma in grid.get("gamma", (0.0,)):
        if distances is None:
            solved = Decomposition.of_features(train, target)
        else:
            solved = Decomposition.of_kernel(np.exp(-gamma * distances), target)
        for alpha in grid["alpha"]:
            left_out = solved.out_of_block(alpha, blocks)
            error = float(np.mean((left_out - target) ** 2))
            if best is None or error < best[0]:
                best = (error, alpha, gamma, solved, left_out)
    assert best is not None
    _, alpha, gamma, solved, left_out = best
    dual = solved.dual(alpha)
    if kernel:
        scaled = np.exp(-gamma * squared_distances(test, train)) @ dual
    else:
        mean = train.mean(axis=0)
        scaled = (test - mean) @ ((train - mean).T @ dual)
    chosen = {"alpha": alpha, "gamma": gamma} if kernel else {"alpha": alpha}
    return Fit(scaled * unit + shift, left_out * unit + shift, chosen)


def _fit_plain(problem: _Problem) -> Fit:
    """Fit the pipeline as it is, once per inner fold for the out-of-fold predictions and once on all."""
    from sklearn.base import clone

    out_of_fold = np.empty(len(problem.y))
    for rows in problem.folds():
        kept = np.setdiff1d(np.arange(len(problem.y)), rows)
        model = clone(problem.pipeline).fit(problem.X[kept], problem.y[kept])
        out_of_fold[rows] = model.predict(problem.X[rows])
    model = clone(problem.pipeline).fit(problem.X, problem.y)
    return Fit(np.asarray(model.predict(problem.X_test), dtype=np.float64), out_of_fold, {})


def chosen_pipeline(name: str, chosen: Mapping[str, float], *, seed: int = 0) -> Pipeline:
    """Return the strict pipeline with searched hyperparameters set: what a user takes away and fits."""
    pipeline = regressors.make(name, seed=seed)
    if name == "ridge" and chosen:
        return pipeline.set_params(regress__regressor__alphas=[chosen["alpha"]])
    return pipeline.set_params(**{f"regress__regressor__{key}": value for key, value in chosen.items()})


def _r2(y: Values, predicted: Values) -> float:
    spread = float(np.sum((y - y.mean()) ** 2))
    error = float(np.sum((y - predicted) ** 2))
    # As scikit-learn defines it: a constant MOS is explained by an exact prediction only.
    return 1.0 - error / spread if spread > 0 else float(error == 0.0)


def _target_scale(y: Values) -> tuple[float, float]:
    unit = float(y.std())
    return float(y.mean()), unit if unit > 0 else 1.0


def _check_rows(name: str, rows: int) -> None:
    if rows > MOST_GRAM_ROWS:
        raise ParameterError(
            f"{name} needs a matrix of {rows} x {rows} training rows, above the limit of {MOST_GRAM_ROWS}: "
            "use ridge or gradient-boosting, or fewer rows"
        )


def describe_chosen(chosen: Mapping[str, float]) -> str:
    """Return hyperparameters as one text cell, e.g. ``C=8 gamma=0.5``."""
    return " ".join(f"{key}={value:.6g}" for key, value in chosen.items())
