"""Decoding: planes, colour, orientation, times and description of videos the tests encode themselves."""

from __future__ import annotations

import gc
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_videos import FFV1, LOSSLESS_H264, encode, moving, moving_planes, random_planes

from vqa_features.errors import ParameterError
from vqa_features.picture import rgb2gray
from vqa_features.specs import RawFormat, Sampling
from vqa_features.video import Video
from vqa_features.video.picture import VideoPicture

#: swscale works in fixed point: one step off the exactly rounded value.
SWSCALE = 1


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv422p", "yuv444p", "gray", "yuva420p"])
@pytest.mark.parametrize("size", [(33, 17), (1, 1), (2, 2), (64, 48)])
def test_luma_and_chroma_are_exactly_the_coded_planes(
    tmp_path: Path, pix_fmt: str, size: tuple[int, int]
) -> None:
    frames = [random_planes(pix_fmt, *size, seed) for seed in range(3)]
    path = encode(tmp_path / "a.mkv", frames, codec="ffv1", pix_fmt=pix_fmt, options=FFV1)
    with Video(path) as video:
        assert (video.info.width, video.info.height) == size
        for frame, planes in zip(video, frames, strict=True):
            assert (frame.view("luma") == planes[0]).all()
            found = frame.picture.chroma_planes()
            if pix_fmt == "gray":
                assert found is None
            else:
                assert found is not None
                assert (found[0] == planes[1]).all()
                assert (found[1] == planes[2]).all()
        assert video.outcome.status == "ok"


@pytest.mark.parametrize(
    ("pix_fmt", "bits"),
    [("yuv420p10le", 10), ("yuv444p12le", 12), ("gray10le", 10), ("gray16le", 16), ("yuv422p16le", 16)],
)
def test_deep_luma_keeps_every_bit_and_its_view_is_in_8_bit_units(
    tmp_path: Path, pix_fmt: str, bits: int
) -> None:
    planes = random_planes(pix_fmt, 33, 17)
    path = encode(tmp_path / "a.mkv", [planes], codec="ffv1", pix_fmt=pix_fmt, options=FFV1)
    with Video(path) as video:
        assert video.info.bit_depth == bits
        (frame,) = video
        plane = frame.picture.luma_plane()
        assert plane.dtype == np.uint16
        assert (plane == planes[0]).all()
        luma = frame.view("luma")
        assert luma.dtype == np.float32
        assert (luma == planes[0].astype(np.float32) / 2.0 ** (bits - 8)).all()


def test_h264_and_vp9_of_8_and_10_bits_decode_to_their_length(tmp_path: Path) -> None:
    deep = [[plane.astype(np.uint16) * 4 for plane in moving_planes(n)] for n in range(5)]
    made = [
        moving(tmp_path / "a.mp4", 5),
        moving(tmp_path / "a.webm", 5, codec="libvpx-vp9", options={"deadline": "realtime"}),
        encode(tmp_path / "b.mp4", deep, pix_fmt="yuv420p10le"),
    ]
    for path in made:
        with Video(path) as video:
            assert video.info.frames == len(list(video)) == 5
            assert video.outcome.status == "ok"
            assert video.outcome.warnings == ()


