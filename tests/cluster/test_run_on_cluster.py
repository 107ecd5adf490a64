"""Runs on a cluster: the rows of one machine, whatever happens to workers, and nothing left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="the extra cluster is not installed")

import pandas as pd
from batch_work import task, work
from clusters import SUPPORT, Scheduler, scheduler
from commands import default_signals
from small_videos import moving
from trouble import Trouble

import vqa_features as vf
from vqa_features.batch import on_cluster
from vqa_features.batch.events import Event
from vqa_features.batch.options import Workers
from vqa_features.batch.runner import run_many
from vqa_features.cluster import connection
from vqa_features.errors import ParameterError, VqaError
from vqa_features.extras import ExtraMissing
from vqa_features.registry import make
from vqa_features.video_task import VideoResult


def run(
    cluster: Scheduler,
    names: list[str],
    folder: Path,
    events: list[Event] | None = None,
    **settings: object,
) -> dict[str, VideoResult]:
    cluster.need(2)
    results: list[VideoResult] = []
    events = [] if events is None else events
    workers = Workers(cluster=cluster.address, **settings)  # type: ignore[arg-type]
    tasks = [task(name, str(folder / name)) for name in names]
    run_many(tasks, work, on_result=results.append, workers=workers, on_event=events.append)
    assert sorted(result.id for result in results) == sorted(names)
    ends = [event.id for event in events if event.kind == "end"]
    assert sorted(ends) == sorted(names)
    return {result.id: result for result in results}


def test_every_kind_of_end_is_the_one_of_a_local_run(cluster: Scheduler, tmp_path: Path) -> None:
    expected = {
        "segv-1": "failed(crash: SIGSEGV)",
        "exit-1": "failed(crash: exit status 3)",
        "hang-1": "failed(timeout)",
        "decode-1": "failed(decode)",
        "value-1": "failed(ValueError)",
        "io-1": "failed(io)",
        "large-1": "ok",
        "twice-1": "ok",
        "crash2-1": "ok",
    }
    fine = [f"fine-{n}" for n in range(10)]
    found = run(cluster, [*expected, *fine], tmp_path, deadline_s=2.0)
    assert {name: result.status for name, result in found.items() if name in expected} == expected
    assert all(found[name].status == "ok" for name in fine)
    assert (tmp_path / "io-1").read_text() == "xx"  # tried twice
    assert len({found[name].frames_decoded for name in fine} - {os.getpid()}) > 0  # process ids
    large = run(cluster, ["hog-1"], tmp_path, deadline_s=60, max_memory_mb=400)
    assert large["hog-1"].status == "failed(memory)"


def test_a_table_has_the_bits_of_a_local_one(
    cluster: Scheduler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for number in range(4):
        moving(tmp_path / f"{number}.mp4", 3 + number)
    (tmp_path / "text.mp4").write_text("no video")
    paths = ["0.mp4", "./1.mp4", str(tmp_path / "2.mp4"), "3.mp4", "text.mp4"]
    store = tmp_path / "run.sqlite"
    cluster.need(2)
    there = vf.extract_many(paths, ["siti"], cluster=cluster.address, store=store)
    here = vf.extract_many(paths, ["siti"], jobs=1, isolate=True)
    columns = [name for name in here if not name.startswith("seconds.")]
    pd.testing.assert_frame_equal(there[columns], here[columns], check_exact=True)
    assert there["status"].tolist() == ["ok"] * 4 + ["failed(not a video)"]
    again = vf.extract_many(paths, ["siti"], cluster=cluster.address, store=store)
    pd.testing.assert_frame_equal(again[columns], here[columns], check_exact=True)


def test_a_file_that_a_worker_does_not_see_is_a_row_that_names_the_worker(cluster: Scheduler) -> None:
    cluster.need(1)
    table = vf.extract_many(["/nowhere/a.mp4"], ["siti"], cluster=cluster.address)
    assert table["status"].tolist() == ["failed(missing)"]
    assert "(on worker tcp://127.0.0.1:" in table["error"].iloc[0]


def test_a_process_is_kept_from_task_to_task(cluster: Scheduler, tmp_path: Path) -> None:
    found = run(cluster, [f"fine-{n}" for n in range(30)], tmp_path, deadline_s=60)
    assert len({result.frames_decoded for result in found.values()}) == 2  # one for each worker


def test_a_process_has_not_the_allocator_that_dask_sets(cluster: Scheduler, tmp_path: Path) -> None:
    cluster.need(1)
    seen: list[bytes] = []

    def look(result: VideoResult) -> None:
        seen.append(Path(f"/proc/{result.frames_decoded}/environ").read_bytes())

    workers = Workers(cluster=cluster.address, deadline_s=60)
    run_many([task("fine-1", str(tmp_path))], work, on_result=look, workers=workers)
    assert len(seen) == 1
    assert b"MALLOC_TRIM_THRESHOLD_" not in seen[0]


def test_what_a_worker_lacks_ends_the_run_as_it_does_here(cluster: Scheduler, tmp_path: Path) -> None:
    cluster.need(1)
    clip = moving(tmp_path / "a.mp4", 3)
    with pytest.raises(ExtraMissing, match=r"pip install .*\(on worker tcp://127.0.0.1:\d+\)"):
        vf.extract_many([clip], Trouble(opening="module"), cluster=cluster.address)


def test_gpus_that_are_not_there_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch", reason="the extra deep is not installed")
    with pytest.raises(ParameterError, match="1000 GPU"):
        vf.extract_many(["a.mp4"], "siti", gpus=1000)


def test_what_is_defined_in_a_script_is_refused(cluster: Scheduler, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster.need(1)
    mine = make("siti")
    monkeypatch.setattr(type(mine), "__module__", "__main__")
    with pytest.raises(ParameterError, match="script or a notebook"):
        vf.extract_many(["a.mp4"], mine, cluster=cluster.address)


def test_the_videos_of_a_lost_worker_are_done_by_others(cluster: Scheduler, tmp_path: Path) -> None:
    doomed = cluster.worker("--name", "doomed")
    names = [f"slow-{n}" for n in range(12)]
    threading.Timer(0.7, lambda: doomed.send_signal(signal.SIGKILL)).start()
    found = run(cluster, names, tmp_path, deadline_s=60)
    assert {result.status for result in found.values()} == {"ok"}
    assert doomed.wait(10) == -signal.SIGKILL


def test_a_video_that_loses_its_worker_three_times_is_a_row(cluster: Scheduler, tmp_path: Path) -> None:
    cluster.need(4)
    events: list[Event] = []
    found = run(cluster, ["orphan-1"], tmp_path, events, deadline_s=60)
    kinds = [event.kind for event in events if event.id == "orphan-1"]
    assert [kind for kind in kinds if kind != "start"] == ["retry", "retry", "end"]
    assert found["orphan-1"].status == "failed(worker lost)"
    assert found["orphan-1"].error.count("tcp://127.0.0.1:") == 3
    assert (tmp_path / "orphan-1").read_text() == "xxx"
    assert sum(one.poll() is None for one in cluster.workers) == 1


def test_the_end_of_all_workers_or_of_the_scheduler_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_cluster, "WORKERS_GONE_S", 0.5)
    monkeypatch.setattr(connection, "ANSWER_S", 1.0)
    tasks = [task("fine-1", str(tmp_path)), *(task(f"slow-{n}", str(tmp_path)) for n in range(4))]
    done: list[VideoResult] = []
    told: list[str] = []
    with scheduler(tmp_path) as started:

        def run_until_killed(victim: subprocess.Popen[bytes]) -> None:
            def kill(result: VideoResult) -> None:
                done.append(result)
                victim.kill()

            workers = Workers(cluster=started.address, deadline_s=60)
            run_many(tasks, work, on_result=kill, workers=workers, on_message=told.append)

        started.need(1)
        with pytest.raises(VqaError, match="no worker left"):
            run_until_killed(started.workers[0])
        assert any("no worker is left" in text for text in told)
        started.need(1)
        with pytest.raises(VqaError, match="scheduler of the cluster is gone"):
            run_until_killed(started.process)
    assert [result.id for result in done] == ["fine-1", "fine-1"]


_HANGING = """
from batch_work import task, work
from vqa_features.batch.options import Workers
from vqa_features.batch.runner import run_many
tasks = [task("fine-1", "/tmp"), task("hang-1", "/tmp")]
run_many(tasks, work, on_result=lambda result: print(result.frames_decoded, flush=True),
         workers=Workers({options}, deadline_s=600))
