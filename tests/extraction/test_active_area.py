"""Features of the active area are those of the same pictures without bars, to the last bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from boxed_videos import Sides, boxed, pictures, write
from small_videos import LOSSLESS_H264

import vqa_features as vf
from vqa_features.extraction.active_area import area_of
from vqa_features.specs import RawFormat, Sampling
from vqa_features.video import Video

#: Of luma, of pairs, of RGB.
HANDCRAFTED = ("brisque", "siti", "colorfulness")
BARS: dict[str, Sides] = {
    "letterbox": (34, 36, 0, 0),
    "pillarbox": (0, 0, 60, 62),
    "both": (34, 34, 60, 62),
    "one side": (0, 38, 0, 0),
    "none": (0, 0, 0, 0),
}


def same(one: Any, other: Any) -> None:
    np.testing.assert_array_equal(one.to_numpy(), other.to_numpy())


def text(sides: Sides, width: int = 240, height: int = 136) -> str:
    top, bottom, left, right = sides
    return f"{width}x{height}+{left}+{top} of {width + left + right}x{height + top + bottom}"


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pictures without bars."""
    return write(tmp_path_factory.mktemp("plain") / "plain.mkv", pictures())


@pytest.fixture(scope="module")
def expected(plain: Path) -> Any:
    return vf.extract(plain, HANDCRAFTED)


@pytest.mark.parametrize("noise", [0, 2])
@pytest.mark.parametrize("bars", BARS)
def test_features_equal_those_without_bars(tmp_path: Path, expected: Any, bars: str, noise: float) -> None:
    frames = [boxed(one, BARS[bars], noise, seed) for seed, one in enumerate(pictures())]
    path = write(tmp_path / "x.mkv", frames)
    found = vf.extract(path, HANDCRAFTED, area="active")
    same(found, expected)
    assert found.attrs["active_area"] == text(BARS[bars])
    whole = vf.extract(path, HANDCRAFTED)
    assert "active_area" not in whole.attrs
    assert np.array_equal(whole, expected) == (bars == "none")


@pytest.mark.needs("torch")
def test_an_embedding_equals_the_one_without_bars(tmp_path: Path, plain: Path) -> None:
    label = "efficientnet-lite0@random"
    path = write(tmp_path / "x.mkv", [boxed(one, BARS["both"]) for one in pictures()])
    found, expected = vf.extract(path, label, area="active", frames=2), vf.extract(plain, label, frames=2)
    same(found, expected)
    assert not np.array_equal(found, vf.extract(path, label, frames=2))


@pytest.mark.parametrize("turned", [(90, False), (180, False), (270, False), (0, True), (90, True)], ids=str)
def test_a_turned_video_is_cropped_upright(tmp_path: Path, turned: tuple[int, bool]) -> None:
    options = {"codec": "libx264", "options": LOSSLESS_H264, "rotation": turned}
    sides = (34, 12, 0, 62)
    plain = write(tmp_path / "plain.mp4", pictures(), **options)
    path = write(tmp_path / "x.mp4", [boxed(one, sides) for one in pictures()], **options)
    found = vf.extract(path, HANDCRAFTED, area="active")
    same(found, vf.extract(plain, HANDCRAFTED))
    size = "240x136" if turned[0] in (0, 180) else "136x240"
    assert found.attrs["active_area"].startswith(f"{size}+")


@pytest.mark.parametrize(
    "tags", [{"color_range": 2, "colorspace": 1}, {"color_range": 1, "colorspace": 9}], ids=str
)
def test_colours_are_converted_as_the_file_says(tmp_path: Path, tags: dict[str, int]) -> None:
    options = {"codec": "libx264", "options": LOSSLESS_H264, "colour": tags}
    plain = write(tmp_path / "plain.mp4", pictures(), **options)
    path = write(tmp_path / "x.mp4", [boxed(one, BARS["both"]) for one in pictures()], **options)
    same(vf.extract(path, "colorfulness", area="active"), vf.extract(plain, "colorfulness"))


def test_ten_bits(tmp_path: Path) -> None:
    plain = write(tmp_path / "plain.mkv", [boxed(one, (0, 0, 0, 0), bits=10) for one in pictures()], 10)
    path = write(tmp_path / "x.mkv", [boxed(one, BARS["both"], bits=10) for one in pictures()], 10)
    same(vf.extract(path, HANDCRAFTED, area="active"), vf.extract(plain, HANDCRAFTED))


def test_bars_of_an_odd_number_of_lines_take_the_shared_chroma_samples_with_them(tmp_path: Path) -> None:
    """The first line of content has the chroma of a bar, and is left out; so is the last one."""
    path = write(tmp_path / "x.mkv", [boxed(one, (33, 35, 0, 0)) for one in pictures()])
    found = vf.extract(path, HANDCRAFTED, area="active")
    assert found.attrs["active_area"] == "240x134+0+34 of 240x204"
    inner = [[y[1:-1], u[1:], v[1:]] for y, u, v in ([y, u[:68], v[:68]] for y, u, v in pictures())]
    luma = write(tmp_path / "inner.mkv", inner)
    same(found.iloc[:-5], vf.extract(luma, HANDCRAFTED).iloc[:-5])
    gray = [one[:1] for one in (boxed(one, (33, 35, 0, 0)) for one in pictures())]
    path = write(tmp_path / "gray.mkv", gray, pix_fmt="gray")
    assert vf.extract(path, "siti", area="active").attrs["active_area"] == "240x136+0+33 of 240x204"


