"""How columns react to a ladder: monotonicity, sensitivity, saturation, the smallest strength told apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

#: Level of the test of the smallest strength that is told apart.
LEVEL = 0.05
#: Least number of clips with which the test can reach its level (2 / 2^6 = .031).
LEAST_FOR_TEST = 6
#: Least number of clips that have a spread.
LEAST_FOR_SPREAD = 3
#: Share of the greatest change from which on a response counts as saturated.
SATURATED = 0.9

#: Displacement that counts as noticed: a quarter of the distance between two contents.
NOTICED = 0.25

Array = NDArray[np.float64]


def curves_of(originals: pd.DataFrame, versions: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return the change of every column at every strength, in units of its spread over the originals.

    Parameters
    ----------
    originals : DataFrame
        One row per clip (index), the columns among others.
    versions : DataFrame
        One row per clip and strength of one ladder, with the columns ``clip`` and ``strength``.
    columns : sequence of str
        Columns of features.

    Returns
    -------
    DataFrame
        Columns ``column``, ``strength``, ``clips`` (with a value), ``change`` (median over the clips of the
        change divided by the spread), ``low`` and ``high`` (quartiles), ``p`` (two-sided exact Wilcoxon
        signed-rank test of the changes; nan below six clips, and where a clip has no value). The spread is
        the standard deviation over the original clips; without one (fewer than three clips, or a constant
        column) the change is nan.
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    spreads = originals[list(columns)].std(ddof=1)
    enough = len(originals) >= LEAST_FOR_SPREAD
    for strength, mine in versions.groupby("strength"):
        first = originals.loc[mine["clip"], list(columns)].to_numpy(float)
        changes = mine[list(columns)].to_numpy(float) - first
        p_values = _signed_rank_p(changes)
        for number, column in enumerate(columns):
            found = changes[np.isfinite(changes[:, number]), number]
            spread = float(spreads[column])
            known = enough and np.isfinite(spread) and spread > 0 and len(found) > 0
            parts = np.percentile(found / spread, [50, 25, 75]) if known else np.full(3, np.nan)
            rows.append(
                {
                    "column": column,
                    "strength": strength,
                    "clips": len(found),
                    **dict(zip(("change", "low", "high"), map(float, parts), strict=True)),
                    "p": float(p_values[number]),
                }
            )
    return pd.DataFrame(rows)


def _signed_rank_p(changes: Array) -> Array:
    """Return the p value of Wilcoxon's signed-rank test for every column of `changes`.

    nan below six values, and where a value is missing; 1 where nothing changes. Exact without ties and zeros
    in a column of at most 50 clips.
    """
    from scipy.stats import wilcoxon

    found = np.full(changes.shape[1], np.nan)
    if len(changes) < LEAST_FOR_TEST:
        return found
    sizes = np.sort(np.abs(changes), axis=0)
    whole = np.isfinite(changes).all(axis=0)
    found[whole & (sizes[-1] == 0)] = 1.0
    moves = whole & (sizes[-1] > 0)
    plain = (sizes[0] > 0) & (np.diff(sizes, axis=0) > 0).all(axis=0) & (len(changes) <= 50)
    if (mine := moves & plain).any():
        found[mine] = wilcoxon(changes[:, mine], method="exact", axis=0).pvalue
    if (mine := moves & ~plain).any():
        found[mine] = wilcoxon(changes[:, mine], method="approx", axis=0).pvalue
    return found


def summary_of(
    originals: pd.DataFrame, versions: pd.DataFrame, curves: pd.DataFrame, columns: Sequence[str]
) -> pd.DataFrame:
    """Return one row per column of one ladder.

    Parameters
    ----------
    originals, versions, columns
        As for `curves_of`.
    curves : DataFrame
        What `curves_of` returned.

    Returns
    -------
    DataFrame
        Columns ``column``; ``clips``; ``monotonicity``: median over the clips of Spearman's correlation of
        value and strength, the original included; ``agreement``: share of clips whose correlation has the
        sign of the median; ``sensitivity``: change at the greatest strength in units of the spread;
        ``saturation``: least strength from which on the change is at least .9 of the greatest, nan where
        only the last strength is; ``told_apart``: least strength from which on every p is at most .05.
    """
    import pandas as pd

    rows = []
    by_column = dict(list(curves.groupby("column", sort=False)))
    values = {
        clip: np.vstack([originals.loc[[clip], list(columns)].to_numpy(float), _sorted(mine, columns)])
        for clip, mine in versions.groupby("clip", sort=False)
    }
    for number, column in enumerate(columns):
        curve = by_column[column].sort_values("strength")
        found = [_spearman(one[:, number]) for one in values.values()]
        rhos = np.array([one for one in found if np.isfinite(one)])
        middle = float(np.median(rhos)) if len(rhos) else float("nan")
        rows.append(
            {
                "column": column,
                "clips": len(rhos),
                "monotonicity": middle,
                "agreement": float(np.mean(np.sign(rhos) == np.sign(middle))) if len(rhos) else float("nan"),
                "sensitivity": float(curve["change"].iloc[-1]),
                "saturation": _saturation(curve["strength"].to_numpy(float), curve["change"].to_numpy(float)),
                "told_apart": _told_apart(curve["strength"].to_numpy(float), curve["p"].to_numpy(float)),
            }
        )
    return pd.DataFrame(rows)


def _sorted(mine: pd.DataFrame, columns: Sequence[str]) -> Array:
    return mine.sort_values("strength")[list(columns)].to_numpy(float)


def _spearman(values: Array) -> float:
    """Return the rank correlation of values and their order; 0 for constant values, nan for a missing one."""
    from scipy.stats import rankdata

    if not np.all(np.isfinite(values)):
        return float("nan")
    ranks = rankdata(values)
    if np.ptp(ranks) == 0:
        return 0.0
    return float(np.corrcoef(np.arange(len(ranks)), ranks)[0, 1])


def _saturation(strengths: Array, changes: Array) -> float:
    sizes = np.abs(changes)
    if not np.all(np.isfinite(sizes)) or sizes.max() == 0:
        return float("nan")
    first = _from_where(sizes >= SATURATED * sizes.max())
    return float("nan") if first is None or first == len(strengths) - 1 else float(strengths[first])


def _told_apart(strengths: Array, p_values: Array) -> float:
    first = _from_where(p_values <= LEVEL)
    return float("nan") if first is None else float(strengths[first])


def _from_where(holds: NDArray[np.bool_]) -> int | None:
    """Return the index from which on all hold; None where the last does not."""
    if not holds[-1]:
        return None
    wrong = np.flatnonzero(~holds)
    return int(wrong[-1]) + 1 if len(wrong) else 0


def displacement_of(originals: pd.DataFrame, versions: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return how far the versions of one ladder move in the space of one extractor.

    Every column is divided by its spread over the originals. A distance is the mean of the absolute
    differences over the columns: squares would follow the columns of least spread. Columns without a spread,
    and those with a missing value, are left out.

    Returns
    -------
    DataFrame
        One row per strength: ``strength``; ``columns`` (used); ``displacement``: median over the clips of
        the distance of version and original, divided by the median distance of two originals; ``own``: share
        of the versions whose nearest original is that of their own clip.
    """
    import pandas as pd

    rows = []
    base = originals[list(columns)].to_numpy(float)
    every = versions[list(columns)].to_numpy(float)
    spread = base.std(axis=0, ddof=1) if len(base) >= LEAST_FOR_SPREAD else np.zeros(base.shape[1])
    used = np.isfinite(spread) & (spread > 0) & np.isfinite(every).all(axis=0)
    if not used.any():
        strengths = sorted(versions["strength"].unique())
        empty = {"columns": 0, "displacement": np.nan, "own": np.nan}
        return pd.DataFrame([{"strength": one, **empty} for one in strengths])
    scaled = base[:, used] / spread[used]
    pairs = _distances(scaled, scaled)
    between = float(np.median(pairs[np.triu_indices(len(pairs), 1)]))
    place = {clip: number for number, clip in enumerate(originals.index)}
    for strength, mine in versions.groupby("strength"):
        moved = mine[list(columns)].to_numpy(float)[:, used] / spread[used]
        found = _distances(moved, scaled)
        own = np.array([place[clip] for clip in mine["clip"]])
        rows.append(
            {
                "strength": strength,
                "columns": int(used.sum()),
                "displacement": float(np.median(found[np.arange(len(own)), own])) / between,
                "own": float(np.mean(found.argmin(axis=1) == own)),
            }
        )
    return pd.DataFrame(rows)


def noticed_at(curve: pd.DataFrame) -> float | None:
    """Return the least strength from which on the displacement is at least `NOTICED`; None if there is none.

    Parameters
    ----------
    curve : DataFrame
        Rows of `displacement_of` of one ladder, in the order of the strengths.
    """
    first = _from_where(curve["displacement"].to_numpy(float) >= NOTICED)
    return None if first is None else float(curve["strength"].iloc[first])


def _distances(one: Array, other: Array) -> Array:
    """Return the mean absolute difference of every row of `one` and of `other`."""
    return np.abs(one[:, None, :] - other[None, :, :]).mean(axis=2)
