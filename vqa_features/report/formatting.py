"""Numbers as text, in the notation of the field, and names as they are shown."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..files.names import MOST_NAME as MOST_NAME
from ..files.names import shown as shown


def decimal(value: float, digits: int = 3) -> str:
    """Return a number as correlations are printed: ``.783``, ``−.030``, ``–`` when it is missing."""
    if value is None or not math.isfinite(value):
        return "–"
    text = f"{abs(value):.{digits}f}"
    text = text[1:] if text.startswith("0.") else text
    return f"−{text}" if value < 0 and float(text) != 0 else text


def listed(names: Sequence[str]) -> str:
    """Return names as a list in a sentence: ``a, b and c``."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def counted(count: int, noun: str) -> str:
    """Return a number with its noun: ``1 video``, ``1,200 videos``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def significant(value: float, digits: int = 3) -> str:
    """Return a number with so many significant digits, without an exponent: ``0.0123``, ``9.5``, ``1340``."""
    if not math.isfinite(value):
        return "–"
    places = digits - 1 - (math.floor(math.log10(abs(value))) if value else 0)
    text = f"{round(value, places):.{max(places, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def sentence(text: str) -> str:
    """Return a text with a capital first letter, as a sentence begins."""
    return text[:1].upper() + text[1:]


def signed(value: float, digits: int = 3) -> str:
    """Return a difference with its sign: ``+.031``, ``−.030``, ``.000``."""
    text = decimal(value, digits)
    return f"+{text}" if math.isfinite(value) and round(value, digits) > 0 else text


def p_text(p: float) -> str:
    """Return ``p < .001`` or ``p = .012``."""
    if not math.isfinite(p):
        return "p unknown"
    return "p < .001" if p < 0.001 else f"p = {decimal(p)}"
