"""Grids of blocks: found with their size and place where pictures were coded, and not in clean ones."""

from __future__ import annotations

import io
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
import skimage.data
from av.filter import Graph
from numpy.typing import NDArray
from scipy.stats import spearmanr

import vqa_features as vf
from vqa_features.extractors.handcrafted.basics import _folding, _grid
from vqa_features.video import Video

Plane = NDArray[np.uint8]
DEMO = Path(vf.__file__).parent / "resources/demo"
NAMES = ("camera", "astronaut", "coffee", "grass", "brick")
#: Clean scikit-image pictures without a grid; `moon` and `rocket` come from files that were coded.
CLEAN = (*NAMES, "gravel", "chelsea", "page", "text")
SCALERS = {"linear": cv2.INTER_LINEAR, "cubic": cv2.INTER_CUBIC, "lanczos": cv2.INTER_LANCZOS4}
FACTORS = (1 / 2, 2 / 3, 3 / 4, 5 / 4, 4 / 3, 3 / 2, 2, 3)
SHAPE = (270, 480)


@cache
def clean(name: str) -> Plane:
    image = getattr(skimage.data, name)()
    return image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)


@cache
def coded(name: str, quality: int) -> Plane:
    data = cv2.imencode(".jpg", clean(name), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)


def grid_of(plane: NDArray[np.generic]) -> _grid.Grid:
    codes = np.ascontiguousarray(plane, np.float32)
    return _grid.find_grid(codes, np.ascontiguousarray(codes.T))


def scaled(plane: Plane, factor: float, method: int) -> Plane:
    return cv2.resize(plane, None, fx=factor, fy=factor, interpolation=method)


def distance(phase: float, true: float, size: float) -> float:
    """Distance between two places of lines that are `size` apart."""
    apart = (phase - true) % size
    return min(apart, size - apart)


def test_profiles_are_sums_of_steps() -> None:
    plane = np.random.default_rng(0).integers(0, 256, (150, 40)).astype(np.float32)
    steps = np.abs(np.diff(plane.astype(float), axis=1))
    expected = [steps.sum(axis=0), (steps**2).sum(axis=0), np.log1p(steps).sum(axis=0)]
    assert _folding.column_sums(plane) == pytest.approx(np.array(expected))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("quality", [10, 30])
def test_a_coded_picture_has_a_grid_of_eight_wherever_it_is_cropped(name: str, quality: int) -> None:
    strengths = []
    for left, top in zip(range(8), (0, 3, 6, 1, 4, 7, 2, 5), strict=True):
        found = grid_of(coded(name, quality)[top:, left:])
        assert found.size == pytest.approx(8, abs=0.02)
        assert distance(found.phase_x, -left % 8, 8) < 0.5
        assert distance(found.phase_y, -top % 8, 8) < 0.5
        strengths.append(found.strength)
    assert min(strengths) > 1.1
    assert max(strengths) < 1.03 * min(strengths)


@pytest.mark.parametrize("name", NAMES)
def test_coarser_coding_gives_a_stronger_grid(name: str) -> None:
    strengths = [grid_of(coded(name, quality)[2:, 5:]).strength for quality in (60, 30, 15, 8)]
    assert np.all(np.diff(strengths) > 0)


def test_scaled_grids_are_found_with_their_size_and_place() -> None:
    cases = wrong = 0
    right: dict[float, int] = {}
    for name in NAMES:
        for factor in FACTORS:
            for method in SCALERS.values():
                found = grid_of(scaled(coded(name, 15)[3:, 5:], factor, method))
                cases += 1
                if abs(found.size - 8 * factor) < 0.02 * factor * 8:
                    right[factor] = right.get(factor, 0) + 1
                    assert distance(found.phase_x, 3 * factor, 8 * factor) < 1
                    assert distance(found.phase_y, 5 * factor, 8 * factor) < 1
                elif not np.isnan(found.size):
                    wrong += 1
    each = cases // len(FACTORS)
    assert min(right[factor] for factor in FACTORS if factor != 1 / 2) >= 0.7 * each
    assert right[1 / 2] >= 0.3 * each
    assert sum(right.values()) >= 0.85 * cases
    assert wrong <= 0.02 * cases


@pytest.mark.parametrize("quality", [20, 50, 70])
@pytest.mark.parametrize("method", SCALERS)
def test_the_grid_is_told_from_the_period_of_the_interpolation(quality: int, method: str) -> None:
    """Enlarging by 3/2 leaves a wave of 3 pixels; every third line of 4 pixels is one of 12."""
    for name in ("camera", "coffee"):
        found = grid_of(scaled(coded(name, quality), 1.5, SCALERS[method]))
        assert found.size == pytest.approx(12, abs=0.02)


