"""Simple measures: analytic answers, scikit-image and FFmpeg's filters as independent programs."""

from __future__ import annotations

from pathlib import Path

import av
import basics_definition
import numpy as np
import pandas as pd
import pytest
import skimage.data
import skimage.measure
from av.filter import Graph
from originals import features_of, odd_pictures
from scipy.ndimage import gaussian_filter

import vqa_features as vf
from vqa_features.extractors.handcrafted.basics import _compression, _detail, _grid, _light

CAMERA = skimage.data.camera().astype(np.float32)
NOISE = np.random.default_rng(0).normal(size=(256, 320)).astype(np.float32)
BASICS = vf.make("basics")
DEMO = Path(vf.__file__).parent / "resources/demo/city_towers.mp4"


def rows(frames: np.ndarray) -> pd.DataFrame:
    table = vf.extract_frames(frames, "basics", per_frame=True, fps=25)
    return table.rename(columns=lambda name: name.split(".")[1])


@pytest.mark.parametrize("sigma", [0, 1, 3])
def test_blur_equals_scikit_image(sigma: float) -> None:
    image = gaussian_filter(CAMERA, sigma)
    assert _detail.detail(_detail.padded(image)).blur == pytest.approx(
        skimage.measure.blur_effect(image), rel=0.01
    )


@pytest.mark.parametrize("sigma", [2, 10])
def test_both_noise_estimates_find_the_deviation_of_white_noise(sigma: float) -> None:
    plane = 128 + sigma * NOISE
    found = _detail.detail(_detail.padded(plane))
    assert found.immerkaer == pytest.approx(sigma, rel=0.02)
    assert found.wavelet == pytest.approx(sigma, rel=0.02)
    assert found.laplacian_variance == pytest.approx(20 * sigma**2, rel=0.03)


@pytest.mark.parametrize("shape", [(54, 96), (61, 77), (12, 13), (7, 5), (4, 9), (3, 20), (2, 2), (1, 1)])
@pytest.mark.parametrize("kind", ["codes", "ten bits", "noise", "flat", "steps"])
def test_detail_and_steps_are_those_of_their_definitions(shape: tuple[int, int], kind: str) -> None:
    rng = np.random.default_rng(2)
    plane = {
        "codes": rng.integers(0, 256, shape).astype(np.uint8),
        "ten bits": (rng.integers(0, 1024, shape) / 4).astype(np.float32),
        "noise": rng.normal(100, 9, shape).astype(np.float32),
        "flat": np.full(shape, 77.25, np.float32),
        "steps": (np.add.outer(np.arange(shape[0]), np.arange(shape[1])) // 8).astype(np.uint8),
    }[kind]
    whole = plane.astype(np.float32)
    expected = (
        basics_definition.laplacian_variance(whole),
        basics_definition.blur_effect(whole),
        basics_definition.immerkaer_noise(whole),
        basics_definition.wavelet_noise(whole),
    )
    assert _detail.detail(_detail.padded(plane)) == pytest.approx(expected, rel=1e-5, abs=1e-9, nan_ok=True)
    assert _compression.step_density(plane) == basics_definition.step_density(whole)


def test_saturation_is_the_mean_of_the_largest_less_the_smallest() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (37, 53, 3)).astype(np.uint8)
    expected = (rgb.max(axis=2).astype(int) - rgb.min(axis=2)).mean()
    assert _light.mean_chroma(rgb) == pytest.approx(expected, rel=1e-12)


def test_flat_blocks_are_a_grid_of_eight_and_noise_is_none() -> None:
    blocks = np.kron(np.random.default_rng(0).integers(100, 140, (16, 20)), np.ones((8, 8), np.float32))
    found = _grid.find_grid(blocks.astype(np.float32), np.ascontiguousarray(blocks.T, np.float32))
    assert found.strength > 5
    assert found[:3] == pytest.approx((8, 0, 0), abs=0.01)
    plane = 128 + 5 * NOISE
    assert _grid.find_grid(plane, np.ascontiguousarray(plane.T)).strength == 1


def test_step_density_counts_the_edges_of_a_staircase_and_not_of_a_ramp() -> None:
    stairs = np.tile(np.repeat(np.arange(10), 16), (64, 1)).astype(np.float32)
    assert _compression.step_density(stairs) == 9 / 160
    assert _compression.step_density(np.tile(np.arange(160, dtype=np.float32), (64, 1))) == 0
    assert _compression.step_density(128 + 5 * NOISE) == 0


