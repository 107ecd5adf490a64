"""Kernel methods on more training rows than a search can visit: one exact fit at given hyperparameters.

The search runs on a subsample (`TrainingPart.subsample`). Here the model is fitted once on all training rows,
and once without each inner fold for the out-of-fold predictions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from . import regressors
from .gram import Kernel, Rows
from .memory import GIB, check_memory
from .smo import compile_solver, fit_dual
from .splits import Positions
from .training_part import (
    MOST_SEARCHED_ROWS,
    SEARCHED_ROWS,
    Fit,
    TrainingPart,
    Values,
    further_gammas,
    target_scale,
)

#: Bytes of each cell of the Gram matrix of all training rows, and of the rows it is made from.
_CELL = {"svr-rbf": 4, "svr-linear": 4, "kernel-ridge": 8}
#: Copies of the training rows in float64 while columns are imputed and scaled.
_COPIES = 3


def needed_bytes(name: str, rows: int, columns: int) -> int:
    """Return the memory that a kernel method needs beside its table, 0 if a search visits all rows.

    Either the Gram matrix and the rows it is made from, or copies of the training rows before it.
    """
    if name not in _CELL or rows <= MOST_SEARCHED_ROWS:
        return 0
    return max(_CELL[name] * rows * (rows + columns), _COPIES * 8 * rows * columns)


def describe_subsample(names: Sequence[str], rows: int, columns: int, strict: bool) -> str:
    """Return how kernel methods among `names` search on `rows` training rows, empty if on all of them."""
    needed = {name: needed_bytes(name, rows, columns) / GIB for name in names}
    large = {name: size for name, size in needed.items() if size}
    if not large:
        return ""
    wider = strict and any("gamma" in regressors.find(name).grid for name in large)
    gammas = f" with {further_gammas(rows)} more gamma in the grid" if wider else ""
    each = ", ".join(f"{name} {size:.1f} GiB" for name, size in large.items())
    return (
        f"subsample {SEARCHED_ROWS} of {rows} training rows{gammas}, then one fit on all rows "
        f"(memory of each process beside the table: {each})"
    )


def check_needed(names: Sequence[str], rows: int, columns: int, processes: int = 1) -> None:
    """Raise ParameterError if `processes` fits at once exceed the available memory."""
    for name in names:
        needed = processes * needed_bytes(name, rows, columns)
        if needed:
            what = f"{name} on {rows} training rows" + (f" in {processes} processes" if processes > 1 else "")
            check_memory(needed, what, "use ridge or gradient-boosting, fewer jobs or fewer rows")


def fit_svr_on_all(part: TrainingPart, name: str, chosen: Mapping[str, float]) -> Fit:
    """Fit an SVR with the chosen C (and gamma) on all training rows; predict test rows and inner folds.

    Kernels are computed from rows in float32 (`gram`) and kept so, the precision of LIBSVM's cache.
    """
    check_needed([name], *part.shape)
    kernel = Kernel(chosen.get("gamma"))
    compile_solver()

    def predict(kept: Positions | None, rows: Positions | None) -> Values:
        train, y, other = _in_float32(part, kept, rows)
        shift, unit = target_scale(y) if part.strict else (0.0, 1.0)
        gram = kernel.gram(train, np.float32)
        model = fit_dual(gram, (y - shift) / unit, chosen["C"], regressors.EPSILON)
        del gram
        support = np.flatnonzero(model.coefficients)
        scaled = kernel.weighted(other, train.part(support), model.coefficients[support])
        return (scaled + model.offset) * unit + shift

    predicted = predict(None, None)
    out_of_fold = np.full(len(part.y), np.nan)
    for rows in part.folds():
        out_of_fold[rows] = predict(part.rest(rows), rows)
    return Fit(predicted, out_of_fold, dict(chosen))


def _in_float32(
    part: TrainingPart, kept: Positions | None, rows: Positions | None
) -> tuple[Rows, Values, Rows]:
    train, y, other = _sides(part, kept, rows)
    centre = train.mean(axis=0)
    return Rows.of(train, np.float32, centre), y, Rows.of(other, np.float32, centre)


def _sides(
    part: TrainingPart, kept: Positions | None, rows: Positions | None
) -> tuple[Values, Values, Values]:
    """Return prepared columns and MOS of the rows to fit, and prepared columns of those to predict.

    None for both is the whole training part and the test part. In literature mode the columns are prepared
    once, on the whole training part.
    """
    if kept is None or rows is None:
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

    check_needed(["kernel-ridge"], *part.shape)
    train, y, other = _sides(part, None, None)
    rows, tested = Rows.of(train, np.float64), Rows.of(other, np.float64)
    del train, other
    shift, unit = target_scale(y)
    target = (y - shift) / unit
    kernel = Kernel(chosen["gamma"])
    gram = kernel.gram(rows, np.float64)
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
    scaled = kernel.weighted(tested, rows, dual) + target.mean()
    return Fit(scaled * unit + shift, (target - left_out) * unit + shift, dict(chosen))
