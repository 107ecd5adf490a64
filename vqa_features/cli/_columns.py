"""Rows as aligned columns for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def aligned(rows: Sequence[Mapping[str, object]], keys: Sequence[str]) -> str:
    """Return a heading and one aligned line per row; None is empty, True and False are yes and no."""
    cells = [list(keys)] + [[_text(row[key]) for key in keys] for row in rows]
    widths = [max(len(line[k]) for line in cells) for k in range(len(keys))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in cells)
    return "\n".join(line.rstrip() for line in lines)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
