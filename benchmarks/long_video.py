"""Memory over a long video, and the time that ranges save: an hour of 1080p, and five minutes of 540p.

    python -m benchmarks.long_video [memory | ranges] [--minutes 60] [--extractors brisque,niqe,siti]
                                    [--folder FOLDER]

The video is one real clip (KoNViD-1k of the shared reference folder, else a bundled demo clip), scaled,
encoded once at a low bit rate and repeated as a stream copy. ``memory`` passes it through `extract_many` with
one worker process, a store and the row of every frame; the resident memory of worker and driver is read every
second from `/proc` and told for every tenth of the run. An hour takes about twenty minutes of CPU time and
200 MB of disk. ``ranges`` compares one worker with two, in seconds on the wall and of CPU, and their rows to
the bit.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import threading
import time
from collections.abc import Iterator
from fractions import Fraction
from importlib.resources import files
from pathlib import Path

import av
import pandas as pd

import vqa_features as vf
from vqa_features.batch.events import Event
from vqa_features.batch.many_videos import run_extraction
from vqa_features.batch.options import Extraction, Reporting, Workers

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("VQA_FEATURES_SHARED", ROOT.parent / "shared"))
RATE = 25
#: The most that the worker and the driver may hold, each, in MiB.
MOST_MIB = 300
_PAGES_PER_MIB = 2**20 / os.sysconf("SC_PAGE_SIZE")
_CODING = {"preset": "veryfast", "crf": "33", "g": "50", "maxrate": "1200k", "bufsize": "2400k"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", nargs="?", choices=("memory", "ranges"), default="memory")
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--extractors", default="brisque,niqe,siti")
    parser.add_argument("--folder", type=Path, help="where the video is made and left")
    options = parser.parse_args()
    memory = options.what == "memory"
    size, minutes = ((1920, 1080), 60.0) if memory else ((960, 540), 5.0)
    minutes = options.minutes or minutes
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        folder = options.folder or Path(scratch)
        video = long_video(folder / f"long-{size[1]}p-{minutes:g}.mp4", minutes * 60, size)
        print(f"{video.name}: {video.stat().st_size / 1e6:.0f} MB", flush=True)
        if memory:
            measure(video, options.extractors.split(","), Path(scratch))
        else:
            compare(video, options.extractors.split(","))


def long_video(path: Path, seconds: float, size: tuple[int, int]) -> Path:
    """Make a video of this many seconds by repeating one encoded clip; one that exists is taken."""
    if not path.exists():
        part, clip = path.with_suffix(".part.mp4"), path.with_suffix(".clip.mp4")
        encode(clip, size)
        repeat(clip, part, seconds)
        clip.unlink()
        part.rename(path)
    return path


def encode(path: Path, size: tuple[int, int]) -> None:
    """Encode a real clip of about eight seconds, scaled to `size`."""
    clips = sorted((SHARED / "clips" / "konvid-1k").glob("*.mp4"))
    clips += sorted(Path(str(files("vqa_features.resources") / "demo")).glob("*.mp4"))
    with av.open(str(clips[0])) as source, av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=RATE, options=_CODING)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        for number, frame in enumerate(source.decode(video=0)):
            frame = frame.reformat(*size, format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            output.mux(stream.encode(frame))
        output.mux(stream.encode())


def repeat(clip: Path, path: Path, seconds: float) -> None:
    """Copy the packets of a clip again and again, each time after the last."""
    with av.open(str(clip)) as source, av.open(str(path), "w") as output:
        stream = source.streams.video[0]
        copy = output.add_stream_from_template(stream)
        assert stream.duration
        assert stream.time_base
        for time_s in range(10**9):
            shift = time_s * stream.duration
            if shift * stream.time_base >= seconds:
                return
            source.seek(0)
            for packet in source.demux(stream):
                if packet.size and packet.pts is not None and packet.dts is not None:
                    packet.pts += shift
                    packet.dts += shift
                    packet.stream = copy
                    output.mux(packet)


class Memory(threading.Thread):
    """Reads the resident memory of this process and of its largest child every second.

    Attributes
    ----------
    seen : list of (float, float, float)
        Seconds, and MiB of this process and of the child.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: list[tuple[float, float, float]] = []
        self._over = threading.Event()

    def run(self) -> None:
        """Read until `stop` is called."""
        begun = time.monotonic()
        while not self._over.wait(1.0):
            children = max((resident(pid) for pid in children_of(os.getpid())), default=0.0)
            self.seen.append((time.monotonic() - begun, resident(os.getpid()), children))
            if len(self.seen) % 60 == 0:
                print("{:7.0f} s  driver {:5.0f} MiB  worker {:5.0f} MiB".format(*self.seen[-1]), flush=True)

    def stop(self) -> None:
        """End the reading."""
        self._over.set()
        self.join()


def children_of(pid: int) -> Iterator[int]:
    """Yield the processes that a process has started."""
    for task in os.listdir(f"/proc/{pid}/task"):
        text = Path(f"/proc/{pid}/task/{task}/children").read_text()
        yield from (int(child) for child in text.split())


def resident(pid: int) -> float:
    """Resident memory of a process in MiB, 0 once it has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) / _PAGES_PER_MIB
    except (OSError, IndexError):
        return 0.0


def measure(video: Path, extractors: list[str], folder: Path) -> None:
    """Run one worker over a video and print the memory it took."""
    memory = Memory()
    memory.start()
    begun = time.monotonic()
    rows: list[int] = []
    table = vf.extract_many(
        [video],
        extractors,
        isolate=True,
        store=folder / "long.sqlite",
        on_rows=lambda frames: rows.append(len(frames)),
    )
    memory.stop()
    row = table.iloc[0]
    print(f"{row['status']}, {row['frames_decoded']} frames, rows {rows}, {time.monotonic() - begun:.0f} s")
    tenths = [memory.seen[len(memory.seen) * k // 10] for k in range(1, 10)] + [memory.seen[-1]]
    for tenth in tenths:
        print("{:7.0f} s  driver {:5.0f} MiB  worker {:5.0f} MiB".format(*tenth))
    driver, worker = (max(seen[k] for seen in memory.seen) for k in (1, 2))
    print(f"largest: driver {driver:.0f} MiB, worker {worker:.0f} MiB; allowed {MOST_MIB}")
    assert row["status"] == "ok"
    assert max(driver, worker) < MOST_MIB


def compare(video: Path, extractors: list[str]) -> None:
    """Print the seconds that one worker and two take, without those for starting them."""
    vf.extract_many([video], extractors, duration_s=1, jobs=2)  # kernels are compiled
    found: list[pd.DataFrame] = []
    walls: list[float] = []
    for jobs in (1, 2):
        ended: list[Event] = []
        begun, cpu = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        run_extraction(
            [video],
            Extraction.of(extractors),
            workers=Workers(jobs, isolate=True),
            reporting=Reporting(on_rows=found.append, on_event=ended.append),
        )
        walls.append(time.monotonic() - begun)
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = spent.ru_utime + spent.ru_stime - cpu.ru_utime - cpu.ru_stime
        parts = sum(event.kind == "end" for event in ended)
        print(
            f"{jobs} worker(s): {walls[-1]:.1f} s on the wall, {used:.1f} s of CPU, {parts} part(s)",
            flush=True,
        )
    pd.testing.assert_frame_equal(*found, check_exact=True)
    print(f"{walls[0] / walls[1]:.2f} times as fast, every row equal to the bit")


if __name__ == "__main__":
    main()
