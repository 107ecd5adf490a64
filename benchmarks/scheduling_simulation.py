"""The scheduler at a million tasks, simulated without decoding, beside the closed form of `plan`.

    python -m benchmarks.scheduling_simulation [--tasks 1000000] [--real 20000] [--chart FILE.svg]

The simulation follows the driver event by event: a worker gets ready, takes the next task when it has handed
in its last one, and is replaced after 200 tasks; the driver handles one result at a time. Tasks are taken as
they are listed, longest first, or with long videos divided. Durations are drawn from measured
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
from vqa_features.batch.events import Event
from vqa_features.batch.makespan import makespan
from vqa_features.batch.options import Workers
from vqa_features.batch.order import WINDOW
from vqa_features.batch.run_plan import DRIVER_S
from vqa_features.batch.runner import run_many
from vqa_features.video_task import VideoResult, VideoTask

Array = NDArray[np.float64]
#: Tasks in their order by case, and those of which there is a closed form: in random order.
Cases = dict[str, tuple[Array, Array | None]]
#: CPU seconds of clips of 1 to 8 s and 180 to 540 lines with brisque, niqe and siti, at every 5th percentile
#: (`python -m benchmarks.plan_trial`, two-core EPYC).
QUANTILES = (
    *(0.0467, 0.0784, 0.0903, 0.0947, 0.101, 0.115, 0.127, 0.149, 0.162, 0.181, 0.189),
    *(0.214, 0.236, 0.252, 0.29, 0.318, 0.363, 0.421, 0.448, 0.548, 1.06),
)
#: Start of a worker with these extractors.
READY_S = 1.3
WORKERS = (10, 100, 1000, 10_000)
#: Films of two hours and 2160 lines, among short clips.
FILMS, FILM_S = 100, 4 * 3600.0
#: Seconds of a range of a long video.
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
    edges = np.geomspace(durations.min() * 0.999, durations.max() * 1.001, 1000)
    counts, _ = np.histogram(durations, edges)
    sums, _ = np.histogram(durations, edges, weights=durations)
    there = counts > 0
    means = sums[there] / counts[there] + overhead
    return policy.ready_s + makespan(means, counts[there], policy.workers, len(durations) * policy.driver_s)


def longest_first(durations: Array, window: int = WINDOW) -> Array:
    """Return the tasks in the order of a run: each time the longest of the next `window`."""
    waiting: list[float] = []
    order = []
    for duration in durations.tolist():
        if len(waiting) < window - 1:
            heapq.heappush(waiting, -duration)
        else:
            order.append(-heapq.heappushpop(waiting, -duration))
    return np.array([*order, *sorted((-one for one in waiting), reverse=True)])


def divided(durations: Array, part_s: float = PART_S) -> Array:
    """Return the tasks with those that are longer cut into equal ranges."""
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
    cases: Cases = {
        "clips": (short, short),
        f"clips and {FILMS} films": (films, films),
        f"films, longest of {WINDOW} first": (longest_first(films), None),
        "films, longest of all first": (np.sort(films)[::-1], None),
        f"films divided, longest of {WINDOW} first": (divided(longest_first(films)), None),
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
            print(f"{name:40} {workers:6d} workers: {hours:.3f} h{beside}   [{took:.1f} s]", flush=True)
    if options.chart is not None:
        draw(cases, found, options.chart)
    if options.real:
        real(options.real)


def sleep(task: VideoTask) -> VideoResult:
    """Stand in for the work: wait as long as the task's name says."""
    time.sleep(float(task.path))
    return VideoResult(task.id, task.path, "ok")


def real(count: int, jobs: int = 8) -> None:
    """Print the seconds of the real driver over sleeping tasks, and of the simulation of the same tasks."""
    durations = clips(count, np.random.default_rng(1)) / 20
    first: dict[str, float] = {}
    last: dict[str, float] = {}

    def hear(event: Event) -> None:
        if event.kind == "start":
            first.setdefault(event.worker, event.time_s)
        elif event.kind == "end":
            last[event.worker] = event.time_s

    done: list[VideoResult] = []

    def tasks() -> Iterator[VideoTask]:
        return (VideoTask(str(n), repr(one), ()) for n, one in enumerate(durations.tolist()))

    begun = time.time()
    limits = Workers(jobs, True, deadline_s=60.0)
    run_many(tasks(), sleep, on_result=done.append, workers=limits, on_event=hear)
    seconds = time.time() - begun
    assert len({one.id for one in done}) == count
    begins, ends = sorted(first.values()), sorted(last.values())
    ready = begins[0] - begun
    if len(begins) > jobs:  # the mean gap between a worker's last task and its successor's first
        ready = (sum(begins[jobs:]) - sum(ends[:-jobs])) / (len(begins) - jobs)
    handed_s = (sum(ends) - sum(begins) - float(durations.sum())) / count
    print(f"{len(begins)} workers, a new one after {ready:.2f} s; {1000 * handed_s:.2f} ms between two tasks")
    policy = Policy(jobs, ready, 0.0)
    beside = simulate(durations + handed_s, policy), expected(durations + handed_s, policy)
    print(f"real driver, {count} tasks, {jobs} workers: {seconds:.1f} s; simulated {beside[0]:.1f} s", end="")
    print(f", closed form {beside[1]:.1f} s")


def draw(cases: Cases, found: dict[str, list[tuple[float, float | None]]], path: Path) -> None:
    """Draw hours by workers: simulated as points, the closed form as lines."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    shown = [name for name in cases if name != f"films, longest of {WINDOW} first"]  # as without an order
    figure, axes = pyplot.subplots(figsize=(7.2, 4.4), layout="constrained")
    grid = np.unique(np.geomspace(WORKERS[0], WORKERS[-1], 40).astype(int))
    for name, marker in zip(shown, "osdv", strict=True):
        (points,) = axes.plot(WORKERS, [one for one, _ in found[name]], marker, label=f"{name}: simulated")
        order = cases[name][1]
        if order is not None:
            hours = [expected(order, Policy(int(workers))) / 3600 for workers in grid]
            axes.plot(grid, hours, color=points.get_color(), linewidth=1, label=f"{name}: closed form")
    axes.set(xscale="log", yscale="log", xlabel="workers", ylabel="hours")
    axes.grid(True, which="major", alpha=0.4)
    figure.legend(loc="outside upper center", ncols=2, frameon=False, fontsize=9)
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


if __name__ == "__main__":
    main()
