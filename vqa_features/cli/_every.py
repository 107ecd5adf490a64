"""The option ``--every``: a number of frames, or the word ``second``."""

from __future__ import annotations

import click

from ..specs import SECOND, Every


class _Every(click.ParamType):  # type: ignore[type-arg, unused-ignore]  # generic from click 8.3 on
    """A whole number from 1, or ``second``."""

    name = "every"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Every:
        """Return the number or the word; anything else is a usage error."""
        if value == SECOND:
            return SECOND
        try:
            number = int(str(value))
        except ValueError:
            number = 0
        if number < 1:
            self.fail(f"must be a whole number from 1, or {SECOND}, got {str(value)!r}", param, ctx)
        return number


EVERY = _Every()
