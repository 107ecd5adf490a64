"""Share of a picture that black bars at its edges take."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from vqa_features.kernels.bars import find_bars


def bars(plane: NDArray[Any]) -> tuple[float, float]:
    """Return the share of rows, and of columns, in black bars at the edges of one picture.

    Parameters
    ----------
    plane : ndarray, (h, w)
        Luma in 8-bit codes.

    Returns
    -------
    tuple of float
        From 0 to 1; nan for a picture without content (black, nearly black in a fade).
    """
    top, bottom, left, right = find_bars(plane).bar
    height, width = plane.shape
    return (top + bottom) / height, (left + right) / width
