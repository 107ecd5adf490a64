"""Any regressor on one split: every point of its grid refitted in every inner fold, or none to search."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ParameterError, VqaError
from ..files.reading import reason_of
from . import regressors
from .grids import Value, edges, points_of
from .regressors import Regressor
from .training_part import Fit, Search, TrainingPart, Values

DRAWN = 10


def fit_grid(part: TrainingPart, regressor: Regressor, search: Search) -> Fit:
    """Choose the point of highest mean R^2 over the inner folds, the first of equals; refit on all rows.

    Parameters
    ----------
    part : TrainingPart
        Rows and pipeline.
    regressor : Regressor
        Without a grid, the pipeline is fitted as it is.
    search : {"refine", "full", "random10"}
        ``random10`` draws ten points with the seed; the others visit every point.

    Raises
    ------
    ParameterError
        If the estimator fails, or does not predict one finite number per row.
    """
    from sklearn.metrics import r2_score

    tests, X, y = part.folds(), part.features, part.y
    grid = _grid(part, regressor, X)
    points = points_of(grid)
    best = (-np.inf, points[0], np.empty(0))
    for point in _drawn(points, part.seed) if search == "random10" else points:
        out_of_fold = np.full(len(y), np.nan)
        for rows in tests:
            kept = part.rest(rows)
            out_of_fold[rows] = _predictions(part, regressor, point, X[kept], y[kept], X[rows])
        score = float(np.mean([r2_score(y[rows], out_of_fold[rows]) for rows in tests]))
        if not len(best[2]) or score > best[0]:
            best = (score, point, out_of_fold)
    _, chosen, out_of_fold = best
    predicted = _predictions(part, regressor, chosen, X, y, part.test_features)
    return Fit(predicted, out_of_fold, chosen, edges(chosen, grid))


def _grid(part: TrainingPart, regressor: Regressor, X: Values) -> dict[str, tuple[Any, ...]]:
    """Return the grid of the prepared columns."""
    columns = part.prepared(X.copy(), X[:1].copy())[0].shape[1] if regressor.per_column else X.shape[1]
    return regressors.grid(regressor, columns, relative=part.strict)


def _drawn(points: list[dict[str, Value]], seed: int) -> list[dict[str, Value]]:
    """Return ten points in the order of the grid, or all if there are no more."""
    if len(points) <= DRAWN:
        return points
    rows = np.random.default_rng(seed).choice(len(points), DRAWN, replace=False)
    return [points[row] for row in sorted(rows)]


def _predictions(
    part: TrainingPart, regressor: Regressor, point: dict[str, Any], X: Values, y: Values, other: Values
) -> Values:
    """Fit the pipeline at one point on `X`, `y`; return its predictions of `other`, shape (rows,)."""
    from sklearn.base import clone

    model = clone(part.pipeline)
    try:
        model.set_params(**regressors.parameters(regressor, point, scale_target=part.strict))
        found = np.asarray(model.fit(X, y).predict(other), dtype=np.float64)
    except VqaError:
        raise
    except Exception as error:  # whatever a caller's estimator raises
        told = f" at {point}" if point else ""
        raise ParameterError(f"{regressor.name} failed{told}: {reason_of(error)}") from error
    if found.size != len(other) or not np.isfinite(found).all():
        raise ParameterError(
            f"{regressor.name} must predict one finite number per video, got shape {found.shape}"
            + ("" if np.isfinite(found).all() else " with nan or infinity")
        )
    return found.reshape(len(other))
