"""The sample of training rows that a model keeps: what an explanation compares a new video with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

#: Greatest number of rows that a model keeps; the order of size that the program of Lundberg and Lee (NeurIPS
#: 2017) proposes for a background.
MOST_ROWS = 100


def sample_of(values: Values, mos: Values) -> Values:
    """Return training rows at equally spaced ranks of the MOS, lowest first; all of them if they are few.

    Parameters
    ----------
    values : (videos, columns)
        Training features; nan where missing.
    mos : (videos,)
        MOS of the same videos.

    Returns
    -------
    (rows, columns) float64
        At most `MOST_ROWS` rows.

    Examples
    --------
    >>> import numpy as np
    >>> mos = np.arange(1000.0)
    >>> kept = sample_of(mos[:, None], mos)[:, 0]
    >>> len(kept), round(float(kept.mean() - mos.mean()), 1)
    (100, 0.0)
    """
    order = np.argsort(mos, kind="stable")
    return np.asarray(values[order[even_places(len(order), MOST_ROWS)]], dtype=np.float64)


def even_places(count: int, most: int) -> NDArray[np.intp]:
    """Return at most `most` of the places 0 .. count - 1, equally far apart, both ends among them."""
    return np.rint(np.linspace(0, count - 1, min(count, most))).astype(np.intp)


def check_sample(rows: object, columns: int) -> Values:
    """Return the kept rows of a model file; ValueError if they are something else.

    Parameters
    ----------
    rows : object
        What the file holds.
    columns : int
        Number of the model's columns.
    """
    if not isinstance(rows, np.ndarray) or rows.dtype != np.float64 or rows.ndim != 2:
        raise ValueError("its training rows are no table of numbers")
    if not 1 <= len(rows) <= MOST_ROWS or rows.shape[1] != columns or np.isinf(rows).any():
        raise ValueError(f"its training rows have the shape {rows.shape}, and it names {columns} columns")
    return rows
