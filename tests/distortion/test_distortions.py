"""Distorted versions: what each parameter does to the pictures, and that files are the same each time."""

from __future__ import annotations

import itertools
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from small_videos import FFV1, encode, moving, random_planes

from vqa_features.distortion import LADDERS, Version, ladders_of, write_version
from vqa_features.errors import DecodeError, ParameterError, UnknownName

BY_PICTURE = ("noise", "brightness", "flicker", "banding", "blur", "scale")


def read(path: Path) -> tuple[NDArray[np.int64], list[float]]:
    """Luma of every picture, in codes, and their times in seconds."""
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    luma = np.stack([one.to_ndarray()[: one.height].astype(int) for one in frames])
    return luma, [float(one.pts * one.time_base) for one in frames]


@pytest.fixture
def clip(scenes: list[Path]) -> Path:
    return scenes[0]


def made(clip: Path, folder: Path, name: str, strength: float) -> tuple[NDArray[np.int64], list[float]]:
    target = folder / "version.mkv"
    write_version(clip, LADDERS[name].version(strength), target)
    return read(target)


def test_the_original_is_kept_to_the_last_code(clip: Path, tmp_path: Path) -> None:
    write_version(clip, Version(), tmp_path / "same.mkv")
    (luma, times), (before, times_before) = read(tmp_path / "same.mkv"), read(clip)
    assert np.array_equal(luma, before)
    assert times == pytest.approx([one - times_before[0] for one in times_before], abs=6e-4)


@pytest.mark.parametrize("sigma", [1, 8])
def test_noise_has_its_standard_deviation_and_is_new_in_each_picture(
    clip: Path, tmp_path: Path, sigma: int
) -> None:
    luma, _ = made(clip, tmp_path, "noise", sigma)
    added = (luma - read(clip)[0])[:, 100:200, 100:200]
    assert added.std() == pytest.approx(np.hypot(sigma, 12**-0.5), rel=0.05)
    assert abs(np.corrcoef(added[0].ravel(), added[1].ravel())[0, 1]) < 0.05


def test_brightness_flicker_and_banding_are_what_they_say(clip: Path, tmp_path: Path) -> None:
    before = read(clip)[0]
    assert np.array_equal(made(clip, tmp_path, "brightness", 16)[0], np.clip(before - 16, 0, 255))
    signs = np.array([-1, -1, -1, 1, 1, 1] * len(before))[: len(before), None, None]
    assert np.array_equal(made(clip, tmp_path, "flicker", 4)[0], np.clip(before + 4 * signs, 0, 255))
    steps = made(clip, tmp_path, "banding", 32)[0]
    assert len(np.unique(steps)) <= 8
    assert np.abs(steps - before).max() <= 16


def test_a_dropped_picture_leaves_the_times_of_the_others(clip: Path, tmp_path: Path) -> None:
    before, times_before = read(clip)
    kept: set[float] = set(times_before)
    for percent in LADDERS["frame-drop"].strengths:
        luma, times = made(clip, tmp_path, "frame-drop", percent)
        at = [min(range(len(times_before)), key=lambda i: abs(times_before[i] - one)) for one in times]
        assert np.array_equal(luma, before[at])
        assert [at[0], at[-1]] == [0, len(before) - 1]
        assert abs(len(luma) / len(before) - (1 - percent / 100)) < 0.25
        assert kept >= {times_before[one] for one in at}, "what a lower share drops, a higher one drops too"
        kept = {times_before[one] for one in at}


@pytest.mark.parametrize("percent", [20, 50])
def test_a_freeze_takes_its_share_of_every_second(tmp_path: Path, percent: float) -> None:
    clip = moving(tmp_path / "clip.mkv", 50)
    luma, _ = made(clip, tmp_path, "freeze", percent)
    still = [bool(np.array_equal(a, b)) for a, b in itertools.pairwise(luma)]
    assert len(luma) == 50
    assert np.mean(still) == pytest.approx(percent / 100, abs=0.03)


