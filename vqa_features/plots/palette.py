"""Colour and marker of each family, the same on the page and in the figure files.

The hues are those of Okabe and Ito (2008), distinct under the common kinds of colour blindness. Each family
also has its own marker, so colour alone carries no information. The dark values are the same hues, lightened
to a contrast of at least 4.5 on the dark page.
"""

from __future__ import annotations

from typing import NamedTuple


class Style(NamedTuple):
    """Colours and marker of one family."""

    light: str
    """Colour on a white page, ``#rrggbb``."""
    dark: str
    """Colour on a dark page, ``#rrggbb``."""
    marker: str
    """Marker, as matplotlib names it."""


STYLES: dict[str, Style] = {
    "handcrafted": Style("#0072b2", "#56b4e9", "o"),
    "deep": Style("#c04e00", "#ff8f3d", "D"),
    "fusion": Style("#007a5a", "#2ecfa0", "^"),
    "baseline": Style("#6b7280", "#9aa3b2", "s"),
    "other": Style("#a2487d", "#e39ac6", "v"),
}


#: What pulls a prediction up, and what pulls it down, on a white page.
UP, DOWN = STYLES["fusion"].light, STYLES["other"].light


def style(role: str) -> Style:
    """Return the style of a family or role; unknown families have the style ``other``."""
    return STYLES.get(role, STYLES["other"])
