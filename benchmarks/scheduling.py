"""Seconds per task of the driver, its memory over many tasks, and two workers beside one.

    python -m benchmarks.scheduling [--only local,dask,memory,workers] [--tasks 20000]

`local` and `dask` run a stand-in for the work that returns at once, so that what is left is the driver:
seconds per task on two workers, and the driver's CPU seconds. `memory` runs whole extractions (rows, table,
store) of the stand-in and prints the resident memory of the driver at every tenth of the tasks. `workers`
extracts from real clips with one worker and with two, in turn. The cores that other programs took are printed
beside each figure.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from unittest import mock

from benchmarks.speed import HEIGHTS, clips_of
from benchmarks.stand_ins import made_up, nothing
from vqa_features.batch import extraction_run
from vqa_features.batch.inputs import Input
from vqa_features.batch.many_videos import ExtractionRun
from vqa_features.batch.options import Extraction, Reporting, Workers
from vqa_features.batch.runner import run_many
from vqa_features.extraction.task import run_task
from vqa_features.registry import make_all
from vqa_features.tables.writing import write_table
from vqa_features.video_task import VideoResult, VideoTask

JOBS = 2
#: With a limit given no video is opened for it.
WORKERS = Workers(JOBS, True, deadline_s=60.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", default="local,dask,memory,workers")
    parser.add_argument("--tasks", type=int, default=20_000)
    parser.add_argument("--clips", type=int, default=40, help="extractions of `workers`")
    options = parser.parse_args()
    only = options.only.split(",")
    if "local" in only:
        overhead("local", options.tasks, WORKERS)
    if "dask" in only:
        overhead("dask", options.tasks // 4, replace(WORKERS, cluster="local"))
    if "memory" in only:
        for store in (False, True):
            memory(options.tasks, store)
    if "workers" in only:
        one_and_two(options.clips)


def overhead(title: str, count: int, workers: Workers) -> None:
    """Run tasks without work, on workers of this machine or of a cluster of it."""
    tasks = (VideoTask(str(number), "x", ()) for number in range(count))
    with measured(title, count):
        run_many(tasks, nothing, on_result=Curve(count), workers=workers)


def memory(count: int, with_store: bool) -> None:
    """Print the driver's memory over an extraction of two extractors with 38 columns."""
    extraction = Extraction.of("brisque,siti")
    with tempfile.TemporaryDirectory() as folder:
        inputs = (
            list(_files(Path(folder), count)) if with_store else [Input("x", str(n)) for n in range(count)]
        )
        curve = Curve(count)
        store = Path(folder) / "store.sqlite" if with_store else None
        reporting = Reporting(on_result=curve)
        # the work alone is exchanged: rows, store and table are those of a run
        with (
            mock.patch.object(extraction_run, "run_task", made_up),
            measured(f"memory, store {with_store}", count),
        ):
            run = ExtractionRun(inputs, extraction, workers=WORKERS, reporting=reporting, store=store)
            run.work()
        write_table(run.table(), Path(folder) / "table.parquet")
        print(f"  with the table written {resident_mib():.0f} MiB")
        sizes = {path.name: path.stat().st_size / count for path in Path(folder).glob("*.*")}
        print("  bytes per video:", {name: round(size) for name, size in sizes.items() if "." in name})


def _files(folder: Path, count: int) -> Iterator[Input]:
    """Write one file per task: a store knows videos by their bytes."""
    for number in range(count):
        path = folder / f"{number}"
        path.write_text(str(number))
        yield Input(str(path), str(number))


def one_and_two(count: int) -> None:
    """Print the seconds of real extractions by one worker and by two, and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        clips = clips_of(HEIGHTS["540p"], Path(folder))
        extractors = tuple(make_all("brisque,niqe,siti"))
        tasks = [VideoTask(str(n), str(clips[n % len(clips)]), extractors) for n in range(count)]
        seconds: dict[int, list[float]] = {1: [], 2: []}
        for jobs in (1, 2, 1, 2):
            first: list[float] = []
            with measured(f"{jobs} worker(s)", count):
                results: list[VideoResult] = []
                run_many(
                    tasks,
                    run_task,
                    on_result=results.append,
                    workers=Workers(jobs, True),
                    on_event=lambda event, found=first: (
                        found.append(time.monotonic()) if event.kind == "start" else None
                    ),
                )
                seconds[jobs].append(time.monotonic() - first[0])
            assert {one.status for one in results} == {"ok"}
    ratio = min(seconds[1]) / min(seconds[2])
    print(
        f"from the first start: one {min(seconds[1]):.1f} s, two {min(seconds[2]):.1f} s, ratio {ratio:.2f}"
    )


class Curve:
    """Counts results, and prints the resident memory of the driver and the time per task in the last 90 %."""

    def __init__(self, total: int) -> None:
        self._total, self._step = total, max(1, total // 10)
        self._done = 0
        self._told: list[str] = []
        self._first_s = 0.0

    def __call__(self, result: VideoResult) -> None:
        """Count a result."""
        assert result.status == "ok", result
        self._done += 1
        if self._done % self._step:
            return
        self._told.append(f"{resident_mib():.0f}")
        self._first_s = self._first_s or time.monotonic()
        if self._done >= self._total - self._step + 1:
            each = 1000 * (time.monotonic() - self._first_s) / (self._done - self._step)
            print(f"  driver, MiB at every tenth: {' '.join(self._told)}; then {each:.2f} ms per task")


@contextmanager
def measured(title: str, count: int) -> Iterator[None]:
    """Print seconds, and CPU seconds of driver and workers, per task, and the cores that others took."""
    begun, machine, used = time.monotonic(), machine_s(), os.times()
    yield
    seconds, now = time.monotonic() - begun, os.times()
    driver = now.user + now.system - used.user - used.system
    workers = now.children_user + now.children_system - used.children_user - used.children_system
    others = (machine_s() - machine - driver - workers) / seconds
    each, of_driver, of_workers = (1000 * one / count for one in (seconds, driver, workers))
    print(
        f"{title}: {count} tasks in {seconds:.1f} s, {each:.2f} ms per task; CPU: driver {of_driver:.2f} ms, "
        f"workers {of_workers:.2f} ms; others took {max(0.0, others):.2f} of {os.cpu_count()} cores"
    )


def machine_s() -> float:
    """CPU seconds of all programs since the start of the machine."""
    user, nice, system = map(int, Path("/proc/stat").read_text().split()[1:4])
    return (user + nice + system) / os.sysconf("SC_CLK_TCK")


def resident_mib() -> float:
    """Resident memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    main()
