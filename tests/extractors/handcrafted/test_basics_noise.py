"""Noise by wavelet coefficients: its level, and what must not move it (brightness, bit depth, flat areas)."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray
from scipy.signal import convolve

import vqa_features as vf
from vqa_features.extractors.handcrafted.basics._detail import RESIDUE, detail, padded
from vqa_features.video import Video

CAMERA = skimage.data.camera().astype(np.float32)
DEMO = sorted((Path(vf.__file__).parent / "resources/demo").glob("*.mp4"))
#: Decomposition filter of db2, in the order of a convolution (I. Daubechies, Ten lectures on wavelets).
DB2 = np.array([-0.48296291314469025, 0.836516303737469, -0.22414386804185735, -0.12940952255092145])


def wavelet_noise(plane: NDArray[np.float32]) -> float:
    return detail(padded(plane)).wavelet


def first_luma(path: Path) -> NDArray[np.float32]:
    with Video(path) as video:
        return next(iter(video)).view("luma").astype(np.float32)


def defined(plane: NDArray[np.float32]) -> float:
    """The estimate from the filter bank's definition, in float64."""
    padded = np.pad(plane.astype(float), 3, mode="symmetric")
    detail = abs(convolve(padded, np.outer(DB2, DB2), mode="valid"))[1::2, 1::2]
    detail = detail[detail > RESIDUE]
    return float(np.median(detail) / 0.6744897501960817) if detail.size else 0.0


@pytest.mark.parametrize("shape", [(64, 80), (61, 77), (64, 77), (7, 5), (4, 4)])
def test_the_estimate_is_that_of_the_filter_bank(shape: tuple[int, int]) -> None:
    plane = np.random.default_rng(1).normal(90, 7, shape).astype(np.float32)
    assert wavelet_noise(plane) == pytest.approx(defined(plane), rel=1e-5)


@pytest.mark.needs("pywt")
def test_it_equals_scikit_image_where_no_coefficient_is_zero() -> None:
    from skimage.restoration import estimate_sigma

    plane = CAMERA + np.random.default_rng(0).normal(0, 4, CAMERA.shape).astype(np.float32)
    assert wavelet_noise(plane) == pytest.approx(estimate_sigma(plane.astype(float)), rel=1e-3)


@pytest.mark.parametrize("code", range(0, 256, 5))
def test_flat_areas_and_slopes_of_any_level_have_no_noise(code: int) -> None:
    flat = np.full((50, 61), code, np.float32)
    assert wavelet_noise(flat) == 0
    assert wavelet_noise(flat + np.arange(61, dtype=np.float32) / 4) == 0


@pytest.mark.parametrize("path", DEMO, ids=lambda path: path.stem)
def test_brightness_does_not_move_the_noise_of_a_real_frame(path: Path) -> None:
    luma = np.minimum(first_luma(path), 240)
    found = [wavelet_noise(luma + shift) for shift in range(8)]
    assert found == pytest.approx([found[0]] * 8, abs=0.01)
    assert found[0] == pytest.approx(defined(luma), abs=0.01)


@pytest.mark.parametrize("sigma", [0.5, 1, 4, 16])
@pytest.mark.parametrize("level", [60, 128, 200])
@pytest.mark.parametrize("step", [1, 1 / 4, 1 / 16], ids=["8 bits", "10 bits", "12 bits"])
def test_rounded_noise_has_its_deviation(sigma: float, level: int, step: float) -> None:
    noise = np.random.default_rng(2).normal(0, sigma, (240, 320))
    plane = (np.rint((level + noise) / step) * step).astype(np.float32)
    assert wavelet_noise(plane) == pytest.approx(np.hypot(sigma, step / 12**0.5), rel=0.05)


def test_noise_on_half_of_a_flat_picture_is_that_of_the_half() -> None:
    plane = np.full((240, 320), 90, np.float32)
    plane[:120] += np.random.default_rng(3).normal(0, 5, (120, 320))
    assert wavelet_noise(plane) == pytest.approx(5, rel=0.04)
    assert wavelet_noise(plane + 15) == pytest.approx(wavelet_noise(plane), abs=0.01)


@pytest.mark.parametrize("method", [cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_AREA])
def test_a_scaled_plane_keeps_its_noise_when_it_gets_brighter(method: int) -> None:
    plane = np.full((180, 320), 40, np.float32)
    plane[:90] = CAMERA[:90, :320]
    scaled = cv2.resize(plane, (427, 240), interpolation=method)
    shifted = cv2.resize(plane + 7, (427, 240), interpolation=method)
    assert wavelet_noise(shifted) == pytest.approx(wavelet_noise(scaled), abs=0.01)
