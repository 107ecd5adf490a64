"""Decode thousands of damaged copies of real clips and count the statuses.

``python -m benchmarks.mutations CLIP... --count 10000`` flips bits, cuts, blanks and repeats parts of
the clips, decodes each result in a worker, and prints how many ended in which status, whether the
pictures were those of the clip, and the largest memory of a worker. Every mutation must have an
outcome and the driver must survive.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import re
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from vqa_features.batch.options import Workers
from vqa_features.batch.runner import run_many
from vqa_features.errors import DecodeError
from vqa_features.video import Video
from vqa_features.video_task import VideoResult, VideoTask


def mutate(data: bytes, seed: int) -> bytes:
    """Return `data` damaged in the way `seed` picks."""
    chance = random.Random(seed)
    damaged = bytearray(data)
    kind = chance.choice(["flip", "flip", "head", "cut", "blank", "repeat", "drop"])
    if kind in ("flip", "head"):
        end = min(len(damaged), 4096) if kind == "head" else len(damaged)
        for _ in range(chance.choice([1, 3, 10, 100])):
            damaged[chance.randrange(end)] ^= 1 << chance.randrange(8)
        return bytes(damaged)
    start = chance.randrange(len(damaged))
    length = chance.randrange(1, max(2, len(damaged) // 4))
    part = damaged[start : start + length]
    if kind == "cut":
        return bytes(damaged[: max(1, start)])
    if kind == "blank":
        part = bytearray(len(part))
    elif kind == "repeat":
        part = part + part
    else:
        part = bytearray()
    return bytes(damaged[:start] + part + damaged[start + length :])


def work(task: VideoTask) -> VideoResult:
    """Decode one mutation; the id is ``<clip>:<seed>``, seed -1 is the clip itself."""
    seed = int(task.id.rpartition(":")[2])
    data = Path(task.path).read_bytes()
    with tempfile.NamedTemporaryFile(suffix=Path(task.path).suffix) as file:
        file.write(data if seed < 0 else mutate(data, seed))
        file.flush()
        digest = hashlib.sha256()
        try:
            with Video(file.name) as video:
                for frame in video:
                    digest.update(np.ascontiguousarray(frame.view("luma")))
                outcome = video.outcome
        except DecodeError as error:
            return VideoResult(task.id, digest.hexdigest(), f"failed({error.kind})", frames_decoded=_memory())
    return VideoResult(task.id, digest.hexdigest(), outcome.status, outcome.error, frames_decoded=_memory())


def _memory() -> int:
    """Most memory this process ever held, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> int:
    """Read the arguments, run, print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", nargs="+", type=Path)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    tasks = [VideoTask(f"{clip}:-1", str(clip), ()) for clip in given.clips]
    for seed in range(given.count):
        clip = given.clips[seed % len(given.clips)]
        tasks.append(VideoTask(f"{clip}:{seed}", str(clip), ()))
    results: dict[str, VideoResult] = {}
    start = time.monotonic()
    run_many(
        tasks,
        work,
        on_result=lambda result: results.update({result.id: result}),
        workers=Workers(given.jobs, deadline_s=60, max_memory_mb=1024),
    )
    seconds = time.monotonic() - start
    whole = {str(clip): results[f"{clip}:-1"].path for clip in given.clips}
    counts: Counter[str] = Counter()
    for name, result in results.items():
        if not name.endswith(":-1"):
            same = result.path == whole[name.rpartition(":")[0]]
            counts[re.sub(r"\d+", "N", result.status) + (" same pictures" if same else "")] += 1
    for status, count in counts.most_common():
        print(f"{count:6d}  {status}")
    unreported = len(tasks) - len(results)
    memory = max(result.frames_decoded for result in results.values()) / 1024
    print(
        f"{given.count} mutations in {seconds:.0f} s, {unreported} without an outcome, "
        f"most memory of a worker {memory:.0f} MiB"
    )
    return 1 if unreported else 0


if __name__ == "__main__":
    sys.exit(main())
