"""Workers: what happens to one video happens to no other, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from batch_work import task, work
from commands import default_signals
from small_videos import moving

from vqa_features.batch import driver as driving
from vqa_features.batch.driver import Driver
from vqa_features.batch.events import Event
from vqa_features.batch.options import Workers
from vqa_features.batch.runner import deadline_for, run_many
from vqa_features.batch.slot import Job
from vqa_features.errors import ParameterError
from vqa_features.specs import VideoInfo
from vqa_features.video_task import VideoResult

SUPPORT = Path(__file__).resolve().parents[1] / "support"
#: Time a driver, its workers and a busy machine may need for what takes no time by itself.
GRACE_S = 10.0


def run(names: list[str], paths: dict[str, str] | None = None, **settings: object) -> dict[str, VideoResult]:
    results: list[VideoResult] = []
    tasks = [task(name, (paths or {}).get(name, "")) for name in names]
    run_many(tasks, work, on_result=results.append, workers=Workers(**settings))  # type: ignore[arg-type]
    assert sorted(result.id for result in results) == sorted(names)
    return {result.id: result for result in results}


def test_every_kind_of_end_costs_only_its_own_video(tmp_path: Path) -> None:
    expected = {
        "segv-1": "failed(crash: SIGSEGV)",
        "exit-1": "failed(crash: exit status 3)",
        "hang-1": "failed(timeout)",
        "lock-1": "failed(timeout)",
        "decode-1": "failed(decode)",
        "value-1": "failed(ValueError)",
        "io-1": "failed(io)",
        "large-1": "ok",
        "twice-1": "ok",
        "crash2-1": "ok",
    }
    names = [name for bad in expected for name in (bad, f"fine-{bad}")]
    paths = {name: str(tmp_path / name) for name in names}
    found = run(names, paths, jobs=2, deadline_s=2.0)
    assert {name: result.status for name, result in found.items() if name in expected} == expected
    assert all(found[f"fine-{bad}"].status == "ok" for bad in expected)
    assert (tmp_path / "io-1").read_text() == "xx"  # tried twice
    assert found["value-1"].error == "ValueError: strange"
    assert "SIGSEGV" in found["segv-1"].error


def test_a_worker_that_takes_too_much_memory_is_ended() -> None:
    found = run(["hog-1", "fine-1"], isolate=True, deadline_s=120, max_memory_mb=400)
    assert found["hog-1"].status == "failed(memory)"
    assert "400 MiB" in found["hog-1"].error
    assert found["fine-1"].status == "ok"


def test_a_result_that_cannot_travel_is_a_failure() -> None:
    found = run(["unpicklable-1", "fine-1"], jobs=2, deadline_s=60)
    assert found["unpicklable-1"].status.startswith("failed(")
    assert found["fine-1"].status == "ok"


def test_a_hang_with_the_interpreter_lock_is_reported_within_two_seconds_of_its_deadline(
    tmp_path: Path,
) -> None:
    begun = tmp_path / "begun"
    found = run(["lock-1"], {"lock-1": str(begun)}, isolate=True, deadline_s=1.0)
    assert found["lock-1"].status == "failed(timeout)"
    assert time.time() - begun.stat().st_mtime < 1.0 + 2.0


def test_one_job_works_in_this_process_and_retries_as_workers_do(tmp_path: Path) -> None:
    paths = {name: str(tmp_path / name) for name in ("twice-1", "io-1")}
    found = run(["fine-1", "decode-1", "value-1", "twice-1", "io-1"], paths)
    assert found["fine-1"].frames_decoded == os.getpid()
    statuses = [result.status for result in found.values()]
    assert statuses == ["ok", "failed(decode)", "failed(ValueError)", "ok", "failed(io)"]
    assert (tmp_path / "io-1").read_text() == "xx"


def test_isolation_takes_one_job_to_a_worker() -> None:
    found = run(["fine-1", "fine-2"], isolate=True, deadline_s=60)
    assert len({result.frames_decoded for result in found.values()} - {os.getpid()}) == 1


def test_workers_are_replaced_after_some_videos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driving, "TASKS_PER_WORKER", 2)
    found = run([f"fine-{n}" for n in range(5)], isolate=True, deadline_s=60)
    pids = [result.frames_decoded for result in found.values()]
    assert max(pids.count(pid) for pid in pids) <= 2


def test_a_video_is_looked_at_in_the_worker_to_find_its_deadline(tmp_path: Path) -> None:
    good = moving(tmp_path / "a.mp4", 3)
    (tmp_path / "text.mp4").write_text("no video")
    found = run(["fine-1", "fine-2"], {"fine-1": str(good), "fine-2": str(tmp_path / "text.mp4")}, jobs=2)
    assert found["fine-1"].status == "ok"
    assert found["fine-2"].status == "failed(not a video)"


def test_every_mutation_of_a_video_has_an_outcome(tmp_path: Path) -> None:
    clips = [moving(tmp_path / "a.mp4", 12), moving(tmp_path / "a.mkv", 12, options={"bf": "2"})]
    command = [sys.executable, "-m", "benchmarks.mutations", *map(str, clips), "--count", "150"]
    done = subprocess.run(command, cwd=SUPPORT.parents[1], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "150 mutations" in done.stdout
    assert ", 0 without an outcome" in done.stdout
    assert "crash" not in done.stdout


def test_the_deadline_grows_with_frames_pixels_and_cost_and_is_a_minute_at_least() -> None:
    class Heavy:
        cost, scope = "heavy", "frame"

    class Cheap:
        cost, scope = "cheap", "frame"

    small = VideoInfo("a", 64, 48, 25, 10, 0.4)
    large = VideoInfo("a", 1920, 1080, 25, 1000, 40)
    assert deadline_for(small, [Heavy()]) == 60
    assert deadline_for(large, [Heavy(), Cheap()]) > deadline_for(large, [Heavy()]) > 3600
    assert deadline_for(large, [Cheap()]) < 3600


def test_what_on_result_raises_ends_the_run_and_its_workers() -> None:
    def refuse(result: VideoResult) -> None:
        raise RuntimeError("enough")

    before = _children(os.getpid())
    with pytest.raises(RuntimeError, match="enough"):
        run_many([task("fine-1"), task("hang-1")], work, on_result=refuse, workers=Workers(2, deadline_s=60))
    assert _children(os.getpid()) - before <= _trackers(os.getpid())


@pytest.mark.parametrize("setting", [{"jobs": 0}, {"deadline_s": -1.0}, {"max_memory_mb": 0.0}])
def test_limits_below_nothing_are_refused(setting: dict[str, float]) -> None:
    with pytest.raises(ParameterError, match="above 0"):
        Workers(**setting)  # type: ignore[arg-type]


def test_no_tasks_give_no_result_and_start_no_worker() -> None:
    results: list[VideoResult] = []
    before = _children(os.getpid())
    run_many([], work, on_result=results.append, workers=Workers(4))
    assert results == []
    assert _children(os.getpid()) <= before


DRIVER = """
import sys
sys.path.insert(0, {tests!r})
from batch_work import task, work
from vqa_features.batch.options import Workers
from vqa_features.batch.runner import run_many
names = ["fine-1", "fine-2", "hang-1", "lock-1"]
run_many([task(n, {folder!r} + "/" + n) for n in names], work, workers=Workers(2, deadline_s=1000),
         on_result=lambda result: print(result.id, result.status, flush=True))
