"""One regressor on one split: search inside the training part, fit, predict the test part.

The outcome is that of GridSearchCV over the pipeline of `regressors` (mean R^2 over the inner folds, refitted
on the whole training part), at a fraction of the time: `svr_search` and `ridge_search` share matrices between
grid points. In strict mode imputer, scaler and target scale are fitted again inside every inner fold. In
literature mode they are fitted once on the training part, the folds are contiguous and the target is not
scaled, as in the public scripts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError
from . import regressors
from .ridge_search import fit_ridge
from .splits import Split
from .svr_search import fit_svr
from .training_part import SEARCHES, Fit, Protocol, Search, TrainingPart, Values

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

DEFAULT_SEARCH: dict[str, Search] = {"strict": "refine", "literature": "random10"}


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
    pipeline = regressors.make(
        name, seed=seed, scale_target=strict, blocks=blocks, weights=weights, components=components
    )
    kept = groups[split.train] if strict and groups is not None else None
    part = TrainingPart(pipeline, X, y, split, kept, strict, seed)
    if name in ("svr-rbf", "svr-linear"):
        return fit_svr(part, name, search)
    if name in ("ridge", "kernel-ridge"):
        return fit_ridge(part, name)
    return _fit_plain(part)


def _fit_plain(part: TrainingPart) -> Fit:
    """Fit the pipeline without a search: once per inner fold (out-of-fold predictions), once on all."""
    from sklearn.base import clone

    X, y = part.features, part.y
    out_of_fold = np.empty(len(y))
    for rows in part.folds():
        kept = part.rest(rows)
        model = clone(part.pipeline).fit(X[kept], y[kept])
        out_of_fold[rows] = model.predict(X[rows])
    model = clone(part.pipeline).fit(X, y)
    return Fit(np.asarray(model.predict(part.test_features), dtype=np.float64), out_of_fold, {})


def chosen_pipeline(name: str, chosen: Mapping[str, float], *, seed: int = 0) -> Pipeline:
    """Return the unfitted strict pipeline with the hyperparameters that a search chose.

    Parameters
    ----------
    name : str
        A regressor of `vqa_features.evaluation.regressors.make`.
    chosen : mapping of str to float
        `Fit.chosen` of a split.
    seed : int
        Becomes `random_state` where the regressor has one.
    """
    pipeline = regressors.make(name, seed=seed)
    if name == "ridge" and chosen:
        return pipeline.set_params(regress__regressor__alphas=[chosen["alpha"]])
    return pipeline.set_params(**{f"regress__regressor__{key}": value for key, value in chosen.items()})


def describe_chosen(chosen: Mapping[str, float]) -> str:
    """Return hyperparameters as one text cell, e.g. ``C=8 gamma=0.5``."""
    return " ".join(f"{key}={value:.6g}" for key, value in chosen.items())
