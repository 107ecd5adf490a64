"""Checks of a pristine model of NIQE: a covariance that a distance can be measured by."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

#: Largest ratio of the eigenvalues of a covariance: 1.6e5 of the LIVE release's, about 1e7 of sixty blocks of
#: ordinary pictures, and 1e10 of one block more than there are features.
MOST_CONDITION = 1e8
#: Part of the largest element by which the halves of a symmetric covariance may differ.
_ROUNDING = 1e-9


def condition(covariance: Values) -> float:
    """Return largest over smallest eigenvalue of a symmetric matrix, inf where one is not above 0."""
    values = np.linalg.eigvalsh(covariance)
    return float(values[-1] / values[0]) if values[0] > 0 else np.inf


def check_covariance(covariance: Values) -> None:
    """Raise ValueError unless a stored matrix is the covariance of enough different blocks.

    Parameters
    ----------
    covariance : ndarray, (d, d) float64
        Finite numbers.

    Raises
    ------
    ValueError
        Saying what it must be.
    """
    if np.abs(covariance - covariance.T).max() > _ROUNDING * np.abs(covariance).max():
        raise ValueError("its covariance must be symmetric")
    found = condition(covariance)
    if found > MOST_CONDITION:
        raise ValueError(
            f"its covariance must have eigenvalues above 0 that differ by a factor of {MOST_CONDITION:g} at "
            f"most, got {found:.3g}"
        )
