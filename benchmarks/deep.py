"""Seconds per clip of deep networks, and the share of decoding in an extraction.

    python -m benchmarks.deep [--extractors r3d-18,video-swin-t] [--precision fp32,bf16] [--video FILE]

Weights are random: they cost what trained ones cost. Each network sees `--clips` clips (one crop) of its
own recipe. ``network`` is the time of one forward pass of `--batch` clips, ``extract`` the whole
extraction from the video, decoding included, and ``decode`` the part of it spent waiting for frames.
With a GPU the networks run there; `--threads` limits the CPU's.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import time
from importlib.resources import files

import numpy as np

from vqa_features.extraction.task import run_task
from vqa_features.extractors.deep._base import DeepExtractor
from vqa_features.extractors.deep._session import run
from vqa_features.registry import make
from vqa_features.specs import Sampling
from vqa_features.video_task import VideoTask

DEFAULT = (
    "efficientnet-lite0,resnet-50,transnetv2,r3d-18,video-swin-t,uniformer-s,uniformerv2-b,internvideo2-s"
)


def main() -> None:
    import torch

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--extractors", default=DEFAULT)
    parser.add_argument("--precision", default="fp32")
    parser.add_argument("--video", default=str(files("vqa_features.resources.demo") / "bikes_square.mp4"))
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=1, help="clips in one forward pass")
    parser.add_argument("--clips", type=int, default=1, help="clips of the extraction")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    widths = {
        "extractor": 24,
        "precision": 10,
        "parameters": 12,
        "network s": 11,
        "clips/s": 9,
        "extract s": 11,
    }
    print("".join(f"{title:>{width}}" for title, width in widths.items()), f"{'decode':>7}")
    for name in options.extractors.split(","):
        for precision in options.precision.split(","):
            print(
                row(one_crop(name, precision, options.clips, options.batch), options.video, options.repeat),
                flush=True,
            )


def one_crop(name: str, precision: str, clips: int, batch: int) -> DeepExtractor:
    """The extractor with random weights and one crop of every clip."""
    extractor = make(f"{name}@random")
    assert isinstance(extractor, DeepExtractor), f"{name} is no deep extractor with a recipe of its own"
    return dataclasses.replace(extractor, clips=clips, crops=1, precision=precision, batch=batch)


def row(extractor: DeepExtractor, video: str, repeat: int) -> str:
    """One line of the table."""
    network = extractor.load()
    span = extractor.windows(240, 30.0).shape[1]
    frame = np.zeros((540, 960, 3), np.uint8)
    clip = np.repeat(extractor.preprocess(frame)[:, :, None], span, axis=2)
    clip = np.repeat(clip, extractor.batch, axis=0)
    forward = fastest(lambda: run(network, clip, {}), repeat)
    task = VideoTask(video, video, (extractor,), Sampling(), "y", None, 1)
    start = time.perf_counter()
    result = run_task(task)
    whole = time.perf_counter() - start
    clips = len(result.rows[extractor.label].values)
    millions = sum(parameter.numel() for parameter in network.parameters()) / 1e6
    share = result.seconds["decode"] / whole
    rate = extractor.batch / forward
    return (
        f"{extractor.name:>24}{extractor.precision:>10}{millions:10.1f} M{forward:11.3f}{rate:9.2f}"
        f"{whole:11.2f}{share:8.0%}" + (f"  ({clips} rows)" if clips > 1 else "")
    )


def fastest(work: object, repeat: int) -> float:
    """Wall seconds of the fastest of `repeat` calls, after one that is not counted."""
    assert callable(work)
    work()
    seconds = []
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
