"""Stills of videos from anywhere: a picture, or the reason why there is none."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from small_videos import LOSSLESS_H264, encode, moving
from synthetic import make_comparison

from vqa_features.report import stills, write_report
from vqa_features.report.stills import paths_of, stills_of


def grey(level: int) -> list[np.ndarray]:
    return [np.full((48, 64), level, np.uint8), *[np.full((24, 32), 128, np.uint8)] * 2]


def test_a_still_is_the_picture_in_the_middle_upright(tmp_path: Path) -> None:
    levels = [*[40] * 20, *[200] * 10, *[40] * 20]
    path = encode(
        tmp_path / "turned.mp4", (grey(one) for one in levels), options=LOSSLESS_H264, rotation=(90, False)
    )
    picture = Image.open(io.BytesIO(stills_of({"turned": path}, ["turned"]).pictures["turned"]))
    assert (picture.width, picture.height) == (48, 64)
    assert np.asarray(picture.convert("L")).mean() > 180


def test_one_frame_has_a_still(tmp_path: Path) -> None:
    path = moving(tmp_path / "one.mkv", 1)
    assert list(stills_of({"one": path}, ["one"]).pictures) == ["one"]


def test_files_that_give_none_are_told_and_stop_nothing(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("no video")
    (tmp_path / "empty.mp4").touch()
    os.mkfifo(tmp_path / "pipe.mp4")
    names = ["absent", "text", "empty", "pipe"]
    files = {name: tmp_path / f"{name}.mp4" for name in names}
    files |= {"folder": tmp_path, "address": "http://127.0.0.1/x.mp4", "good": moving(tmp_path / "good.mp4")}
    found = stills_of(files, [*files, "unknown"])
    assert list(found.pictures) == ["good"]
    assert found.missing == {
        "absent": "file not found",
        "text": "not a video",
        "empty": "empty",
        "pipe": "not a regular file",
        "folder": "not a regular file",
        "address": "file not found",
        "unknown": "no table names a file in a column path",
    }
    assert found.note == ""


def test_a_number_of_videos_is_opened_at_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stills, "MOST_STILLS", 2)
    path = moving(tmp_path / "one.mp4", 3)
    found = stills_of(dict.fromkeys("abc", path), list("abc"))
    assert list(found.pictures) == ["a", "b"]
    assert list(found.missing) == ["c"]


def test_no_more_videos_are_opened_when_the_time_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stills, "BUDGET_S", 0.0)
    found = stills_of({"one": moving(tmp_path / "one.mp4", 3)}, ["one"])
    assert not found.pictures
    assert "only 60 videos are opened" in found.missing["one"]


def test_tables_name_files_in_their_column_path() -> None:
    table = pd.DataFrame({"path": ["clips/a.mp4", None, ""], "f": 1.0}, index=["a", "b", "c"])
    assert paths_of(table) == {"a": "clips/a.mp4"}
    assert paths_of(table[["f"]]) == {}
    assert paths_of({"a": Path("clips/a.mp4")}) == {"a": "clips/a.mp4"}


def test_cards_have_stills_signed_errors_and_reasons(tmp_path: Path) -> None:
    comparison = make_comparison(30, 3, protocols=("strict",))
    ids = sorted(comparison.predictions["id"].unique())
    path = moving(tmp_path / "clip.mp4", 5)
    videos = {name: path if k % 2 else tmp_path / "gone.mp4" for k, name in enumerate(ids)}
    page = write_report(comparison, tmp_path / "r.html", videos=videos, figures=False).read_text()
    assert "No still: file not found." in page
    assert page.count("data:image/jpeg;base64,") > 0
    assert "There are no stills" not in page
    gone = dict.fromkeys(ids, tmp_path / "gone.mp4")
    page = write_report(comparison, tmp_path / "r.html", videos=gone, figures=False).read_text()
    assert "There are no stills: file not found." in page
    assert "No still:" not in page
    page = write_report(comparison, tmp_path / "r.html", videos={}, figures=False).read_text()
    assert "There are no stills: no table names a file in a column path." in page
    assert (
        "still"
        not in write_report(comparison, tmp_path / "r.html", figures=False)
        .read_text()
        .partition("<body")[2]
        .partition("<script")[0]
    )
