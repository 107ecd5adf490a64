"""The page of `inspect`: status, events, measures over time with stills, metadata."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..report.formatting import counted, decimal, listed, shown, significant
from ..report.messages import pieces_of, warnings_context
from ..report.templates import render_template, resource
from .drawing import HEIGHT, MARGIN, WIDTH, Axis, heights, path_of
from .events import KINDS
from .overview import overview
from .words import duration_text, event_rows, metadata_rows, time_text, whole_rows

if TYPE_CHECKING:
    from .result import Inspection
    from .time_lines import TimeLine

#: Events in the table of a page; the others are counted.
MOST_EVENTS = 200


@dataclass(frozen=True)
class Dot:
    """An extreme of a measure: where it is in its chart, in percent, and its still."""

    number: int
    left: float
    top: float
    what: str
    value: str
    at: str
    still: str


@dataclass(frozen=True)
class Chart:
    """A measure over time as the template draws it."""

    title: str
    about: str
    unit: str
    direction: str
    mean: str
    low: str
    high: str
    path: str
    dots: list[Dot]


def render_inspection(found: Inspection) -> str:
    """Return the page of an inspection as text."""
    times = found.frames["time_s"].to_numpy(float)
    axis = Axis.of(times, found.metadata.get("fps", math.nan)) if times.size else None
    told = event_rows(found.events[:MOST_EVENTS], axis is not None and axis.timed)
    context: dict[str, Any] = {
        "title": shown(found.name),
        "pictures": True,
        "own_css": resource("inspect.css"),
        "headline": _headline(found),
        "status": found.status,
        "error": pieces_of(shown(found.error, 600)) if found.error else [],
        "decoded": _decoded(found),
        "prediction": found.prediction,
        "prediction_error": _prediction_error(found),
        "interval": _interval(found),
        "facts_of": _facts(found),
        "size": (WIDTH, HEIGHT),
        "axis": axis,
        "lanes": _lanes(found, axis),
        "events": told,
        "events_left_out": len(found.events) - len(told),
        "marks": [] if axis is None else [(one.kind, *axis.span(one)) for one in found.events],
        "overview": [
            (found.stills[number], time_text(times[number]), number)
            for number in overview(times.size)
            if number in found.stills
        ],
        "charts": [] if axis is None else [_chart(line, axis, found.stills) for line in found.lines],
        "metadata": metadata_rows(found.metadata),
        "whole": [*whole_rows("timing", found.timing), *whole_rows("shots", found.shots)],
        "notes": [pieces_of(shown(one, 600)) for one in found.notes],
        "seconds": significant(found.seconds, 2),
        **warnings_context(found.warnings),
    }
    return render_template("inspect.html", context)


def _headline(found: Inspection) -> str:
    if found.status.startswith("failed"):
        return "This video cannot be decoded"
    before = {"partial": "Only a part is there. ", "suspect": "Decoded with doubts. "}.get(found.status, "")
    counts = Counter(one.kind for one in found.events)
    words = {
        "black": "black stretch",
        "repeats": "stretch with repeated frames",
        "flashes": "stretch of unsafe flashes",
    }
    several = [_several(counts[kind], words.get(kind, kind)) for kind in KINDS if counts[kind]]
    return before + (listed(several) if several else "No cut, freeze or black stretch")


def _several(count: int, noun: str) -> str:
    head, space, rest = noun.partition(" ")
    if count > 1 and head == "stretch":
        return f"{count:,} stretches{space}{rest}"
    return f"{count:,} {noun}es" if count > 1 and noun.endswith("stretch") else counted(count, noun)


def _decoded(found: Inspection) -> str:
    expected = "an unknown number of" if found.frames_expected is None else f"{found.frames_expected:,}"
    return f"{found.frames_decoded:,} of {expected} frames decoded"


def _interval(found: Inspection) -> str:
    if found.prediction is None or not math.isfinite(found.prediction.mos):
        return ""
    one = found.prediction
    return f"{decimal(one.low, 2)} to {decimal(one.high, 2)}"


def _prediction_error(found: Inspection) -> str:
    """Return what limits the prediction, unless it limits the whole page."""
    text = "" if found.prediction is None else found.prediction.error
    return shown(text, 600) if text and text != found.error else ""


def _facts(found: Inspection) -> list[tuple[str, str]]:
    """Return the few facts below the headline, with their names."""
    known = found.metadata
    facts = []
    if found.prediction is not None and math.isfinite(found.prediction.mos):
        facts.append(("predicted MOS", decimal(found.prediction.mos, 2)))
    if "width" in known:
        facts.append(("display size", f"{known['width']} × {known['height']}"))
    if "fps" in known:
        facts.append(("frames per second", significant(known["fps"], 4)))
    if "duration_s" in known:
        facts.append(("duration", duration_text(known["duration_s"])))
    if "codec" in known:
        facts.append(("codec", str(known["codec"])))
    return facts


def _lanes(found: Inspection, axis: Axis | None) -> list[tuple[str, str, list[tuple[float, float, str]]]]:
    """Return for each kind of events that occur its name, what it is, and its places."""
    if axis is None:
        return []
    lanes = []
    for kind, about in KINDS.items():
        mine = [one for one in found.events if one.kind == kind]
        if mine:
            places = [
                (*axis.span(one), row["tip"])
                for one, row in zip(mine, event_rows(mine, axis.timed), strict=True)
            ]
            lanes.append((kind, about, places))
    return lanes


def _chart(line: TimeLine, axis: Axis, stills: Mapping[int, str]) -> Chart:
    facts = line.summary
    shares = heights(line.values) if np.isfinite(line.values).any() else line.values
    dots = []
    for number, one in enumerate(line.moments, 1):
        top = 100 * (HEIGHT - MARGIN - float(shares[one.frame]) * (HEIGHT - 2 * MARGIN)) / HEIGHT
        left = 100 * float(axis.shares[one.frame])
        at = (time_text(one.time_s) if axis.timed else f"frame {one.frame}").replace(" ", "\u00a0")
        dots.append(
            Dot(
                number,
                round(left, 2),
                round(top, 1),
                one.what,
                significant(one.value),
                at,
                stills.get(one.frame, ""),
            )
        )
    low, high = (significant(facts[name], 3 if abs(facts[name]) >= 0.001 else 1) for name in ("min", "max"))
    return Chart(
        line.title,
        line.about,
        line.unit,
        "" if line.direction == "none" else line.direction,
        significant(facts["mean"]),
        low,
        high,
        path_of(axis.shares, line.values),
        dots,
    )
