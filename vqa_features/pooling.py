"""Pooling of rows over time to one vector per video, with column names that can be read back."""

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
    """The parts of a feature column's name.

    Parameters
    ----------
    label : str
        Extractor with its changed parameters, e.g. ``brisque[scales=3]``.
    feature : str
        Name of the feature.
    pool : str
        How it was pooled over time; ``video`` where it comes once per video.
    """

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
    """Return the parts of a column name.

    Parameters
    ----------
    name : str
        ``<extractor>[parameters].<feature>.<pool>``.

    Returns
    -------
    Column or None
        None if `name` is no feature column.

    Examples
    --------
    >>> parse_column("brisque[scales=3].score.mean")
    Column(label='brisque[scales=3]', feature='score', pool='mean')
    >>> parse_column("seconds.brisque") is None
    True
    """
    match = _COLUMN.fullmatch(name)
    if match is None or name.startswith(("seconds.", "video.")):
        return None
    return Column(match["label"], match["feature"], match["pool"])


def check_pools(pools: Sequence[str]) -> tuple[str, ...]:
    """Return names of pools as a tuple, each once.

    Parameters
    ----------
    pools : sequence of str
        mean, std, min, max, median, p0 .. p100.

    Returns
    -------
    tuple of str

    Raises
    ------
    ParameterError
        If one is not known, or there is none.
    """
    for pool in pools:
        if pool not in _REDUCE and not _PERCENTILE.fullmatch(pool):
            raise ParameterError(f"unknown pool {pool!r}; allowed are {', '.join(POOL_NAMES)}")
    if not pools:
        raise ParameterError("at least one pool is needed, e.g. mean")
    return tuple(dict.fromkeys(pools))


def columns(extractor: Extractor, pools: Sequence[str]) -> list[str]:
    """Return the names of an extractor's pooled columns.

    Parameters
    ----------
    extractor : Extractor
        Of scope "video": its one pool is ``video``.
    pools : sequence of str
        Checked names of pools.

    Returns
    -------
    list of str
        Pool by pool, features in their order.
    """
    names = [VIDEO_POOL] if extractor.scope == "video" else pools
    label = extractor.label
    return [str(Column(label, name, pool)) for pool in names for name in extractor.feature_names]


def pool_values(values: Values, pool: str) -> Values:
    """Return rows pooled over time.

    Parameters
    ----------
    values : ndarray, (n, d) float64
        Rows. Undefined cells (nan) are left out.
    pool : str
        A checked name. `std` is the population's (ddof = 0), so that one row gives 0.

    Returns
    -------
    ndarray, (d,) float64
        nan only where no row has a value.
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
    """Return one extractor's rows pooled to the vector whose names `columns` returns.

    Parameters
    ----------
    extractor : Extractor
        The extractor.
    rows : Rows
        Its rows for one video.
    pools : sequence of str
        Checked names of pools.

    Returns
    -------
    ndarray, (n_pools * d,) float64
        For scope "video" (d,).
    """
    if extractor.scope == "video":
        return rows.values[0] if len(rows.values) else np.full(len(extractor.features), np.nan)
    return np.concatenate([pool_values(rows.values, pool) for pool in pools])
