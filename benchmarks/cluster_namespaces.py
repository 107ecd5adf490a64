"""A cluster of two network namespaces loses a worker and meets every trouble: the table of one machine.

    python -m benchmarks.cluster_namespaces [--videos 200] [--extractors siti,brisque] [--folder FOLDER]

Needs root and iproute2. A Dask scheduler and the program lie in one network namespace, two workers with their
nannies in two more, joined by a bridge. The videos are parts of real clips (KoNViD-1k of the shared folder,
else the bundled demo clips), encoded small; one more crashes its process, one hangs, one takes too much
memory, one has pictures above the cap, and one is missing. When a third of the videos is done, one worker and
its nanny are killed. The table is compared, to the bit, with one of two worker processes of one machine: all
columns but the times; the error of the missing file names the worker that did not see it. Then the good
videos are done once with the worker that is left and once with two, and the ratio of the times is printed.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pandas as pd

import vqa_features as vf
from benchmarks.speed import clips_of
from benchmarks.troubled_videos import TroubledVideos
from vqa_features.video_task import VideoResult

ROOT = Path(__file__).resolve().parents[1]
PREFIX, NETWORK, PORT = "vqa", "10.77.0", 8786
NAMES = ("driver", "one", "two")
RATE = 25
TROUBLES = ("crash", "hang", "hoard", "huge", "missing")
LIMITS = {"deadline_s": 20.0, "max_memory_mb": 700.0}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--videos", type=int, default=200)
    parser.add_argument("--extractors", default="siti,brisque")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--drive", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.drive:
        drive(asked.folder, asked.extractors.split(","))
        return
    with tempfile.TemporaryDirectory(prefix="vqa-features-") as folder, namespaces():
        asked.folder = asked.folder or Path(folder)
        make_videos(asked.folder, asked.videos)
        command = ["-m", "benchmarks.cluster_namespaces", "--drive", "--folder", str(asked.folder)]
        done = inside("driver", [*command, "--extractors", asked.extractors])
        sys.exit(done.wait())


def make_videos(folder: Path, count: int) -> None:
    """Encode short parts of clips, and the videos that are trouble."""
    clips = clips_of(None, folder)
    for number in range(count):
        clip, skipped = clips[number % len(clips)], 3 * (number // len(clips))
        encode(folder / f"clip-{number:03}.mp4", frames_of(clip, skipped, 8, (320, 180)))
    for name in ("crash", "hang", "hoard"):
        encode(folder / f"{name}.mp4", frames_of(clips[0], 0, 4, (320, 180)))
    black = av.VideoFrame.from_ndarray(np.zeros((8192 * 3 // 2, 8192), np.uint8), "yuv420p")
    encode(folder / "huge.mp4", iter([black]))


def frames_of(clip: Path, skipped: int, count: int, size: tuple[int, int]) -> Iterator[av.VideoFrame]:
    with av.open(str(clip)) as container:
        for frame in islice(container.decode(video=0), skipped, skipped + count):
            yield frame.reformat(*size, "yuv420p")


def encode(path: Path, frames: Iterator[av.VideoFrame]) -> None:
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
        for number, frame in enumerate(frames):
            if not number:
                stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "yuv420p"
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            output.mux(stream.encode(frame))
        output.mux(stream.encode())


@contextmanager
def namespaces() -> Iterator[None]:
    """Make three network namespaces that are joined by a bridge in the first."""

    def ip(text: str) -> None:
        subprocess.run(["ip", *text.split()], check=True)

    with ExitStack() as stack:
        for name in NAMES:
            ip(f"netns add {PREFIX}-{name}")
            stack.callback(ip, f"netns del {PREFIX}-{name}")
            ip(f"-n {PREFIX}-{name} link set lo up")
        bridge = f"-n {PREFIX}-{NAMES[0]}"
        ip(f"{bridge} link add bridge0 type bridge")
        ip(f"{bridge} addr add {NETWORK}.1/24 dev bridge0")
        ip(f"{bridge} link set bridge0 up")
        for number, name in enumerate(NAMES[1:], 2):
            ip(f"{bridge} link add veth{number} type veth peer name eth0 netns {PREFIX}-{name}")
            ip(f"{bridge} link set veth{number} master bridge0 up")
            ip(f"-n {PREFIX}-{name} addr add {NETWORK}.{number}/24 dev eth0")
            ip(f"-n {PREFIX}-{name} link set eth0 up")
        yield


def inside(name: str, arguments: list[str], log: Path | None = None) -> subprocess.Popen[bytes]:
    """Start Python in a namespace, as the leader of a session of its own."""
    out = log.open("wb") if log else None
    return subprocess.Popen(
        ["ip", "netns", "exec", f"{PREFIX}-{name}", sys.executable, *arguments],
        cwd=ROOT,
        stdout=out,
        stderr=out,
        start_new_session=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


def drive(folder: Path, extractors: list[str]) -> None:
    """Run on the cluster and on this machine, compare, and time one worker against two."""
    address = f"tcp://{NETWORK}.1:{PORT}"
    options = ["--host", f"{NETWORK}.1", "--port", str(PORT), "--dashboard-address", ":0"]
    with ExitStack() as stack:
        start(stack, "driver", ["scheduler", *options], folder, "Scheduler at")
        asked = ["worker", address, "--nthreads", "1", "--no-dashboard", "--local-directory", str(folder)]
        first, _ = (start(stack, name, asked, folder, "Registered to") for name in NAMES[1:])
        good = sorted(map(str, folder.glob("clip-*.mp4")))
        half = len(good) // 2
        paths = [*good[:half], *(str(folder / f"{name}.mp4") for name in TROUBLES), *good[half:]]
        finished: list[VideoResult] = []

        def kill(result: VideoResult) -> None:
            finished.append(result)
            if len(finished) == len(paths) // 3:
                os.killpg(first.pid, signal.SIGKILL)

        what = [*extractors, TroubledVideos()]
        began_s = time.monotonic()
        there = vf.extract_many(
            paths, what, cluster=address, on_result=kill, on_message=lambda text: print(text), **LIMITS
        )
        print(f"cluster, a worker killed after {len(paths) // 3} videos: {time.monotonic() - began_s:.1f} s")
        began_s = time.monotonic()
        here = vf.extract_many(paths, what, jobs=2, **LIMITS)
        print(f"one machine, two processes: {time.monotonic() - began_s:.1f} s")
        compare(there, here)
        seconds = [timed(good, extractors, address)]
        start(stack, NAMES[1], asked, folder, "Registered to")
        seconds.append(timed(good, extractors, address))
        load = os.getloadavg()[0]
        print(f"{len(good)} videos: one worker {seconds[0]:.1f} s, two workers {seconds[1]:.1f} s, ", end="")
        print(f"ratio {seconds[0] / seconds[1]:.2f} on {os.cpu_count()} cores at load {load:.1f}")


def start(
    stack: ExitStack, name: str, arguments: list[str], folder: Path, until: str
) -> subprocess.Popen[bytes]:
    """Start ``dask ...`` in a namespace, and wait until its log says that it is there."""
    log = folder / f"{arguments[0]}-{name}-{time.monotonic_ns()}.log"
    process = inside(name, ["-m", "dask", *arguments], log)
    stack.callback(_end, process)
    while not re.search(until, log.read_text()):
        if process.poll() is not None:
            sys.exit(log.read_text())
        time.sleep(0.05)
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def timed(paths: list[str], extractors: list[str], address: str) -> float:
    """Return the seconds of a run on the cluster once its processes are ready."""
    stamps: list[float] = []
    vf.extract_many(
        paths, extractors, cluster=address, on_result=lambda result: stamps.append(time.monotonic())
    )
    tenth = len(stamps) // 10
    return stamps[-1] - stamps[tenth]


def compare(there: pd.DataFrame, here: pd.DataFrame) -> None:
    """Print the statuses, and whether the tables are equal to the bit."""
    print(there["status"].value_counts().to_string())
    columns = [name for name in here if not name.startswith("seconds.")]
    named = there["error"].str.contains(r" \(on worker tcp://\S+\)$")
    assert named.sum() == 1
    there = there.assign(error=there["error"].str.replace(r" \(on worker tcp://\S+\)$", "", regex=True))
    pd.testing.assert_frame_equal(there[columns], here[columns], check_exact=True)
    print(f"{len(here)} rows of {len(columns)} columns: equal to the bit")


if __name__ == "__main__":
    main()
