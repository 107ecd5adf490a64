"""The statistics over time by name: plain ones, power means, worst seconds, moving averages, hysteresis."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .kernels.time_pools import hysteresis, lowest_mean, lowest_moving_mean, power_mean

Values = NDArray[np.float64]
#: Rows (n, d), their times (n,) and the number of the pool's name, to (d,).
Reduce = Callable[[Values, Values, float], Values]

#: A number above 0 in the name of a pool; ``_`` is its decimal point, as ``.`` separates the parts of a name.
_NUMBER = r"[1-9]\d{0,3}(?:_\d{0,2}[1-9])?|0_\d{0,2}[1-9]"


class Pool(NamedTuple):
    """A statistic over time, or a family of them with a number in the name."""

    form: str
    """How it is written in lists, e.g. ``lowestKs``."""
    names: re.Pattern[str]
    """Its names; the group ``number`` is the number."""
    meaning: str
    """What it returns, in words."""
    reduce: Reduce
    timed: bool = False
    """Whether it uses the times of the rows."""
    positive: bool = False
    """Whether it is undefined for negative values."""


def _pool(form: str, meaning: str, reduce: Reduce, number: str = _NUMBER, **kind: bool) -> Pool:
    """Return a pool; capitals of its form stand for the number."""
    name = re.sub("[A-Z]+", lambda _: f"(?P<number>{number})", form.partition(" ")[0])
    return Pool(form, re.compile(name), meaning, reduce, **kind)


def _plain(function: Callable[..., Any]) -> Reduce:
    return lambda values, times_s, number: np.asarray(function(values, axis=0))


def _highest(function: Callable[..., Values]) -> Reduce:
    """Return the pool of the high end: that of the low end of the negative values."""
    return lambda values, *rest: -function(-values, *rest)


def _hysteresis(values: Values, times_s: Values, number: float) -> Values:
    return hysteresis(values, times_s)


#: All pools. Sources of the timed ones and of the power means: `vqa_features.kernels.time_pools`.
POOLS = (
    _pool("mean", "mean", _plain(np.nanmean)),
    _pool("std", "standard deviation of the population", _plain(np.nanstd)),
    _pool("min", "lowest value", _plain(np.nanmin)),
    _pool("max", "highest value", _plain(np.nanmax)),
    _pool("median", "median", _plain(np.nanmedian)),
    _pool(
        "pN",
        "percentile, N from 0 to 100",
        lambda values, times_s, number: np.asarray(np.nanpercentile(values, number, axis=0)),
        r"100|\d{1,2}(?:_\d{0,2}[1-9])?",
    ),
    _pool(
        "harmonic",
        "harmonic mean",
        lambda values, times_s, number: power_mean(values, -1),
        positive=True,
    ),
    _pool(
        "minkowskiP",
        "Minkowski mean with the exponent P",
        lambda values, times_s, number: power_mean(values, number),
        positive=True,
    ),
    _pool("lowestKs", "mean over the K seconds in which it is lowest", lowest_mean, timed=True),
    _pool("highestKs", "mean over the K seconds in which it is highest", _highest(lowest_mean), timed=True),
    _pool("minmeanKs", "lowest mean over K seconds in a row", lowest_moving_mean, timed=True),
    _pool("maxmeanKs", "highest mean over K seconds in a row", _highest(lowest_moving_mean), timed=True),
    _pool("hysteresis", "temporal hysteresis, low values stay in memory", _hysteresis, timed=True),
    _pool("hysteresis_high", "the same for high values", _highest(_hysteresis), timed=True),
)
POOL_NAMES = tuple(pool.form for pool in POOLS)


def pool_of(name: str) -> tuple[Pool, float] | None:
    """Return the pool of a name and the number in it (nan without one), None if there is no such pool."""
    for pool in POOLS:
        if match := pool.names.fullmatch(name):
            number = match.groupdict().get("number")
            return pool, float(number.replace("_", ".")) if number else np.nan
    return None
