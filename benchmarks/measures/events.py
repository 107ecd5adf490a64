"""Events at known places in a real clip: what our columns say, and what FFmpeg's detectors say."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import analytic
import numpy as np
from filter_graphs import filtered
from numpy.typing import NDArray
from small_videos import FFV1, encode

import vqa_features as vf
from vqa_features.video import Video

from .programs import clips

FPS, FRAMES = 25, 40

Codes = NDArray[np.uint8]
Said = list[dict[str, str]]


@dataclass(frozen=True)
class Event:
    """One event: the truth, our column, and the word of an independent program."""

    video: str
    column: str
    truth: float
    ours: float
    bound: float
    program: str
    theirs: str
    reason: str

    @property
    def missed(self) -> bool:
        """Whether ours is further from the truth than the bound."""
        return not abs(self.ours - self.truth) <= self.bound


@dataclass(frozen=True)
class Made:
    """A clip with an event.

    Attributes
    ----------
    frames : ndarray, (t, h, w) uint8
        Luma.
    truths : dict
        Column to value and largest error.
    filters : str
        Detector of FFmpeg with its options.
    read : callable
        From the metadata of the frames to a word on what was detected.
    reason : str
        Why the two differ.
    """

    frames: Codes
    truths: dict[str, tuple[float, float]]
    filters: str
    read: Callable[[Said], str]
    reason: str = ""


def real(clip: int, frames: int = FRAMES, size: tuple[int, int] = (192, 432)) -> Codes:
    """Return the luma of the first frames of one of the bundled clips, cut to `size`."""
    with Video(clips()[clip]) as video:
        return np.array([f.picture.luma_plane()[: size[0], : size[1]] for f in islice(video, frames)])


def freeze() -> Made:
    """Frame 20 of a real clip held for 15 more"""
    frames = real(6)
    frames[21:36] = frames[20]
    return Made(
        frames,
        {"basics.frozen.mean": (15 / 39, 1e-6), "timing.longest_freeze.video": (16 / FPS, 2e-3)},
        "freezedetect=n=-60dB:d=0.2",
        lambda said: _times(said, "freezedetect.freeze_start", "freezedetect.freeze_end"),
    )


def cuts() -> Made:
    """Three real scenes joined at frames 17 and 34"""
    frames = np.concatenate([real(0, 17), real(4, 17), real(6, 17)])
    return Made(
        frames,
        {"basics.cut.sum": (2, 0), "shots.cuts.video": (2, 0)},
        "scdet=t=10",
        lambda said: _times(said, "scd.time"),
    )


def bars() -> Made:
    """A real clip in black bars of 24 rows at the top and the bottom"""
    frames = real(6, 10)
    frames[:, :24], frames[:, -24:] = 16, 16
    return Made(
        frames,
        {"basics.letterbox.mean": (0.25, 1e-6)},
        "bbox=min_val=20",
        lambda said: f"rows {said[-1]['lavfi.bbox.y1']} to {said[-1]['lavfi.bbox.y2']}",
    )


def fields() -> Made:
    """A real clip woven of fields of two moments, the top field first"""
    return Made(
        analytic.combed(real(0)),
        {"interlace.combed.mean": (1, 0.1), "interlace.field_order.mean": (1, 0.3)},
        "idet",
        _fields,
    )


def film() -> Made:
    """A real clip telecined, 3:2"""
    return Made(
        analytic.telecined(real(0)),
        {"interlace.combed.mean": (20 / 48, 0.05), "interlace.top_repeated.mean": (10 / 48, 0.05)},
        "idet",
        _fields,
        "theirs smooths over frames; ours counts each",
    )


def strobe() -> Made:
    """A real clip brightened by 90 codes five times a second"""
    frames = analytic.flashing(real(0).astype(float), 5, FPS, 90)
    return Made(
        frames.astype(np.uint8),
        {"shots.flash_rate_max.video": (5, 0.5), "shots.photosensitive_risk.video": (1, 0)},
        "photosensitivity=bypass=1",
        lambda said: (
            "badness up to " + max((row["lavfi.photosensitivity.badness"] for row in said), key=float)
        ),
        "theirs has its own measure: above 1 it would replace frames",
    )


Maker = Callable[[], Made]
EVENTS: tuple[Maker, ...] = (freeze, cuts, bars, fields, film, strobe)


def measured(make: Maker) -> list[Event]:
    """Return what is said of a made clip."""
    made = make()
    _, height, width = made.frames.shape
    gray = np.full((2, height // 2, width // 2), 128, np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        path = encode(
            Path(folder) / f"{make.__name__}.mkv",
            ([plane, *gray] for plane in made.frames),
            codec="ffv1",
            options=FFV1,
            rate=FPS,
        )
        said = made.read([found for _, found in filtered(path, made.filters)])
        names = list(dict.fromkeys(column.partition(".")[0] for column in made.truths))
        found = vf.extract(path, names, pool=["mean", "sum"])
    return [
        Event(
            video=(make.__doc__ or "").strip(),
            column=column,
            truth=value,
            ours=float(found.get(column, np.nan)),
            bound=bound,
            program="FFmpeg " + made.filters.partition("=")[0],
            theirs=said,
            reason=made.reason,
        )
        for column, (value, bound) in made.truths.items()
    ]


def _fields(said: Said) -> str:
    """Return how many frames are of which kind."""
    found = Counter(row["lavfi.idet.multiple.current_frame"] for row in said)
    return ", ".join(f"{count} {kind}" for kind, count in found.most_common())


def _times(said: Said, *keys: str) -> str:
    """Return the times in the metadata, each once, in order."""
    found: list[str] = []
    for row in said:
        found += [row[f"lavfi.{key}"] for key in keys if f"lavfi.{key}" in row]
    unique = list(dict.fromkeys(found))
    return "at " + ", ".join(f"{float(time):g} s" for time in unique) if unique else "nothing"
