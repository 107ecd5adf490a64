"""Kill a run with SIGKILL repeatedly, resume it, and count lost, doubled, altered and repeated results.

``python -m benchmarks.store_kill --cycles 100`` makes small videos, extracts SI/TI from them with
workers into a store, and kills the driver at random moments. Between two kills the run is resumed.
At the end every row must equal what an undisturbed run gives, bit by bit.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import av
import numpy as np

from vqa_features.batch.options import Workers
from vqa_features.batch.resume import Resume, StoredColumns
from vqa_features.batch.runner import run_many
from vqa_features.extraction.task import run_task
from vqa_features.registry import make_all
from vqa_features.video_task import VideoResult, VideoTask

POOLS = ("mean", "std")
#: Makes the videos last, so that kills meet work and not only the start of processes.
WORK_S = 0.02
LOG = "VQA_FEATURES_KILL_LOG"


def work(task: VideoTask) -> VideoResult:
    """Extract from one video and leave a line that says so."""
    with open(os.environ[LOG], "a", encoding="utf-8") as log:
        log.write(f"{task.id}\n")
    time.sleep(WORK_S)
    return run_task(task)


def drive(folder: Path, store: str, jobs: int) -> None:
    """Run over all videos of `folder`, resumed from `store`."""
    extractors = tuple(make_all(["siti"]))
    tasks = [VideoTask(path.stem, str(path), extractors) for path in sorted(folder.glob("*.mp4"))]

    def check(result: VideoResult, stored: StoredColumns) -> None:
        assert result.status == "ok", result

    with Resume(store, POOLS, keep_rows=False) as resume:
        left = resume.pending(tasks, check)
        run_many(
            left,
            work,
            on_result=lambda result: resume.record(result, check),
            workers=Workers(jobs),
        )


def values(folder: Path, store: str) -> dict[str, bytes]:
    """The bytes of every stored vector, by video; nothing is extracted."""
    found: dict[str, bytes] = {}

    def collect(result: VideoResult, stored: StoredColumns) -> None:
        found[result.id] = stored["siti"].tobytes()

    tasks = [VideoTask(p.stem, str(p), tuple(make_all(["siti"]))) for p in sorted(folder.glob("*.mp4"))]
    with Resume(store, POOLS, keep_rows=False) as resume:
        unfinished = list(resume.pending(tasks, collect))
    assert all(task.id not in found for task in unfinished)
    return found


def make_videos(folder: Path, count: int) -> None:
    """Write `count` different videos of four frames."""
    rng = np.random.default_rng(0)
    for number in range(count):
        with av.open(str(folder / f"v{number:03d}.mp4"), "w") as container:
            stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
            for _ in range(4):
                frame = av.VideoFrame.from_ndarray(rng.integers(0, 256, (48, 64, 3), np.uint8), "rgb24")
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))


def alive(marker: str) -> int:
    """Number of processes whose environment holds `marker`."""
    count = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                count += marker.encode() in (entry / "environ").read_bytes()
            except OSError:
                continue
    return count


def killed(driver: subprocess.Popen[bytes], log: Path, seen: int, delay_s: float) -> bool:
    """Kill a driver `delay_s` after its first video was begun; False if it was done before."""
    while driver.poll() is None and len(_lines(log)) == seen:
        time.sleep(0.005)
    try:
        if driver.wait(delay_s) != 0:
            raise SystemExit(f"the driver ended with {driver.returncode}")
    except subprocess.TimeoutExpired:
        driver.kill()
        driver.wait()
        return True
    return False


def run(cycles: int, jobs: int, videos: int, seed: int) -> bool:
    """Do the experiment, print its figures, and tell whether nothing went wrong."""
    chance = random.Random(seed)
    kills = rounds = lost = doubled = altered = redone_too_often = orphans = 0
    slowest = 0.0
    with tempfile.TemporaryDirectory() as name:
        folder, log = Path(name), Path(name) / "log"
        make_videos(folder, videos)
        os.environ[LOG] = str(log)
        os.environ["PYTHONWARNINGS"] = "ignore"  # of the semaphores a killed driver leaves
        drive(folder, f"{name}/reference.sqlite", 1)
        reference = values(folder, f"{name}/reference.sqlite")
        command = [sys.executable, "-m", "benchmarks.store_kill", "--drive", name, "--jobs", str(jobs)]
        while kills < cycles:
            store = f"{name}/round{rounds}.sqlite"
            round_kills, before = 0, len(_lines(log))
            while killed(
                subprocess.Popen([*command, "--store", store]),
                log,
                len(_lines(log)),
                chance.uniform(0, 1.2 * WORK_S * videos / jobs) if kills + round_kills < cycles else 60.0,
            ):
                round_kills += 1
                start = time.monotonic()
                while alive(str(log)) and time.monotonic() - start < 5:
                    time.sleep(0.02)
                slowest = max(slowest, time.monotonic() - start)
                orphans += alive(str(log))
            kills, rounds = kills + round_kills, rounds + 1
            redone_too_often += max(0, len(_lines(log)) - before - videos - round_kills * jobs)
            found = values(folder, store)
            lost += len(reference.keys() - found.keys())
            altered += sum(found.get(video, value) != value for video, value in reference.items())
            doubled += _rows(store) - len(found)
            print(
                f"round {rounds}: {round_kills} kills, {len(_lines(log)) - before} starts for {videos} videos"
            )
    print(
        f"{kills} kills, {rounds * videos} results: lost {lost}, doubled {doubled}, altered {altered}, "
        f"redone beyond the tasks in flight {redone_too_often}; orphans after 5 s: {orphans}, "
        f"slowest end of the workers {slowest:.2f} s"
    )
    return not (lost or doubled or altered or redone_too_often or orphans)


def _lines(log: Path) -> list[str]:
    return log.read_text(encoding="utf-8").split() if log.exists() else []


def _rows(store: str) -> int:
    from vqa_features.batch.store import Store

    with Store(store) as opened:
        return len(opened)


def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycles", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--videos", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--drive", type=Path)
    parser.add_argument("--store")
    given = parser.parse_args()
    if given.drive is not None:
        drive(given.drive, given.store, given.jobs)
        return 0
    return 0 if run(given.cycles, given.jobs, given.videos, given.seed) else 1


if __name__ == "__main__":
    sys.exit(main())
