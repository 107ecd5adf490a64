"""TLVQM's kernels against their definitions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tlvqm_definition as definition
from numpy.typing import NDArray

from vqa_features.extractors.handcrafted.tlvqm import _filters, _single_frame
from vqa_features.kernels.resize import imresize

SHAPES = ((90, 120), (61, 83), (17, 31), (8, 8))


def plane_of(shape: tuple[int, int], kind: str) -> NDArray[Any]:
    rng = np.random.default_rng(3)
    plane = rng.integers(0, 256, shape).astype(np.float32)
    if kind == "deep":
        plane += rng.integers(0, 4, shape).astype(np.float32) / 4
    if kind == "flat":
        plane[:] = 77
    if kind == "bytes":
        plane = plane.astype(np.uint8)
    if kind == "blocks":
        plane = np.kron(plane, np.ones((4, 4), np.float32))[: shape[0], : shape[1]]
    return plane


@pytest.mark.parametrize("last_first", [False, True])
@pytest.mark.parametrize("kind", ["noise", "blocks", "flat"])
@pytest.mark.parametrize("shape", SHAPES)
def test_responses_have_the_bits_of_their_order(shape: tuple[int, int], kind: str, last_first: bool) -> None:
    half = imresize(plane_of(shape, kind).astype(np.float64) / 255, 0.5)
    for found, want in zip(_filters.sobel(half, last_first), definition.sobel(half, last_first), strict=True):
        assert np.array_equal(found, want)
    for found, want in zip(
        _filters.corners(half, last_first), definition.corners(half, last_first), strict=True
    ):
        assert np.array_equal(found, want)


@pytest.mark.parametrize("kind", ["noise", "blocks", "flat", "deep", "bytes"])
@pytest.mark.parametrize("shape", SHAPES)
def test_features_of_a_frame_equal_their_definitions(shape: tuple[int, int], kind: str) -> None:
    plane = plane_of(shape, kind)
    assert _single_frame.blur(plane) == pytest.approx(definition.blur(plane), rel=1e-6)
    assert _single_frame.interlacing(plane) == pytest.approx(definition.interlacing(plane), rel=1e-6)
    half = imresize(plane.astype(np.float64) / 255, 0.5)
    for stored in (shape, ((shape[0] + 1) // 2, (shape[1] + 1) // 2), (shape[0], (shape[1] + 1) // 2)):
        chroma = np.random.default_rng(5).integers(60, 200, (2, *stored)).astype(np.uint8)
        found = _single_frame.colorfulness(half, chroma, shape)
        assert found == pytest.approx(definition.colorfulness(half, chroma, shape), rel=1e-6)
