"""CPU seconds of the classical video extractors for one clip, on one core.

    python -m benchmarks.handcrafted [--extractors videval,rapique-nss,tlvqm] [--video FILE]

Decoding is included. The clip is the 960 x 540, eight-second one of the shared reference folder whose
VIDEVAL took MATLAB 62 s, or a bundled demo clip where that folder is absent. A first, short run
pays for compilation; CPU time is counted, which a busy machine inflates by contention.
"""

from __future__ import annotations

import argparse
import time
from importlib.resources import files

import cv2

import vqa_features as vf

from .speed import SHARED


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--extractors", default="videval,rapique-nss,tlvqm")
    parser.add_argument("--video", default=str(default_clip()))
    options = parser.parse_args()
    cv2.setNumThreads(1)
    for name in options.extractors.split(","):
        vf.extract(options.video, name, frames=12)
        cpu, wall = time.process_time(), time.perf_counter()
        vf.extract(options.video, name)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        print(f"{name:14}{cpu:7.1f} s CPU {wall:7.1f} s")


def default_clip() -> object:
    clip = SHARED / "clips/konvid-1k/5115335471.mp4"
    return clip if clip.exists() else files("vqa_features.resources.demo") / "bikes_square.mp4"


if __name__ == "__main__":
    main()
