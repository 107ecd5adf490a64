"""How time and memory grow: straight lines, or not.

    python -m benchmarks.scaling [--only frames,pixels,...] [--chart FILE.png] [--json FILE]

- frames, pixels: CPU seconds of one pass of brisque, niqe and siti over one film, decoding included.
- memory: largest resident memory of a process of its own that does the same, against the length.
- threads, workers: wall seconds of one 1080p film, and of many short clips, against the cores used.
- columns, splits: CPU seconds of `compare` with ridge and svr-rbf on made-up tables of 480 videos.

Every point is the least of two runs. For each curve the exponent of a power law through its points is
printed: 1 is a straight line through the origin, less a straight line that begins above it, 0 no growth,
and -1 a time that is divided by the number of cores.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np

import vqa_features as vf

from . import record
from .held_frames import decoded
from .speed import clips_of

METHODS = "brisque,niqe,siti"
CORES = len(os.sched_getaffinity(0))


@dataclass
class Curve:
    """One figure against another."""

    name: str
    unit: str
    what: str
    points: list[tuple[float, float]] = field(default_factory=list)

    @property
    def exponent(self) -> float:
        """Slope of the logarithms."""
        x, y = np.log(np.array(self.points)).T
        return float(np.polyfit(x, y, 1)[0])

    @property
    def straightness(self) -> float:
        """Largest distance of a point from the best straight line, relative to the largest value."""
        x, y = np.array(self.points).T
        return float(abs(np.polyval(np.polyfit(x, y, 1), x) - y).max() / y.max())


def film(folder: Path, height: int, n_frames: int) -> Path:
    """Return a film of this size and length: sixty frames, forwards and backwards, again and again."""
    target = folder / f"film-{height}-{n_frames}.mp4"
    if target.exists():
        return target
    source = clips_of(None, folder)[0]
    scaled = [frame.reformat(round(height * 8 / 9) * 2, height, "yuv420p") for frame in decoded(source, 60)]
    there_and_back = scaled + scaled[::-1]
    with av.open(str(target), "w") as output:
        stream = output.add_stream("libx264", rate=25, options={"crf": "23", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = scaled[0].width, height, "yuv420p"
        for number in range(n_frames):
            frame = there_and_back[number % len(there_and_back)]
            frame.pts = None
            output.mux(stream.encode(frame))
        output.mux(stream.encode())
    return target


def least(function: Callable[[], object], clock: Callable[[], float]) -> float:
    """Return the shorter of two runs."""
    found = []
    for _ in range(2):
        start = clock()
        function()
        found.append(clock() - start)
    return min(found)


def by_frames(folder: Path) -> list[Curve]:
    curve = Curve("frames", "frames of 540p", "CPU s")
    for n_frames in (60, 120, 240, 480, 960):
        clip = film(folder, 540, n_frames)
        curve.points.append((n_frames, least(lambda c=clip: vf.extract(c, METHODS), time.process_time)))
    return [curve]


def by_pixels(folder: Path) -> list[Curve]:
    curve = Curve("pixels", "megapixels of a frame", "CPU s")
    for height in (270, 540, 1080, 2160):
        clip = film(folder, height, 60)
        seconds = least(lambda c=clip: vf.extract(c, METHODS), time.process_time)
        curve.points.append((height * round(height * 8 / 9) * 2 / 1e6, seconds))
    return [curve]


def by_length(folder: Path) -> list[Curve]:
    curve = Curve("memory", "frames of 1080p", "MiB")
    for n_frames in (60, 240, 960):
        clip = film(folder, 1080, n_frames)
        code = f"from benchmarks.scaling import peak; print(peak({str(clip)!r}))"
        printed = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
        curve.points.append((n_frames, float(printed.stdout)))
    return [curve]


def peak(clip: str) -> float:
    """Return the largest resident memory of this process in MiB, after one pass."""
    vf.extract(clip, METHODS)
    lines = Path("/proc/self/status").read_text().splitlines()  # getrusage counts the parent's before exec
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def by_threads(folder: Path) -> list[Curve]:
    clip = film(folder, 1080, 240)
    curve = Curve("threads", "threads, one 1080p film", "s")
    for threads in range(1, CORES + 1):
        run = lambda n=threads: vf.extract(clip, METHODS, threads=n)  # noqa: E731
        curve.points.append((threads, least(run, time.perf_counter)))
    return [curve]


def by_workers(folder: Path) -> list[Curve]:
    clips = folder / "clips"
    clips.mkdir(exist_ok=True)
    for number in range(12):
        target = clips / f"{number}.mp4"
        if not target.exists():
            os.link(film(folder, 540, 240), target)
    curve = Curve("workers", "workers of one thread, 12 clips", "s")
    for jobs in range(1, CORES + 1):
        run = lambda n=jobs: vf.extract_many(clips, METHODS, jobs=n, threads=1)  # noqa: E731
        curve.points.append((jobs, least(run, time.perf_counter)))
    return [curve]


def by_columns(folder: Path) -> list[Curve]:
    found = []
    for regressor in ("ridge", "svr-rbf"):
        curve = Curve(f"columns, {regressor}", "columns, 10 splits", "CPU s")
        for n_columns in (32, 128, 512, 2048):
            curve.points.append((n_columns, _compare(regressor, n_columns, 10)))
        found.append(curve)
    return found


def by_splits(folder: Path) -> list[Curve]:
    found = []
    for regressor in ("ridge", "svr-rbf"):
        curve = Curve(f"splits, {regressor}", "splits, 60 columns", "CPU s")
        for n_splits in (10, 20, 40, 80):
            curve.points.append((n_splits, _compare(regressor, 60, n_splits)))
        found.append(curve)
    return found


def _compare(regressor: str, n_columns: int, n_splits: int, n_videos: int = 480) -> float:
    import pandas as pd

    random = np.random.default_rng(n_columns)
    mos = random.uniform(1, 5, n_videos)
    ids = [f"v{i}" for i in range(n_videos)]
    values = mos[:, None] * random.uniform(0, 1, n_columns) + random.normal(0, 3, (n_videos, n_columns))
    table = pd.DataFrame(values, ids, [f"made.c{i}.mean" for i in range(n_columns)])
    labels = pd.Series(mos, ids, name="mos")
    run = lambda: vf.compare({"made": table}, labels, regressors=[regressor], splits=n_splits)  # noqa: E731
    return least(run, time.process_time)


CURVES = {
    "frames": by_frames,
    "pixels": by_pixels,
    "memory": by_length,
    "threads": by_threads,
    "workers": by_workers,
    "columns": by_columns,
    "splits": by_splits,
}


def draw(curves: list[Curve], file: Path) -> None:
    """Draw each curve in a panel of its own, from zero."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    across = 3
    down = -(-len(curves) // across)
    figure, axes = pyplot.subplots(down, across, figsize=(4 * across, 3 * down), squeeze=False)
    for axis in axes.flat[len(curves) :]:
        axis.remove()
    for axis, curve in zip(axes.flat, curves, strict=False):
        x, y = np.array(curve.points).T
        axis.plot(x, y, "o-", color="#1f5a96")
        axis.set(xlabel=curve.unit, ylabel=curve.what, title=curve.name, ylim=(0, None), xlim=(0, None))
        axis.grid(alpha=0.3)
    figure.tight_layout()
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", default=",".join(CURVES))
    parser.add_argument("--chart", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    print(record.sentence())
    curves = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        vf.extract(film(folder, 270, 60), METHODS)  # compiles
        for kind in options.only.split(","):
            for curve in CURVES[kind](folder):
                curves.append(curve)
                points = "  ".join(f"{x:g}: {y:.3g}" for x, y in curve.points)
                print(
                    f"{curve.name:18} {curve.what:6} {points}  exponent {curve.exponent:.2f}, "
                    f"off a straight line by {100 * curve.straightness:.1f} %",
                    flush=True,
                )
    if options.chart is not None:
        draw(curves, options.chart)
    if options.json is not None:
        figures = [
            {"name": c.name, "x": c.unit, "y": c.what, "points": c.points, "exponent": c.exponent}
            for c in curves
        ]
        record.write(options.json, {"curves": figures})


if __name__ == "__main__":
    main()
