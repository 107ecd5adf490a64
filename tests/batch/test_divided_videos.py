"""A long video is divided among workers, and its row is that of the whole, whatever happens to a part."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from long_film import long_film
from picture_digest import PictureDigest, WindowDigest
from whole_and_ranges import parts_of

from vqa_features.batch.events import Event
from vqa_features.batch.many_videos import run_extraction
from vqa_features.batch.options import Extraction, Reporting, Workers
from vqa_features.batch.time_ranges import DIVIDED_FROM_S, divided, is_long
from vqa_features.extraction.task import run_task
from vqa_features.registry import make_all
from vqa_features.specs import VideoInfo
from vqa_features.video_task import VideoResult, VideoTask


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return long_film(tmp_path_factory.mktemp("film") / "film.mp4")


def table(path: Path, extractors: Any, jobs: int, **settings: Any) -> tuple[pd.DataFrame, list[Event]]:
    """Return the row of a video without times, and what happened."""
    events: list[Event] = []
    found = run_extraction(
        [path],
        Extraction.of(extractors, ["mean", "std"]),
        workers=Workers(jobs, isolate=jobs > 1),
        reporting=Reporting(on_event=events.append),
        **settings,
    )
    return found.drop(columns=[name for name in found if name.startswith("seconds.")]), events


def test_the_row_of_a_divided_video_is_that_of_the_whole(film: Path, tmp_path: Path) -> None:
    extractors = [PictureDigest(), "timing", WindowDigest()]
    whole, _ = table(film, extractors, 1)
    parts, events = table(film, extractors, 2, store=tmp_path / "run.sqlite")
    pd.testing.assert_frame_equal(parts, whole, check_exact=True)
    ended = [event.part for event in events if event.kind == "end"]
    assert "timing" in ended
    assert sum(part.startswith("frames ") for part in ended) >= 2
    again, events = table(film, extractors, 2, store=tmp_path / "run.sqlite")
    pd.testing.assert_frame_equal(again, whole, check_exact=True)
    assert events == []


def test_a_part_that_crashes_once_is_tried_again(film: Path, tmp_path: Path) -> None:
    whole, _ = table(film, PictureDigest(), 1)
    parts, events = table(film, PictureDigest(ends_at=100, once=str(tmp_path / "once")), 2)
    pd.testing.assert_frame_equal(parts, whole, check_exact=True)
    retried = [event.part for event in events if event.kind == "retry"]
    assert len(retried) == 1
    assert retried[0].startswith("frames ")


def test_a_part_that_does_not_join_gives_the_whole_back_once(film: Path) -> None:
    task = VideoTask("film", str(film), (PictureDigest(),))
    parts = parts_of(task, 3)
    assert parts is not None
    first, second, third = parts.tasks()
    assert parts.add(first, run_task(first)) is None
    assert parts.add(second, VideoResult("film", str(film), "failed(timeout)")) is task
    assert parts.add(third, run_task(third)) is None
    changed = parts_of(task, 2)
    assert changed is not None
    first, second = changed.tasks()
    assert changed.add(second, replace(run_task(second), frames_decoded=3)) is None
    assert changed.add(first, run_task(first)) is task


def test_a_damaged_part_leaves_the_row_of_the_whole(film: Path, tmp_path: Path) -> None:
    data = bytearray(film.read_bytes())
    middle = data.index(b"mdat") + (len(data) - data.index(b"mdat")) * 2 // 3
    data[middle : middle + 4000] = bytes(4000)
    (tmp_path / "damaged.mp4").write_bytes(data)
    whole, _ = table(tmp_path / "damaged.mp4", PictureDigest(), 1)
    parts, events = table(tmp_path / "damaged.mp4", PictureDigest(), 2)
    assert list(whole["status"]) != ["ok"]
    pd.testing.assert_frame_equal(parts, whole, check_exact=True)
    # a range that was at work when another gave up may end after the whole
    assert [event.part for event in events if event.kind == "end"].count("") == 1


def test_only_long_work_is_divided() -> None:
    info = VideoInfo("a.mp4", 1920, 1080, 25.0, 90_000, 3600.0)
    task = VideoTask("a", "a.mp4", tuple(make_all("siti")))
    assert is_long(task, info, 90_000)
    assert not is_long(VideoTask("a", "a.mp4", tuple(make_all("timing"))), info, 90_000)
    assert not is_long(VideoTask("a", "a.mp4", tuple(make_all("siti")), area="active"), info, 90_000)
    short = VideoInfo("a.mp4", 960, 540, 25.0, 200, 8.0)
    assert DIVIDED_FROM_S > 30
    assert not is_long(task, short, 200)
    assert divided(task, info, None, 60.0, 2) is None
