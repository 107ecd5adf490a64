"""CPU time, page faults and peak memory of the classical methods, with and without freed pages kept.

    python -m benchmarks.freed_pages [--extractors NAMES] [--frames 24] [--threads 1] [--video FILE]

glibc gives an array of megabytes back to the kernel when it is freed, and the next one is cleared page by
page. `vqa_features/extraction/allocator.py` keeps up to 256 MiB of freed pages. Each figure comes from a
process of its own, because the setting cannot be taken back: a first run compiles, the second is counted. The
clip is the 960 x 540 one of `benchmarks.handcrafted`. Page faults do not depend on how busy the machine is.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time

from vqa_features.extraction import task as work
from vqa_features.registry import make_all, registry
from vqa_features.specs import Sampling
from vqa_features.video_task import VideoTask

from .handcrafted import default_clip

#: IL-NIQE's weights do not come with the package.
LEFT_OUT = ("il-niqe",)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    names = [name for name, one in registry().items() if one.family == "handcrafted"]
    parser.add_argument("--extractors", default=",".join(sorted({*names} - {*LEFT_OUT})))
    parser.add_argument("--frames", type=int, default=24, help="sampled frames, a tenth of them for friquee")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--video", default=str(default_clip()))
    parser.add_argument("--one", choices=("kept", "given back"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measured(options)))
        return
    print(f"{'':16}{'CPU ms per frame':>24}{'faults per frame':>24}{'peak MiB':>20}")
    print(f"{'':16}" + f"{'given back':>14}{'kept':>10}" * 2 + f"{'given back':>12}{'kept':>8}")
    for name in options.extractors.split(","):
        given, kept = (of_process(name, options, way) for way in ("given back", "kept"))
        print(
            f"{name:16}{given[0]:14.1f}{kept[0]:10.1f}{given[1]:14.0f}{kept[1]:10.0f}"
            f"{given[2]:12.0f}{kept[2]:8.0f}",
            flush=True,
        )


def of_process(name: str, options: argparse.Namespace, way: str) -> list[float]:
    """Return what `measured` gives in a process of its own."""
    frames = max(2, options.frames // 10) if name == "friquee" else options.frames
    asked = ["--extractors", name, "--frames", str(frames), "--threads", str(options.threads)]
    command = [sys.executable, "-m", "benchmarks.freed_pages", *asked, "--video", options.video, "--one", way]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def measured(options: argparse.Namespace) -> list[float]:
    """Return CPU milliseconds and page faults per decoded frame, and the peak of resident memory in MiB."""
    if options.one != "kept":
        work.keep_freed_pages = lambda: False
    extractors = tuple(make_all(options.extractors))
    rate = 30.0
    for _ in range(2):
        faults, cpu = resource.getrusage(resource.RUSAGE_SELF).ru_minflt, time.process_time()
        sampling = Sampling(duration_s=options.frames / rate)
        task = VideoTask("one", options.video, extractors, sampling, threads=options.threads)
        frames = work.run_task(task, alone=False).frames_decoded
        cpu = time.process_time() - cpu
        after = resource.getrusage(resource.RUSAGE_SELF)
    return [1000 * cpu / frames, (after.ru_minflt - faults) / frames, after.ru_maxrss / 1024]


if __name__ == "__main__":
    main()
