"""The verdict on a video: what was decoded, held against what was expected.

The verdict is of the file, however it is sampled. A loss that headers, packets or decoding show counts
wherever it is. A part that was not decoded is named in a warning.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..specs import Sampling
from .decoder import Decoder
from .expectation import Expectation
from .probe import COMPLETE
from .sparse import Plan

#: What is said of frames that a sparse reading leaves out.
NOT_SAMPLED = "frames, which are not sampled"


@dataclass(frozen=True)
class Outcome:
    """What happened while a video was decoded: see docs/decoding.md for the words of `status`.

    The counts are of the source's frames in the requested part of the video, before sampling. Where few
    frames are sampled, `frames_decoded` may be smaller although none is lost; then a warning says so.
    """

    status: str
    error: str
    warnings: tuple[str, ...]
    frames_decoded: int
    frames_expected: int | None


@dataclass
class Progress:
    """What was seen of a stream while it was decoded.

    Attributes
    ----------
    before, inside : int
        Pictures before the part asked for, and in it.
    decoded : int
        Those in it that were decoded, if `plan` is given.
    last_s : float
        Time of the last picture.
    passed : bool
        A picture after the part asked for was seen, so the part is complete.
    changed : str
        Size and format the pictures change to.
    without_time, not_later : int
        Pictures without a time, and not later than the one before.
    recoloured_s : float or None
        Time of the first picture whose matrix or range is not that of the first picture.
    notes : list of str
        Warnings about what the first picture is.
    in_part : bool
        Whether other tasks decode and check the rest of the stream.
    plan : Plan or None
        What is decoded, if not every picture.
    """

    before: int = 0
    inside: int = 0
    decoded: int = 0
    last_s: float = -math.inf
    passed: bool = False
    changed: str = ""
    without_time: int = 0
    not_later: int = 0
    recoloured_s: float | None = None
    notes: list[str] = field(default_factory=list)
    in_part: bool = False
    plan: Plan | None = None


def judge(
    expected: Expectation, decoder: Decoder, seen: Progress, sampling: Sampling, file_changed: bool
) -> Outcome:
    """Return the outcome so far.

    Parameters
    ----------
    expected : Expectation
        What headers and packets say.
    decoder : Decoder
        The decoder, with its counts of damage.
    seen : Progress
        What was decoded.
    sampling : Sampling
        Names the part asked for.
    file_changed : bool
        Whether the file changed while it was read.
    """
    packets = expected.packets
    joins = (packets.joins if packets else []) or decoder.clock.joins
    damaged = max(decoder.damaged_packets, packets.damaged if packets else 0)
    suspicions = {
        f"damaged frames: {decoder.damaged_frames}": decoder.damaged_frames,
        f"damaged packets: {damaged}": damaged,
        f"pictures change to {seen.changed}, the frames from there on are left out": seen.changed,
        "the file changed while it was read": file_changed,
    }
    suspect = [text for text, holds in suspicions.items() if holds]
    error = decoder.error
    if decoder.ended and not seen.changed:
        end_s = seen.last_s + decoder.step_s
        last_s = end_s if joins else decoder.last_packet_s - decoder.start_s
        error = error or expected.short_of(end_s, decoder.last_other_s - decoder.start_s, last_s)
    error = error or expected.error
    warnings = seen.notes + _oddities(decoder, seen, joins)
    if seen.plan is None and (decoder.ended or seen.passed):
        told, much = _lost(expected, decoder, seen, sampling)
        (suspect if much and not error else warnings).extend(told)
    warnings += _not_checked(decoder, seen, expected.part_end(sampling))
    status = "partial" if error else "suspect" if suspect else "ok"
    decoded = seen.inside if seen.plan is None else seen.decoded
    return Outcome(status, error, tuple(warnings + suspect), decoded, expected.in_part(sampling))


def _oddities(decoder: Decoder, seen: Progress, joins: list[float]) -> list[str]:
    counts = {
        "frames without a time": seen.without_time,
        "frames not later than the one before": seen.not_later,
        "empty packets": decoder.empty_packets,
    }
    told = [f"{name}: {count}" for name, count in counts.items() if count]
    if joins:
        places = ", ".join(f"{time:.3f}" for time in joins)
        told.append(f"time stamps restart or leap at {places} s: the timeline is continued there")
    if seen.recoloured_s is not None:
        told.append(
            f"colour matrix or range change at {seen.recoloured_s:.3f} s: the first matrix is used on"
        )
    return told


def _lost(
    expected: Expectation, decoder: Decoder, seen: Progress, sampling: Sampling
) -> tuple[list[str], bool]:
    """Tell which pictures are lost, and whether they are too many of the part or of the whole stream."""
    wanted = expected.in_part(sampling)
    before = expected.before_part(sampling, decoder.from_s)
    held, told = len(expected.times), []
    if seen.inside < wanted:
        told.append(f"{seen.inside} of {wanted} expected frames decoded")
    if seen.before < before:
        told.append(f"before the part asked for {seen.before} of {before} expected frames decoded")
    total = held + expected.missing
    if expected.missing:
        told.append(f"{held} of {total} frames that the header counts are in the file")
    lost = max(before + wanted - seen.before - seen.inside, 0)
    if sampling.start_s or sampling.duration_s is not None:
        lost += expected.missing
    # times that are not in order may put a picture on either side of a border of the part
    borders = bool(sampling.start_s) + seen.passed
    much = seen.inside < COMPLETE * wanted - borders or lost > (1 - COMPLETE) * total
    return told, much


def _not_checked(decoder: Decoder, seen: Progress, part_end_s: float) -> list[str]:
    """Name the parts of the stream that were not decoded."""
    if seen.in_part:
        return []
    if seen.plan is not None:
        return [_left_out(seen.plan, part_end_s)]
    parts = [f"before {decoder.from_s:.3f} s"] * (decoder.from_s > 0)
    if seen.passed and not (decoder.ended or decoder.error or seen.changed):
        parts.append(f"from {part_end_s:.3f} s on")
    return [f"not decoded and not checked: the part {' and the part '.join(parts)}"] if parts else []


def leaves_out(warnings: Sequence[str]) -> bool:
    """Return whether the warnings of an outcome say that frames which are not sampled were not decoded."""
    return any(NOT_SAMPLED in text for text in warnings)


def _left_out(plan: Plan, part_end_s: float) -> str:
    """Name the pictures that a plan leaves out: their packets are there."""
    total = plan.end - plan.begin
    parts = [f"{total - plan.decoded_inside} of {total} {NOT_SAMPLED}"]
    if plan.begin:
        parts.append(f"the part before {plan.times[plan.begin]:.3f} s")
    if plan.end < len(plan.times):
        parts.append(f"the part from {part_end_s:.3f} s on")
    return f"not decoded and not checked: {' and '.join(parts)}"
