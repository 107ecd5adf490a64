"""Pooling of rows over time to one vector per video, with column names that can be read back."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .errors import ParameterError, first_few
from .extractor import Extractor
from .pools import BY_TIME, POOL_NAMES, SHOWN_NAMES, pool_name, pool_of
from .video_task import Rows

Values = NDArray[np.float64]

#: Pool of features that come once per video.
VIDEO_POOL = "video"
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
        return self.label.partition("[")[0].removesuffix("@random")


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
    """Return names of pools as a tuple, each pool once and by its one name (``p5`` for ``p05``).

    Parameters
    ----------
    pools : sequence of str
        Names of `vqa_features.pools.POOLS`.

    Returns
    -------
    tuple of str

    Raises
    ------
    ParameterError
        If one is not known, or there is none.
    """
    names = []
    for pool in pools:
        name = pool_name(pool)
        if name is None:
            raise ParameterError(f"unknown pool {pool!r}; allowed are {', '.join(POOL_NAMES)}{_hint(pool)}")
        names.append(name)
    if not names:
        raise ParameterError("at least one pool is needed, e.g. mean")
    return tuple(dict.fromkeys(names))


def _hint(pool: str) -> str:
    """Return what may be meant by a name that no pool has."""
    meant = pool.replace(".", "_")
    if pool_of(meant):
        return f": write {meant} for {pool}"
    if pool.endswith(BY_TIME) and pool_of(pool.removesuffix(BY_TIME)):
        return f": {BY_TIME} goes with {', '.join(SHOWN_NAMES)}"
    return ""


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


def pool_values(values: Values, pool: str, times_s: Values | None = None) -> Values:
    """Return rows pooled over time.

    Parameters
    ----------
    values : ndarray, (n, d) float64
        Rows. Undefined cells (nan) are left out.
    pool : str
        A checked name. `std` is the population's (ddof = 0), so that one row gives 0.
    times_s : ndarray, (n,) float64, optional
        Times of the rows in seconds, in any order.

    Returns
    -------
    ndarray, (d,) float64
        nan where no row has a value, and for the power means where one is negative.

    Raises
    ------
    ParameterError
        If the pool uses times and several rows have none.
    """
    found = pool_of(pool)
    assert found is not None
    kind, number = found
    if values.shape[0] == 0:
        return np.full(values.shape[1], np.nan)
    times = np.zeros(1) if times_s is None or len(values) == 1 else times_s
    if kind.timed:
        if len(times) != len(values) or not np.isfinite(times).all():
            raise ParameterError(f"the pool {pool} needs the time of every frame: give their rate as fps")
        order = np.argsort(times, kind="stable")
        values, times = values[order], times[order]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=RuntimeWarning, message=r".*(All-NaN|empty|freedom)")
        return kind.reduce(values, times, number)


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

    Raises
    ------
    ParameterError
        If a pool uses times and the rows have none.
    """
    if extractor.scope == "video":
        return rows.values[0] if len(rows.values) else np.full(len(extractor.features), np.nan)
    return np.concatenate([pool_values(rows.values, pool, rows.times_s) for pool in pools])


def pool_warnings(extractor: Extractor, pooled: Mapping[str, float], pools: Sequence[str]) -> list[str]:
    """Return a sentence for each pool that is undefined in some columns of an extractor.

    Parameters
    ----------
    extractor : Extractor
        It has rows for the video.
    pooled : mapping
        Pooled values by column name.
    pools : sequence of str
        Checked names of pools.
    """
    told = []
    for pool in pools if extractor.scope != "video" else ():
        found = pool_of(pool)
        if found is None or not found[0].positive:
            continue
        names = zip(extractor.feature_names, columns(extractor, [pool]), strict=True)
        lost = [feature for feature, name in names if np.isnan(pooled[name])]
        if lost:
            told.append(
                f"{extractor.label}: no {pool} of {len(lost)} of {len(extractor.features)} features "
                f"({first_few(lost)}): it is defined for values of 0 and above"
            )
    return told
