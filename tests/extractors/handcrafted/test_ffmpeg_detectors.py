"""`blockdetect` and `blurdetect` held to FFmpeg's filters of these names, which PyAV runs."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from importlib.resources import files
from pathlib import Path

import av
import numpy as np
import pytest
from av.filter import Graph
from numpy.typing import NDArray
from shared_data import SHARED

import vqa_features as vf
from vqa_features.errors import ParameterError
from vqa_features.video import Video

Plane = NDArray[np.uint8]

#: The filters print six decimals.
PRINTED = 5.1e-7
KEYS = {"blockdetect": "lavfi.block", "blurdetect": "lavfi.blur"}
BUNDLED = sorted(Path(str(files("vqa_features.resources") / "demo")).glob("*.mp4"))


def of_filter(name: str, planes: Sequence[Plane], options: str = "") -> NDArray[np.float64]:
    """The number of every plane by one filter, as it prints it."""
    height, width = planes[0].shape
    graph = Graph()
    source = graph.add_buffer(width=width, height=height, format="gray", time_base=Fraction(1, 25))
    node = graph.add(name, options) if options else graph.add(name)
    graph.link_nodes(source, node, graph.add("buffersink")).configure()
    found = []
    for number, plane in enumerate(planes):
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(plane), format="gray")
        frame.pts = number
        graph.push(frame)
        found.append(float(graph.pull().metadata[KEYS[name]]))
    return np.array(found)


def ours(label: str, planes: Sequence[Plane] | NDArray[np.uint16]) -> NDArray[np.float64]:
    return vf.extract_frames(np.array(planes), label, fps=25, per_frame=True).to_numpy()[:, 0]


def label_of(name: str, options: str) -> str:
    return f"{name}[{options.replace(':', ',')}]" if options else name


OPTIONS = [
    ("blockdetect", ""),
    ("blockdetect", "period_min=5:period_max=40"),
    ("blurdetect", ""),
    ("blurdetect", "low=0.1:high=0.3:radius=9"),
    ("blurdetect", "block_pct=37:block_width=32:block_height=24"),
]


@pytest.mark.parametrize(("name", "options"), OPTIONS)
@pytest.mark.parametrize("clip", BUNDLED[:3], ids=lambda path: path.stem)
def test_frames_of_bundled_clips_have_the_filters_numbers(clip: Path, name: str, options: str) -> None:
    with Video(clip) as video:
        planes = [frame.view("luma").copy() for frame in video][:20]
    found = vf.extract(clip, label_of(name, options), per_frame=True, duration_s=5).to_numpy()[:20, 0]
    assert found == pytest.approx(of_filter(name, planes, options), abs=PRINTED)


@pytest.mark.shared
@pytest.mark.parametrize("name", list(KEYS))
def test_frames_of_real_clips_have_the_filters_numbers(name: str) -> None:
    for clip in sorted((SHARED / "clips/konvid-1k").glob("*.mp4"))[:2]:
        with Video(clip) as video:
            planes = [frame.view("luma").copy() for frame in video]
        found = vf.extract(clip, name, per_frame=True).to_numpy()[:, 0]
        assert found == pytest.approx(of_filter(name, planes), abs=PRINTED)


def pictures(height: int, width: int, seed: int = 0) -> list[Plane]:
    """Noise, noise in blocks of 8, a smooth picture, and steps in one direction."""
    rng = np.random.default_rng(seed)
    noise = rng.integers(0, 256, (height, width))
    blocks = np.kron(rng.integers(0, 256, (height // 8 + 1, width // 8 + 1)), np.ones((8, 8)))[
        :height, :width
    ]
    y, x = np.mgrid[:height, :width]
    waves = 128 + 60 * np.sin(x / 5) + 60 * np.cos(y / 7 + x / 11)
    return [plane.astype(np.uint8) for plane in (noise, blocks, blocks / 2 + noise / 8, waves, x % 16)]


@pytest.mark.parametrize("name", list(KEYS))
@pytest.mark.parametrize(
    "shape", [(101, 67), (48, 64), (33, 300), (9, 9), (12, 10), (5, 40), (40, 5), (3, 40)]
)
def test_made_pictures_of_any_size_have_the_filters_numbers(shape: tuple[int, int], name: str) -> None:
    """Each alone; what is no finite number there is nan here."""
    for seed in range(3):
        for picture in pictures(*shape, seed):
            (theirs,), (found,) = of_filter(name, [picture]), ours(name, [picture])
            if np.isfinite(theirs):
                assert found == pytest.approx(theirs, abs=PRINTED, rel=1e-7)
            else:
                assert np.isnan(found)


@pytest.mark.parametrize("name", list(KEYS))
@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (4, 4), (1, 64), (64, 1), (64, 64)])
def test_flat_and_tiny_pictures_have_no_value(shape: tuple[int, int], name: str) -> None:
    """The filters print nan, or 0 where blockdetect has compared nothing."""
    picture = np.full(shape, 90, np.uint8)
    assert np.isnan(ours(name, [picture, picture])).all()
    (theirs,) = of_filter(name, [picture])
    assert np.isnan(theirs) or (name == "blockdetect" and max(shape) < 9 and theirs == 0)


def test_blockdetect_adds_frames_as_the_filter_does_unless_each_is_asked_for() -> None:
    planes = pictures(64, 96)
    together = of_filter("blockdetect", planes)
    alone = np.array([of_filter("blockdetect", [plane])[0] for plane in planes])
    finite = np.isfinite(together)
    assert finite.sum() >= 4
    assert ours("blockdetect", planes)[finite] == pytest.approx(together[finite], abs=PRINTED, rel=1e-7)
    each = ours("blockdetect[sums=frame]", planes)
    assert each[np.isfinite(alone)] == pytest.approx(alone[np.isfinite(alone)], abs=PRINTED, rel=1e-7)
    assert not np.allclose(each[2:4], together[2:4], rtol=0.01)


@pytest.mark.parametrize("name", list(KEYS))
def test_ten_bits_are_rounded_half_up(name: str) -> None:
    deep = np.random.default_rng(1).integers(0, 1024, (2, 60, 80)).astype(np.uint16)
    rounded = np.minimum((deep.astype(np.int64) + 2) // 4, 255).astype(np.uint8)
    assert np.array_equal(ours(name, deep), ours(name, rounded))


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("blockdetect[period_min=1]", "period_min must be a whole number from 2 to 32, got 1"),
        ("blockdetect[period_max=65]", "period_max must be a whole number from 2 to 64, got 65"),
        ("blockdetect[period_min=9,period_max=8]", "period_min must not be above period_max, got 9 and 8"),
        ("blockdetect[sums=all]", r"sums\]? must be one of stream, frame, got 'all'"),
        ("blurdetect[low=0.5]", "low not above high, got 0.5 and 0.117"),
        ("blurdetect[radius=0]", "radius must be a whole number from 1 to 100, got 0"),
        ("blurdetect[block_pct=101]", "block_pct must be a whole number from 1 to 100, got 101"),
        ("blurdetect[block_width=0]", "block_width must be a whole number from 1, or -1"),
    ],
)
def test_options_that_ffmpeg_does_not_take_are_refused(label: str, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        vf.make(label)
