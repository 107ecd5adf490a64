"""Seconds of one video by the number of threads that share its frames.

    python -m benchmarks.threads [--extractors NAMES] [--size 1080p] [--threads 1,2] [--seconds 2]

Every method is run by itself, and all of them at once. The clip of 1920 x 1080 is that of `benchmarks.speed`;
540p is that of `benchmarks.handcrafted`. Numbers of threads take turns; the shortest of several runs counts.
Rows are compared to the bit. Wall seconds need idle cores. "Possible" is what the CPU seconds of a run allow
the last number of threads: opening, decoding, `push` and `finish` are done by one thread, and nothing else is
done while the file is opened and rows are finished.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vqa_features.extraction.feed import Feed
from vqa_features.extraction.task import run_task
from vqa_features.registry import make_all
from vqa_features.specs import Sampling
from vqa_features.video import Video
from vqa_features.video_task import VideoResult, VideoTask

from .handcrafted import default_clip
from .speed import HEIGHTS, clips_of

MOVED = "cambi,dct-energy,interlace,temporal-noise"
RUNS = 3
#: What one thread does while no other has work, or may have: owner, method and part.
PARTS: tuple[tuple[Any, str, str], ...] = (
    (Video, "__init__", "opening"),
    (Feed, "push", "push"),
    (Feed, "finish", "finish"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--extractors", default=MOVED)
    parser.add_argument("--size", choices=HEIGHTS, default="1080p")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--seconds", type=float, default=2.0)
    options = parser.parse_args()
    numbers = [int(one) for one in options.threads.split(",")]
    names = options.extractors.split(",")
    with tempfile.TemporaryDirectory() as folder:
        height = HEIGHTS[options.size]
        clip = str(default_clip() if height is None else clips_of(height, Path(folder))[0])
        print(
            f"{'':20}"
            + "".join(f"{f'{one} threads':>14}" for one in numbers)
            + f"{'ratio':>8}{'possible':>10}"
        )
        for chosen in [[name] for name in names] + ([names] if len(names) > 1 else []):
            seconds = shortest(clip, chosen, numbers, options.seconds)
            bound = possible(clip, chosen, numbers[-1], options.seconds)
            cells = "".join(f"{one:12.2f} s" for one in seconds)
            label = chosen[0] if len(chosen) == 1 else "all"
            print(f"{label:20}{cells}{seconds[0] / seconds[-1]:8.2f}{bound:10.2f}", flush=True)


def shortest(clip: str, names: Sequence[str], numbers: Sequence[int], length_s: float) -> list[float]:
    """Return the shortest wall seconds for each number of threads; RuntimeError if rows differ."""
    _timed(clip, names, numbers[0], 0.3)
    runs = [[_timed(clip, names, number, length_s) for number in numbers] for _ in range(RUNS)]
    first = runs[0][0][1]
    for _, result in [pair for run in runs for pair in run]:
        for label, rows in result.rows.items():
            if not np.array_equal(rows.values, first.rows[label].values, equal_nan=True):
                raise RuntimeError(f"{label} has other values in other threads")
    return [min(run[k][0] for run in runs) for k in range(len(numbers))]


def possible(clip: str, names: Sequence[str], threads: int, length_s: float) -> float:
    """Return how many times as fast `threads` threads can be, by CPU seconds: the largest of several runs."""
    return max(_possible(clip, names, threads, length_s) for _ in range(RUNS))


def _possible(clip: str, names: Sequence[str], threads: int, length_s: float) -> float:
    spent = {"opening": 0.0, "push": 0.0, "finish": 0.0}
    with pytest.MonkeyPatch.context() as patch:
        for owner, method, part in PARTS:
            patch.setattr(owner, method, _adding(spent, part, getattr(owner, method)))
        begun = time.process_time()
        _, result = _timed(clip, names, threads, length_s)
        total = time.process_time() - begun
    shared = (
        sum(one for name, one in result.seconds.items() if name != "decode") - spent["push"] - spent["finish"]
    )
    alone = spent["opening"] + spent["finish"]
    return total / (alone + max((total - alone) / threads, total - alone - shared))


def _adding(spent: dict[str, float], part: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def timed(*args: Any, **options: Any) -> Any:
        begun = time.thread_time()
        try:
            return function(*args, **options)
        finally:
            spent[part] += time.thread_time() - begun

    return timed


def _timed(clip: str, names: Sequence[str], threads: int, length_s: float) -> tuple[float, VideoResult]:
    task = VideoTask("one", clip, tuple(make_all(names)), Sampling(duration_s=length_s), threads=threads)
    begun = time.perf_counter()
    result = run_task(task, alone=False)
    return time.perf_counter() - begun, result


if __name__ == "__main__":
    main()
