"""Black bars against bars of known size: noise, range, fades, dark scenes, subtitles, codecs, FFmpeg."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from small_videos import encode

from vqa_features.kernels.bars import UNKNOWN, Bars, Sides, agreed, find_bars
from vqa_features.video import Video

Plane = NDArray[np.float64]
#: Top, bottom, left, right as shares of the side, over 100.
SHAPES = {
    "letterbox": (12, 12, 0, 0),
    "pillarbox": (0, 0, 13, 13),
    "windowbox": (12, 12, 13, 13),
    "asymmetric": (13, 0, 0, 6),
    "upright in a wide picture": (0, 0, 34, 34),
    "none": (0, 0, 0, 0),
}
SIZES = {"270p": (270, 480), "540p": (540, 960)}


@cache
def field(height: int, width: int, seed: int) -> Plane:
    smooth = gaussian_filter(np.random.default_rng(seed).normal(size=(height, width)), 6)
    return (smooth - smooth.min()) / np.ptp(smooth)


def texture(height: int, width: int, low: float = 40, high: float = 220, seed: int = 0) -> Plane:
    """A smooth random picture whose codes are from `low` to `high`."""
    return low + (high - low) * field(height, width, seed)


def boxed(sides: tuple[int, ...], size: tuple[int, int], black: float = 16, **codes: float) -> Plane:
    """A picture of a size, bars included."""
    top, bottom, left, right = sides
    picture = texture(size[0] - top - bottom, size[1] - left - right, **codes)  # type: ignore[arg-type]
    return np.pad(picture, ((top, bottom), (left, right)), constant_values=black)


def in_codes(plane: Plane, sigma: float = 0, seed: int = 1) -> NDArray[np.uint8]:
    noise = sigma * np.random.default_rng(seed).normal(size=plane.shape)
    return np.clip(np.rint(plane + noise), 0, 255).astype(np.uint8)


def lines(shape: str, size: tuple[int, int]) -> tuple[int, ...]:
    return tuple(share * size[k // 2] // 100 for k, share in enumerate(SHAPES[shape]))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("black", [0, 16])
@pytest.mark.parametrize("sigma", [0, 2, 5])
def test_bars_are_exact_under_noise_in_both_ranges(size: str, shape: str, black: float, sigma: float) -> None:
    sides = lines(shape, SIZES[size])
    assert find_bars(in_codes(boxed(sides, SIZES[size], black), sigma)).bar == sides


@pytest.mark.parametrize("codes", [(20, 60), (18, 40)], ids=str)
@pytest.mark.parametrize("shape", SHAPES)
def test_bars_of_a_dark_scene_are_exact(codes: tuple[int, int], shape: str) -> None:
    sides = lines(shape, (270, 480))
    dark = boxed(sides, (270, 480), low=codes[0], high=codes[1])
    assert find_bars(in_codes(dark, 1)).bar == sides


def test_ten_bit_codes_and_floats_give_the_same_bars() -> None:
    deep = np.rint(4 * boxed((40, 41, 0, 7), (271, 481))) / 4
    assert find_bars(deep.astype(np.float32)).bar == (40, 41, 0, 7)


@pytest.mark.parametrize("share", [1, 0.5, 0.2, 0.1, 0.05])
def test_a_fade_keeps_its_bars(share: float) -> None:
    plane = boxed((35, 35, 0, 0), (270, 480))
    assert find_bars(in_codes(16 + share * (plane - 16))).bar == (35, 35, 0, 0)


@pytest.mark.parametrize("sigma", [0, 2, 5])
@pytest.mark.parametrize("share", [0, 0.01, 0.02])
def test_a_black_picture_is_not_determined(share: float, sigma: float) -> None:
    plane = boxed((35, 35, 0, 0), (270, 480))
    assert np.isnan(find_bars(in_codes(16 + share * (plane - 16), sigma))).all()


def test_pictures_without_bars_have_none() -> None:
    vertical, horizontal = np.mgrid[:270, :480]
    vignette = 16 + 180 * np.cos((vertical - 135) / 86) * np.cos((horizontal - 240) / 153)
    pictures = {
        "ramp down": vertical * 255 / 269,
        "ramp right": horizontal * 255 / 479,
        "vignette": vignette.clip(0),
        "sinusoid": 128 - 112 * np.cos(vertical / 11),
        "dark and flat": np.full((270, 480), 30.0),
        "gray sides": boxed((0, 0, 60, 60), (270, 480), black=60),
        "camera": skimage.data.camera().astype(float),
        "moon": skimage.data.moon().astype(float),
        "coins on black": np.where(np.hypot(vertical - 135, horizontal - 240) < 90, 180.0, 2),
    }
    found = {name: find_bars(in_codes(picture)).bar for name, picture in pictures.items()}
    assert found == dict.fromkeys(pictures, (0, 0, 0, 0))


def test_a_logo_and_a_subtitle_end_no_bar() -> None:
    plane = boxed((60, 60, 0, 0), (480, 640))
    plane[10:40, 500:560] = 200
    text = np.random.default_rng(3).random((18, 500)) < 0.45
    plane[440:458, 70:570][text] = 235
    assert find_bars(in_codes(plane, 1)).bar == (60, 60, 0, 0)


@pytest.mark.parametrize(("crf", "slack"), [(20, 0), (30, 0), (38, 1)])
def test_ringing_of_a_codec_moves_an_edge_by_few_lines(tmp_path: Path, crf: int, slack: int) -> None:
    sides = (36, 36, 58, 58)
    chroma = [np.full((135, 240), 128, np.uint8)] * 2
    moving = [np.roll(texture(198, 364), 3 * k, axis=1) + 20 * (k % 2) for k in range(6)]
    planes = [in_codes(np.pad(one, ((36, 36), (58, 58)), constant_values=16)) for one in moving]
    path = encode(tmp_path / "coded.mp4", ([one, *chroma] for one in planes), options={"crf": str(crf)})
    with Video(path) as video:
        seen = [find_bars(frame.view("luma")) for frame in video]
    assert max(np.abs(np.subtract(one.bar, sides)).max() for one in seen) <= slack
    assert np.abs(np.subtract(agreed(seen), sides)).max() <= slack


def test_pictures_agree_on_the_bars_that_all_of_them_have() -> None:
    size = (270, 480)
    boxed_ones = [find_bars(in_codes(boxed((35, 35, 0, 0), size, seed=k), 2)) for k in range(12)]
    black = [find_bars(np.full(size, 16, np.uint8))] * 12
    whole = find_bars(in_codes(texture(*size)))
    narrower = find_bars(in_codes(boxed((20, 20, 0, 0), size)))
    assert agreed(boxed_ones) == (35, 35, 0, 0)
    assert agreed([*boxed_ones, *black]) == (35, 35, 0, 0)
    assert agreed([*boxed_ones[:8], narrower, narrower]) == (20, 20, 0, 0)
    assert agreed([*boxed_ones, whole]) == agreed(black) == agreed([]) == (0, 0, 0, 0)


def test_a_dark_scene_shows_less_of_the_picture_and_does_not_enlarge_the_bars() -> None:
    scene = Bars(Sides(35, 35, 0, 0), Sides(35, 35, 0, 0))
    night = Bars(Sides(0, 90, 0, 0), Sides(120, 90, 30, np.inf))
    assert agreed([night] * 9 + [scene] * 3) == (35, 35, 0, 0)
    assert agreed([night] * 11 + [scene]) == (35, 35, 0, 0)
    assert agreed([Bars(UNKNOWN, UNKNOWN), scene]) == (35, 35, 0, 0)


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="no program ffmpeg: PyAV has no cropdetect")
@pytest.mark.parametrize("shape", SHAPES)
def test_bars_agree_with_ffmpeg_s_cropdetect(tmp_path: Path, shape: str) -> None:
    """Its limit is a mean of 24 per line: both agree on noisy bars of an even number of lines."""
    sides = tuple(side // 2 * 2 for side in lines(shape, (270, 480)))
    planes = [in_codes(boxed(sides, (270, 480)), 2)] * 4
    path = encode(tmp_path / "x.mkv", ([one] for one in planes), codec="ffv1", pix_fmt="gray", options={})
    command = ["ffmpeg", "-i", path, "-vf", "cropdetect=round=2:skip=0", "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    width, height, x, y = map(int, re.findall(r"crop=(\d+):(\d+):(\d+):(\d+)", said)[-1])
    found = find_bars(planes[0]).bar
    assert found == (y, 270 - height - y, x, 480 - width - x) == sides