def test_lost_slices_damage_more_and_more_but_never_the_first_picture(clip: Path, tmp_path: Path) -> None:
    before = read(clip)[0]
    damage = []
    for percent in (0.0, 4.0, 32.0):
        luma, times = made(clip, tmp_path, "packet-loss", percent)
        assert luma.shape == before.shape
        assert np.abs(luma[0] - before[0]).mean() < 1
        damage.append(np.abs(luma - before).mean())
        assert len(set(times)) == len(before)
    assert damage[0] < 1 < damage[1] < damage[2]


@pytest.mark.parametrize("name", list(LADDERS))
def test_a_stronger_version_is_further_from_the_original_and_the_same_each_time(
    clip: Path, tmp_path: Path, name: str
) -> None:
    ladder = LADDERS[name]
    assert len(ladder.strengths) >= 6
    assert list(ladder.strengths) == sorted(set(ladder.strengths))
    before, times_before = read(clip)
    errors = []
    for strength in (ladder.strengths[0], ladder.strengths[3], ladder.strengths[-1]):
        luma, times = made(clip, tmp_path, name, strength)
        again, _ = made(clip, tmp_path, name, strength)
        assert np.array_equal(luma, again)
        shown = np.searchsorted(np.array(times) - 1e-3, times_before, side="right") - 1
        errors.append(float(np.abs(luma[np.maximum(shown, 0)] - before).mean()))
    assert errors == sorted(errors)
    assert errors[0] < errors[-1]


@pytest.mark.parametrize("name", [*BY_PICTURE, "packet-loss", "h264"])
@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv422p10le", "gray"])
def test_odd_sizes_lose_a_row_and_other_formats_become_planes_of_their_depth(
    tmp_path: Path, name: str, pix_fmt: str
) -> None:
    pictures = [random_planes(pix_fmt, 65, 49, seed) for seed in range(3)]
    odd = encode(tmp_path / "odd.mkv", pictures, codec="ffv1", pix_fmt=pix_fmt, options=FFV1)
    write_version(odd, LADDERS[name].version(LADDERS[name].strengths[2]), tmp_path / "out.mkv")
    with av.open(str(tmp_path / "out.mkv")) as container:
        frames = list(container.decode(video=0))
    wanted = "yuv420p10le" if "10" in pix_fmt else "yuv420p"
    assert {(one.width, one.height, one.format.name) for one in frames} == {(64, 48, wanted)}
    assert len(frames) == 3


def test_tags_of_colour_are_kept(tmp_path: Path) -> None:
    colour = {"color_primaries": 9, "color_trc": 16, "colorspace": 9, "color_range": 1}
    pictures = [random_planes("yuv420p10le", 64, 48, seed) for seed in range(4)]
    clip = encode(tmp_path / "tagged.mkv", pictures, pix_fmt="yuv420p10le", colour=colour)
    for name in ("noise", "packet-loss", "blur"):
        write_version(clip, LADDERS[name].version(2), tmp_path / "out.mkv")
        with av.open(str(tmp_path / "out.mkv")) as container:
            frames = list(container.decode(video=0))
        assert len(frames) == 4
        assert {one.format.name for one in frames} == {"yuv420p10le"}
        assert {
            (int(f.color_primaries), int(f.color_trc), int(f.colorspace), int(f.color_range)) for f in frames
        } == {(9, 16, 9, 1)}


def test_what_is_no_video_is_one_sentence_and_leaves_no_file(tmp_path: Path) -> None:
    bad = tmp_path / "bad.mp4"
    bad.write_text("no video")
    with pytest.raises(DecodeError, match=r"bad\.mp4"):
        write_version(bad, Version(), tmp_path / "out.mkv")
    with pytest.raises(DecodeError, match=r"missing\.mp4"):
        write_version(tmp_path / "missing.mp4", Version(), tmp_path / "out.mkv")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["bad.mp4"]


def test_ladders_are_named_by_text_or_list() -> None:
    assert [one.name for one in ladders_of("noise, h264,noise")] == ["noise", "h264"]
    assert [one.name for one in ladders_of(["blur"])] == ["blur"]
    assert len(ladders_of()) == 12
    with pytest.raises(UnknownName, match="did you mean 'noise'"):
        ladders_of("nose")
    with pytest.raises(ParameterError, match="no ladder is named"):
        ladders_of(" , ")
