"""Optical flow: motions whose answer is known."""

from __future__ import annotations

import cv2
import numpy as np
import pandas as pd
import pytest
from originals import features_of, odd_pictures
from scipy.ndimage import gaussian_filter

import vqa_features as vf

#: Dense inverse search at half size; the mirrored border of the warped texture moves the other way.
PIXELS = 0.5


def texture(height: int = 240, width: int = 320) -> np.ndarray:
    noise = gaussian_filter(np.random.default_rng(0).normal(size=(height, width)), 3)
    return np.clip(128 + 40 * noise / noise.std(), 0, 255).astype(np.uint8)


def moved(matrix: list[list[float]]) -> pd.Series:
    """Flow features of a texture and the same warped forwards by an affine `matrix` (2, 3)."""
    plane = texture()
    warped = cv2.warpAffine(plane, np.array(matrix, float), plane.shape[::-1], borderMode=cv2.BORDER_REFLECT)
    row = vf.extract_frames([plane, warped], "flow")
    return row.rename(lambda name: name.split(".")[1])


def test_a_pan_is_camera_motion_and_nothing_else() -> None:
    row = moved([[1, 0, 6], [0, 1, -4]])
    assert row["camera_x"] == pytest.approx(6, abs=PIXELS)
    assert row["camera_y"] == pytest.approx(-4, abs=PIXELS)
    assert row["camera_zoom"] == pytest.approx(0, abs=2e-3)
    assert row["order"] > 0.95
    assert row["object_magnitude"] < 1
    assert row["residual_gain"] < 0.3


def test_zoom_and_rotation_have_their_rates() -> None:
    cx, cy = 159.5, 119.5
    zoom = moved([[1.02, 0, -0.02 * cx], [0, 1.02, -0.02 * cy]])
    assert zoom["camera_zoom"] == pytest.approx(0.02, abs=3e-3)
    c, s = np.cos(0.02), np.sin(0.02)
    turn = moved([[c, -s, cx - c * cx + s * cy], [s, c, cy - s * cx - c * cy]])
    assert turn["camera_rotation"] == pytest.approx(0.02, abs=3e-3)
    assert turn["camera_zoom"] == pytest.approx(0, abs=3e-3)


def test_an_object_on_a_still_ground_is_not_the_camera() -> None:
    ground, patch = texture(), texture()[::-1]
    frames = [ground.copy(), ground.copy()]
    for frame, x in zip(frames, (100, 108), strict=True):
        frame[80:160, x : x + 80] = patch[80:160, 100:180]
    row = vf.extract_frames(frames, "flow").rename(lambda name: name.split(".")[1])
    assert abs(row["camera_x"]) < 0.5
    assert 0.04 < row["object_share"] < 0.3
    assert row["still_share"] > 0.6


def test_a_still_clip_does_not_move() -> None:
    row = vf.extract_frames([texture()] * 2, "flow").rename(lambda name: name.split(".")[1])
    assert row["magnitude_mean"] < 0.05
    assert row["residual_rms"] < 1
    assert np.isnan(row["residual_gain"])


def test_odd_frames_have_an_answer_or_nan_and_never_raise() -> None:
    for name, frame in odd_pictures().items():
        for shape in (frame.shape[:2], (2, 2), (33, 47)):
            row = features_of([frame[: shape[0], : shape[1]]] * 2, "flow")
            assert row.shape == (34,), (name, shape)
    assert np.isfinite(
        features_of(np.random.default_rng(0).integers(0, 256, (2, 48, 64)).astype(np.uint8), "flow")
    ).all()


@pytest.mark.parametrize(
    ("height", "width", "defined"),
    [
        (32, 64, True),
        (64, 400, True),
        (400, 32, True),
        (40, 200, False),
        (32, 1000, False),
        (62, 2000, False),
    ],
)
def test_wide_and_low_frames_have_no_flow_and_do_not_end_the_process(
    height: int, width: int, defined: bool
) -> None:
    frames = np.random.default_rng(0).integers(0, 256, (4, height, width)).astype(np.uint8)
    assert vf.extract_frames(frames, "flow").notna().all() == defined
