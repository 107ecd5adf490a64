"""Checks of single options: type and range, each with one sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..errors import ParameterError


def check_choice(name: str, value: object, allowed: Sequence[str]) -> None:
    """Raise ParameterError unless `value` is one of the texts."""
    if not isinstance(value, str) or value not in allowed:
        raise ParameterError(f"{name} must be one of {', '.join(allowed)}, got {value!r}")


def check_flag(name: str, value: object) -> None:
    """Raise ParameterError unless `value` is True or False."""
    if not isinstance(value, bool | np.bool_):
        raise ParameterError(f"{name} must be True or False, got {value!r}")


def check_whole(name: str, value: object, least: int | None = None, most: int | None = None) -> None:
    """Raise ParameterError unless `value` is a whole number from `least` to `most`."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    low, high = (-math.inf if least is None else least), (math.inf if most is None else most)
    if whole and low <= int(value) <= high:  # type: ignore[call-overload]
        return
    span = "" if least is None else f" of at least {least}" if most is None else f" from {least} to {most}"
    raise ParameterError(f"{name} must be a whole number{span}, got {value!r}")


def check_number(name: str, value: object, above: float, below: float = math.inf) -> None:
    """Raise ParameterError unless `value` is a number between `above` and `below`, both excluded."""
    number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    if number and above < float(value) < below:  # type: ignore[arg-type]
        return
    span = f"above {above:g}" + (f" and below {below:g}" if math.isfinite(below) else "")
    raise ParameterError(f"{name} must be a number {span}, got {value!r}")
