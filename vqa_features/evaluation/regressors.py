"""Regressors from features to MOS, each a scikit-learn Pipeline.

A pipeline imputes (column means), drops constant columns, scales, and regresses on z-scored MOS, so that
the epsilon of an SVR means the same on every opinion scale. `make` returns it with default hyperparameters,
`grid` lists the values that `vqa_features.evaluation.model_search` searches.

References
----------
The grid C = 2^1 .. 2^10, gamma = 2^-8 .. 2^1 with epsilon 0.1 on min-max scaled columns is that of the
public scripts of VIDEVAL and BVQA_Benchmark (Z. Tu et al., IEEE TIP 2021), made for some 60 columns.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ..errors import ParameterError, UnknownName
from .estimators import built, built_in, check_regressor, copied
from .grids import Value, checked_grid, points_of
from .pipelines import Scaler, assembled

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

DEFAULT = ("svr-rbf", "ridge")
BASELINE = "mean"

EPSILON = 0.1
COSTS = tuple(float(c) for c in 2.0 ** np.arange(1, 11))
GAMMAS = tuple(float(g) for g in 2.0 ** np.arange(-8, 2))
LINEAR_COSTS = tuple(float(c) for c in 2.0 ** np.arange(-9, 1))
ALPHAS = tuple(float(a) for a in 10.0 ** np.arange(-2, 5.25, 0.25))
KERNEL_ALPHAS = tuple(float(a) for a in 10.0 ** np.arange(-3, 1.25, 0.25))
KERNEL_GAMMAS = tuple(float(g) for g in 2.0 ** np.arange(-6, 1))
#: Number of columns of the published grid. Squared distances grow with the number of columns, so kernel
#: widths are searched at gamma * 64 / columns: equal kernel shapes for 36 and for 9984 columns.
REFERENCE_COLUMNS = 64

SearchKind = Literal["svr", "ridge", "grid", "defaults", "given", "nothing"]


@dataclass(frozen=True)
class Regressor:
    """One regressor: how it is made, what its columns are scaled by, and what is searched."""

    name: str
    build: Callable[[int], Any]
    """From a seed to an unfitted estimator."""
    scaler: Scaler = "standard"
    grid: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    search: SearchKind = "defaults"
    """``svr``, ``ridge``: the searches of those modules; ``grid``: every point by refitting;
    ``defaults``, ``given``: none, with the hyperparameters of the class or of the caller's instance;
    ``nothing``: there is none to choose."""
    per_column: tuple[str, ...] = ()
    """Hyperparameters searched at value * `REFERENCE_COLUMNS` / columns in strict mode."""

    def searched(self, search: str) -> str:
        """Return what is searched, in words, where `search` is the kind of search asked for."""
        if self.search == "svr":
            return search
        if self.search == "ridge":
            return "full, in closed form"
        if self.search == "grid":
            drawn = "10 drawn" if search == "random10" else "all"
            return f"grid of {len(points_of(self.grid))} points, {drawn}"
        if self.search == "nothing":
            return "nothing to search"
        return f"not searched: {'hyperparameters as given' if self.search == 'given' else 'defaults'}"


#: Every regressor known by name; a new one is one more line.
TABLE: tuple[Regressor, ...] = (
    Regressor(
        "svr-rbf",
        partial(built, "sklearn.svm:SVR", kernel="rbf", C=8.0, gamma="scale", epsilon=EPSILON),
        "minmax",
        {"C": COSTS, "gamma": GAMMAS},
        "svr",
        per_column=("gamma",),
    ),
    Regressor(
        "svr-linear",
        partial(built, "sklearn.svm:SVR", kernel="linear", C=0.01, epsilon=EPSILON),
        grid={"C": LINEAR_COSTS},
        search="svr",
        per_column=("C",),
    ),
    Regressor(
        "ridge",
        partial(built, "sklearn.linear_model:RidgeCV", alphas=ALPHAS),
        grid={"alpha": ALPHAS},
        search="ridge",
    ),
    Regressor(
        "kernel-ridge",
        partial(built, "sklearn.kernel_ridge:KernelRidge", kernel="rbf", alpha=0.1),
        "minmax",
        {"alpha": KERNEL_ALPHAS, "gamma": KERNEL_GAMMAS},
        "ridge",
        per_column=("gamma",),
    ),
    Regressor(
        "gradient-boosting",
        partial(built, "sklearn.ensemble:HistGradientBoostingRegressor", learning_rate=0.05, max_iter=200),
    ),
    Regressor(BASELINE, partial(built, "sklearn.dummy:DummyRegressor"), search="nothing"),
)
NAMES = tuple(one.name for one in TABLE)

#: A regressor as callers give it: a name, an import path, an estimator, or a record.
GivenRegressor = Any


def find(given: GivenRegressor, grid: Mapping[str, Any] | None = None, name: str | None = None) -> Regressor:
    """Return the record of a regressor.

    Parameters
    ----------
    given : str, estimator or Regressor
        A name of `TABLE`; the import path of a scikit-learn regressor (``package.module.Class``, or
        ``package.module:Class``, which also looks in the current folder); an estimator or Pipeline, which is
        copied. Columns are imputed and standardised before them, before a Pipeline only imputed.
    grid : mapping of str to sequence, optional
        Values of hyperparameters to search, in place of the grid of the table.
    name : str, optional
        Name in the results.

    Raises
    ------
    UnknownName, ParameterError
        If it is unknown, no regressor, or the grid names a parameter that it does not have.
    """
    found = _record(given, name)
    if grid is None:
        return found
    known = {*found.grid, *found.build(0).get_params()}
    return replace(found, grid=checked_grid(found.name, grid, known), search="grid", per_column=())


def _record(given: GivenRegressor, name: str | None) -> Regressor:
    from sklearn.pipeline import Pipeline

    if isinstance(given, Regressor):
        return given
    known = {one.name: one for one in TABLE}
    called = name or (given if isinstance(given, str) else type(given).__name__)
    if given in known if isinstance(given, str) else called in known:
        if called != given:
            raise ParameterError(f"the name {called!r} is not free for {given!r}: give it another name")
        return known[called]
    if not isinstance(given, str):
        check_regressor(given, called)
        scaler: Scaler = "none" if isinstance(given, Pipeline) else "standard"
        return Regressor(called, partial(copied, given), scaler, search="given")
    if not any(mark in given for mark in ".:"):
        raise UnknownName("regressor", given, known, f"known: {', '.join(known)}, or an import path")
    built(given, 0)
    make_one = partial(built_in, os.getcwd(), given) if ":" in given else partial(built, given)
    return Regressor(called, make_one)


def make(
    name: GivenRegressor,
    *,
    seed: int = 0,
    scale_target: bool = True,
    blocks: Sequence[int] = (),
    weights: Sequence[float] = (),
    components: int | None = None,
) -> Pipeline:
    """Return an unfitted scikit-learn Pipeline from features to MOS.

    Parameters
    ----------
    name : str, estimator or Regressor
        See `find`, e.g. ``svr-rbf`` or ``sklearn.ensemble.ExtraTreesRegressor``.
    seed : int
        Becomes `random_state` where the regressor has one.
    scale_target : bool
        False regresses on the MOS as it is (literature mode).
    blocks : sequence of int
        Early fusion: number of columns of each family, in order. Each block is scaled by itself and has one
        share of the variance, whatever its number of columns.
    weights : sequence of float, optional
        Share of each block, in any unit; by default equal.
    components : int, optional
        Number of principal components before the regressor (control for unequal numbers of columns).

    Raises
    ------
    UnknownName
        If the name is unknown and cannot be imported.
    ParameterError
        If the imported object is no regressor, or both `blocks` and `components` are given.

    See Also
    --------
    vqa_features.evaluation.model_search.chosen_pipeline : The pipeline with searched hyperparameters.

    Examples
    --------
    >>> import numpy as np
    >>> import vqa_features as vf
    >>> features = np.arange(20.0)[:, None]
    >>> model = vf.regressors.make("ridge").fit(features, 1 + features[:, 0] / 10)
    >>> round(float(model.predict([[15.0]])[0]), 2)
    2.5
    """
    regressor = find(name)
    scaled = _scales_target(regressor, scale_target)
    return assembled(regressor.build(seed), regressor.scaler, scaled, blocks, weights, components)


def _scales_target(regressor: Regressor, scale_target: bool) -> bool:
    return scale_target and regressor.name != BASELINE


def grid(
    name: GivenRegressor, columns: int, *, relative: bool = True, further: int = 0
) -> dict[str, tuple[Any, ...]]:
    """Return the values of every hyperparameter that is searched, e.g. ``{"C": ..., "gamma": ...}``.

    Parameters
    ----------
    name : str, estimator or Regressor
        One without a search gives an empty dict.
    columns : int
        Number of feature columns that are not constant.
    relative : bool
        Scale kernel widths with the number of columns (see `REFERENCE_COLUMNS`); False in literature mode.
    further : int
        Number of gammas to add above the largest, each twice the one before.

    See Also
    --------
    param_grid : The same for scikit-learn's GridSearchCV.
    """
    regressor = find(name)
    factor = REFERENCE_COLUMNS / columns if relative else 1.0
    found: dict[str, tuple[Any, ...]] = {key: tuple(values) for key, values in regressor.grid.items()}
    if "gamma" in found:
        found["gamma"] += tuple(found["gamma"][-1] * 2.0**step for step in range(1, further + 1))
    for key in regressor.per_column:
        found[key] = tuple(value * factor for value in found[key])
    return found


def param_grid(
    name: GivenRegressor, columns: int, *, relative: bool = True, scale_target: bool = True
) -> dict[str, list[Any]]:
    """Return `grid` for ``GridSearchCV(make(name), param_grid(name, columns))``.

    Parameters
    ----------
    name, columns, relative
        As for `grid`.
    scale_target : bool
        As for `make`.

    Examples
    --------
    >>> import vqa_features as vf
    >>> list(vf.regressors.param_grid("svr-rbf", 60))
    ['regress__regressor__C', 'regress__regressor__gamma']
    """
    found: dict[str, list[Any]] = {}
    for key, values in grid(name, columns, relative=relative).items():
        for value in values:
            for full, one in parameters(name, {key: value}, scale_target=scale_target).items():
                found.setdefault(full, []).append(one)
    return found


def parameters(
    name: GivenRegressor, chosen: Mapping[str, Any], *, scale_target: bool = True
) -> dict[str, Any]:
    """Return hyperparameters as ``make(name).set_params(...)`` takes them.

    Parameters
    ----------
    name : str, estimator or Regressor
        The regressor.
    chosen : mapping of str to value
        Values by the names of `grid`.
    scale_target : bool
        As for `make`.
    """
    regressor = find(name)
    prefix = "regress__regressor__" if _scales_target(regressor, scale_target) else "regress__"
    if regressor.name == "ridge" and "alpha" in chosen:  # RidgeCV searches a list of them
        chosen = {"alphas" if key == "alpha" else key: [value] for key, value in chosen.items()}
    return {prefix + key: value for key, value in chosen.items()}
