"""CAMBI: equal to libvmaf, to a plain definition of its contrasts, and in the order of visibility."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from banded_pictures import DEMO, FILE, deep_spot, dithered_spot, inputs, ramp, spot
from numpy.typing import NDArray
from small_videos import FFV1, encode

import vqa_features as vf
from vqa_features.extractors.handcrafted import _cambi

#: libvmaf's log has six decimals; its sums are of float32 contrasts, as ours are.
SIX_DECIMALS = 1e-6
KNOWN: dict[str, float] = json.loads(FILE.read_text())["scores"]


@pytest.fixture(scope="module")
def pictures() -> dict[str, NDArray[Any]]:
    return inputs()


def score(*frames: NDArray[Any]) -> float:
    return float(vf.extract_frames(list(frames), "cambi").iloc[0])


@pytest.mark.parametrize("name", KNOWN)
def test_scores_equal_libvmaf_s(name: str, pictures: dict[str, NDArray[Any]]) -> None:
    assert score(pictures[name]) == pytest.approx(KNOWN[name], abs=SIX_DECIMALS)


def test_a_video_has_the_scores_of_its_frames(tmp_path: Any) -> None:
    rows = vf.extract(DEMO / "city_skyscraper.mp4", "cambi", per_frame=True)
    known = [KNOWN[f"city_skyscraper {k}"] for k in (0, 20, 40)]
    assert rows["cambi.score"].to_numpy()[[0, 20, 40]] == pytest.approx(known, abs=SIX_DECIMALS)
    planes = [deep_spot(360, 640), *np.full((2, 180, 320), 512, np.uint16)]
    path = encode(tmp_path / "x.mkv", [planes], codec="ffv1", pix_fmt="yuv420p10le", options=FFV1)
    found = vf.extract(path, "cambi")["cambi.score.mean"]
    assert found == pytest.approx(KNOWN["deep_spot 360x640"], abs=SIX_DECIMALS)


@pytest.mark.parametrize("seed", range(3))
def test_contrasts_are_those_of_the_formula(seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes = (rng.integers(0, 12, (23, 31)) * rng.integers(1, 3) + rng.choice([0, 60, 170])).astype(np.uint16)
    mask = (rng.random(codes.shape) < 0.8).astype(np.uint8)
    visible, weights, reach = np.array([178, 180, 181, 185]), np.array([1, 2, 3, 4]), 3
    expected = np.zeros(codes.shape)
    for row, column in zip(*np.nonzero(mask), strict=True):
        around = np.s_[max(row - reach, 0) : row + reach + 1, max(column - reach, 0) : column + reach + 1]
        here = int(codes[row, column])
        inside = codes[around][mask[around] == 1].astype(int)
        equal = (inside == here).sum()
        for step, (limit, weight) in enumerate(zip(visible, weights, strict=True), 1):
            other = max((inside == here + step).sum(), (inside == here - step).sum())
            value = weight * equal * other / (equal + other) * (here <= limit)
            expected[row, column] = max(expected[row, column], value)
    found = _cambi.contrasts(codes, mask, reach, visible, weights)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert expected.any()


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (6, 1), (23, 31), (40, 130)])
def test_codes_without_dither_are_means_of_four(dtype: type, shape: tuple[int, int]) -> None:
    luma = (np.random.default_rng(4).integers(0, 1024, shape) / (4 if dtype == np.float32 else 4.02)).astype(
        dtype
    )
    codes = np.floor(4 * luma.astype(np.float64) + 0.5).astype(np.int64)
    assert np.array_equal(_cambi.ten_bits(luma, False), codes)
    wide = np.pad(codes, ((0, 1), (0, 1)), mode="edge")
    four = wide[:-1, :-1] + wide[:-1, 1:] + wide[1:, :-1] + wide[1:, 1:]
    assert np.array_equal(_cambi.ten_bits(luma, True), four // 4)


@pytest.mark.parametrize("zeros", [0, 0.2, 0.4, 0.9, 1])
def test_the_mean_is_of_the_largest_values(zeros: float) -> None:
    rng = np.random.default_rng(5)
    values = (rng.integers(1, 50, (37, 41)) * (rng.random((37, 41)) >= zeros)).astype(np.float32)
    count = int(0.6 * values.size)
    assert _cambi.mean_of_top(values) == pytest.approx(np.sort(values, axis=None)[-count:].mean(), rel=1e-6)


@pytest.mark.parametrize("shape", [(1, 9), (2, 2), (17, 30)])
def test_the_mode_of_three_equals_a_plain_definition(shape: tuple[int, int]) -> None:
    codes = np.random.default_rng(6).integers(0, 3, shape).astype(np.uint16)
    expected = codes.copy()
    for axis in (1, 0):
        lines = expected if axis else expected.T
        before = lines.copy()
        for row, column in np.ndindex(lines.shape[0], max(lines.shape[1] - 2, 0)):
            three = before[row, column : column + 3]
            found, counts = np.unique(three, return_counts=True)
            lines[row, column + 1] = found[counts.argmax()]
    across_only = shape[0] < 3
    found = _cambi.filter_mode(codes)
    assert np.array_equal(found[1:-1], expected[1:-1])
    assert np.array_equal(found[[0, -1]], codes[[0, -1]]) or across_only


def test_the_mode_of_three_is_the_code_of_two_or_the_least() -> None:
    codes = np.array([[5, 5, 9, 9], [7, 3, 5, 5], [7, 2, 2, 5]], np.uint16)
    across = [[5, 5, 9, 9], [7, 3, 5, 5], [7, 2, 2, 5]]
    assert _cambi.filter_mode(codes).tolist() == [across[0], [7, 2, 2, 5], across[2]]


def test_each_step_is_visible_up_to_its_code() -> None:
    """From 178 on, one 10-bit code is less than 1.9 % of the luminance."""
    assert _cambi.visible_up_to().tolist() == [178, 305, 432, 559]


def test_pictures_without_a_step_have_no_bands() -> None:
    assert score(np.full((240, 320), 90, np.uint8)) == 0
    assert score(np.full((1, 1), 90, np.uint8)) == score(np.zeros((3, 250), np.uint8)) == 0
    assert score(np.full((240, 320, 3), 90, np.uint8)) == 0


def test_the_order_of_visibility() -> None:
    """Dither hides bands, finer codes have less of them, and bands of bright codes are not seen."""
    size = (360, 640)
    assert score(spot(*size)) > 10 * score(dithered_spot(*size))
    assert score(spot(*size)) > 10 * score(deep_spot(*size))
    assert score(ramp(*size)) > 20
    assert score(ramp(*size) + 140) == 0
