"""Seconds of the first call of `vqa-features extract` with no compiled kernels, and of the second.

    python -m benchmarks.first_call [--extractors handcrafted] [--frames 2] [--repeats 1] [--video FILE]
                                   [--json FILE]

Both calls run on the same few frames of one clip (KoNViD-1k of the shared reference folder, else a bundled
demo clip), with cache folders of their own that are empty before the first call. Their difference is what
compiling costs. Told are seconds on the wall and of CPU, all processes of a call together, and the best of
the repeats. `vqa-features list` is measured beside them: it imports none of the heavy libraries. The figures
are written to the file of `--json`.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from importlib.resources import files
from pathlib import Path

from . import record

SHARED = Path(os.environ.get("VQA_FEATURES_SHARED", record.ROOT.parent / "shared"))
#: Seconds wanted for the first call of all classical methods on two cores, and for `list`.
WANTED = {"first": 10.0, "list": 0.25}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--extractors", default="handcrafted")
    parser.add_argument("--frames", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--video", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    video = options.video or clip()
    extract = ["extract", str(video), "-e", options.extractors, "--frames", str(options.frames)]
    found: dict[str, list[tuple[float, float]]] = {"first": [], "second": [], "list": []}
    for _ in range(options.repeats):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("first", "second"):
                found[name].append(measured([*extract, "-o", f"{folder}/{name}.csv"], folder))
            found["list"].append(measured(["list"], folder))
    best = {name: [min(one) for one in zip(*pairs, strict=True)] for name, pairs in found.items()}
    for name, (wall_s, cpu_s) in best.items():
        wanted = f", wanted {WANTED[name]:g}" if name in WANTED else ""
        print(f"{name:7} {wall_s:6.2f} s on the wall{wanted}; {cpu_s:6.2f} s of CPU")
    print(record.sentence())
    if options.json is not None:
        settings = {"extractors": options.extractors, "frames": options.frames, "video": video.name}
        record.write(options.json, {"settings": settings, "wall_and_cpu_s": best})


def measured(arguments: list[str], folder: str) -> tuple[float, float]:
    """Return seconds on the wall and of CPU of a command that caches in a folder."""
    code = Path(folder, "code")
    code.mkdir(mode=0o700, exist_ok=True)
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(code), "VQA_FEATURES_CACHE": f"{folder}/cache"}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "vqa_features", *arguments], env=environment, capture_output=True, text=True
    )
    wall_s, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(done.stderr)
    return wall_s, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def clip() -> Path:
    """Return a clip of the shared folder, else a bundled one."""
    found = sorted((SHARED / "clips/konvid-1k").glob("*.mp4"))
    return found[0] if found else Path(str(files("vqa_features.resources") / "demo/bikes_square.mp4"))


if __name__ == "__main__":
    main()
