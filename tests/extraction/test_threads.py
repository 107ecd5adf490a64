"""Several threads give the rows of one, by every function that takes their number."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_videos import moving

import vqa_features as vf
from vqa_features.batch.options import Workers
from vqa_features.extraction.task import run_task
from vqa_features.processes import cores
from vqa_features.registry import make_all, registry
from vqa_features.specs import Sampling
from vqa_features.video_task import VideoResult, VideoTask

#: All classical methods but FRIQUEE, which takes seconds for a frame, and IL-NIQE, whose weights are apart.
CHEAP = sorted(
    {name for name, one in registry().items() if one.family == "handcrafted"} - {"friquee", "il-niqe"}
)


def task(path: object, labels: str | Sequence[str], threads: int, **sampling: Any) -> VideoTask:
    return VideoTask("one", str(path), tuple(make_all(labels)), Sampling(**sampling), threads=threads)


def assert_same(result: VideoResult, other: VideoResult) -> None:
    assert list(result.rows) == list(other.rows)
    for label, rows in result.rows.items():
        for mine, theirs in zip(vars(rows).values(), vars(other.rows[label]).values(), strict=True):
            np.testing.assert_array_equal(mine, theirs, err_msg=label)
    assert (result.warnings, result.failures, result.sight) == (other.warnings, other.failures, other.sight)
    assert (result.status, result.frames_decoded) == (other.status, other.frames_decoded)


@pytest.fixture(scope="module")
def clip() -> Any:
    return files("vqa_features.resources") / "demo/bikes_square.mp4"


@pytest.fixture(scope="module")
def alone(clip: Any) -> VideoResult:
    return run_task(task(clip, CHEAP, 1, duration_s=0.4))


@pytest.mark.parametrize("threads", [2, 4])
def test_every_method_gives_the_same_bits(clip: Any, alone: VideoResult, threads: int) -> None:
    assert_same(run_task(task(clip, CHEAP, threads, duration_s=0.4)), alone)


def test_neighbours_of_sampled_frames_give_the_same_bits(clip: Any) -> None:
    labels = [one.label for one in make_all(CHEAP) if one.scope in ("pair", "video")]
    one, two = (run_task(task(clip, labels, threads, every=7, duration_s=0.8)) for threads in (1, 3))
    assert_same(two, one)


@pytest.mark.parametrize("cut", [True, False])
def test_a_damaged_video_gives_the_same_rows(tmp_path: Path, cut: bool) -> None:
    path = moving(tmp_path / "clip.mkv", 24)
    whole = path.read_bytes()
    middle = len(whole) // 2
    path.write_bytes(whole[: middle + 7] if cut else whole[:middle] + bytes(40) + whole[middle + 40 :])
    labels = ["cambi", "dct-energy", "interlace", "siti"]
    one = run_task(task(path, labels, 1))
    assert one.status != "ok"
    for threads in (2, 4):
        assert_same(run_task(task(path, labels, threads)), one)


def test_every_function_takes_threads(clip: Any) -> None:
    one = vf.extract(clip, "dct-energy", frames=4)
    assert one.equals(vf.extract(clip, "dct-energy", frames=4, threads=3))
    table = vf.extract_many([clip], "dct-energy", frames=4, threads=2)
    assert table[one.index].iloc[0].equals(one.rename(table.index[0]))
    planes = np.random.default_rng(1).integers(0, 255, (5, 64, 64), np.uint8)
    alone = vf.extract_frames(planes, "dct-energy")
    assert alone.equals(vf.extract_frames(planes, "dct-energy", threads=2))


@pytest.mark.parametrize("threads", [0, -1])
def test_threads_must_be_above_0(clip: Any, threads: int) -> None:
    with pytest.raises(vf.ParameterError, match="threads"):
        vf.extract(clip, "siti", threads=threads)
    with pytest.raises(vf.ParameterError, match="threads"):
        vf.extract_many([clip], "siti", threads=threads)
    with pytest.raises(vf.ParameterError, match="threads"):
        vf.extract_frames(np.zeros((2, 8, 8), np.uint8), "siti", threads=threads)


@pytest.mark.parametrize(("jobs", "threads"), [(1, 4), (2, 4), (3, 2), (8, 1), (16, 1)])
def test_jobs_share_the_cores(monkeypatch: pytest.MonkeyPatch, jobs: int, threads: int) -> None:
    monkeypatch.setattr(cores, "cores", lambda: 8)
    assert Workers(jobs).threads_each == threads
    assert Workers(jobs, threads=3).threads_each == 3
    assert Workers(jobs, cluster="tcp://127.0.0.1:8786").threads_each == 1
    assert cores.crowding(jobs, threads) == ("" if jobs <= 8 else cores.crowding(16, 1))


def test_more_threads_than_cores_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "cores", lambda: 2)
    assert cores.crowding(2, 1) == ""
    assert cores.crowding(2, 2).startswith("2 jobs of 2 threads share 2 core(s)")
