"""PIQE against numbers printed by MATLAB, and properties of its score and masks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import piqe_definition
import pytest
from ladders import blurred, compressed, noisy
from originals import odd_pictures, picture, reference

from vqa_features.extraction import extract_frames
from vqa_features.extractors.handcrafted._piqe import BLOCK, blocks_of, piqe
from vqa_features.extractors.handcrafted.piqe import Piqe
from vqa_features.frame import Frame
from vqa_features.picture import ArrayPicture

#: The documentation asks for 2 %; the printed numbers have four digits.
MATLAB = 5e-4
REAL = ("astronaut", "chelsea", "coffee", "rocket")


def gray(shared: Path, name: str) -> np.ndarray:
    return Frame(ArrayPicture(picture(shared, name)), 0, 0.0).view("gray")


def test_equals_matlab(shared: Path) -> None:
    anchors = reference(shared, "real_matlab_anchors")
    for name, want in zip(anchors["images"], anchors["piqe_MATLAB_IPT"], strict=True):
        got = piqe(gray(shared, name)).score
        assert got == pytest.approx(want, rel=MATLAB)


@pytest.mark.parametrize("name", REAL)
def test_score_rises_with_blur_noise_and_compression(shared: Path, name: str) -> None:
    image = gray(shared, name)
    for ladder in (
        blurred(image, (0, 1, 2, 4)),
        noisy(image, (5, 10, 20, 40)),
        compressed(image, (60, 30, 10, 5)),
    ):
        scores = [piqe(step).score for step in ladder]
        assert (np.diff(scores) > 0).all(), scores


def test_masks_are_of_the_size_of_the_image_and_nested() -> None:
    image = np.random.default_rng(0).integers(0, 256, (241, 321)).astype(np.uint8)
    found = piqe(image)
    for mask in (found.active, found.artefacts, found.noise):
        assert mask.shape == image.shape
    assert found.active.all()
    assert not (found.artefacts & ~found.active).any()
    assert not (found.noise & ~found.active).any()


def test_white_noise_is_called_noise_and_a_calm_edge_an_artefact() -> None:
    image = np.random.default_rng(0).integers(100, 156, (64, 64)).astype(float)
    assert piqe(image).noise.mean() > 0.9
    image[:, 24:40] = 128  # the two outer columns of the second and third column of blocks
    assert piqe(image).artefacts[:, 16:48].any()


def test_a_score_does_not_depend_on_the_unit() -> None:
    image = np.random.default_rng(0).integers(0, 256, (80, 96)).astype(float)
    assert piqe(image / 255).score == piqe(image).score


@pytest.mark.parametrize("level", [0, 93, 255])
def test_a_uniform_picture_scores_100(level: int) -> None:
    found = piqe(np.full((48, 64), level, np.uint8))
    assert found.score == 100
    assert not found.active.any()


@pytest.mark.parametrize("name", odd_pictures())
def test_odd_pictures_have_finite_features(name: str) -> None:
    row = extract_frames(odd_pictures()[name][None], Piqe(), luma="rgb2gray")
    assert np.isfinite(row).all()
    assert list(row.index) == [f"piqe.{n}.mean" for n in Piqe().feature_names]


def test_ten_bit_planes_score_as_eight_bit_ones() -> None:
    eight = np.random.default_rng(0).integers(0, 256, (2, 64, 80)).astype(np.uint8)
    deep = eight.astype(np.uint16) * 4
    one, other = extract_frames(eight, Piqe()), extract_frames(deep, Piqe())
    assert np.allclose(one, other)


def planes() -> dict[str, np.ndarray]:
    """Noise, flat parts, odd and tiny sizes, codes with a fraction, and a largest value below 255."""
    rng = np.random.default_rng(4)
    noise = rng.normal(120, 30, (101, 243)).clip(0, 255)
    part_flat = noise.copy()
    part_flat[:60, 30:150] = 100
    smooth = np.add.outer(np.linspace(0, 90, 50), np.linspace(0, 90, 67)) + rng.normal(0, 0.6, (50, 67))
    return {
        "noise": noise.astype(np.uint8),
        "part flat": part_flat.astype(np.uint8),
        "smooth": smooth.clip(0, 255).astype(np.uint8),
        "ten bits": (rng.integers(0, 1024, (40, 49)) / 4).astype(np.float32),
        "dark": rng.integers(0, 9, (33, 64)).astype(np.uint8),
        "tiny": rng.integers(0, 256, (3, 5)).astype(np.uint8),
        "one pixel": np.full((1, 1), 7, np.uint8),
        "flat": np.full((30, 40), 93, np.uint8),
        "black": np.zeros((20, 20), np.float32),
    }


@pytest.mark.parametrize("name", planes())
def test_the_blocks_are_those_of_the_definition(name: str) -> None:
    plane = planes()[name]
    found, want = blocks_of(plane), piqe_definition.blocks_of(plane)
    np.testing.assert_allclose(found.variance, want.variance, rtol=1e-5, atol=1e-12)
    for mask in ("active", "artefacts", "noise"):
        np.testing.assert_array_equal(getattr(found, mask), getattr(want, mask))


def test_the_shares_of_a_frame_are_those_of_its_masks() -> None:
    image = np.random.default_rng(1).normal(120, 20, (BLOCK * 3 + 5, BLOCK * 4 + 9)).clip(0, 255)
    image[:30, 20:60] = 90
    plane = image.astype(np.uint8)
    row, found = extract_frames(plane[None], Piqe()), piqe(plane)
    shares = [mask.mean() for mask in (found.active, found.artefacts, found.noise)]
    np.testing.assert_allclose(row, [found.score, *shares], rtol=1e-15)
