"""Tenengrad: the contract of vqa-features, known answers, a property, and refusals."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

import vqa_features as vf
from vqa_features.testing import CHECKS, check_column_facts, textured_clip
from vqa_features_tenengrad._sobel import mean_squared_gradient


@pytest.mark.parametrize("label", ["tenengrad", "tenengrad[size=7]"])
@pytest.mark.parametrize("check", [*CHECKS, check_column_facts], ids=lambda check: check.__name__)
def test_contract(check: Callable[[vf.Extractor], None], label: str) -> None:
    check(vf.make(label))


def test_a_flat_plane_has_no_energy() -> None:
    assert mean_squared_gradient(np.full((8, 8), 90, np.uint8), 3) == 0


def test_a_ramp_has_eight_times_its_slope_inside() -> None:
    ramp = np.tile(np.arange(0, 50, 5, dtype=np.uint8), (10, 1))
    columns_inside = 8 / 10  # the first and the last column are reflected: no gradient
    assert mean_squared_gradient(ramp, 3) == pytest.approx((8 * 5) ** 2 * columns_inside)


def test_blur_takes_energy_away() -> None:
    sharp = textured_clip(1)
    blurred = np.array([cv2.GaussianBlur(plane, (0, 0), 1.5) for plane in sharp])
    assert vf.extract_frames(blurred, "tenengrad").iloc[0] < vf.extract_frames(sharp, "tenengrad").iloc[0]


def test_other_sizes_are_refused() -> None:
    with pytest.raises(vf.ParameterError, match="must be 3, 5 or 7, got 4"):
        vf.make("tenengrad[size=4]")
