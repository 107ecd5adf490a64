"""Fragments of a frame: mini-patches at native resolution, one per cell of a grid, joined to one picture.

Wu et al., "FAST-VQA: Efficient End-to-end Video Quality Assessment with Fragment Sampling", ECCV
2022. The pixels of a mini-patch are those of the frame, so that compression and blur stay visible,
and the grid covers the whole frame. `offsets` places the mini-patches, `enlarge` treats a frame
smaller than the joined picture, `cut` cuts and joins. Frames cut at the same places keep their motion.

Reference: ``get_spatial_fragments`` of VQAssessment/FAST-VQA-and-FasterVQA (9f264e4) and of
VQAssessment/DOVER (f1ddc96), which are the same. It draws the places at random without a seed, at
test time too; here a seed gives them, so that a video always has the same values. Any drawn set is
as official as another.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]


@functools.lru_cache(maxsize=128)
def offsets(
    height: int, width: int, grid: int = 7, size: int = 32, seed: int | tuple[int, ...] = 0
) -> NDArray[np.int64]:
    """Return the first row and column of each mini-patch.

    A cell begins at a multiple of ``height // grid``, and at most ``size`` before the end; its patch
    begins up to ``height // grid - size - 1`` rows further, at a row drawn with equal chances. Columns
    alike; rows and columns of each cell are drawn independently.

    Parameters
    ----------
    height, width : int
        Size of the frame as decoded, before `enlarge`: so does the official code, which therefore
        cuts an enlarged frame near its top left corner.
    grid : int
        Cells per side.
    size : int
        Rows and columns of a mini-patch.
    seed : int or tuple of int
        Equal seeds give equal places (NumPy's frozen legacy generator).

    Returns
    -------
    ndarray, (grid, grid, 2) int64
        Row and column, inside the frame or, where that is smaller than `size`, 0. Not writable: the frames of
        a video share it.

    Examples
    --------
    >>> offsets(64, 96, grid=2, size=32)[..., 1].tolist()  # the columns; each cell is 48 wide
    [[12, 63], [5, 48]]
    """
    draw = np.random.RandomState(seed)
    places = []
    for axis, length in enumerate((height, width)):
        cell = length // grid
        starts = np.clip(np.minimum(cell * np.arange(grid), length - size), 0, None)
        drawn = (
            draw.randint(cell - size, size=(grid, grid), dtype=np.int64)
            if cell > size
            else np.zeros((grid, grid), np.int64)
        )
        places.append(drawn + np.expand_dims(starts, 1 - axis))
    found = np.stack(places, axis=-1)
    found.setflags(write=False)
    return found


def enlarge(rgb: Picture, grid: int = 7, size: int = 32) -> Picture:
    """Return the frame, enlarged where a side is below ``grid * size``; other frames as they are.

    Both sides grow by the same factor, so that the one that lacks most reaches ``grid * size``:
    bilinear without antialias, values cut to integers (not rounded), as in the official code.

    Parameters
    ----------
    rgb : ndarray, (h, w, 3) uint8
        A frame.
    grid, size : int
        As in `offsets`.

    Returns
    -------
    ndarray, (h', w', 3) uint8
    """
    ratio = min(rgb.shape[0], rgb.shape[1]) / (grid * size)
    if ratio >= 1:
        return rgb
    import torch

    # contiguous planes: torch's kernel for interleaved colours rounds differently
    planes = torch.from_numpy(np.ascontiguousarray(rgb.transpose(2, 0, 1)) / np.float32(255))
    larger = torch.nn.functional.interpolate(planes[:, None], scale_factor=1 / ratio, mode="bilinear")
    return (larger[:, 0] * 255).to(torch.uint8).numpy().transpose(1, 2, 0)


def cut(rgb: Picture, places: NDArray[np.int64], size: int = 32) -> Picture:
    """Return the mini-patches that begin at `places`, joined in the order of their cells.

    Parameters
    ----------
    rgb : ndarray, (h, w, 3) uint8
        A frame, of at least ``grid * size`` rows and columns (see `enlarge`).
    places : ndarray, (grid, grid, 2) int64
        As `offsets` returns them for this frame's size before `enlarge`.
    size : int
        Rows and columns of a mini-patch.

    Returns
    -------
    ndarray, (grid * size, grid * size, 3) uint8
    """
    rows = [np.hstack([rgb[y : y + size, x : x + size] for y, x in line]) for line in places]
    return np.vstack(rows)
