"""Leaks that no single column shows: a MOS divided among columns, and transforms fitted on all videos.

A table of many weak columns predicts better than its best column, so that alone shows no leak. Where the MOS
is divided among columns, a column says little by itself and nearly all of what the others leave open. That is
its partial correlation with the MOS, compared here with its own correlation. Principal components and PLS
scores are uncorrelated exactly on the videos they were fitted on, as no measured columns are.

References
----------
T. W. Anderson, "An introduction to multivariate statistical analysis", 3rd edition, 2003, section 4.3
(partial correlations from the inverse covariance matrix, their Fisher transform).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ..errors import first_few
from .checks import ValidityWarnings
from .near_duplicates import standardised

Values = NDArray[np.float64]

#: Probability, over all columns of a table, of either warning by chance.
BY_CHANCE = 0.001
#: Squared partial less squared own correlation that no real columns reach. The largest in ten published
#: tables is below 0, and .19 in 14 000 draws of 2 to 12 of their columns.
DIVIDED = 0.25
#: Rows, and rows per column, beyond which a sample is enough; fewer rows beyond the columns are too few.
ROWS, ROWS_PER_COLUMN, FEWEST_FREE = 4000, 4, 20
#: Added to the variance of each column, so that columns that repeat others have an inverse.
TINY = 1e-10
#: Fewest successive columns whose correlations are compared with those by chance, the largest correlation in
#: deviations of a chance correlation by which a run of them goes on, and the most columns compared.
FEWEST_IN_RUN, IN_RUN = 3, 0.3
MOST_IN_RUN = 64


def check_divided(
    name: str, columns: Sequence[str], values: Values, mos: Values, warnings: ValidityWarnings
) -> None:
    """Warn of columns that say much more of the MOS together than alone, as parts of the MOS do.

    The lower limit of the squared partial correlation of a column with the MOS, given all others, must exceed
    its squared correlation by `DIVIDED`. Tables of nearly as many columns as videos are not tested.

    Parameters
    ----------
    name : str
        Name of the table.
    columns : sequence of str
        Names of its columns.
    values : (videos, columns)
        Non-finite where a cell is missing.
    mos : (videos,)
        MOS.
    warnings : ValidityWarnings
        Receives one text per table.
    """
    from scipy.stats import norm

    rows, width = values.shape
    most = max(ROWS, ROWS_PER_COLUMN * width)
    if rows > most:
        chosen = np.sort(np.random.default_rng(0).choice(rows, most, replace=False))
        values, mos, rows = values[chosen], mos[chosen], most
    free = rows - width - 2
    if width < 2 or free < FEWEST_FREE:
        return
    scores = standardised(np.column_stack([values, mos]))
    inverse = np.linalg.inv(scores.T @ scores / rows + TINY * np.eye(width + 1))
    partial = np.abs(inverse[:-1, -1]) / np.sqrt(np.diag(inverse)[:-1] * inverse[-1, -1])
    alone = scores[:, :-1].T @ scores[:, -1] / rows
    spread = norm.isf(BY_CHANCE / 2 / width) / np.sqrt(free - 1)
    least = np.tanh(np.maximum(np.arctanh(np.minimum(partial, 1 - TINY)) - spread, 0))
    found = np.flatnonzero(np.square(least) - np.square(alone) > DIVIDED)
    if len(found):
        listed = first_few([columns[int(number)] for number in found])
        warnings.add(
            f"{name}: {len(found)} column(s) ({listed}) say much more of the MOS together with the others "
            f"than alone (|r| up to {np.abs(alone[found]).max():.2f} alone, partial |r| up to "
            f"{partial[found].max():.2f}): is the MOS divided among columns?"
        )


def check_uncorrelated(name: str, columns: Sequence[str], values: Values, warnings: ValidityWarnings) -> None:
    """Warn of successive columns that are less correlated than chance allows, as fitted components are.

    Parameters
    ----------
    name, columns, values, warnings
        As for `check_divided`.
    """
    from scipy.stats import chi2

    rows, width = values.shape
    for start, stop in _runs(values):
        scores = standardised(values[:, start : min(stop, start + MOST_IN_RUN)])
        pairs = np.triu_indices(scores.shape[1], 1)
        z = (scores.T @ scores / np.sqrt(rows))[pairs]
        if chi2.cdf(float(z @ z), len(z)) < BY_CHANCE / width**2:
            warnings.add(
                f"{name}: {stop - start} columns ({columns[start]} to {columns[stop - 1]}) are uncorrelated, "
                "as principal components or PLS scores fitted on all videos are: fit such a transform in "
                "the training part (--components, or a Pipeline as regressor)"
            )
            return


def _runs(values: Values) -> Iterator[tuple[int, int]]:
    """Yield (start, stop) of runs of columns, each nearly uncorrelated with the `MOST_IN_RUN` before it."""
    rows, width = values.shape
    start, run = 0, np.zeros((0, rows))
    for number in range(width):
        column = standardised(values[:, [number]]).T
        apart = np.abs(run @ column[0]) / np.sqrt(rows) > IN_RUN
        if apart.any() or not column.any():
            if number - start >= FEWEST_IN_RUN:
                yield start, number
            run = run[np.flatnonzero(apart)[-1] + 1 :] if column.any() else run[:0]
            start = number - len(run) if column.any() else number + 1
        if column.any():
            run = np.vstack([run[-MOST_IN_RUN:], column])
    if width - start >= FEWEST_IN_RUN:
        yield start, width
