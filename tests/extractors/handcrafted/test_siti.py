"""SI and TI: analytic answers, and FFmpeg's siti filter as an independent program."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from av.filter import Graph
from originals import odd_pictures

import vqa_features as vf
from vqa_features.extractors.handcrafted import _siti

#: FFmpeg rounds each gradient magnitude and each stretched code to whole numbers.
FFMPEG = 0.01
#: What limited-range codes are multiplied by to fill 0 .. 255.
STRETCH = 255 / 219


def test_ti_is_zero_for_a_still_clip() -> None:
    frame = np.random.default_rng(0).integers(0, 256, (48, 64)).astype(np.uint8)
    assert vf.extract_frames([frame] * 3, "siti")["siti.ti.mean"] == 0


def test_ti_of_a_fade_is_zero_and_of_noise_is_its_deviation() -> None:
    frame = np.full((480, 640), 100, np.uint8)
    assert _siti.temporal_information(frame, frame + 7) == 0
    noise = np.random.default_rng(0).normal(100, 9, frame.shape).astype(np.float32)
    assert _siti.temporal_information(frame, noise) == pytest.approx(9, rel=0.01)


def test_si_of_a_ramp_is_zero_and_of_a_step_is_known() -> None:
    ramp = np.tile(np.arange(0, 200, 2, dtype=np.uint8), (50, 1))
    assert _siti.spatial_information(ramp) == pytest.approx(0, abs=1e-3)
    step = np.zeros((52, 102), np.uint8)
    step[:, 51:] = 10
    share = 2 / 100  # two of a hundred inner columns have the magnitude 40
    assert _siti.spatial_information(step) == pytest.approx(40 * np.sqrt(share * (1 - share)), rel=1e-6)


def test_si_equals_the_definition() -> None:
    rng = np.random.default_rng(0)
    plane = rng.integers(0, 256, (41, 67)).astype(float)
    right = plane[:, 2:] - plane[:, :-2]
    below = plane[2:] - plane[:-2]
    across = right[:-2] + 2 * right[1:-1] + right[2:]
    down = below[:, :-2] + 2 * below[:, 1:-1] + below[:, 2:]
    expected = np.hypot(across, down).std()
    assert _siti.spatial_information(plane.astype(np.uint8)) == pytest.approx(expected, rel=1e-6)


def test_ffmpeg_agrees_on_a_real_clip(shared: Path) -> None:
    clip = shared / "clips/konvid-1k/8657921837.mp4"
    ours = vf.extract(clip, "siti", per_frame=True).to_numpy(float)[:20]
    theirs = []
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        graph = Graph()
        graph.link_nodes(
            graph.add_buffer(template=stream), graph.add("siti"), graph.add("buffersink")
        ).configure()
        for frame, _ in zip(container.decode(stream), ours, strict=False):
            graph.push(frame)
            metadata = graph.pull().metadata
            theirs.append([float(metadata["lavfi.siti.si"]), float(metadata["lavfi.siti.ti"])])
    expected = np.array(theirs) / STRETCH
    assert np.allclose(ours[:, 0], expected[:, 0], rtol=FFMPEG)
    assert np.allclose(ours[1:, 1], expected[1:, 1], rtol=FFMPEG)
    assert np.isnan(ours[0, 1])


def test_ten_bit_codes_of_the_same_picture_give_the_same_row() -> None:
    planes = np.random.default_rng(0).integers(0, 256, (2, 50, 60)).astype(np.uint8)
    deep = planes.astype(np.uint16) * 4
    assert np.allclose(vf.extract_frames(planes, "siti"), vf.extract_frames(deep, "siti"), rtol=1e-6)


def test_a_frame_without_inner_pixels_has_no_si_and_odd_ones_have_one() -> None:
    assert np.isnan(_siti.spatial_information(np.zeros((2, 9), np.uint8)))
    for name, frame in odd_pictures().items():
        assert np.isfinite(vf.extract_frames([frame] * 2, "siti")).all(), name
    one = vf.extract_frames([odd_pictures()["odd"]], "siti")
    assert np.isfinite(one["siti.si.mean"])
    assert np.isnan(one["siti.ti.mean"])
