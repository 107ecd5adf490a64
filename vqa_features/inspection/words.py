"""Events, metadata and facts of a video as words, for the page and for the terminal."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..report.formatting import significant
from .events import Event

_LABELS = {
    "container": "Container",
    "codec": "Codec",
    "size": "Display size",
    "stored": "Stored size",
    "rotation": "Rotation",
    "cropped": "Clean aperture",
    "pix_fmt": "Pixel format",
    "bit_depth": "Bits per sample",
    "interlaced": "Interlaced",
    "color_range": "Range",
    "color_matrix": "Matrix",
    "color_primaries": "Primaries",
    "color_transfer": "Transfer",
    "fps": "Frame rate",
    "duration_s": "Duration",
    "bit_rate": "Bit rate of the file",
    "bytes": "Size of the file",
}

#: Decimals of facts: sums of times differ from 0 in their last bits.
_PLACES = 9


def time_text(seconds: float) -> str:
    """Return a time as ``3.20 s`` or ``1:02:03.20``; ``–`` where it is not known.

    Examples
    --------
    >>> time_text(3.2), time_text(63.2), time_text(3723.204)
    ('3.20 s', '1:03.20', '1:02:03.20')
    """
    if not math.isfinite(seconds):
        return "–"
    if abs(seconds) < 59.995:
        return f"{seconds:.2f} s".replace("-", "−")
    hundredths = round(100 * seconds)
    minutes, rest = divmod(hundredths, 6000)
    hours, minutes = divmod(minutes, 60)
    clock = f"{minutes:02d}:{rest / 100:05.2f}"
    return f"{hours}:{clock}" if hours else clock.removeprefix("0")


def duration_text(seconds: float) -> str:
    """Return a duration as `time_text`."""
    return time_text(float(seconds))


def event_rows(events: Sequence[Event], timed: bool) -> list[dict[str, str]]:
    """Return events as texts: ``kind``, ``start``, ``end``, ``length``, ``frames``, ``detail``, ``tip``."""
    rows = []
    for one in events:
        cut = one.kind == "cut"
        length = one.end_s - one.start_s
        row = {
            "kind": one.kind,
            "start": time_text(one.start_s),
            "end": "" if cut else time_text(one.end_s),
            "length": "" if cut or not math.isfinite(length) else f"{length:.2f} s",
            "frames": str(one.first) if one.first == one.last else f"{one.first}–{one.last}",
            "detail": one.detail,
        }
        when = f"{row['start']}–{row['end']}" if row["end"] else row["start"]
        row["tip"] = f"{one.kind}: " + (f"{when}, " if timed else "") + f"frame {row['frames']}"
        rows.append(row)
    return rows


def metadata_rows(known: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return metadata with their labels, in the order of the page."""
    texts = {name: str(value) for name, value in known.items()}
    if "width" in known:
        texts["size"] = f"{known['width']} × {known['height']} pixels"
    if known.get("rotation"):
        texts["rotation"] = f"{known['rotation']}° counter-clockwise"
        if "stored_width" in known:
            texts["stored"] = f"{known['stored_width']} × {known['stored_height']} pixels"
    else:
        texts["rotation"] = "none" if "rotation" in known else ""
    if "interlaced" in known:
        texts["interlaced"] = "yes" if known["interlaced"] else "no"
    texts["cropped"] = "applied" if known.get("cropped") else ""
    formats: dict[str, Callable[[Any], str]] = {
        "fps": lambda value: f"{significant(value, 6)} frames/s",
        "duration_s": duration_text,
        "bit_rate": lambda value: f"{value / 1000:,.0f} kbit/s",
        "bytes": lambda value: f"{value:,} bytes",
    }
    texts |= {name: form(known[name]) for name, form in formats.items() if name in known}
    return [(label, texts[name]) for name, label in _LABELS.items() if texts.get(name)]


def whole_rows(name: str, values: Mapping[str, float]) -> list[tuple[str, str]]:
    """Return the facts of an extractor of whole videos: description with unit, and value."""
    from ..registry import make

    rows = []
    for fact in make(name).features:
        if fact.name in values:
            unit = "" if fact.unit in ("1", "") else f", {fact.unit}"
            rows.append(
                (
                    f"{fact.description[:1].upper()}{fact.description[1:]}{unit}",
                    significant(round(values[fact.name], _PLACES) + 0.0),
                )
            )
    return rows
