"""Where models fail and whether they fail alike, read from a finished comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import ParameterError
from .outcome import BASELINE, Comparison
from .tallies import MODEL, pooled_predictions

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
        models: near 0 means that only this one fails) and those of `metadata` (indexed by id), largest
        error first.
    """
    import pandas as pd

    errors = residuals(comparison, protocol)
    mos = comparison.predictions.groupby("id")["mos"].first()
    parts = []
    for table, regressor in errors.columns.tolist():
        mine = errors[table, regressor]
        worst = mine.abs().sort_values(ascending=False, kind="stable").index[:count]
        others = errors.drop(columns=[(table, regressor)]).mean(axis=1)
        part = pd.DataFrame(
            {"table": table, "regressor": regressor, "id": worst, "mos": mos[worst].to_numpy()}
        )
        parts.append(part.assign(error=mine[worst].to_numpy(), others=others[worst].to_numpy()))
    found = pd.concat(parts, ignore_index=True)
    return found if metadata is None else found.join(metadata, on="id", rsuffix="_metadata")


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
