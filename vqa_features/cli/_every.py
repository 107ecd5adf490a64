"""The option ``--every``: a number of frames, or the word ``second``."""

from __future__ import annotations

import click

from ..specs import SECOND, Every


def parse_every(text: str) -> Every:
    """Return a whole number from 1, or the word; anything else is a usage error."""
    if text == SECOND:
        return SECOND
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise click.BadParameter(f"must be a whole number from 1, or {SECOND}, got {text!r}")
    return number
