"""CPU milliseconds per frame of the classical methods on one real clip, in one thread, beside decoding it.

    python -m benchmarks.handcrafted [--extractors videval tlvqm brisque,niqe] [--video FILE] [--seconds 1 5]

Each argument of `--extractors` is one pass; names joined by commas share it. By default every classical
method runs alone, then the sets that docs/performance.md names. The clip is the 960 x 540 one of the shared
reference folder whose VIDEVAL took MATLAB 62 s, or a bundled demo clip where that folder is absent. RGB and
other views are counted, decoding is not: it is measured by itself, with the ratio to it beside each figure.
The time of a frame is the slope between a short and a long part of the clip. What a run costs once, opening
the file among it, stands in the last column. The least of three runs counts, after a short one that compiles.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path

import cv2

from vqa_features.extraction.task import run_task
from vqa_features.registry import list_extractors, make_all
from vqa_features.specs import Sampling
from vqa_features.video import Video
from vqa_features.video_task import VideoTask

from .speed import SHARED

RUNS = 3
#: Its parameters have no licence that lets them come with the package.
WITHOUT_PARAMETERS = "il-niqe"
#: Methods that take seconds for a frame, and the two lengths that they are given.
SLOW = {"friquee": (0.1, 0.3)}
TOGETHER = (
    "higrade-1,higrade-2",
    "brisque,niqe,gm-log,higrade-1,higrade-2,videval,tlvqm,rapique-nss",
    "brisque,niqe,siti,colorfulness,temporal-nss",
    "brisque,niqe,siti,colorfulness,temporal-nss,flow",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--extractors", nargs="+", default=[*_alone(), *TOGETHER])
    parser.add_argument("--video", type=Path, default=default_clip())
    parser.add_argument("--seconds", nargs=2, type=float, default=(1.0, 5.0), metavar=("SHORT", "LONG"))
    options = parser.parse_args()
    cv2.setNumThreads(1)
    decoding, opening = _line(lambda seconds: _decoding(options.video, seconds), options.seconds)
    print(f"{'decoding':70}{decoding:8.2f} ms          {opening:8.1f} ms once")
    for names in options.extractors:
        lengths = SLOW.get(names, options.seconds)
        _pass(options.video, names, lengths[0])
        whole, once = _line(lambda seconds, names=names: _pass(options.video, names, seconds), lengths)
        found = max(whole - decoding, 0.0)
        print(f"{names:70}{found:8.2f} ms {found / decoding:7.2f} x{once - opening:8.1f} ms once", flush=True)


def _alone() -> list[str]:
    names = list_extractors("handcrafted").index
    return [name for name in names if name != WITHOUT_PARAMETERS]


def _line(run: Callable[[float], tuple[float, int]], lengths: Sequence[float]) -> tuple[float, float]:
    """Return CPU ms per frame and CPU ms once: the line through a short and a long part of the video."""
    short, long = ([run(seconds) for _ in range(RUNS)] for seconds in lengths)
    (least, few), (most, many) = min(short), min(long)
    slope = (most - least) / (many - few)
    return slope, least - slope * few


def _decoding(clip: Path, seconds: float) -> tuple[float, int]:
    start, count = time.process_time(), 0
    with Video(clip, sampling=Sampling(duration_s=seconds)) as video:
        for _ in video:
            count += 1
    return 1000 * (time.process_time() - start), count


def _pass(clip: Path, names: str, seconds: float) -> tuple[float, int]:
    task = VideoTask("clip", str(clip), tuple(make_all(names)), Sampling(duration_s=seconds))
    start = time.process_time()
    done = run_task(task)
    return 1000 * (time.process_time() - start), done.frames_decoded


def default_clip() -> Path:
    clip = SHARED / "clips/konvid-1k/5115335471.mp4"
    bundled = files("vqa_features.resources.demo") / "bikes_square.mp4"
    return clip if clip.exists() else Path(str(bundled))


if __name__ == "__main__":
    main()