"""


def _start(tmp_path: Path) -> subprocess.Popen[str]:
    """Start a driver as a script without a main guard; return once both workers hang."""
    script = tmp_path / "driver.py"
    script.write_text(DRIVER.format(tests=str(SUPPORT), folder=str(tmp_path)))
    driver = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, preexec_fn=default_signals
    )
    assert driver.stdout is not None
    finished = sorted(driver.stdout.readline().strip() for _ in range(2))
    assert finished == ["fine-1 ok", "fine-2 ok"]
    end = time.monotonic() + GRACE_S
    while not (tmp_path / "lock-1").exists() and time.monotonic() < end:
        time.sleep(0.01)
    return driver


def test_ctrl_c_ends_a_run_within_two_seconds_and_leaves_no_worker(tmp_path: Path) -> None:
    with _start(tmp_path) as driver:
        workers = _children(driver.pid)
        assert len(workers) >= 2
        start = time.monotonic()
        driver.send_signal(signal.SIGINT)
        assert driver.wait(GRACE_S) == -signal.SIGINT
        assert time.monotonic() - start < 2.0
        assert not _still_there(workers, 1.0)


def test_workers_die_with_a_killed_driver(tmp_path: Path) -> None:
    with _start(tmp_path) as driver:
        workers = _children(driver.pid)
        driver.kill()
        driver.wait(GRACE_S)
        assert not _still_there(workers, 5.0)


def test_a_script_whose_own_work_needs_a_guard_is_told_so(tmp_path: Path) -> None:
    script = tmp_path / "driver.py"
    script.write_text(
        "from vqa_features.batch.options import Workers\n"
        "from vqa_features.batch.runner import run_many\n"
        "from vqa_features.video_task import VideoTask, VideoResult\n"
        "def work(task):\n    return VideoResult(task.id, task.path, 'ok')\n"
        "run_many([VideoTask('a', 'a', ())], work, on_result=print, workers=Workers(1, True, 60))\n"
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "__main__" in done.stderr.strip().splitlines()[-1]


def _children(pid: int) -> set[int]:
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == pid and fields[0] != "Z":
                found.add(int(entry.name))
    return found


def _trackers(pid: int) -> set[int]:
    """The helper process multiprocessing keeps for as long as the driver lives."""
    return {
        child
        for child in _children(pid)
        if b"resource_tracker" in Path(f"/proc/{child}/cmdline").read_bytes()
    }


def _still_there(pids: set[int], patience_s: float) -> list[int]:
    end = time.monotonic() + patience_s
    while True:
        left = [pid for pid in pids if _running(pid)]
        if not left or time.monotonic() > end:
            return left
        time.sleep(0.02)


def _running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_events_tell_what_happened_to_every_video(tmp_path: Path) -> None:
    names = ["fine-1", "crash2-1", "segv-1", "value-1"]
    events: list[Event] = []
    tasks = [task(name, str(tmp_path / name)) for name in names]
    run_many(
        tasks, work, on_result=lambda result: None, workers=Workers(2, deadline_s=60), on_event=events.append
    )
    told = {name: [event.kind for event in events if event.id == name] for name in names}
    lost = ["start", "retry", "worker lost"]
    assert told["fine-1"] == told["value-1"] == ["start", "end"]
    assert told["crash2-1"] == [*lost, "start", "end"]
    assert told["segv-1"] == [*lost, "start", "end", "worker lost"]
    ends = {event.id: event for event in events if event.kind == "end"}
    assert ends["segv-1"].status == "failed(crash: SIGSEGV)"
    assert all(event.seconds is not None and 0 <= event.seconds < 60 for event in ends.values())
    came = {event.worker for event in events if event.kind == "worker"}
    assert {event.worker for event in events} == came
    assert 3 <= len(came) <= 2 + 3  # the last to be lost need not be replaced


def test_the_largest_memory_told_is_that_of_one_video() -> None:
    events: list[Event] = []
    tasks = [task(name) for name in ("fine-1", "grow-1", "fine-2", "hog-1")]
    limits = Workers(1, isolate=True, deadline_s=60, max_memory_mb=500)
    run_many(tasks, work, on_result=lambda result: None, workers=limits, on_event=events.append)
    peaks = {event.id: event.peak_memory_mb for event in events if event.kind == "end"}
    before, grown, after, killed = (peaks[one.id] or 0 for one in tasks)
    assert 10 < before < 150
    assert grown > before + 199
    assert after < grown - 150  # in the same process
    assert 500 < killed < 1000


def test_a_driver_keeps_its_worker_from_one_run_to_the_next() -> None:
    found: list[VideoResult] = []
    events: list[Event] = []
    with closing(Driver(work, Workers(1, deadline_s=60), on_event=events.append)) as driver:
        for name in ("fine-1", "segv-1", "fine-2", "fine-3"):
            driver.run([Job(task(name))], found.append)
    assert [result.id for result in found] == ["fine-1", "segv-1", "fine-2", "fine-3"]
    workers = {event.id: event.worker for event in events if event.kind == "end"}
    assert workers["fine-2"] == workers["fine-3"] != workers["fine-1"]
