"""Resize, crop and normalise as the official test-time code does."""

import numpy as np
import pytest
from deep_parity import FOLDER

from vqa_features.extractors.deep._preprocess import HALF_MEAN, HALF_STD, Preprocess
from vqa_features.extractors.deep.resnet3d import R3D18

#: Float32 rounding of another order of operations; one grey level is 0.017.
ROUNDING = 1e-6
SLOWFAST = Preprocess(224, 224, HALF_MEAN, HALF_STD, "float")
CASES = {
    "tv_r3d": (R3D18.preprocess, 1, 0),
    "tv_swin3d": (Preprocess(256, 224), 1, 0),
    "slowfast_224_crop0": (SLOWFAST, 3, 0),
    "slowfast_224_crop1": (SLOWFAST, 3, 1),
    "slowfast_224_crop2": (SLOWFAST, 3, 2),
    "iv_cv2_224": (Preprocess(224, 224, way="cv2"), 1, 0),
}


@pytest.mark.parametrize("name", CASES)
def test_pixels_are_the_official_ones(name):
    preprocess, crops, crop = CASES[name]
    with np.load(FOLDER / "preprocess_vectors.npz") as stored:
        frames, want, stats = stored["frames_uint8"], stored[f"{name}_sample"], stored[f"{name}_stats"]
    got = np.stack([preprocess(frame, crops)[crop] for frame in frames], axis=1)
    places = np.linspace(0, got.size - 1, len(want)).astype(np.int64)
    np.testing.assert_allclose(got.ravel()[places], want, rtol=0, atol=ROUNDING)
    np.testing.assert_allclose([got.mean(dtype=np.float64), got.std(dtype=np.float64)], stats, atol=ROUNDING)


@pytest.mark.parametrize("way", ["tensor", "float", "cv2", "pil"])
@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (3, 301), (97, 131), (224, 224)])
@pytest.mark.parametrize("crops", [1, 3])
def test_any_frame_size_gives_the_networks_size(way, shape, crops):
    frame = np.full((*shape, 3), 51, np.uint8)
    got = Preprocess(64, 48, way=way)(frame, crops)
    assert got.shape == (crops, 3, 48, 48)
    flat = (np.float32(0.2) - np.array([0.485, 0.456, 0.406])) / np.array([0.229, 0.224, 0.225])
    np.testing.assert_allclose(got, np.broadcast_to(flat[None, :, None, None], got.shape), atol=ROUNDING)


def test_three_crops_are_both_ends_and_the_middle_of_the_longer_side():
    frame = np.repeat(np.arange(90, dtype=np.uint8)[:, None, None], 30, axis=1).repeat(3, axis=2)
    crops = Preprocess(None, 30, (0.0,) * 3, (1 / 255,) * 3, "cv2")(frame, 3)
    assert crops[:, 0, 0, 0].round().tolist() == [0, 30, 60]


def test_the_nearest_kernel_copies_pixels():
    rng = np.random.default_rng(0)
    frame = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
    half = Preprocess(4, None, (0.0,) * 3, (1 / 255,) * 3, "cv2", "nearest")(frame)[0]
    assert np.array_equal(half.round(), frame[::2, ::2].transpose(2, 0, 1))


def test_the_middle_of_videomaes_three_crops_is_rounded_down():
    ramp = np.broadcast_to(np.arange(33, dtype=np.uint8)[None, :, None], (30, 33, 3))
    plain = Preprocess(None, 30, (0.0,) * 3, (1 / 255,) * 3, "cv2")
    assert plain(ramp, 1)[0, 0, 0, 0].round() == 2
    assert plain(ramp, 3)[:, 0, 0, 0].round().tolist() == [0, 1, 3]


def test_a_bicubic_tensor_is_not_antialiased_and_stays_in_range():
    step = np.repeat(np.array([0, 0, 255, 255], np.uint8), 2)
    frame = np.broadcast_to(step[None, :, None], (8, 8, 3))
    codes = Preprocess((8, 16), None, (0.0,) * 3, (1 / 255,) * 3, "tensor", "bicubic")(frame)[0, 0, 0]
    # Doubling puts samples a quarter off the pixels: overshoot at the edge is cut, its middle is not.
    assert codes.min() == 0
    assert codes.max().round() == 255
    # Cubic convolution with a = -0.75 (Keys 1981): 3/4 before the step's first pixel, 7/4 before its second.
    near, far = 0.26171875, -0.03515625
    assert codes[7].round() == np.rint(255 * (near + far))
