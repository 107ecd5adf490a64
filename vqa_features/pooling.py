"""Per-window rows to one vector per video, under column names that can be read back."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import ParameterError
from .extractor import Extractor
from .specs import Rows

Values = NDArray[np.float64]

#: Pool of features that come once per video.
VIDEO_POOL = "video"
POOL_NAMES = ("mean", "std", "min", "max", "median", "p0 .. p100")
_REDUCE: dict[str, Callable[..., Any]] = {
    "mean": np.nanmean,
    "std": np.nanstd,
    "min": np.nanmin,
    "max": np.nanmax,
    "median": np.nanmedian,
}
_PERCENTILE = re.compile(r"p(\d{1,2}|100)")
_COLUMN = re.compile(r"(?P<label>[^\[\]]+?(?:\[[^\[\]]*\])?)\.(?P<feature>[^.\[\]]+)\.(?P<pool>[^.\[\]]+)")


@dataclass(frozen=True)
class Column:
    """A column name read back: extractor label, feature, pool."""

    label: str
    feature: str
    pool: str

    def __str__(self) -> str:
        return f"{self.label}.{self.feature}.{self.pool}"

    @property
    def extractor(self) -> str:
        """The extractor's name, without parameters and without ``@random``."""
        return self.label.partition("[")[0].partition("@random")[0]


def parse_column(name: str) -> Column | None:
    """Read ``<extractor>[params].<feature>.<pool>`` back; None if `name` is no feature column."""
    match = _COLUMN.fullmatch(name)
    if match is None or name.startswith("seconds."):
        return None
    return Column(match["label"], match["feature"], match["pool"])


def check_pools(pools: Sequence[str]) -> tuple[str, ...]:
    """Return `pools` as a tuple, or raise ParameterError naming the one that is not known."""
    for pool in pools:
        if pool not in _REDUCE and not _PERCENTILE.fullmatch(pool):
            raise ParameterError(f"unknown pool {pool!r}; allowed are {', '.join(POOL_NAMES)}")
    if not pools:
        raise ParameterError("at least one pool is needed, e.g. mean")
    return tuple(dict.fromkeys(pools))


def columns(extractor: Extractor, pools: Sequence[str]) -> list[str]:
    """Names of the pooled columns of `extractor`: pool by pool, features in their order."""
    names = [VIDEO_POOL] if extractor.scope == "video" else pools
    label = extractor.label
    return [str(Column(label, name, pool)) for pool in names for name in extractor.feature_names]


def pool_values(values: Values, pool: str) -> Values:
    """Pool (n, d) rows over time to (d,).

    Undefined cells (nan) are left out; the result is nan only where no row has a value. `std` is
    the population's (ddof = 0), so that one row gives 0.
    """
    if values.shape[0] == 0:
        return np.full(values.shape[1], np.nan)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=RuntimeWarning, message=r".*(All-NaN|empty|freedom)")
        match = _PERCENTILE.fullmatch(pool)
        if match is not None:
            return np.asarray(np.nanpercentile(values, float(match[1]), axis=0))
        return np.asarray(_REDUCE[pool](values, axis=0))


def pool_rows(extractor: Extractor, rows: Rows, pools: Sequence[str]) -> Values:
    """Pool one extractor's rows to the vector whose names `columns` gives."""
    if extractor.scope == "video":
        return rows.values[0] if len(rows.values) else np.full(len(extractor.features), np.nan)
    return np.concatenate([pool_values(rows.values, pool) for pool in pools])
