"""Sums over MSCN coefficients and their products equal those of the fields in float64."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray
from originals import sided

from vqa_features.kernels import mscn_sums, nss

#: Of sums, relative to the sum of absolute values: rows are computed in float32.
PARITY = 1e-6
SHIFTS = ((0, 0), (0, 1), (1, 0), (1, 1), (1, -1))
PLANES = {
    "one pixel": (1, 1),
    "one row": (1, 40),
    "one column": (40, 1),
    "of few rows": (3, 100),
    "narrower than a lane": (50, 15),
    "of one lane": (50, 16),
    "wider than a lane": (50, 17),
    "odd": (97, 131),
    "wide": (20, 1301),
}


def planes() -> dict[str, NDArray[np.generic]]:
    rng = np.random.default_rng(5)
    made: dict[str, NDArray[np.generic]] = {
        name: rng.integers(0, 256, shape).astype(np.uint8) for name, shape in PLANES.items()
    }
    made["of deep samples"] = (rng.integers(0, 1024, (61, 77)) / 4).astype(np.float32)
    made["constant"] = np.full((40, 50), 100, np.uint8)
    half_flat = rng.integers(0, 256, (64, 96)).astype(np.uint8)
    half_flat[10:50, 20:] = np.arange(76) // 20 + 80
    made["flat in part"] = half_flat
    return made


def expected(field: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums of one block's field, (5 fields, 5 sums)."""
    rows = []
    for down, across in SHIFTS:
        if (down, across) == (0, 0):
            p = field
        elif across == -1:  # the left neighbour with the upper one
            p = np.roll(field, 1, axis=1) * np.roll(field, 1, axis=0)
        else:
            p = field * np.roll(field, (down, across), axis=(0, 1))
        rows.append([np.abs(p).sum(), (p * p).sum(), (p * np.abs(p)).sum(), (p < 0).sum(), (p > 0).sum()])
    return np.array(rows, np.float64)


def close(got: NDArray[np.float64], wanted: NDArray[np.float64]) -> bool:
    """Whether sums agree relative to those of absolute values, and numbers of samples exactly."""
    scale = wanted[..., [0, 1, 1]] + 1e-12
    same_sums = np.abs(got[..., :3] - wanted[..., :3]) <= PARITY * scale
    return bool(same_sums.all()) and np.array_equal(got[..., 3:], wanted[..., 3:])


@pytest.mark.parametrize("border", ["zero", "replicate"])
@pytest.mark.parametrize("name", planes())
def test_sums_over_a_plane_are_those_of_its_field(name: str, border: Literal["zero", "replicate"]) -> None:
    plane = planes()[name]
    field = sided(nss.mscn(plane, border=border), plane)
    assert close(mscn_sums.neighbour_sums(plane, border=border)[0, 0], expected(field))


@pytest.mark.parametrize("block", [(1, 40), (7, 5), (16, 16), (20, 33), (61, 77), (2, 70)])
def test_neighbours_wrap_round_in_each_block(block: tuple[int, int]) -> None:
    plane = np.random.default_rng(6).integers(0, 256, (61, 77)).astype(np.uint8)
    sums = mscn_sums.neighbour_sums(plane, block, border="replicate")
    height, width = block
    assert sums.shape[:2] == (61 // height, 77 // width)
    cropped = plane[: sums.shape[0] * height, : sums.shape[1] * width]
    field = sided(nss.mscn(cropped, border="replicate"), cropped)
    for y, x in np.ndindex(sums.shape[:2]):
        part = field[y * height : (y + 1) * height, x * width : (x + 1) * width]
        assert close(sums[y, x], expected(part)), (y, x)


def test_a_block_larger_than_the_plane_has_no_sums() -> None:
    assert mscn_sums.neighbour_sums(np.zeros((20, 30), np.uint8), (21, 5)).shape == (0, 6, 5, 5)