@pytest.mark.parametrize("name", ["camera", "chelsea", "grass"])
def test_a_strong_grid_outlasts_dither_of_one_code(name: str) -> None:
    dither = np.random.default_rng(0).integers(-1, 2, clean(name).shape)
    found = grid_of(np.clip(coded(name, 10) + dither, 0, 255)[4:, 1:])
    assert found[:3] == pytest.approx((8, 7, 4), abs=0.2)
    assert found.strength > 1.2


@pytest.mark.parametrize("factor", [Fraction(2, 3), Fraction(4, 3), Fraction(2)])
@pytest.mark.parametrize("scaler", ["bicubic", "bilinear", "area", "lanczos"])
def test_swscale_leaves_grids_of_known_size(factor: Fraction, scaler: str) -> None:
    picture = coded("camera", 12)[:504, :504]
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="gray")
    side = int(504 * factor)
    plane = frame.reformat(side, side, interpolation=scaler.upper()).to_ndarray()
    assert grid_of(plane).size == pytest.approx(8 * float(factor), rel=0.01)


@pytest.mark.parametrize("name", CLEAN)
def test_clean_pictures_have_no_grid(name: str) -> None:
    found = grid_of(clean(name))
    assert np.isnan(found.size)
    assert found.strength == 1


def test_few_clean_pictures_have_a_grid_after_scaling() -> None:
    found = [
        not np.isnan(grid_of(scaled(clean(name), factor, method)).size)
        for name in CLEAN
        for factor in (1 / 2, 2 / 3, 0.9, 1.1, 5 / 4, 4 / 3, 3 / 2)
        for method in SCALERS.values()
    ]
    assert np.mean(found) < 0.04


