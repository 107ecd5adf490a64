"""CPU milliseconds per frame of the cheap extractors, beside decoding the same frames.

    python -m benchmarks.speed [--extractors brisque,niqe,siti] [--sizes 540p,1080p,2160p] [--frames 60]
    python -m benchmarks.speed --peers [--sizes 540p,1080p,2160p] [--frames 12] [--json FILE]

540p is the nine KoNViD-1k clips of the shared reference folder, or the bundled demo clips where that
is absent; 1080p and 2160p are Big Buck Bunny, scaled up and encoded once (x264, CRF 18) into a
temporary folder. Everything runs in one thread and one process, clip by clip, and is counted in CPU
time, so that ratios hold on a busy machine; a first untimed frame pays for compilation.

With `--peers` other programs run in turn with ours on the same frames (`make peers` installs them); at 540p
on the first clip alone. The table has medians of five rounds.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from fractions import Fraction
from importlib.resources import files
from pathlib import Path

import av
import cv2
import numpy as np

from vqa_features.extraction.allocator import keep_freed_pages
from vqa_features.extractor import Extractor
from vqa_features.registry import make_all
from vqa_features.specs import VideoInfo

from . import peers, record
from .held_frames import decoded, feed_seconds, pictures

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("VQA_FEATURES_SHARED", ROOT.parent / "shared"))
HEIGHTS = {"540p": None, "1080p": 1080, "2160p": 2160}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--extractors", default="brisque,niqe,siti,temporal-nss,colorfulness")
    parser.add_argument("--sizes", default="540p,1080p")
    parser.add_argument("--frames", type=int, default=60, help="frames of each clip")
    parser.add_argument("--peers", action="store_true", help="beside other programs")
    parser.add_argument("--json", type=Path, help="file for the figures of --peers")
    options = parser.parse_args()
    if options.peers:
        beside_peers(options.sizes.split(","), options.frames, options.json)
        return
    cv2.setNumThreads(1)
    keep_freed_pages()  # as the engine does
    extractors = make_all(options.extractors)
    print(f"{'input':8}{'clips':>6}{'decode':>9}", *(f"{e.label:>22}" for e in extractors))
    with tempfile.TemporaryDirectory() as folder:
        for size in options.sizes.split(","):
            clips = clips_of(HEIGHTS[size], Path(folder))
            table = np.array([milliseconds(clip, extractors, options.frames) for clip in clips])
            decode, *others = table.mean(axis=0)
            ratios = (table[:, 1:] / table[:, :1]).mean(axis=0)
            cells = (f"{ms:9.2f} ms = {r:4.2f} x" for ms, r in zip(others, ratios, strict=True))
            print(f"{size:8}{len(clips):6}{decode:6.2f} ms", *(f"{cell:>22}" for cell in cells))


def beside_peers(sizes: list[str], n_frames: int, file: Path | None) -> None:
    """Print the table of `peers`, and write it as JSON."""
    peers.run_one_thread()
    rows = []
    print(record.sentence(), peers.HEADER, sep="\n\n")
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            clip = clips_of(HEIGHTS[size], Path(folder))[0]
            rows += peers.compare(size, clip, pictures(clip, n_frames))
            print(*(row.line() for row in rows if row.size == size), sep="\n", flush=True)
    if file is not None:
        record.write(file, {"comparisons": peers.as_json(rows)})


def milliseconds(clip: Path, extractors: list[Extractor], n_frames: int) -> list[float]:
    """CPU milliseconds per frame of decoding `clip` (plain PyAV), then of each extractor."""
    decoding = min(_decode_seconds(clip, n_frames) for _ in range(3))
    kept = pictures(clip, n_frames)
    height, width = kept[0].luma_plane().shape
    info = VideoInfo(str(clip), width, height, 25.0, len(kept), len(kept) / 25)
    seconds = [decoding]
    for extractor in extractors:
        feed_seconds(extractor, info, kept[:2])
        seconds.append(min(feed_seconds(extractor, info, kept)[0] for _ in range(3)))
    return [1000 * s / len(kept) for s in seconds]


def _decode_seconds(clip: Path, n_frames: int) -> float:
    start = time.process_time()
    for _ in decoded(clip, n_frames):
        pass
    return time.process_time() - start


def clips_of(height: int | None, folder: Path) -> list[Path]:
    """Clips to measure on: as they are, or one scaled up to `height` lines and encoded into `folder`."""
    demo = Path(str(files("vqa_features.resources").joinpath("demo")))
    if height is None:
        shared = sorted((SHARED / "clips/konvid-1k").glob("*.mp4"))
        return shared or sorted(demo.glob("*.mp4"))
    shared_bunny = SHARED / "clips/formats/bigbuckbunny.mp4"
    source = shared_bunny if shared_bunny.is_file() else demo / "bunny_tree.mp4"
    target = folder / f"{height}.mp4"
    width = round(height * 16 / 9)
    with av.open(str(target), "w") as output:
        stream = output.add_stream("libx264", rate=25, options={"crf": "18"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number, frame in enumerate(decoded(source, 60)):
            scaled = frame.reformat(width, height, "yuv420p", interpolation="BICUBIC")
            scaled.pts, scaled.time_base = number, Fraction(1, 25)
            output.mux(stream.encode(scaled))
        output.mux(stream.encode())
    return [target]


if __name__ == "__main__":
    main()
