"""Large files are begun first, within a bounded look-ahead."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from small_videos import moving

import vqa_features as vf
from vqa_features.batch.options import Workers
from vqa_features.batch.order import large_first
from vqa_features.video_task import VideoResult, VideoTask


def tasks_of(folder: Path, sizes: list[int]) -> list[VideoTask]:
    for number, size in enumerate(sizes):
        (folder / str(number)).write_bytes(bytes(size))
    return [VideoTask(str(number), str(folder / str(number)), ()) for number in range(len(sizes))]


@pytest.mark.parametrize("window", [1, 2, 5, 7, 100])
def test_every_task_comes_once_and_the_largest_of_the_window_next(tmp_path: Path, window: int) -> None:
    sizes = [5, 3, 9, 9, 1, 7, 2, 8, 4, 6]
    tasks, taken = tasks_of(tmp_path, sizes), 0

    def source() -> Iterator[VideoTask]:
        nonlocal taken
        for task in tasks:
            taken += 1
            yield task

    waiting, left = [], list(range(len(sizes)))
    for done, task in enumerate(large_first(source(), window)):
        assert taken <= done + window
        seen = left[:window]
        wanted = max(seen, key=lambda number: (sizes[number], -number))
        assert int(task.id) == wanted
        left.remove(wanted)
        waiting.append(task)
    assert not left


def test_files_that_do_not_exist_keep_their_order(tmp_path: Path) -> None:
    names = ["b", "a", "no\0name", "c"]
    tasks = [VideoTask(name, str(tmp_path / name), ()) for name in names]
    assert [task.id for task in large_first(tasks)] == names


def test_the_table_stays_in_the_order_of_the_inputs(tmp_path: Path) -> None:
    clips = [moving(tmp_path / f"{name}.mp4", count) for name, count in (("a", 3), ("b", 20), ("c", 9))]
    ended: list[VideoResult] = []
    table = vf.extract_many(clips, "siti", isolate=True, jobs=1, on_result=ended.append)
    assert [result.id for result in ended] == ["a", "b", "c"]  # one worker: nothing would wait
    many = vf.extract_many(clips, "siti", jobs=2)
    assert list(many.index) == ["a", "b", "c"]
    assert many["siti.ti.mean"].equals(table["siti.ti.mean"])


def test_the_order_matters_where_several_workers_may_be_at_work() -> None:
    assert not Workers(1, True).several
    assert not Workers(1, cluster="local").several
    assert Workers(2).several
    assert Workers(2, cluster="local").several
    assert Workers(1, cluster="tcp://10.0.0.1:8786").several  # whose workers jobs does not count
