"""Drift of every extractor that needs no download, under changes of real clips, into docs/stability.md.

    python -m benchmarks.stability [--frames 40] [--clips FOLDER] [--extractors A,B] [-o drift.csv] [--print]

The first frames of each clip are read from the file as it is, and changed: encoded again without loss, copied
into another container, decoded by more threads, scaled, cropped, begun one frame later. Methods that take a
second for a frame see few frames. `-o` writes the drift of every column; the page has a row per extractor.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import pandas as pd

from vqa_features.extractor import Extractor
from vqa_features.registry import make, registry

from ..measures import SHARED
from ..measures.page import put
from . import page
from .drift import drift_of, moved
from .features import features
from .own_measures import clips
from .versions import Change, changes

FRAMES = 40
#: Methods that take half a second or more for a frame, and how many frames they see.
SLOW, FEW = ("friquee", "il-niqe"), 2
TEMPLATE = SHARED / "reference/handcrafted/models/ilniqe_templateModel.mat"
#: Networks whose weights come with the package, and one with random weights as a stand-in of its kind.
NETWORKS = ("efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2", "transnetv2", "r3d-18@random")


def every_extractor() -> list[Extractor]:
    """Return the extractors that run without a download: IL-NIQE only where its template is."""
    names = [name for name, one in registry().items() if one.family == "handcrafted" and name != "il-niqe"]
    made = [make(name) for name in (*names, *NETWORKS)]
    if TEMPLATE.is_file():
        made.append(registry()["il-niqe"](weights=str(TEMPLATE)))  # type: ignore[call-arg]
    return made


def rows(path: Path, change: Change, extractors: Sequence[Extractor], frames: int) -> pd.Series[float]:
    """Return the features of one file, read as a change says."""
    parts = []
    for slow, sampled in ((False, None), (True, FEW)):
        chosen = [one for one in extractors if (one.name in SLOW) == slow]
        if chosen:
            parts.append(
                features(
                    path,
                    chosen,
                    frames,
                    sampled=sampled,
                    decoder_threads=change.decoder_threads,
                    threads=change.threads,
                )
            )
    return pd.concat(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--frames", type=int, default=FRAMES)
    parser.add_argument("--clips", type=Path, default=SHARED / "clips/konvid-1k")
    parser.add_argument("--extractors", help="all that need no download by default")
    parser.add_argument("-o", type=Path, help="write the drift of every column as CSV")
    parser.add_argument("--print", action="store_true", help="print the tables and leave the page as it is")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    extractors = every_extractor()
    if options.extractors:
        extractors = [one for one in extractors if one.name in options.extractors.split(",")]
    plain: list[pd.Series[float]] = []
    listed = changes(options.frames)
    changed: dict[str, list[pd.Series[float]]] = {change.name: [] for change in listed}
    start = time.process_time()
    for clip in clips(options.clips):
        plain.append(rows(clip, Change("none", True), extractors, options.frames))
        for change in listed:
            with tempfile.TemporaryDirectory() as folder:
                path = clip if change.make is None else change.make(clip, Path(folder))
                changed[change.name].append(rows(path, change, extractors, options.frames))
        print(f"{clip.name}: {time.process_time() - start:.0f} s CPU so far", file=sys.stderr, flush=True)
    drifts = pd.DataFrame({name: drift_of(plain, found, extractors) for name, found in changed.items()})
    differing = {name: moved(plain, found) for name, found in changed.items()}
    if options.o:
        drifts.rename(page.shown).to_csv(options.o, index_label="column")
    for name, text in page.tables(drifts, differing, listed).items():
        if options.print:
            print(f"\n{text}\n")
        else:
            put(page.PAGE, name, text, "stability")


if __name__ == "__main__":
    main()
