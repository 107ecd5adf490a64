"""The statistics over time by name: plain ones, power means, worst seconds, moving averages, hysteresis."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .kernels.display_time import (
    display_weights,
    weighted_deviation,
    weighted_mean,
    weighted_percentile,
)
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
    shown: Reduce | None = None
    """The same of rows weighted by their display time, with ``@time`` after the name; None: there is none."""


def _pool(form: str, meaning: str, reduce: Reduce, number: str = _NUMBER, **kind: Any) -> Pool:
    """Return a pool; capitals of its form stand for the number."""
    name = re.sub("[A-Z]+", lambda _: f"(?P<number>{number})", form.partition(" ")[0])
    return Pool(form, re.compile(name), meaning, reduce, **kind)


def _plain(function: Callable[..., Any]) -> Reduce:
    return lambda values, times_s, number: np.asarray(function(values, axis=0))


def _highest(function: Callable[..., Values]) -> Reduce:
    """Return the pool of the high end: that of the low end of the negative values."""
    return lambda values, *rest: -function(-values, *rest)


def _shown(function: Callable[[Values, Values, float], Values]) -> Reduce:
    """Return the pool of a function of rows, their weights and the number, weighted by display time."""
    return lambda values, times_s, number: function(values, display_weights(times_s), number)


def _sum(values: Values, times_s: Values, number: float) -> Values:
    return np.where(np.isnan(values).all(axis=0), np.nan, np.nansum(values, axis=0))


def _hysteresis(values: Values, times_s: Values, number: float) -> Values:
    return hysteresis(values, times_s)


#: All pools. Sources of the timed ones and of the power means: `vqa_features.kernels.time_pools`.
POOLS = (
    _pool("mean", "mean", _plain(np.nanmean), shown=_shown(lambda x, weights, _: weighted_mean(x, weights))),
    _pool(
        "std",
        "standard deviation of the population",
        _plain(np.nanstd),
        shown=_shown(lambda x, weights, _: weighted_deviation(x, weights)),
    ),
    _pool("sum", "sum over the rows; of a column of 0 and 1 the number of rows with 1", _sum),
    _pool("min", "lowest value", _plain(np.nanmin)),
    _pool("max", "highest value", _plain(np.nanmax)),
    _pool(
        "median",
        "median",
        _plain(np.nanmedian),
        shown=_shown(lambda x, weights, _: weighted_percentile(x, weights, 50)),
    ),
    _pool(
        "pN",
        "percentile, N from 0 to 100",
        lambda values, times_s, number: np.asarray(np.nanpercentile(values, number, axis=0)),
        r"100|\d{1,2}(?:_\d{0,2}[1-9])?",
        shown=_shown(weighted_percentile),
    ),
    _pool(
        "harmonic",
        "harmonic mean",
        lambda values, times_s, number: power_mean(values, -1),
        positive=True,
        shown=_shown(lambda x, weights, _: power_mean(x, -1, weights)),
    ),
    _pool(
        "minkowskiP",
        "Minkowski mean with the exponent P",
        lambda values, times_s, number: power_mean(values, number),
        positive=True,
        shown=_shown(lambda x, weights, exponent: power_mean(x, exponent, weights)),
    ),
    _pool("lowestKs", "mean over the K seconds in which it is lowest", lowest_mean, timed=True),
    _pool("highestKs", "mean over the K seconds in which it is highest", _highest(lowest_mean), timed=True),
    _pool("minmeanKs", "lowest mean over K seconds in a row", lowest_moving_mean, timed=True),
    _pool("maxmeanKs", "highest mean over K seconds in a row", _highest(lowest_moving_mean), timed=True),
    _pool("hysteresis", "temporal hysteresis, low values stay in memory", _hysteresis, timed=True),
    _pool("hysteresis_high", "the same for high values", _highest(_hysteresis), timed=True),
)
#: Ending of the name of a pool whose rows are weighted by their display time.
BY_TIME = "@time"
#: Forms of the pools that have such a name too.
SHOWN_NAMES = tuple(pool.form for pool in POOLS if pool.shown)
POOL_NAMES = (*(pool.form for pool in POOLS), *(form + BY_TIME for form in SHOWN_NAMES))


def pool_of(name: str) -> tuple[Pool, float] | None:
    """Return the pool of a name and the number in it (nan without one), None if there is no such pool."""
    plain = name.removesuffix(BY_TIME)
    for pool in POOLS:
        if match := pool.names.fullmatch(plain):
            number = match.groupdict().get("number")
            if name != plain:
                if pool.shown is None:
                    return None
                pool = pool._replace(form=pool.form + BY_TIME, reduce=pool.shown, timed=True)
            return pool, float(number.replace("_", ".")) if number else np.nan
    return None


def pool_name(name: str) -> str | None:
    """Return the one name of a pool, its number without leading zeros; None if there is no such pool.

    Examples
    --------
    >>> pool_name("p05"), pool_name("p00_5@time"), pool_name("lowest0_5s")
    ('p5', 'p0_5@time', 'lowest0_5s')
    """
    return re.sub(r"(?<![\d_])0+(?=\d)", "", name) if pool_of(name) else None