def patterns() -> dict[str, Plane]:
    rng = np.random.default_rng(0)
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    lines = np.full(SHAPE, 235, np.uint8)
    for top in range(10, 250, 20):
        place = 10
        while place < 440:
            letter = "abcdefghijklmnopqrstuvwxyz"[rng.integers(26)]
            cv2.putText(lines, letter, (place, top + 10), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 20, 1)
            place += int(rng.integers(7, 14))
    bricks = 120 + 60 * ((y % 18 < 2) | ((x + 20 * (y // 18 % 2)) % 40 < 2))
    made = {
        "flat": np.full(SHAPE, 90),
        "ramp": 40 + x // 3,
        "noise": rng.normal(128, 5, SHAPE),
        "strong noise": rng.normal(128, 30, SHAPE),
        "fence": 120 + 60 * (x % 8 < 2),
        "fine fence": 120 + 60 * (y % 4 < 2),
        "diagonal fence": 120 + 60 * ((x + y) % 16 < 4),
        "waves": 128 + 60 * np.sin(x / 5) * np.cos(y / 7),
        "bricks": bricks,
        "noisy bricks": bricks + rng.normal(0, 4, SHAPE),
        "text": lines,
        "pixel checks": 255 * ((x + y) % 2),
        "bars": np.where((y > 40) & (y < 230), 90 + rng.normal(0, 6, SHAPE), 16),
    }
    return {name: np.clip(np.rint(plane), 0, 255).astype(np.uint8) for name, plane in made.items()}


@pytest.mark.parametrize("name", patterns())
def test_regular_patterns_and_text_have_no_grid(name: str) -> None:
    assert np.isnan(grid_of(patterns()[name]).size)


def test_a_checkerboard_is_a_grid_as_the_docs_say() -> None:
    found = grid_of(skimage.data.checkerboard())
    assert (found.size, found.phase_x, found.phase_y) == pytest.approx((25, 0, 0), abs=0.05)


@pytest.mark.parametrize("name", ["bikes_square", "bunny_tree", "city_towers"])
def test_clean_video_has_no_grid(name: str) -> None:
    rows = vf.extract(DEMO / f"{name}.mp4", "basics", per_frame=True, every=10)
    assert rows["basics.block_size"].isna().mean() > 0.9
    assert rows["basics.blockiness"].median() == 1


def encoded(codec: str, options: dict[str, str], pix_fmt: str = "yuv420p") -> list[Plane]:
    """Luma of the first frames of a clip after coarse intra coding."""
    with Video(DEMO / "city_towers.mp4") as video:
        source = [frame.view("rgb") for frame, _ in zip(video, range(2), strict=False)]
    memory = io.BytesIO()
    with av.open(memory, "w", format="matroska") as container:
        stream = container.add_stream(codec, rate=25, options={"g": "1", **options})
        stream.width, stream.height, stream.pix_fmt = source[0].shape[1], source[0].shape[0], pix_fmt
        for picture in source:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    memory.seek(0)
    with av.open(memory) as container:
        return [frame.to_ndarray()[: source[0].shape[0]] for frame in container.decode(video=0)]


@pytest.mark.parametrize(
    ("codec", "options", "pix_fmt", "size"),
    [
        ("mpeg4", {"qmin": "20", "qmax": "31"}, "yuv420p", 8),
        ("mpeg2video", {"qmin": "20", "qmax": "31"}, "yuv420p", 8),
        ("mjpeg", {"qmin": "20", "qmax": "31"}, "yuvj420p", 8),
        ("libx264", {"crf": "38", "x264-params": "no-deblock=1:8x8dct=0"}, "yuv420p", 4),
    ],
    ids=["mpeg4", "mpeg2", "mjpeg", "h264"],
)
def test_coarsely_coded_video_has_the_grid_of_its_codec(
    codec: str, options: dict[str, str], pix_fmt: str, size: int
) -> None:
    for plane in encoded(codec, options, pix_fmt):
        for left, top in ((0, 0), (3, 5)):
            found = grid_of(plane[top:, left:])
            assert found.size == pytest.approx(size, rel=0.01)
            assert distance(found.phase_x, -left % size, size) < 1
            assert distance(found.phase_y, -top % size, size) < 1
            assert found.strength > 1.1


@pytest.mark.parametrize("contrast", [219 / 255, 0.6])
@pytest.mark.parametrize("level", [0, 40])
@pytest.mark.parametrize("bits", [8, 10])
def test_the_grid_does_not_depend_on_range_brightness_or_depth(
    contrast: float, level: int, bits: int
) -> None:
    step = 2.0 ** (8 - bits)
    plane = np.rint((coded("camera", 12)[1:, 6:] * contrast + level) / step) * step
    found = grid_of(plane)
    assert (found.size, found.phase_x, found.phase_y) == pytest.approx((8, 2, 7), abs=0.1)


def blockdetect(plane: Plane) -> float:
    """Score of FFmpeg's blockdetect filter."""
    frame = av.VideoFrame.from_ndarray(plane, format="gray")
    frame.pts = 0
    graph = Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1, 25)
    )
    graph.link_nodes(source, graph.add("blockdetect"), graph.add("buffersink")).configure()
    graph.push(frame)
    return float(graph.pull().metadata["lavfi.block"])


def test_it_ranks_coded_pictures_as_ffmpeg_does_and_is_steady_where_they_are_cropped() -> None:
    for name in ("camera", "astronaut", "grass"):
        whole = [coded(name, quality) for quality in (4, 7, 10, 15, 20, 30, 50)]
        theirs, ours = [blockdetect(one) for one in whole], [grid_of(one).strength for one in whole]
        assert spearmanr(theirs, ours).statistic == 1
        cropped = [np.ascontiguousarray(one[3:, 5:]) for one in whole]
        assert [grid_of(one).strength for one in cropped] == pytest.approx(ours, rel=0.02)
        if name == "camera":  # it compares a line with the mean of all others, which cropping moves
            assert blockdetect(cropped[0]) < 0.1 * theirs[0]


@pytest.mark.parametrize("shape", [(17, 17), (40, 40), (17, 500)])
def test_small_pictures_have_a_defined_answer(shape: tuple[int, int]) -> None:
    found = grid_of(np.random.default_rng(0).integers(0, 256, shape))
    assert found.strength == 1
    assert np.isnan(found.size)
    assert np.isnan(grid_of(np.zeros((16, 100))).strength)


def test_the_columns_say_that_no_grid_was_found() -> None:
    row = vf.extract_frames(np.full((1, 64, 64), 90, np.uint8) + np.arange(64, dtype=np.uint8), "basics")
    assert row["basics.blockiness.mean"] == 1
    assert row.filter(like="block_").isna().all()
    frames = np.array([coded("camera", 10)[5:, 3:]] * 2)
    row = vf.extract_frames(frames, "basics", fps=25)
    assert row["basics.block_size.mean"] == pytest.approx(8, abs=0.02)
    assert row["basics.block_phase_x.mean"] == pytest.approx(5, abs=0.3)
    assert row["basics.block_phase_y.mean"] == pytest.approx(3, abs=0.3)
