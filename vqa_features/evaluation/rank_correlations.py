"""Spearman's rank correlation of every column of a table with one target."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

#: Columns copied at a time.
_AT_ONCE = 32


def rank_correlations(values: Values, target: Values) -> Values:
    """Return the SRCC of each column with the target over the rows where the column is finite.

    The target is sorted once, each column once.

    Parameters
    ----------
    values : (rows, columns)
        Cells that are not finite are left out.
    target : (rows,)
        Finite.

    Returns
    -------
    (columns,)
        -1 .. 1; nan where the column, or the target in its rows, is constant or empty.

    See Also
    --------
    vqa_features.evaluation.metrics.srcc : The same of one column.

    Examples
    --------
    >>> import numpy as np
    >>> rank_correlations(np.array([[1.0, 4.0], [2.0, 1.0], [3.0, np.nan]]), np.array([5.0, 6.0, 9.0]))
    array([ 1., -1.])
    """
    order = np.argsort(target)
    target = target[order]
    ranks = _centred_ranks(target)
    found = np.full(values.shape[1], np.nan)
    for start in range(0, values.shape[1], _AT_ONCE):
        part = np.ascontiguousarray(values[:, start : start + _AT_ONCE].T)
        for number, column in enumerate(part, start):
            cells = column[order]
            known = np.isfinite(cells)
            if known.all():
                found[number] = _correlation(cells, ranks)
            else:
                found[number] = _correlation(cells[known], _centred_ranks(target[known]))
    return found


def _correlation(cells: Values, ranks: Values) -> float:
    order = np.argsort(cells)
    mine = _centred_ranks(cells[order])
    length = np.sqrt(_product(mine, mine) * _product(ranks, ranks))
    return _product(mine, ranks[order]) / length if length > 0 else float("nan")


def _product(a: Values, b: Values) -> float:
    # Not a BLAS product: its threads cost more than one vector does.
    return float(np.einsum("i,i", a, b))


def _centred_ranks(ascending: Values) -> Values:
    """Return the ranks of sorted values minus their mean; ties share their mean rank."""
    rows = len(ascending)
    if rows == 0:
        return np.zeros(0)
    starts = np.flatnonzero(np.concatenate([[True], ascending[1:] != ascending[:-1]]))
    ends = np.append(starts[1:], rows)
    return np.repeat((starts + ends - rows) / 2, ends - starts)