def test_pictures_and_frames_in_memory_have_an_active_area_too(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    inner = rng.integers(60, 200, (5, 100, 120, 3)).astype(np.uint8)
    whole = np.pad(inner, ((0, 0), (20, 21), (7, 0), (0, 0)))
    found = vf.extract_frames(whole, HANDCRAFTED, area="active")
    same(found, vf.extract_frames(inner, HANDCRAFTED))
    assert found.attrs["active_area"] == "120x100+7+20 of 127x141"
    planes = whole[..., 1].astype(np.uint16) * 4
    same(
        vf.extract_frames(planes, "siti", area="active"),
        vf.extract_frames(inner[..., 1].astype(np.uint16) * 4, "siti"),
    )
    for name, picture in (("whole", whole[0]), ("inner", inner[0])):
        av.VideoFrame.from_ndarray(picture, format="rgb24").to_image().save(tmp_path / f"{name}.png")
    still = vf.extract(tmp_path / "whole.png", ["brisque", "colorfulness"], area="active")
    same(still, vf.extract(tmp_path / "inner.png", ["brisque", "colorfulness"]))


def test_a_headerless_file_has_an_active_area(tmp_path: Path, expected: Any) -> None:
    frames = [boxed(one, BARS["letterbox"]) for one in pictures()]
    path = tmp_path / "x.yuv"
    path.write_bytes(b"".join(plane.tobytes() for one in frames for plane in one))
    raw = RawFormat(240, 206, "yuv420p", 25)
    same(vf.extract(path, HANDCRAFTED, area="active", raw=raw), expected)


def test_black_frames_and_fades_do_not_hide_the_bars(tmp_path: Path) -> None:
    faded = [boxed(one, BARS["both"]) for one in pictures()]
    for share, one in zip((0, 0, 0.01, 0.2), faded, strict=False):
        one[0] = np.rint(16 + share * (one[0].astype(float) - 16)).astype(np.uint8)
    path = write(tmp_path / "x.mkv", faded)
    assert vf.extract(path, "siti", area="active").attrs["active_area"] == text(BARS["both"])


def test_a_black_video_is_used_as_a_whole_and_says_it(tmp_path: Path) -> None:
    black = [[np.full((48, 64), 16, np.uint8), *np.full((2, 24, 32), 128, np.uint8)]] * 4
    found = vf.extract(write(tmp_path / "x.mkv", black), "siti", area="active")
    assert found.attrs["active_area"] == "64x48+0+0 of 64x48"
    assert "no picture shows where bars end: the active area is the whole picture" in found.attrs["warnings"]


def test_the_area_is_that_of_the_part_that_is_used(tmp_path: Path) -> None:
    scenes = [boxed(one, (40, 40, 0, 0)) for one in pictures()] * 5
    scenes += [boxed(one, (10, 10, 0, 0)[:4]) for one in _taller()] * 5
    path = write(tmp_path / "x.mkv", scenes)
    area = {"area": "active"}
    assert vf.extract(path, "siti", duration_s=1, **area).attrs["active_area"].startswith("240x136+0+40")
    assert vf.extract(path, "siti", start_s=1.4, **area).attrs["active_area"].startswith("240x196+0+10")
    assert vf.extract(path, "siti", **area).attrs["active_area"].startswith("240x196+0+10")


def _taller() -> list[list[Any]]:
    return pictures(height=196)


def test_the_file_is_found_by_its_name_once(tmp_path: Path) -> None:
    path = write(tmp_path / "y.mkv", [boxed(one, BARS["both"]) for one in pictures()])
    with Video(path) as video:
        path.rename(tmp_path / "z.mkv")
        write(path, pictures())
        area = area_of(video, Sampling())
        assert len(list(video)) == 6
    assert area is not None
    assert area.text == text(BARS["both"])


def test_an_unknown_area_is_refused(plain: Path) -> None:
    told = "area must be one of full, active, got 'inner'"
    with pytest.raises(vf.ParameterError, match=told):
        vf.extract(plain, "siti", area="inner")  # type: ignore[call-overload]
    with pytest.raises(vf.ParameterError, match=told):
        vf.extract_frames(np.zeros((2, 8, 8), np.uint8), "siti", area="inner")  # type: ignore[call-overload]
    with pytest.raises(vf.ParameterError, match=told):
        vf.extract_many([plain], "siti", area="inner")  # type: ignore[arg-type]
    with pytest.raises(vf.ParameterError, match=told):
        vf.VideoFeatures("siti", area="inner").fit([plain])  # type: ignore[arg-type]


def test_a_score_is_of_the_active_area() -> None:
    inside = np.random.default_rng(0).integers(60, 200, (2, 144, 192), np.uint8)
    barred = np.full((2, 208, 192), 16, np.uint8)
    barred[:, 32:-32] = inside
    assert vf.score(barred, "cambi", area="active") == vf.score(inside, "cambi")
    assert vf.score(barred, "niqe", area="active") == vf.score(inside, "niqe") != vf.score(barred, "niqe")
