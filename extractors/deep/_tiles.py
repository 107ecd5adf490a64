"""Places of tiles: squares of a network's input size, cut from a frame at its own resolution."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray


def tile_grid(height: int, width: int, side: int, most: int) -> tuple[int, int]:
    """Return rows and columns of the tiles of a frame.

    Parameters
    ----------
    height, width : int
        Size of the frame, at least `side` in both directions.
    side : int
        Pixels per side of a tile.
    most : int
        Greatest number of tiles.

    Returns
    -------
    (int, int)
        As many as cover the frame where these are not more than `most`; else the grid whose cells have
        the least longer side, then the least shorter side.

    Examples
    --------
    >>> tile_grid(224, 224, 224, 9), tile_grid(540, 960, 224, 20), tile_grid(1080, 1920, 224, 9)
    ((1, 1), (3, 5), (2, 4))
    """
    rows, columns = math.ceil(height / side), math.ceil(width / side)
    grids = [(y, x) for y in range(1, rows + 1) for x in range(1, min(columns, most // y) + 1)]
    return min(grids, key=lambda grid: sorted((height / grid[0], width / grid[1]), reverse=True))


def tile_places(height: int, width: int, side: int, most: int) -> NDArray[np.int64]:
    """Return the first row and column of each tile.

    The frame is divided into the equal cells of `tile_grid`. One tile lies in the middle of each, moved into
    the frame where it would leave it.

    Parameters
    ----------
    height, width, side, most : int
        As in `tile_grid`.

    Returns
    -------
    ndarray, (n, 2) int64
        Row by row.

    Examples
    --------
    >>> tile_places(300, 448, 224, 9).tolist()
    [[0, 0], [0, 224], [76, 0], [76, 224]]
    """
    starts = [
        np.clip(np.floor((np.arange(count) + 0.5) * length / count - side / 2), 0, length - side)
        for length, count in zip((height, width), tile_grid(height, width, side, most), strict=True)
    ]
    return np.stack(np.meshgrid(*starts, indexing="ij"), axis=-1).reshape(-1, 2).astype(np.int64)