"""


def test_nothing_is_left_when_the_driver_of_a_local_cluster_is_killed() -> None:
    program = _hanging("cluster='local'")
    guarded = int(program.stdout.readline())  # type: ignore[union-attr]
    program.kill()
    program.wait(8)
    assert _soon(lambda: not Path(f"/proc/{guarded}").exists())


def test_ctrl_c_ends_the_work_on_the_workers(cluster: Scheduler) -> None:
    cluster.need(1)
    program = _hanging(f"cluster={cluster.address!r}")
    program.stdout.readline()  # type: ignore[union-attr]
    assert _soon(lambda: _guarded(cluster) > 0)
    program.send_signal(signal.SIGINT)
    program.wait(8)
    assert _soon(lambda: _guarded(cluster) == 0)


def _hanging(options: str) -> subprocess.Popen[bytes]:
    """Start a program that has finished one video, whose process it tells, and hangs in another."""
    return subprocess.Popen(
        [sys.executable, "-c", _HANGING.format(options=options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=SUPPORT,
        preexec_fn=default_signals,
    )


def _soon(condition: Callable[[], bool]) -> bool:
    """Whether a condition holds within some seconds."""
    until = time.monotonic() + 5
    while not (holds := condition()) and time.monotonic() < until:
        time.sleep(0.05)
    return holds


def _guarded(cluster: Scheduler) -> int:
    """Count the processes that the workers have started, their resource trackers left out."""
    alive = {str(one.pid) for one in cluster.workers if one.poll() is None}
    count = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            count += parent in alive and b"resource_tracker" not in (folder / "cmdline").read_bytes()
    return count
