"""The scheduler at a million tasks, simulated without decoding, beside the closed form of `plan`.

    python -m benchmarks.scheduling_simulation [--tasks 1000000] [--real 20000] [--chart FILE.svg]

The simulation follows the driver event by event: a worker gets ready, takes the next task when it has handed
in its last one, and is replaced after 200 tasks; the driver handles one result at a time. Tasks are taken as
they are listed, longest first, or with long videos split into parts. Durations are drawn from measured
quantiles. `--real` runs the driver itself with workers that sleep, and the simulation of the same tasks
beside it.
"""

from __future__ import annotations

import argparse
import heapq
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vqa_features.batch.driver import TASKS_PER_WORKER
from vqa_features.batch.makespan import makespan
from vqa_features.batch.options import Workers
from vqa_features.batch.run_plan import DRIVER_S
from vqa_features.batch.runner import run_many
from vqa_features.video_task import VideoResult, VideoTask

Array = NDArray[np.float64]
#: Seconds of a worker for clips of 1 to 8 s and 180 to 540 lines with brisque, niqe and siti, every 5th
#: percentile (`benchmarks.plan_trial`, idle machine).
QUANTILES = (0.06, 0.1, 0.2, 0.4, 0.8, 1.6)
#: Start of a worker with these extractors.
READY_S = 2.0
WORKERS = (10, 100, 1000, 10_000)
#: Films of two hours and 2160 lines, among short clips.
FILMS, FILM_S = 100, 4 * 3600.0
PART_S = 60.0


@dataclass(frozen=True)
class Policy:
    """How tasks are taken."""

    workers: int
    ready_s: float = READY_S
    driver_s: float = DRIVER_S
    per_worker: int = TASKS_PER_WORKER


def simulate(durations: Array, policy: Policy) -> float:
    """Return when the last result is handled, for tasks in this order."""
    tasks = iter(durations.tolist())
    driver_free = 0.0
    busy: list[tuple[float, int, int]] = []
    for worker in range(min(policy.workers, len(durations))):
        busy.append((policy.ready_s + next(tasks), worker, 1))
    heapq.heapify(busy)
    while busy:
        ends, worker, done = busy[0]
        driver_free = max(driver_free, ends) + policy.driver_s
        duration = next(tasks, None)
        if duration is None:
            heapq.heappop(busy)
            continue
        replaced = done >= policy.per_worker
        begins = driver_free + policy.ready_s * replaced
        heapq.heapreplace(busy, (begins + duration, worker, 1 if replaced else done + 1))
    return driver_free


def expected(durations: Array, policy: Policy) -> float:
    """Return the closed form of `plan` for tasks in random order."""
    overhead = policy.driver_s + policy.ready_s / policy.per_worker
    total = float((durations + overhead).sum())
    some = durations if len(durations) <= 20_000 else np.quantile(durations, np.linspace(0, 1, 20_001))
    driver = len(durations) * policy.driver_s
    return policy.ready_s + makespan(
        total, min(policy.workers, len(durations)), some + overhead, None, driver
    )


def split(durations: Array, part_s: float = PART_S) -> Array:
    """Return the tasks with those that are longer cut into equal parts."""
    pieces = np.maximum(1, np.ceil(durations / part_s)).astype(int)
    return np.repeat(durations / pieces, pieces)


def clips(count: int, rng: np.random.Generator) -> Array:
    """Return durations from the measured quantiles."""
    at = np.linspace(0, 1, len(QUANTILES))
    return np.interp(rng.random(count), at, QUANTILES)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--tasks", type=int, default=1_000_000)
    parser.add_argument("--real", type=int, default=20_000, help="tasks of the real driver, 0: none")
    parser.add_argument("--chart", type=Path, help="figure of hours by workers")
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    short = clips(options.tasks, rng)
    films = short.copy()
    films[rng.choice(options.tasks, FILMS, replace=False)] = FILM_S
    cases = {
        "clips": (short, short),
        f"clips and {FILMS} films": (films, films),
        "films, longest first": (np.sort(films)[::-1], None),
        "films, split, longest first": (np.sort(split(films))[::-1], None),
    }
    found: dict[str, list[tuple[float, float | None]]] = {}
    for name, (order, formula) in cases.items():
        for workers in WORKERS:
            begun = time.monotonic()
            policy = Policy(workers)
            hours = simulate(order, policy) / 3600
            closed = None if formula is None else expected(formula, policy) / 3600
            found.setdefault(name, []).append((hours, closed))
            beside = "" if closed is None else f", closed form {closed:.3f} h ({closed / hours - 1:+.1%})"
            took = time.monotonic() - begun
            print(f"{name:28} {workers:6d} workers: {hours:.3f} h{beside}   [{took:.1f} s]", flush=True)
    if options.chart is not None:
        draw(found, options.chart)
    if options.real:
        real(options.real)


def sleep(task: VideoTask) -> VideoResult:
    """Stand in for the work: wait as long as the task's name says."""
    time.sleep(float(task.path))
    return VideoResult(task.id, task.path, "ok")


def real(count: int, jobs: int = 8) -> None:
    """Print the seconds of the real driver over sleeping tasks, and of the simulation of the same tasks."""
    durations = clips(count, np.random.default_rng(1)) / 20
    starts: list[float] = []
    done: list[VideoResult] = []

    def tasks() -> Iterator[VideoTask]:
        return (VideoTask(str(n), repr(one), ()) for n, one in enumerate(durations.tolist()))

    begun = time.monotonic()
    run_many(
        tasks(),
        sleep,
        on_result=done.append,
        workers=Workers(jobs, True, deadline_s=60.0),
        on_event=lambda event: starts.append(time.monotonic()) if event.kind == "start" else None,
    )
    seconds, ready = time.monotonic() - begun, starts[0] - begun
    assert len({one.id for one in done}) == count
    for driver_s in (0.0, DRIVER_S):
        policy = Policy(jobs, ready, driver_s)
        beside = simulate(durations, policy), expected(durations, policy)
        print(
            f"real driver, {count} tasks, {jobs} workers: {seconds:.1f} s; with {1000 * driver_s:g} ms of driver "
            f"per task simulated {beside[0]:.1f} s, closed form {beside[1]:.1f} s"
        )


def draw(found: dict[str, list[tuple[float, float | None]]], path: Path) -> None:
    """Draw hours by workers: simulated as points, the closed form as lines."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7.2, 4.2), layout="constrained")
    for (name, values), marker in zip(found.items(), "osd^", strict=True):
        hours = [one for one, _ in values]
        closed = [one for _, one in values if one is not None]
        (points,) = axes.plot(WORKERS, hours, marker, label=f"{name}, simulated")
        if closed:
            axes.plot(WORKERS, closed, color=points.get_color(), label=f"{name}, closed form")
    axes.set(xscale="log", yscale="log", xlabel="workers", ylabel="hours")
    axes.grid(True, which="major", alpha=0.4)
    axes.legend(frameon=False, fontsize=9)
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
    pyplot.close(figure)


if __name__ == "__main__":
    main()
