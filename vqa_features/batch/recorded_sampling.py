"""Fields of a sampling that settings of a table hold: checked, and replaced by those that the user gives."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ..errors import TableError
from ..specs import SECOND, Sampling

#: Fields of the sampling that are whole numbers; the others are seconds or rates.
_WHOLE = ("every", "offset", "frames")
#: Fields of which one at most is set.
_RATES = ("fps", "every", "frames")


def check_numbers(value: object) -> dict[str, Any]:
    """Return the fields of a sampling after a check of their names and types.

    Raises
    ------
    TableError
        If a field is not one of `Sampling`, or is no number of its kind.
    """
    known = {field.name for field in fields(Sampling)}
    if not isinstance(value, dict) or not set(value) <= known:
        raise TableError(f"sampling must have the fields {', '.join(sorted(known))} only, got {value!r}")
    for name, number in value.items():
        allowed = int if name in _WHOLE else (int, float)
        if (number is None and name not in ("offset", "start_s")) or (name, number) == ("every", SECOND):
            continue
        if isinstance(number, bool) or not isinstance(number, allowed) or not math.isfinite(number):
            raise TableError(f"sampling.{name} must be a number, got {number!r}")
    return value


def overridden(recorded: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields of a sampling in which those that the user gave replace the recorded ones.

    One of fps, every and frames replaces the other two; `offset` is dropped with `every`.

    Parameters
    ----------
    recorded, given : mapping
        Fields of `Sampling`.

    Examples
    --------
    >>> overridden({"every": 9, "offset": 4, "start_s": 1.0}, {"fps": 5.0})
    {'start_s': 1.0, 'fps': 5.0}
    """
    replaced = set(_RATES) if set(_RATES) & set(given) else set()
    replaced |= {"offset"} if replaced and "every" not in given else set()
    return {name: value for name, value in recorded.items() if name not in replaced} | dict(given)
