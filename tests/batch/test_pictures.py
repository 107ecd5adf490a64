"""Folders of pictures as rows: what each scope of extractor says of a still picture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from commands import run
from PIL import Image

import vqa_features as vf
from vqa_features.errors import DecodeError

CLIP = Path(vf.__file__).parent / "resources" / "demo" / "bikes_square.mp4"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Three frames of a real clip as pictures of three formats."""
    from vqa_features.video import Video

    pictures = tmp_path / "pictures"
    pictures.mkdir()
    with Video(CLIP) as video:
        for frame, suffix in zip(video, ("png", "jpg", "webp"), strict=False):
            Image.fromarray(frame.view("rgb")).save(pictures / f"frame{frame.index}.{suffix}", quality=90)
    return pictures


def test_a_folder_of_frames_is_one_row_per_picture_and_no_video(folder: Path) -> None:
    table = vf.extract_many([folder], ["brisque", "niqe"], pool=["mean", "std"])
    assert list(table.index) == ["frame0", "frame1", "frame2"]
    assert set(table["status"]) == {"ok"}
    assert set(table["frames_decoded"]) == {1}
    assert table.filter(like=".mean").notna().all(axis=None)
    assert (table.filter(like=".std") == 0).all(axis=None)  # of one frame
    assert table["video.container"].tolist() == ["png", "jpeg", "webp"]
    assert table.filter(like=".mean").std().max() > 0


def test_methods_of_motion_say_why_a_picture_has_no_value(folder: Path) -> None:
    labels = ["siti", "temporal-nss", "tlvqm", "r3d-18@random"]
    pytest.importorskip("torch")
    table = vf.extract_many([folder / "frame0.png"], labels)
    row = table.iloc[0]
    assert row["status"] == "incomplete"
    for label, frames in (("temporal-nss", 2), ("tlvqm", 3), ("r3d-18@random", 16)):
        name = vf.make(label).label
        assert f"{name} reads {frames} frames, and this is a still picture" in row["error"]
    assert np.isfinite(row["siti.si.mean"])
    assert np.isnan(row["siti.ti.mean"])
    assert "siti: no value in 1 of 2 columns (ti)" in row["warnings"]


def test_alone_such_a_method_fails_with_a_kind_of_its_own(folder: Path) -> None:
    table = vf.extract_many([folder], ["temporal-nss"])
    assert set(table["status"]) == {"failed(still picture)"}
    with pytest.raises(DecodeError, match="temporal-nss reads 2 frames"):
        vf.extract(folder / "frame0.png", "temporal-nss")


def test_a_network_of_single_pictures_takes_a_picture(folder: Path) -> None:
    pytest.importorskip("torch")
    row = vf.extract(folder / "frame0.png", "resnet-50@random")
    assert row.attrs["status"] == "ok"
    assert row.notna().all()


def test_pictures_and_videos_in_one_folder_and_a_store(folder: Path, tmp_path: Path) -> None:
    (folder / "clip.mp4").symlink_to(CLIP)
    options: dict[str, Any] = {"store": tmp_path / "s.sqlite", "frames": 2}
    with pytest.warns(UserWarning, match="3 still picture"):
        first, again = (vf.extract_many([folder], ["colorfulness"], **options) for _ in range(2))
    assert first["frames_decoded"].tolist()[1:] == [1, 1, 1]
    pd.testing.assert_frame_equal(first, again)


def test_the_command_writes_a_row_per_picture_and_one_for_a_damaged_one(folder: Path, tmp_path: Path) -> None:
    (folder / "bad.png").write_bytes((folder / "frame0.png").read_bytes()[:-5000])
    out = tmp_path / "t.csv"
    done = run("extract", str(folder), "-e", "brisque", "-o", str(out), "--jobs", "2")
    assert done.returncode == 1
    table = vf.read_table(out)
    assert table["status"].to_dict() == {
        "bad": "failed(decode)",
        "frame0": "ok",
        "frame1": "ok",
        "frame2": "ok",
    }
    assert "bad.png" in table.loc["bad", "error"]
