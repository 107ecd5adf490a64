"""`plan` held against runs: real seconds beside the interval, and the coverage of intervals.

    python -m benchmarks.plan_trial [--clips 80] [--extractors brisque,niqe,siti] [--budget 10]

Short clips of random length and size are cut from the clips of the shared reference folder (the demo's where
it is absent). The run is planned from a sample of them and then done. After that the recorded seconds of all
of them, repeated to a population, are sampled again and again by the same code, and the intervals that hold
the true mean are counted.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.speed import HEIGHTS, clips_of
from vqa_features.batch.calibration import CPU, Calibration
from vqa_features.batch.inputs import Input, find_inputs
from vqa_features.batch.many_videos import run_extraction
from vqa_features.batch.options import Extraction, Workers
from vqa_features.batch.plan_measurement import Measured, measured
from vqa_features.batch.plan_times import Sample
from vqa_features.batch.planning import Planning
from vqa_features.batch.size_strata import Sizes, drawn_by_size

#: Copies of every clip in the population of the simulation, videos that are opened and measured of it.
_COPIES, _DESIGNS = 25, ((100, 60), (100, 30), (100, 10), (40, 20))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--clips", type=int, default=80)
    parser.add_argument("--extractors", default="brisque,niqe,siti")
    parser.add_argument("--budget", type=float, default=10.0, help="seconds of the calibration")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--resamples", type=int, default=2000)
    options = parser.parse_args()
    extraction = Extraction.of(options.extractors)
    with tempfile.TemporaryDirectory() as folder:
        cut(Path(folder), options.clips)
        videos = find_inputs([folder])
        held_against_a_run(videos, extraction, options.jobs, options.budget)
        coverage(videos, extraction, options.jobs, options.resamples)


def cut(folder: Path, count: int, seed: int = 0) -> None:
    """Write `count` clips of 1 to 8 s and 180 to 540 lines into a folder."""
    rng = np.random.default_rng(seed)
    sources = clips_of(HEIGHTS["540p"], folder)
    for number in range(count):
        source = sources[number % len(sources)]
        length = float(np.clip(rng.lognormal(0.9, 0.6), 1, 8))
        height = int(rng.choice([180, 270, 360, 540], p=[0.2, 0.3, 0.3, 0.2]))
        start = float(rng.uniform(0, max(0.01, 8 - length)))
        command = f"ffmpeg -v error -ss {start:.2f} -t {length:.2f} -i {source} -an -vf scale=-2:{height}"
        subprocess.run(
            [*command.split(), "-c:v", "libx264", "-preset", "veryfast", str(folder / f"c{number:03d}.mp4")],
            check=True,
        )


def held_against_a_run(videos: list[Input], extraction: Extraction, jobs: int, budget: float) -> None:
    """Print the planned seconds and those of the run."""
    plan = Planning(extraction, jobs, budget).plan(videos)
    run = plan.with_workers(jobs)
    begun, cpu = time.monotonic(), _cpu_of_workers()
    run_extraction(videos, extraction, workers=Workers(jobs, True))
    wall, cpu = time.monotonic() - begun, _cpu_of_workers() - cpu
    low, value, high = (3600 * one for one in (run.hours.low, run.hours.value, run.hours.high))
    share = f"{plan.cpu_share:.2f}" if plan.cpu_share else "?"
    print(
        f"{len(videos)} clips, {plan.measured} measured in {plan.calibration_s:.1f} s, {share} of a core each"
    )
    print(f"planned {value:.1f} s ({low:.1f} to {high:.1f}) with {jobs} workers; the run took {wall:.1f} s")
    if plan.cpu_share:
        seconds = plan.times.seconds.times(len(videos) * plan.cpu_share)
        print(
            f"CPU seconds: planned {seconds.value:.1f} ({seconds.low:.1f} to {seconds.high:.1f}), "
            f"run {cpu:.1f}"
        )


def _cpu_of_workers() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def coverage(videos: list[Input], extraction: Extraction, jobs: int, resamples: int) -> None:
    """Print how many intervals hold the true mean, on recorded seconds."""
    tasks = [extraction.task(video) for video in videos]
    infos = {
        task.id: info for task, info in Calibration(extraction, Workers(jobs, True), 60).described(tasks)
    }
    done = measured(tasks, jobs)
    bytes_of = np.array([Path(task.path).stat().st_size for task in tasks], dtype=float)
    population = np.tile(np.arange(len(tasks)), _COPIES)
    whole = [done.seconds[task.id] for task in tasks]
    truth = float(np.mean(whole))
    print(f"recorded: {truth:.3f} s per clip, standard deviation {np.std(whole) / truth:.2f} of it")
    cpu = np.quantile([done.results[task.id].seconds[CPU] for task in tasks], np.linspace(0, 1, 21))
    print("CPU seconds at every 5th percentile:", ", ".join(f"{one:.3g}" for one in cpu))
    jitter = np.random.default_rng(1).uniform(0.98, 1.02, len(population))  # no two files have one size
    sizes = Sizes(np.arange(len(population)), bytes_of[population] * jitter, len(population))
    for opened, worked in _DESIGNS:
        held, widths, errors = 0, list[float](), list[float]()
        for seed in range(resamples):
            numbers, strata = drawn_by_size(sizes, opened, seed)
            drawn = {str(place): tasks[population[one]] for place, one in enumerate(numbers)}
            unique = [replace(task, id=name) for name, task in drawn.items()]
            chosen = unique[:worked]
            known = Measured(
                {one.id: done.results[drawn[one.id].id] for one in chosen},
                {one.id: done.seconds[drawn[one.id].id] for one in chosen},
                0.0,
            )
            sample = Sample(unique, {name: infos[task.id] for name, task in drawn.items()}, strata)
            found = sample.times(known, chosen, {}).seconds
            held += found.low <= truth <= found.high
            widths.append((found.high - found.low) / truth)
            errors.append(found.value / truth - 1)
        print(
            f"{opened} opened, {worked} measured: {held / resamples:.1%} of {resamples} intervals hold the "
            f"mean; width {np.mean(widths):.1%}, bias {np.mean(errors):+.2%}"
        )


if __name__ == "__main__":
    main()
