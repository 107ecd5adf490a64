"""One regressor on one split: search inside the training part, fit, predict the test part.

The outcome is that of GridSearchCV over the pipeline of `regressors` (mean R^2 over the inner folds, refitted
on the whole training part), at a fraction of the time: `svr_search` and `ridge_search` share matrices between
grid points. In strict mode imputer, scaler and target scale are fitted again inside every inner fold. In
literature mode they are fitted once on the training part, the folds are contiguous and the target is not
scaled, as in the public scripts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError
from . import regressors
from .grid_search import fit_grid
from .grids import parsed
from .ridge_search import fit_ridge
from .splits import Split
from .svr_search import fit_svr
from .training_part import SEARCHES, Fit, Protocol, Search, TrainingPart, Values

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

DEFAULT_SEARCH: dict[str, Search] = {"strict": "refine", "literature": "random10"}


def fit_predict(
    name: regressors.GivenRegressor,
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
    validation: NDArray[np.intp] | None = None,
) -> Fit:
    """Search, fit and predict one split.

    Parameters
    ----------
    name : str, estimator or Regressor
        See `vqa_features.evaluation.regressors.find`.
    X : (rows, columns)
        Features; nan where missing, never infinite.
    y : (rows,)
        MOS.
    split : Split
        Row positions of the training and the test part.
    groups : (rows,), optional
        Kept on one side of every inner fold (strict only).
    protocol : {"strict", "literature"}
        How columns and target are scaled and inner folds are made, see the module's docstring.
    search : {"refine", "full", "random10"}, optional
        ``refine`` climbs from a coarse sub-grid, ``full`` visits every point, ``random10`` draws ten with
        `seed`. Default: refine in strict mode, random10 in literature mode.
    seed : int
        Decides inner folds, the points drawn, and `random_state` of the regressor.
    blocks : sequence of int
        Number of columns of each family when `X` joins several (early fusion).
    weights : sequence of float
        Share of the variance of each family; by default equal.
    components : int, optional
        Reduce the columns to this many principal components inside every fold.
    validation : (validation rows,), optional
        Training rows on which hyperparameters are chosen, in the place of inner folds. The model is then
        fitted on all training rows; only these have out-of-fold predictions.

    Returns
    -------
    Fit
        Predictions of the test rows and, out of fold, of the training rows, on the MOS scale.

    Raises
    ------
    ParameterError, UnknownName
        If the search or regressor is unknown, or a Gram matrix would be too large.
    """
    search = DEFAULT_SEARCH[protocol] if search is None else search
    if search not in SEARCHES:
        raise ParameterError(f"search must be one of {', '.join(SEARCHES)}, got {search!r}")
    strict = protocol == "strict"
    regressor = regressors.find(name)
    pipeline = regressors.make(
        regressor, seed=seed, scale_target=strict, blocks=blocks, weights=weights, components=components
    )
    kept = groups[split.train] if strict and groups is not None else None
    held = None if validation is None else np.flatnonzero(np.isin(split.train, validation))
    part = TrainingPart(pipeline, X, y, split, kept, strict, seed, held)
    if regressor.search == "svr":
        return fit_svr(part, regressor.name, search)
    if regressor.search == "ridge" and part.validation is None:
        return fit_ridge(part, regressor.name)
    return fit_grid(part, regressor, search)


def chosen_pipeline(
    name: regressors.GivenRegressor,
    chosen: Mapping[str, Any] | str,
    *,
    seed: int = 0,
    protocol: Protocol = "strict",
    blocks: Sequence[int] = (),
) -> Pipeline:
    """Return the unfitted pipeline with the hyperparameters that a search chose.

    Parameters
    ----------
    name : str, estimator or Regressor
        See `vqa_features.evaluation.regressors.find`.
    chosen : mapping of str to value, or str
        `Fit.chosen` of a split, or the cell ``chosen`` of ``scores.csv``.
    seed : int
        Becomes `random_state` where the regressor has one.
    protocol : {"strict", "literature"}
        Strict pipelines scale the target.
    blocks : sequence of int
        As for `fit_predict`.
    """
    found = parsed(chosen) if isinstance(chosen, str) else chosen
    strict = protocol == "strict"
    pipeline = regressors.make(name, seed=seed, scale_target=strict, blocks=blocks)
    return pipeline.set_params(**regressors.parameters(name, found, scale_target=strict))
