"""How far one store goes: rows saved, read and joined per second, bytes per row, and the time of each upkeep.

``python -m benchmarks.store_limits --rows 10000,100000`` fills stores with made-up results: pooled 36
columns (a handcrafted method), pooled 2048 columns (an embedding), and 36 columns for each of 300 frames.
Results are saved as a run saves them, one transaction each; lookups are of random videos; ``merge`` joins
two halves. Times are those of the processor, so that other work on the machine changes them little.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from vqa_features.batch.result_key import ResultKey
from vqa_features.batch.store import Store
from vqa_features.batch.store_gc import clean_store
from vqa_features.batch.store_info import store_info
from vqa_features.batch.store_merge import merge_stores
from vqa_features.batch.store_verify import verify_store
from vqa_features.specs import VideoInfo
from vqa_features.video_task import Rows, VideoResult

KEY = ResultKey('{"decoding": 0, "extractor": {"name": "made-up", "version": 1}}')
INFO = VideoInfo("/videos/clip.mp4", 1920, 1080, 25.0, 300, 12.0, "h264", "yuv420p")
FRAMES = 300
LOOKUPS = 2000
#: Columns of a result, and whether it is the rows of frames, by kind.
KINDS = {"pooled 36": (36, False), "pooled 2048": (2048, False), f"{FRAMES} frames x 36": (36, True)}


def video(number: int) -> str:
    """Return the hash of a made-up video: hashes come in no order."""
    return f"{random.Random(number).getrandbits(256):064x}"


def fill(path: Path, first: int, last: int, width: int, per_frame: bool) -> None:
    """Save results as the driver of a run does, one transaction each."""
    rng = np.random.default_rng(first)
    frames = np.arange(FRAMES)
    smooth = np.cumsum(rng.normal(size=(FRAMES, width)), axis=0)
    with Store(path) as store:
        for number in range(first, last):
            seconds = {"decode": 0.5, "made-up": 0.25}
            result = VideoResult("a", "a.mp4", "ok", "", (), 300, 300, INFO, {}, seconds)
            if per_frame:
                result.rows["made-up"] = Rows(frames / 25, frames, smooth + number)
                store.save(video(number), KEY, result, "made-up")
            else:
                values = rng.normal(size=width)
                store.save(video(number), KEY, result, "made-up", pools=("mean",), pooled=values)


def look(path: Path, count: int, width: int, per_frame: bool) -> None:
    """Read the results of random videos."""
    pools = None if per_frame else ("mean",)
    chance = random.Random(0)
    with Store(path, read_only=True) as store:
        for _ in range(LOOKUPS):
            found = store.load(video(chance.randrange(count)), KEY, pools, widths=(width, width))
            assert found is not None


def timed(work: Callable[[], object]) -> float:
    """Return the seconds of CPU time, of user and system, that some work takes."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def measure(kind: str, count: int, folder: Path) -> None:
    """Print one line for one kind of results."""
    width, per_frame = KINDS[kind]
    halves = [folder / f"{kind}-{half}.sqlite" for half in range(2)]
    bounds = (0, count // 2, count)
    save_s = sum(
        timed(lambda half=half: fill(halves[half], bounds[half], bounds[half + 1], width, per_frame))
        for half in range(2)
    )
    joined = folder / f"{kind}.sqlite"
    merge_s = timed(lambda: merge_stores(str(joined), [*map(str, halves)]))
    size = joined.stat().st_size
    for half in halves:
        half.unlink()
    look_s = timed(lambda: look(joined, count, width, per_frame))
    info_s = timed(lambda: store_info(str(joined)))
    verify_s = timed(lambda: verify_store(str(joined)))
    gc_s = timed(lambda: clean_store(str(joined)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"| {kind} | {count} | {count / save_s:.0f} | {size / count:.0f} | {size / 2**20:.0f} | "
        f"{LOOKUPS / look_s:.0f} | {count / merge_s:.0f} | {info_s:.1f} | {verify_s:.1f} | {gc_s:.1f} | "
        f"{peak:.0f} |",
        flush=True,
    )
    joined.unlink()


def main() -> int:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default="10000,100000")
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument(
        "--folder", type=Path, help="where the stores are made, by default a temporary folder"
    )
    given = parser.parse_args()
    columns = "results,rows,saved/s,bytes/row,MiB,read/s,merged/s,info s,verify s,gc s,peak MiB".split(",")
    print("|", " | ".join(columns), "|")
    print("|", " | ".join("---" for _ in columns), "|")
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        for count in map(int, given.rows.split(",")):
            for kind in given.kinds.split(","):
                measure(kind, count, Path(name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
