"""Our classical features beside other programs, on the same frames, one thread, one run."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Extractor
from vqa_features.picture import ArrayPicture
from vqa_features.registry import make
from vqa_features.specs import VideoInfo

from .held_frames import feed_seconds
from .peer_programs import PROGRAMS, Compute, Program

ROUNDS = 5
#: CPU seconds of one program in one round, at least one frame.
ROUND_S = 1.0


@dataclass(frozen=True)
class Comparison:
    """One program beside ours at one size.

    Attributes
    ----------
    size, extractor, program : str
        What was compared.
    ours_ms, theirs_ms : float
        Medians over the rounds of the CPU milliseconds per frame.
    ratio, ratio_low, ratio_high : float
        Theirs over ours: median, smallest and largest of the rounds.
    median_difference, largest_difference : float
        Of the values, relative to the larger of the two; nan where they measure something else.
    frames : int
        Compared.
    problem : str
        Why it was not measured.
    """

    size: str
    extractor: str
    program: str
    ours_ms: float = np.nan
    theirs_ms: float = np.nan
    ratio: float = np.nan
    ratio_low: float = np.nan
    ratio_high: float = np.nan
    median_difference: float = np.nan
    largest_difference: float = np.nan
    frames: int = 0
    problem: str = ""

    def line(self) -> str:
        """Row of a Markdown table."""
        start = f"| {self.size} | {self.extractor} | {self.program} |"
        if self.problem:
            return f"{start} {self.problem} | | | |"
        values = "another measure"
        if not np.isnan(self.median_difference):
            values = f"{self.median_difference:.1e}, {self.largest_difference:.1e}"
        return (
            f"{start} {self.ours_ms:.2f} | {self.theirs_ms:.2f} | "
            f"{self.ratio:.1f} ({self.ratio_low:.1f} to {self.ratio_high:.1f}) | {values} |"
        )


HEADER = """| size | ours | program | ours, ms | theirs, ms | ratio (spread) | differences: median, largest |
|---|---|---|---|---|---|---|"""


def run_one_thread() -> None:
    """Let OpenCV and torch use one thread."""
    import cv2

    cv2.setNumThreads(1)
    try:
        import torch
    except ImportError:
        return
    torch.set_num_threads(1)


def compare(size: str, clip: Path, pictures: Sequence[ArrayPicture]) -> list[Comparison]:
    """Return every program beside ours on the pictures of one clip."""
    found = []
    for name in dict.fromkeys(program.extractor for program in PROGRAMS):
        found += _group(size, clip, pictures, name)
    return found


def _group(size: str, clip: Path, pictures: Sequence[ArrayPicture], name: str) -> list[Comparison]:
    ours = _Ours(make(name), clip, pictures)
    triples = [(now.luma_plane(), before.luma_plane(), now.rgb()) for before, now in pairwise(pictures)]
    found, running = [], []
    for program in (program for program in PROGRAMS if program.extractor == name):
        try:
            compute = program.ready()
            inputs = [program.given(*triple) for triple in triples]
            compute(inputs[0])
        except Exception as error:  # another's program: said in the table
            problem = f"not run: {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
            title = f"{program.package} {program.name}"
            found.append(Comparison(size, name, title, problem=problem))
            continue
        running.append(_Theirs(program, compute, inputs))
    for _ in range(ROUNDS):
        ours.round()
        for one in running:
            one.round()
    return [_row(size, ours, one) for one in running] + found


class _Ours:
    """Our extractor on the frames of a clip, after one pass that compiles."""

    def __init__(self, extractor: Extractor, clip: Path, pictures: Sequence[ArrayPicture]) -> None:
        height, width = pictures[0].luma_plane().shape
        self.extractor = extractor
        self.info = VideoInfo(str(clip), width, height, 25.0, len(pictures), len(pictures) / 25)
        self.pictures = pictures
        self.values = feed_seconds(extractor, self.info, pictures)[1]
        self.ms: list[float] = []

    def round(self) -> None:
        n_passes, spent = 0, 0.0
        while n_passes == 0 or spent < ROUND_S / 4:
            spent += feed_seconds(self.extractor, self.info, self.pictures)[0]
            n_passes += 1
        self.ms.append(1000 * spent / (n_passes * len(self.pictures)))


class _Theirs:
    """A program on the same frames but the first, which has no frame before."""

    def __init__(self, program: Program, compute: Compute, inputs: Sequence[Any]) -> None:
        self.program = program
        self._compute = compute
        self._inputs = inputs
        self.values: dict[int, NDArray[np.float64]] = {}
        self.ms: list[float] = []

    def round(self) -> None:
        number, start, spent = 0, time.process_time(), 0.0
        while number == 0 or (spent < ROUND_S and number < len(self._inputs)):
            self.values[number] = np.asarray(self._compute(self._inputs[number]), np.float64)
            number += 1
            spent = time.process_time() - start
        self.ms.append(1000 * spent / number)


def _row(size: str, ours: _Ours, theirs: _Theirs) -> Comparison:
    ratios = np.array(theirs.ms) / np.array(ours.ms)
    median, largest = np.nan, np.nan
    columns = theirs.program.columns
    if columns is not None:
        numbers = sorted(theirs.values)
        mine = ours.values[[number + 1 for number in numbers]][:, columns]
        other = np.stack([theirs.values[number] for number in numbers])[:, : mine.shape[1]]
        scale = np.maximum(np.maximum(abs(mine), abs(other)), 1e-12)
        relative = abs(mine - other) / scale
        median, largest = float(np.nanmedian(relative)), float(np.nanmax(relative))
    return Comparison(
        size,
        ours.extractor.label,
        theirs.program.title,
        float(np.median(ours.ms)),
        float(np.median(theirs.ms)),
        float(np.median(ratios)),
        float(ratios.min()),
        float(ratios.max()),
        median,
        largest,
        len(theirs.values),
    )


def as_json(rows: Sequence[Comparison]) -> list[dict[str, Any]]:
    """Return the comparisons as JSON values."""
    return [
        {
            key: None if isinstance(value, float) and np.isnan(value) else value
            for key, value in asdict(row).items()
        }
        for row in rows
    ]
