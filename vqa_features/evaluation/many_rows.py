"""Kernel methods on more training rows than a search can visit: one exact fit at given hyperparameters.

The search runs on a subsample (`TrainingPart.subsample`). Here the model is fitted once on all training rows,
and once without each inner fold for the out-of-fold predictions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from . import regressors
from .kernel_solvers import squared_distances
from .memory import GIB, check_memory
from .smo import fit_dual
from .splits import Positions
from .training_part import MOST_SEARCHED_ROWS, SEARCHED_ROWS, Fit, TrainingPart, Values, target_scale

#: Rows of a kernel matrix computed at a time.
_BLOCK = 512
#: Bytes of each cell of the Gram matrix of all training rows.
_CELL = {"svr-rbf": 4, "svr-linear": 4, "kernel-ridge": 8}

Kernel = Callable[[Values, Values], Values]


def gram_bytes(name: str, rows: int) -> int:
    """Return the size of the Gram matrix of a regressor on more rows than a search visits, else 0."""
    return _CELL.get(name, 0) * rows * rows if rows > MOST_SEARCHED_ROWS else 0


def describe_subsample(names: Sequence[str], rows: int) -> str:
    """Return how kernel methods among `names` search on `rows` training rows, empty if on all of them."""
    needed = {name: gram_bytes(name, rows) / GIB for name in names if gram_bytes(name, rows)}
    if not needed:
        return ""
    each = ", ".join(f"{name} {size:.1f} GiB" for name, size in needed.items())
    return (
        f"subsample {SEARCHED_ROWS} of {rows} training rows, then one fit on all rows "
        f"(Gram matrix in each process: {each})"
    )


def check_gram(names: Sequence[str], rows: int, processes: int = 1) -> None:
    """Raise ParameterError if the Gram matrices of `processes` fits at once exceed the available memory."""
    for name in names:
        needed = processes * gram_bytes(name, rows)
        if needed:
            what = f"{name} on {rows} training rows" + (f" in {processes} processes" if processes > 1 else "")
            check_memory(needed, what, "use ridge or gradient-boosting, fewer jobs or fewer rows")


def kernel_of(gamma: float | None) -> Kernel:
    """Return the function from two sets of rows to their kernel; `gamma` None is the linear kernel."""
    if gamma is None:
        return lambda a, b: np.asarray(a @ b.T)

    def rbf(a: Values, b: Values) -> Values:
        cells = squared_distances(a, b)
        cells *= -gamma
        return np.exp(cells, out=cells)

    return rbf


def gram_matrix(rows: Values, kernel: Kernel, kind: type[np.floating]) -> NDArray[np.floating]:
    """Return the symmetric (n, n) kernel matrix of `rows` (n, d), computed in float64, kept as `kind`."""
    gram = np.empty((len(rows), len(rows)), dtype=kind)
    for block in _blocks(len(rows)):
        cells = kernel(rows[block], rows[block.start :])
        gram[block, block.start :] = cells
        gram[block.start :, block] = cells.T
    return gram


def _blocks(rows: int) -> Iterator[slice]:
    return (slice(start, min(start + _BLOCK, rows)) for start in range(0, rows, _BLOCK))


def fit_svr_on_all(part: TrainingPart, name: str, chosen: Mapping[str, float]) -> Fit:
    """Fit an SVR with the chosen C (and gamma) on all training rows; predict test rows and inner folds."""
    check_gram([name], len(part.y))
    kernel = kernel_of(chosen.get("gamma"))

    def predict(train: Values, y: Values, other: Values) -> Values:
        shift, unit = target_scale(y) if part.strict else (0.0, 1.0)
        gram = gram_matrix(train, kernel, np.float32)
        model = fit_dual(gram, (y - shift) / unit, chosen["C"], regressors.EPSILON)
        support = np.flatnonzero(model.coefficients)
        vectors, weights = train[support], model.coefficients[support]
        scaled = [kernel(other[block], vectors) @ weights for block in _blocks(len(other))]
        return np.asarray((np.concatenate(scaled) + model.offset) * unit + shift)

    predicted = predict(*_sides(part, np.arange(len(part.y)), None))
    out_of_fold = np.empty(len(part.y))
    for rows in part.folds():
        out_of_fold[rows] = predict(*_sides(part, part.rest(rows), rows))
    return Fit(predicted, out_of_fold, dict(chosen))


def _sides(part: TrainingPart, kept: Positions, rows: Positions | None) -> tuple[Values, Values, Values]:
    """Return prepared columns and MOS of the rows to fit, and prepared columns of those to predict.

    In literature mode the columns are prepared once, on the whole training part.
    """
    if rows is None:
        train, other = part.prepared(part.features, part.test_features)
        return train, part.y, other
    if part.strict:
        train, other = part.prepared(part.features[kept], part.features[rows])
        return train, part.y[kept], other
    whole, other = part.prepared(part.features, part.features[rows])
    return whole[kept], part.y[kept], other


def fit_kernel_ridge_on_all(
    part: TrainingPart, chosen: Mapping[str, float], blocks: Sequence[Positions] | None
) -> Fit:
    """Fit kernel ridge with the chosen alpha and gamma on all training rows, by Cholesky decomposition.

    Out-of-fold predictions leave out one row, or one block of rows, at a time in closed form: with A the
    inverse of K + alpha I and c the dual coefficients, the residuals of a block left out are A_BB^-1 c_B.
    """
    from scipy.linalg import lapack

    check_gram(["kernel-ridge"], len(part.y))
    train, other = part.prepared(part.features, part.test_features)
    shift, unit = target_scale(part.y)
    target = (part.y - shift) / unit
    kernel = kernel_of(chosen["gamma"])
    gram = gram_matrix(train, kernel, np.float64)
    gram.flat[:: len(gram) + 1] += chosen["alpha"]
    # The transpose of a symmetric matrix is itself in Fortran order: LAPACK then works in place.
    factor, failed = lapack.dpotrf(gram.T, lower=True, overwrite_a=True, clean=False)
    if failed:
        raise np.linalg.LinAlgError(f"the kernel matrix plus {chosen['alpha']:g} is not positive definite")
    dual, _ = lapack.dpotrs(factor, target - target.mean(), lower=True)
    inverse, _ = lapack.dpotri(factor, lower=True, overwrite_c=True)
    if blocks is None:
        left_out = dual / inverse.diagonal()
    else:
        left_out = np.empty_like(dual)
        for block in blocks:
            part_of = np.tril(inverse[np.ix_(block, block)])
            part_of += np.tril(part_of, -1).T
            left_out[block] = np.linalg.solve(part_of, dual[block])
    del gram, factor, inverse
    scaled = np.concatenate([kernel(other[block], train) @ dual for block in _blocks(len(other))])
    scaled += target.mean()
    return Fit(scaled * unit + shift, (target - left_out) * unit + shift, dict(chosen))
