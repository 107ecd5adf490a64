"""Colourfulness: analytic answers and the formula written down plainly."""

from __future__ import annotations

import numpy as np
import pytest
from originals import features_of, odd_pictures

from extractors.handcrafted._colorfulness import opponent_moments


def test_gray_has_no_colour() -> None:
    gray = np.random.default_rng(0).integers(0, 256, (30, 40)).astype(np.uint8)
    assert not features_of([np.repeat(gray[..., None], 3, axis=2)], "colorfulness").any()


def test_one_colour_gives_its_distance_from_gray() -> None:
    frame = np.full((8, 8, 3), (200, 50, 20), np.uint8)
    assert features_of([frame], "colorfulness")[0] == pytest.approx(0.3 * np.hypot(150, 105))


def test_noise_equals_the_formula() -> None:
    frame = np.random.default_rng(0).integers(0, 256, (37, 53, 3)).astype(np.uint8)
    r, g, b = np.moveaxis(frame.astype(float), 2, 0)
    rg, yb = r - g, (r + g) / 2 - b
    expected = np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean())
    row = features_of([frame], "colorfulness")
    assert row == pytest.approx([expected, rg.mean(), rg.std(), yb.mean(), yb.std()])


def test_every_odd_picture_has_an_answer() -> None:
    for name, frame in odd_pictures().items():
        assert np.isfinite(features_of([frame], "colorfulness")).all(), name
        assert np.isfinite(features_of([frame[:2, :2]], "colorfulness")).all(), name


@pytest.mark.parametrize("shape", [(1, 1), (3, 7), (540, 961), (2160, 3840)])
def test_sums_are_exact(shape: tuple[int, int]) -> None:
    frame = np.random.default_rng(1).integers(0, 256, (*shape, 3)).astype(np.uint8)
    r, g, b = np.moveaxis(frame.astype(np.int64), 2, 0)
    expected = []
    for signal, unit in ((r - g, 1), (r + g - 2 * b, 2)):
        mean = int(signal.sum()) / signal.size
        square = int(np.square(signal).sum()) / signal.size
        expected += [mean / unit, np.sqrt(max(square - mean * mean, 0)) / unit]
    assert opponent_moments(frame).tolist() == expected
