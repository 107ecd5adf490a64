"""Values of a preprocessing configuration, checked one by one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

#: Greatest side in pixels of a resized or cropped picture.
MOST_SIDE = 4096


def flag(found: Mapping[str, Any], name: str) -> bool:
    """Return a value that is true or false; null and no value are false."""
    value = found.get(name)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise ValueError(f"{name} must be true or false, got {value!r}")
    return value


def number(value: Any, name: str) -> float:
    """Return a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{name} must be a number, got {value!r}")
    return float(value)


def count(value: Any, name: str, most: int) -> int:
    """Return a whole number from 1 to `most`."""
    found = number(value, name)
    if found != int(found) or not 1 <= found <= most:
        raise ValueError(f"{name} must be 1 to {most}, got {value!r}")
    return int(found)


def three(found: Mapping[str, Any], name: str) -> tuple[float, ...]:
    """Return one number for each channel of RGB."""
    value = found.get(name)
    if not isinstance(value, list) or len(value) != 3:
        raise ValueError(f"{name} must be a list of three numbers, got {value!r}")
    return tuple(number(one, name) for one in value)


def size(value: Any, name: str, square: bool, most: int = MOST_SIDE) -> dict[str, int]:
    """Return the entries of a size that has a value.

    Parameters
    ----------
    value : object
        An object of sides, a list of height and width, or one number.
    name : str
        Its name, for messages.
    square : bool
        Whether one number stands for height and width; else it stands for the short side.
    most : int
        Greatest value of an entry.

    Returns
    -------
    dict
        One or two of height and width, shortest_edge, longest_edge, max_height and max_width.

    Raises
    ------
    ValueError
        If it is nothing of the kind.
    """
    if isinstance(value, list) and len(value) == 2:
        value = dict(zip(("height", "width"), value, strict=True))
    elif not isinstance(value, dict):
        side = count(value, name, most)
        value = {"height": side, "width": side} if square else {"shortest_edge": side}
    sides = {key: count(one, name, most) for key, one in value.items() if one is not None}
    if sorted(sides) not in (
        ["height", "width"],
        ["shortest_edge"],
        ["longest_edge", "shortest_edge"],
        ["max_height", "max_width"],
    ):
        raise ValueError(
            f"{name} must have height and width, shortest_edge (and longest_edge), or max_height and "
            f"max_width, got {value!r}"
        )
    return sides