def test_black_bars_are_shares_of_the_rows_and_columns_whatever_noise_they_have() -> None:
    planes = 120 + 2 * np.random.default_rng(0).normal(size=(5, 100, 80))
    planes[:, :10] -= 104
    planes[:, -20:] -= 104
    planes[4] = 16
    noisy = planes.round().clip(0, 255).astype(np.uint8)
    assert rows(noisy)["letterbox"].tolist()[:4] == pytest.approx([0.3] * 4)
    assert rows(noisy)["pillarbox"].tolist()[:4] == [0] * 4
    assert rows(noisy.swapaxes(1, 2))["pillarbox"].tolist()[:4] == pytest.approx([0.3] * 4)
    assert rows(noisy)[["letterbox", "pillarbox"]].iloc[4].isna().all()


def test_exposure_shares_and_entropy_of_a_known_picture() -> None:
    plane = np.zeros((40, 40), np.uint8)
    plane[:10], plane[10:20], plane[20:30] = 255, 128, 64
    row = rows(plane[None]).iloc[0]
    assert (row["dark_share"], row["bright_share"], row["entropy"]) == (0.25, 0.25, 2)


def test_repeated_frames_are_duplicates_and_a_new_scene_is_a_cut() -> None:
    rng = np.random.default_rng(0)
    dark, bright = rng.integers(0, 100, (64, 64)), rng.integers(150, 250, (64, 64))
    table = rows(np.array([dark, dark, bright, bright + 1]).astype(np.uint8))
    assert table["duplicate"].tolist()[1:] == [1, 0, 0]
    assert table["frozen"].tolist()[1:] == [1, 0, 0]
    assert table["cut"].tolist()[1:] == [0, 1, 0]
    assert np.isnan(table["change"].iloc[0])


def test_flicker_and_jerk_are_zero_for_even_motion_and_not_for_alternation() -> None:
    even = np.array([np.full((32, 32), 100 + 2 * t) for t in range(6)], np.uint8)
    assert rows(even)[["flicker", "jerk"]].iloc[3:].eq(0).all(axis=None)
    flicker = np.array([np.full((32, 32), 100 + 6 * (t % 2)) for t in range(6)], np.uint8)
    assert (rows(flicker)["flicker"].iloc[2:] == 6).all()


def test_brightness_and_entropy_equal_ffmpeg_on_a_real_clip() -> None:
    ours = vf.extract(DEMO, "basics", per_frame=True).iloc[:10]
    theirs = []
    with av.open(str(DEMO)) as container:
        stream = container.streams.video[0]
        graph = Graph()
        nodes = [graph.add("signalstats"), graph.add("entropy"), graph.add("buffersink")]
        graph.link_nodes(graph.add_buffer(template=stream), *nodes).configure()
        for frame, _ in zip(container.decode(stream), range(10), strict=False):
            graph.push(frame)
            found = graph.pull().metadata
            entropy = found["lavfi.entropy.entropy.normal.Y"]
            theirs.append([float(found["lavfi.signalstats.YAVG"]), float(entropy)])
    expected = np.array(theirs)
    assert np.allclose(ours["basics.brightness"], expected[:, 0], atol=0.01)
    assert np.allclose(ours["basics.entropy"], expected[:, 1], atol=1e-3)


def test_ten_bit_codes_of_the_same_picture_give_the_same_row() -> None:
    planes = np.random.default_rng(0).integers(0, 256, (2, 50, 60)).astype(np.uint8)
    shallow, deep = features_of(planes, "basics"), features_of(planes.astype(np.uint16) * 4, "basics")
    assert np.allclose(shallow, deep, equal_nan=True)


def test_odd_pictures_have_answers_and_small_ones_nan() -> None:
    for name, frame in odd_pictures().items():
        row = features_of([frame] * 4, "basics")
        missing = {name for name, value in zip(BASICS.feature_names, row, strict=True) if np.isnan(value)}
        assert missing <= {
            "blur",
            *BASICS.sparse,
            *({"letterbox", "pillarbox"} if not frame.any() else ()),
        }, name
        assert features_of([frame[:2, :2]], "basics").shape == (23,), name
