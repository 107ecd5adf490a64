"""Compare sparse readings of generated files with decoding every picture.

``python -m benchmarks.sparse_differential`` makes the files of `decoding_files` and reads each twice under
every sampling of `SAMPLINGS` with each of `AROUND`: with every picture decoded, and sparsely, however little
that leaves out. Frames, their times and numbers, description and outcome must be equal, but for the pictures
that the sparse outcome names as left out. A damaged file may be better in the sparse reading, which does not
see the damage; that is counted apart. The exit code is 1 if anything else differs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import av

from vqa_features.errors import DecodeError
from vqa_features.specs import Sampling
from vqa_features.video import EVERY_PICTURE, Enough, Outcome, Surroundings, Video, sparse

from .decoding_files import Case, generate
from .decoding_reference import hash_luma

SAMPLINGS = (
    Sampling(frames=1),
    Sampling(frames=3),
    Sampling(every=37, offset=11),
    Sampling(fps=0.7),
    Sampling(fps=1, start_s=1.3),
    Sampling(frames=2, start_s=0.5, duration_s=2.9),
)
AROUND = (Surroundings(), Surroundings(1, 0), Surroundings(2, 3))
LEFT_OUT = "not decoded and not checked"

Read = tuple[list[tuple[Any, ...]], Any, Outcome]


def read(path: Path, sampling: Sampling, around: Surroundings, *, sparsely: bool) -> Read | str:
    """Return frames, description and outcome, or the kind of the error."""
    enough = Enough(before=around.before, after=around.after) if sparsely else None
    try:
        with Video(path, sampling=sampling) as video:
            frames = [
                (one.index, one.source, one.time_s, hash_luma(one.picture.luma_plane()))
                for one in video.frames(around, enough)
            ]
            return frames, replace(video.info, path=""), video.outcome
    except DecodeError as error:
        return error.kind


def verdict(case: Case, whole: Read | str, found: Read | str) -> str:
    """Return what a sparse reading is held against the whole."""
    if found == EVERY_PICTURE:
        return "given up"
    if isinstance(whole, str) or isinstance(found, str):
        return "not sparse" if whole == found else f"DIFFERENT: {whole} {found}"
    left_out = [text for text in found[2].warnings if "frames, which are not sampled" in text]
    if not left_out:
        same = repr(whole) == repr(found)
        return "not sparse" if same else f"DIFFERENT without a warning: {whole} {found}"
    own = tuple(text for text in whole[2].warnings if not text.startswith(LEFT_OUT))
    counted = replace(whole[2], warnings=(*own, *left_out), frames_decoded=found[2].frames_decoded)
    if (whole[:2], counted) == (found[:2], found[2]):
        return "equal"
    if not case.intact and whole[2].status != "ok" and found[2].status == "ok":
        return "damage that is not decoded"
    return f"DIFFERENT: {whole} {found}"


def main() -> int:
    """Run the comparison; return 1 if something differs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", help="part of the names of the cases")
    arguments = parser.parse_args()
    av.logging.set_level(None)
    sparse.LEAST_SHARE, sparse.LEAST_LEFT_OUT, sparse.LEAST_GAP = 0, 1, 1  # type: ignore[misc]
    counts, files = Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        for case in generate(Path(folder), lambda name: arguments.only in name):
            seen = set()
            for sampling in SAMPLINGS:
                for around in AROUND:
                    whole = read(case.path, sampling, around, sparsely=False)
                    told = verdict(case, whole, read(case.path, sampling, around, sparsely=True))
                    if told.startswith("DIFFERENT"):
                        print(f"{case.name} {sampling} {around}: {told}", flush=True)
                    seen.add(told.partition(":")[0])
                    counts[told.partition(":")[0]] += 1
            files.update(seen)
            if "given up" in seen:
                print(f"given up: {case.name}", flush=True)
    for told, count in counts.most_common():
        print(f"{count:5d} readings, {files[told]:4d} files: {told}")
    return 1 if any(told.startswith("DIFFERENT") for told in counts) else 0


if __name__ == "__main__":
    sys.exit(main())
