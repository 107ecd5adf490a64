"""Where models fail and whether they fail alike, read from a finished comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ParameterError
from ..evaluation.significance import critical_difference
from .result import BASELINE, Comparison
from .summary import MODEL, pooled_predictions

if TYPE_CHECKING:
    import pandas as pd


def residuals(comparison: Comparison, protocol: str = "strict") -> pd.DataFrame:
    """Return prediction - MOS of every video (index id) by every model (columns ``(table, regressor)``).

    Predictions are averaged over the splits that tested the video; positive means rated too high.
    """
    rows = comparison.predictions
    rows = rows[(rows["protocol"] == protocol) & (rows["regressor"] != BASELINE)]
    if rows.empty:
        raise ParameterError(f"the comparison holds no predictions of the protocol {protocol!r}")
    videos = pooled_predictions(rows)
    return videos.drop(columns=[("mos", "")]).sub(videos["mos", ""], axis=0)


def residual_correlation(comparison: Comparison, protocol: str = "strict") -> pd.DataFrame:
    """Return Pearson's correlation of every pair of models' residuals, 1 on the diagonal.

    Low values between families mean that fusing them can gain.
    """
    return residuals(comparison, protocol).corr()


def failures(
    comparison: Comparison,
    metadata: pd.DataFrame | None = None,
    *,
    protocol: str = "strict",
    count: int = 10,
) -> pd.DataFrame:
    """Return each model's worst videos, and what is known of them.

    Returns
    -------
    DataFrame
        Columns ``table, regressor, id, mos, error`` (prediction - MOS), ``others`` (mean error of the other
        models: near 0 means that only this one fails) and, as ``video.*``, those of `metadata` (indexed by
        id), largest error first.
    """
    import pandas as pd

    errors = residuals(comparison, protocol)
    mos = comparison.predictions.groupby("id")["mos"].first()
    parts = []
    for model in errors.columns.tolist():
        table, regressor = str(model[0]), str(model[1])
        mine = errors[table, regressor]
        worst = mine.abs().sort_values(ascending=False, kind="stable").index[:count]
        others = errors.drop(columns=[(table, regressor)]).mean(axis=1)
        part = pd.DataFrame(
            {"table": table, "regressor": regressor, "id": worst, "mos": mos[worst].to_numpy()}
        )
        parts.append(part.assign(error=mine[worst].to_numpy(), others=others[worst].to_numpy()))
    found = pd.concat(parts, ignore_index=True)
    return found if metadata is None else found.join(metadata.add_prefix("video."), on="id")


def error_by(comparison: Comparison, by: pd.Series, *, protocol: str = "strict") -> pd.DataFrame:
    """Return root mean squared error and bias of every model by a property of the videos.

    Parameters
    ----------
    by : Series
        Category by id, e.g. the resolution, the content, or ``pandas.cut`` of the MOS.

    Returns
    -------
    DataFrame
        Columns ``value, table, regressor, videos, rmse, bias``.
    """
    import pandas as pd

    errors = residuals(comparison, protocol)
    labels = by.reindex(errors.index).astype(str)
    rows = []
    for model in errors.columns.tolist():
        for value, mine in errors[model].groupby(labels):
            entry = dict(zip(MODEL, model, strict=True))
            size = float((mine**2).mean() ** 0.5)
            rows.append(
                {"value": value, **entry, "videos": len(mine), "rmse": size, "bias": float(mine.mean())}
            )
    return pd.DataFrame(rows)


def mean_ranks(comparison: Comparison, protocol: str = "strict", metric: str = "srcc") -> pd.DataFrame:
    """Return every model's mean rank over the splits, for a critical-difference diagram.

    Returns
    -------
    DataFrame
        Columns ``table, regressor, rank`` (1 is best), best first; ``attrs["critical_difference"]`` is
        Nemenyi's at 5 % and ``attrs["cliques"]`` the sets of row numbers within it. Splits overlap, so this
        is a picture; the claims are in ``significance``.
    """
    import pandas as pd

    rows = comparison.scores
    rows = rows[(rows["protocol"] == protocol) & (rows["regressor"] != BASELINE)]
    wide = rows.pivot_table(index="split", columns=MODEL, values=metric, sort=False)
    found = critical_difference(wide.to_numpy())
    order = found.mean_ranks.argsort(kind="stable")
    place = {int(model): row for row, model in enumerate(order)}
    table = pd.DataFrame([wide.columns[i] for i in order], columns=MODEL).assign(rank=found.mean_ranks[order])
    table.attrs["critical_difference"] = found.critical_difference
    table.attrs["cliques"] = [tuple(sorted(place[model] for model in clique)) for clique in found.cliques]
    return table