@pytest.mark.parametrize("pix_fmt", ["nv12", "p010le", "yuyv422", "yuv420p10be", "uyvy422"])
def test_packed_layouts_give_the_same_planes_as_planar_ones(tmp_path: Path, pix_fmt: str) -> None:
    width, height = 16, 8
    bits = 10 if "10" in pix_fmt else 8
    rows = (height, height // 2) if "422" not in pix_fmt else (height, height)
    rng = np.random.default_rng(0)
    y, u, v = (
        rng.integers(0, 2**bits, shape).astype(np.uint16)
        for shape in ((rows[0], width), (rows[1], width // 2), (rows[1], width // 2))
    )
    both = np.stack([u, v], axis=-1).reshape(rows[1], width)
    if pix_fmt == "nv12":
        data = y.astype(np.uint8).tobytes() + both.astype(np.uint8).tobytes()
    elif pix_fmt == "p010le":
        data = (y << 6).tobytes() + (both << 6).tobytes()
    elif pix_fmt == "yuv420p10be":
        data = b"".join(plane.astype(">u2").tobytes() for plane in (y, u, v))
    else:
        pairs = (y, both) if pix_fmt == "yuyv422" else (both, y)
        data = np.stack(pairs, axis=-1).astype(np.uint8).tobytes()
    (tmp_path / "a.yuv").write_bytes(data)
    with Video(tmp_path / "a.yuv", raw=RawFormat(width, height, pix_fmt, 25)) as video:
        (frame,) = video
        assert video.info.bit_depth == bits
        assert (frame.picture.luma_plane() == y).all()
        chroma = frame.picture.chroma_planes()
        assert chroma is not None
        assert (chroma[0] == u).all()
        assert (chroma[1] == v).all()


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize(
    ("code", "name", "kr", "kb"),
    [(6, "bt601", 0.299, 0.114), (1, "bt709", 0.2126, 0.0722), (9, "bt2020", 0.2627, 0.0593)],
)
def test_rgb_is_the_matrix_and_range_the_file_names(
    tmp_path: Path, full: bool, code: int, name: str, kr: float, kb: float
) -> None:
    planes = _mild_planes()
    colour = {"colorspace": code, "color_range": 2 if full else 1}
    path = encode(tmp_path / "a.mkv", [planes], codec="ffv1", pix_fmt="yuv444p", options=FFV1, colour=colour)
    with Video(path) as video:
        (frame,) = video
        assert video.info.color_matrix == name
        assert video.info.color_range == ("full" if full else "limited")
        assert np.abs(frame.view("rgb") - _exact_rgb(planes, kr, kb, full)).max() <= SWSCALE


@pytest.mark.parametrize(
    ("size", "kr", "kb"),
    [((64, 48), 0.299, 0.114), ((64, 720), 0.2126, 0.0722), ((1280, 16), 0.2126, 0.0722)],
)
def test_an_unnamed_matrix_is_bt601_for_small_and_bt709_for_large_pictures(
    tmp_path: Path, size: tuple[int, int], kr: float, kb: float
) -> None:
    planes = _mild_planes(*size)
    path = encode(tmp_path / "a.mkv", [planes], codec="ffv1", pix_fmt="yuv444p", options=FFV1)
    with Video(path) as video:
        (frame,) = video
        assert video.info.color_matrix == "unknown"
        assert np.abs(frame.view("rgb") - _exact_rgb(planes, kr, kb, False)).max() <= SWSCALE


def test_gray_video_has_equal_rgb_channels(tmp_path: Path) -> None:
    planes = random_planes("gray", 20, 10)
    path = encode(tmp_path / "a.mkv", [planes], codec="ffv1", pix_fmt="gray", options=FFV1)
    with Video(path) as video:
        (frame,) = video
        rgb = frame.view("rgb")
        assert (rgb == rgb[:, :, :1]).all()


def test_rgb_coded_video_gives_its_pixels_and_their_gray_as_luma(tmp_path: Path) -> None:
    planes = random_planes("gbrp", 20, 10)
    (tmp_path / "a.yuv").write_bytes(b"".join(plane.tobytes() for plane in planes))
    with Video(tmp_path / "a.yuv", raw=RawFormat(20, 10, "gbrp", 25)) as video:
        (frame,) = video
        stored = np.stack([planes[2], planes[0], planes[1]], axis=-1)  # the planes are G, B, R
        assert (frame.view("rgb") == stored).all()
        assert (frame.view("luma") == rgb2gray(stored)).all()
        assert frame.picture.chroma_planes() is None
        assert video.info.color_range == "full"
        assert any("RGB-coded" in warning for warning in video.outcome.warnings)


def test_rgb2gray_luma_is_matlabs_gray_of_the_rgb_view(tmp_path: Path) -> None:
    with Video(moving(tmp_path / "a.mp4", 1), luma="rgb2gray") as video:
        (frame,) = video
        assert (frame.view("luma") == rgb2gray(frame.view("rgb"))).all()


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_every_view_is_turned_as_the_display_matrix_says(
    tmp_path: Path, degrees: int, mirrored: bool
) -> None:
    planes = random_planes("yuv420p", 32, 16)
    plain = encode(tmp_path / "plain.mp4", [planes], options=LOSSLESS_H264)
    turned = encode(tmp_path / "a.mp4", [planes], options=LOSSLESS_H264, rotation=(degrees, mirrored))

    def upright(plane: Any) -> Any:
        plane = np.rot90(plane, degrees // 90)
        return plane[:, ::-1] if mirrored else plane

    with Video(plain) as video:
        (reference,) = video
    with Video(turned) as video:
        (frame,) = video
        assert frame.view("luma").shape == (video.info.height, video.info.width)
        for name in ("luma", "rgb"):
            assert (frame.view(name) == upright(reference.view(name))).all()
        for found, stored in zip(frame.view("chroma"), reference.view("chroma"), strict=True):
            assert (found == upright(stored)).all()
        if not mirrored:
            assert video.info.rotation == degrees
        assert ("mirrored by its display matrix" in video.outcome.warnings) is mirrored


def test_times_are_the_presentation_times_from_the_streams_start(tmp_path: Path) -> None:
    stamps = [10, 11, 13, 20]
    frames = [moving_planes(n) for n in range(4)]
    path = encode(tmp_path / "a.mkv", frames, stamps=stamps, options={"preset": "ultrafast", "bf": "2"})
    with Video(path) as video:
        times = [frame.time_s for frame in video]
    # Matroska stores whole milliseconds
    assert times == pytest.approx([0, 0.04, 0.12, 0.4], abs=1e-3)


def test_a_raw_file_has_its_geometry_from_the_caller(tmp_path: Path) -> None:
    frames = [random_planes("yuv420p10le", 16, 8, seed) for seed in range(3)]
    (tmp_path / "a.yuv").write_bytes(b"".join(plane.tobytes() for planes in frames for plane in planes))
    with Video(tmp_path / "a.yuv", raw=RawFormat(16, 8, "yuv420p10le", 24)) as video:
        assert (video.info.frames, video.info.fps, video.info.bit_depth) == (3, 24, 10)
        for frame, planes in zip(video, frames, strict=True):
            assert (frame.picture.luma_plane() == planes[0]).all()
            assert frame.time_s == pytest.approx(frame.index / 24)


def test_planes_outlive_the_video_and_cannot_be_written(tmp_path: Path) -> None:
    path = moving(tmp_path / "a.mkv", 12, codec="ffv1", options=FFV1)
    with Video(path) as video:
        kept = [frame.view("luma") for frame in video]
    gc.collect()
    for number, luma in enumerate(kept):
        assert (luma == moving_planes(number)[0]).all()
        with pytest.raises(ValueError, match="read-only"):
            luma[0, 0] = 0


def test_frames_are_let_go_while_the_video_is_read(tmp_path: Path) -> None:
    def pictures() -> int:
        return sum(isinstance(one, VideoPicture) for one in gc.get_objects())

    gc.collect()
    before, most = pictures(), 0
    with Video(moving(tmp_path / "a.mp4", 60), sampling=Sampling(fps=25)) as video:
        for frame in video:
            frame.view("luma")
            if frame.index % 10 == 9:
                most = max(most, pictures() - before)
    assert most <= 2  # the one in hand and the one before it


def test_threads_change_no_pixel(tmp_path: Path) -> None:
    path = moving(tmp_path / "a.mp4", 12)
    with Video(path) as one, Video(path, threads=4) as four:
        for a, b in zip(one, four, strict=True):
            assert (a.view("luma") == b.view("luma")).all()
            assert a.time_s == b.time_s


def test_a_video_is_described_before_it_is_read(tmp_path: Path) -> None:
    with Video(moving(tmp_path / "a.mp4", 25)) as video:
        info = video.info
    assert (info.width, info.height, info.frames, info.fps) == (64, 48, 25, 25)
    assert info.duration_s == pytest.approx(1)
    assert (info.codec, info.pix_fmt, info.bit_depth, info.rotation) == ("h264", "yuv420p", 8, 0)


def test_hdr_and_alpha_are_said_in_the_warnings(tmp_path: Path) -> None:
    hdr = encode(
        tmp_path / "hdr.mkv",
        [random_planes("yuv420p10le", 16, 16)],
        codec="ffv1",
        pix_fmt="yuv420p10le",
        options=FFV1,
        colour={"color_trc": 16},
    )
    with Video(hdr) as video:
        assert any("pq" in warning for warning in video.outcome.warnings)
        assert video.info.color_transfer == "pq"
    alpha = encode(
        tmp_path / "alpha.mkv",
        [random_planes("yuva420p", 16, 16)],
        codec="ffv1",
        pix_fmt="yuva420p",
        options=FFV1,
    )
    with Video(alpha) as video:
        assert "alpha is ignored" in video.outcome.warnings


def test_a_video_is_read_once(tmp_path: Path) -> None:
    with Video(moving(tmp_path / "a.mp4", 2)) as video:
        assert len(list(video)) == 2
        with pytest.raises(ParameterError, match="read already"):
            next(iter(video))


def test_the_outcome_outlives_the_video(tmp_path: Path) -> None:
    with Video(moving(tmp_path / "a.mp4", 3)) as video:
        list(video)
    assert (video.outcome.status, video.outcome.frames_decoded) == ("ok", 3)
    closed = Video(tmp_path / "a.mp4")
    closed.close()
    with pytest.raises(ParameterError, match="closed"):
        next(iter(closed))


def test_stopping_early_is_no_failure(tmp_path: Path) -> None:
    with Video(moving(tmp_path / "a.mp4", 10)) as video:
        next(iter(video))
        assert video.outcome.status == "ok"
        assert not math.isnan(video.info.fps)


def _mild_planes(width: int = 64, height: int = 48) -> list[np.ndarray[Any, Any]]:
    """Smooth planes whose colours stay inside RGB."""
    t = np.linspace(0, 1, width * height).reshape(height, width)
    luma = 60 + 120 * t
    return [plane.astype(np.uint8) for plane in (luma, 128 + 20 * np.sin(40 * t), 128 + 20 * np.cos(40 * t))]


def _exact_rgb(planes: list[np.ndarray[Any, Any]], kr: float, kb: float, full: bool) -> np.ndarray[Any, Any]:
    """Full-range RGB by the definition in ITU-T H.273, in float64, rounded."""
    y, u, v = (plane.astype(np.float64) for plane in planes)
    y = y / 255 if full else (y - 16) / 219
    u, v = ((c - 128) / (255 if full else 224) for c in (u, v))
    red, blue = y + 2 * (1 - kr) * v, y + 2 * (1 - kb) * u
    green = (y - kr * red - kb * blue) / (1 - kr - kb)
    return np.rint(np.clip(np.stack([red, green, blue], axis=-1), 0, 1) * 255)
