"""Numbers as text, in the notation of the field."""

from __future__ import annotations

import math


def decimal(value: float, digits: int = 3) -> str:
    """Return a number as correlations are printed: ``.783``, ``−.030``, ``–`` when it is missing."""
    if value is None or not math.isfinite(value):
        return "–"
    text = f"{abs(value):.{digits}f}"
    text = text[1:] if text.startswith("0.") else text
    return f"−{text}" if value < 0 and float(text) != 0 else text


def signed(value: float, digits: int = 3) -> str:
    """Return a difference with its sign: ``+.031``, ``−.030``, ``.000``."""
    text = decimal(value, digits)
    return f"+{text}" if math.isfinite(value) and round(value, digits) > 0 else text


def p_text(p: float) -> str:
    """Return ``p < .001`` or ``p = .012``."""
    if not math.isfinite(p):
        return "p unknown"
    return "p < .001" if p < 0.001 else f"p = {decimal(p)}"
