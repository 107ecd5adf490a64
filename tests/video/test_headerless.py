"""The geometry of headerless files holds for those alone, also in a folder with other videos."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_videos import FFV1, encode, moving, moving_planes

import vqa_features as vf
from vqa_features.errors import DecodeError
from vqa_features.specs import RawFormat
from vqa_features.video import Video

RAW = RawFormat(64, 48, "yuv420p", 25.0)


def headerless(path: Path, count: int = 4) -> Path:
    path.write_bytes(b"".join(plane.tobytes() for n in range(count) for plane in moving_planes(n)))
    return path


@pytest.mark.parametrize("name", ["a.yuv", "a.raw", "a.YUV", "a.i420", "a"])
def test_it_holds_for_files_without_a_container(tmp_path: Path, name: str) -> None:
    row = vf.extract(headerless(tmp_path / name), "siti", raw=RAW)
    same = encode(tmp_path / "same.mkv", (moving_planes(n) for n in range(4)), codec="ffv1", options=FFV1)
    pd.testing.assert_series_equal(row, vf.extract(same, "siti"), check_exact=True)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi", ".ts", ".MP4", ".mov", ".m4v", ".flv"])
def test_it_does_not_hold_for_containers(tmp_path: Path, suffix: str) -> None:
    clip = moving(tmp_path / f"clip{suffix}", 6)
    with Video(clip, raw=RAW) as video:
        assert (video.info.codec, video.info.frames) == ("h264", 6)
    pd.testing.assert_series_equal(vf.extract(clip, "siti", raw=RAW), vf.extract(clip, "siti"))


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi"])
def test_a_container_without_its_suffix_is_recognised(tmp_path: Path, suffix: str) -> None:
    clip = moving(tmp_path / f"clip{suffix}", 6)
    for name in ("clip", "clip.bin"):
        shutil.copyfile(clip, tmp_path / name)
        with Video(tmp_path / name, raw=RAW) as video:
            assert (video.info.codec, video.info.frames) == ("h264", 6)


def test_a_damaged_container_does_not_become_noise(tmp_path: Path) -> None:
    damaged = tmp_path / "clip.mp4"
    damaged.write_bytes(np.random.default_rng(0).bytes(64 * 48 * 6))
    with pytest.raises(DecodeError, match="not a video"):
        Video(damaged, raw=RAW)


def test_a_mixed_folder_gives_each_file_its_own_frames(tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    headerless(folder / "plain.yuv")
    clip = moving(folder / "clip.mp4", 6)
    store = tmp_path / "run.sqlite"
    table = vf.extract_many([folder], "siti", raw=RAW, store=store)
    assert table["frames_decoded"].to_dict() == {"clip": 6, "plain": 4}
    assert table["siti.si.mean"].max() < 100
    ready: list[str] = []
    vf.extract_many([clip], "siti", store=store, on_result=lambda result: ready.append(result.status))
    assert len(ready) == 1  # the store knows the clip without the geometry
