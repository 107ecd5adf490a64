"""L*a*b* of Y'CbCr planes, and its edges, against their definitions."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from colour_definition import rgb_to_lab, ycbcr_to_rgb

from vqa_features.kernels.limited_lab import EDGE_SCALE, edge_energies, ycbcr_to_lab


@pytest.mark.parametrize("shape", [(61, 83), (5, 6), (1, 9), (2, 2)])
def test_codes_and_edges_equal_their_definitions(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 256, shape).astype(np.uint8)
    u, v = rng.integers(0, 1024, (2, *shape)) / 4
    want = rgb_to_lab(ycbcr_to_rgb(y, u, v))
    lab = ycbcr_to_lab(y, u, v)
    assert np.abs(lab - np.moveaxis(want, 2, 0)).max() < 1e-12
    for x, got in enumerate(edge_energies(lab)):
        responses = cv2.Sobel(want / np.array(EDGE_SCALE), -1, x, 1 - x, ksize=3, scale=1 / 8)
        energy = np.zeros(shape)
        energy[1:-1, 1:-1] = np.square(responses).sum(axis=2)[1:-1, 1:-1]
        assert np.allclose(got, energy, rtol=1e-12, atol=1e-15)


def test_grays_have_the_whole_lightness_of_their_definition() -> None:
    y = np.arange(256.0)[None]
    neutral = np.full(y.shape, 128.0)
    want = rgb_to_lab(ycbcr_to_rgb(y, neutral, neutral))[..., 0]
    assert np.array_equal(np.floor(ycbcr_to_lab(y, neutral, neutral)[0]), np.floor(want))
