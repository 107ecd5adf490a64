"""Mean over rows of which some values are not defined."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def nan_mean(rows: Values) -> Values:
    """Mean of each column over the rows in which it is not nan; nan where there is no such row.

    ``numpy.nanmean`` without its warning.

    Parameters
    ----------
    rows : (n, d) float64
        nan where a value is not defined.

    Returns
    -------
    (d,) float64

    Examples
    --------
    >>> nan_mean(np.array([[1.0, np.nan], [3.0, np.nan]])).tolist()
    [2.0, nan]
    """
    counts = np.sum(~np.isnan(rows), axis=0)
    return np.nansum(rows, axis=0) / np.where(counts > 0, counts, np.nan)
