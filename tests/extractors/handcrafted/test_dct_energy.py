"""DCT energy: numbers printed by VCA, and answers known by analysis."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skimage.data
from numpy.typing import NDArray
from scipy.fft import dctn
from scipy.ndimage import gaussian_filter

import vqa_features as vf
from vqa_features.extractors.handcrafted import _dct_energy
from vqa_features.testing import textured_clip

CAMERA = skimage.data.camera()
RNG = np.random.default_rng(0)
NOISE = RNG.integers(0, 256, (4, 256, 320)).astype(np.uint8)
DEMO = Path(vf.__file__).parent / "resources/demo/city_towers.mp4"


def table(frames: NDArray[np.unsignedinteger], **options: int) -> pd.DataFrame:
    found = vf.extract_frames(frames, "dct-energy", per_frame=True, fps=25, **options)
    return found.rename(columns=lambda name: name.split(".")[1])


def panned() -> NDArray[np.uint8]:
    return np.array([np.roll(CAMERA, 5 * t, axis=1) for t in range(3)])


def dithered() -> NDArray[np.uint16]:
    more = np.random.default_rng(1).integers(0, 4, (3, 512, 512))
    return (panned() * np.uint16(4) + more).astype(np.uint16)


#: E and h of each frame as VCA 2.0 (commit 1283f1f) prints them with --no-simd --no-lowpass.
VCA = {
    "noise": (NOISE, [1116, 1117, 1123, 1112], [121.181, 107.989, 111.893]),
    "texture": (textured_clip(3, 192, 224), [127, 128, 128], [16.2156, 13.6746]),
    "pan": (panned(), [128, 132, 132], [68.9199, 53.7925]),
    "pan, 10 bits": (dithered(), [129, 132, 132], [68.8568, 53.9714]),
}


@pytest.mark.parametrize("name", VCA)
def test_energy_and_change_are_those_that_vca_prints(name: str) -> None:
    frames, energies, changes = VCA[name]
    found = table(frames)
    assert np.floor(found["E"]).tolist() == energies
    assert found["h"].iloc[1:].tolist() == pytest.approx(changes, rel=1e-5)
    assert np.isnan(found["h"].iloc[0])


@pytest.mark.parametrize("bits", [8, 10])
@pytest.mark.parametrize("code", [0, 1, 16, 128, 235, 255])
def test_a_flat_picture_has_brightness_only(bits: int, code: int) -> None:
    kind = np.uint8 if bits == 8 else np.uint16
    found = table(np.full((2, 70, 90), code * 2 ** (bits - 8), kind))
    assert found["L"].tolist() == pytest.approx([np.sqrt(128 * code)] * 2)
    assert found["E"].tolist() == [0, 0]
    assert found["h"].iloc[1] == 0
    assert found[["middle_share", "high_share"]].isna().all(axis=None)


@pytest.mark.parametrize(("i", "j"), [(1, 1), (0, 5), (7, 3), (12, 12), (20, 4), (31, 31)])
def test_one_frequency_has_its_weight_and_its_band(i: int, j: int) -> None:
    n = np.arange(32)
    wave = np.outer(np.cos(np.pi * i * (2 * n + 1) / 64), np.cos(np.pi * j * (2 * n + 1) / 64))
    plane = np.tile(128 + 100 * wave, (2, 3)).astype(np.float32)
    sums = _dct_energy._block_sums(_dct_energy.coefficients(plane), _dct_energy._WEIGHTS)
    coefficient = 4 * 100 * 16 * (2**0.5 if i == 0 or j == 0 else 1)
    weight = 255 / 256 * np.exp(-abs(((i + 1) * (j + 1) / 1024) ** 2 - 1))
    assert sums[0] == pytest.approx(coefficient * weight, rel=0.02)
    low, middle, high = sums[1]
    energies = {8: low, 16: middle, 32: high}
    band = min(top for top in energies if max(i, j) < top)
    assert energies[band] / sum(energies.values()) == pytest.approx(1, abs=0.01)


def test_coefficients_are_four_times_the_orthonormal_transform() -> None:
    found = _dct_energy.coefficients(CAMERA)
    blocks = CAMERA.reshape(16, 32, 16, 32).astype(float)
    expected = 4 * dctn(blocks, axes=(1, 3), norm="ortho")
    assert np.abs(found - expected).max() < 0.01 * np.abs(expected).max()
    assert np.abs(found - expected).mean() < 1


def test_shares_of_bands_are_those_of_white_noise_and_fall_with_blur() -> None:
    sharp = table(NOISE)
    assert sharp["high_share"].tolist() == pytest.approx([768 / 1023] * 4, abs=0.01)
    assert sharp["middle_share"].tolist() == pytest.approx([192 / 1023] * 4, abs=0.01)
    ladder = [gaussian_filter(CAMERA, sigma) for sigma in (0, 0.5, 1, 2, 4)]
    falling = [table(plane[None])["high_share"].iloc[0] for plane in ladder]
    assert np.all(np.diff(falling) < 0)


def test_energy_does_not_depend_on_brightness_and_grows_with_contrast() -> None:
    half = CAMERA // 2
    energies = [table(plane[None].astype(np.uint8))["E"].iloc[0] for plane in (half, half + 100, CAMERA)]
    assert energies[0] == pytest.approx(energies[1], rel=1e-3)
    assert energies[2] == pytest.approx(2 * energies[0], rel=0.1)


def test_a_still_clip_has_no_change_and_a_new_scene_has_its_difference() -> None:
    flat = np.full_like(CAMERA, 90)
    found = table(np.array([CAMERA, CAMERA, flat, CAMERA]))
    assert found["h"].iloc[1] == 0
    assert found["h"].iloc[2:].tolist() == pytest.approx([found["E"].iloc[0] * 90 / 18] * 2)


def test_the_last_lines_are_repeated_to_a_whole_block() -> None:
    cut = CAMERA[:500, :490]
    whole = np.pad(cut, ((0, 12), (0, 22)), mode="edge")
    pd.testing.assert_frame_equal(table(cut[None]), table(whole[None]))


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (31, 20), (33, 1)])
def test_small_pictures_are_one_block_with_repeated_lines(size: tuple[int, int]) -> None:
    small = CAMERA[: size[0], : size[1]]
    whole = np.pad(small, ((0, -size[0] % 32), (0, -size[1] % 32)), mode="edge")
    pd.testing.assert_frame_equal(table(small[None]), table(whole[None]))


def test_a_real_clip_has_values_in_every_frame() -> None:
    rows = vf.extract(DEMO, "dct-energy", per_frame=True, duration_s=0.4)
    assert len(rows) > 5
    assert np.isfinite(rows.to_numpy()[1:]).all()
    assert np.isnan(rows["dct-energy.h"].iloc[0])
