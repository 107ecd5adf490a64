"""Analyses of a finished comparison: residuals, their correlation, largest errors, mean ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import ParameterError
from ..evaluation.significance import critical_difference
from ..tables.columns import VIDEO_PREFIX
from ..tables.ids import aligned
from .result import BASELINE, Comparison
from .summary import MODEL, pooled_predictions

if TYPE_CHECKING:
    import pandas as pd


def residuals(comparison: Comparison, protocol: str = "strict") -> pd.DataFrame:
    """Return the residual (prediction − MOS) of every video and model.

    The predictions of a video are averaged over the splits that tested it.

    Parameters
    ----------
    comparison : Comparison
        Result of `vqa_features.compare`.
    protocol : str
        Protocol to read, ``"strict"`` or ``"literature"``.

    Returns
    -------
    DataFrame
        Index ``id``, columns ``(table, regressor)`` without the baseline, in MOS units. A positive residual
        means that the prediction is too high.

    Raises
    ------
    ParameterError
        The comparison holds no predictions of this protocol.
    """
    rows = comparison.predictions
    rows = rows[(rows["protocol"] == protocol) & (rows["regressor"] != BASELINE)]
    if rows.empty:
        raise ParameterError(f"the comparison holds no predictions of the protocol {protocol!r}")
    return residuals_of(pooled_predictions(rows))


def residuals_of(videos: pd.DataFrame) -> pd.DataFrame:
    """Return the residuals in a table of pooled predictions.

    Parameters
    ----------
    videos : DataFrame
        As `pooled_predictions` returns it: index ``id``, the column ``("mos", "")`` and one per model.

    Returns
    -------
    DataFrame
        The columns of the models, each minus MOS.
    """
    return videos.drop(columns=[("mos", "")]).sub(videos["mos", ""], axis=0)


def residual_correlation(
    comparison: Comparison, protocol: str = "strict", *, given_mos: bool = False
) -> pd.DataFrame:
    """Return the correlation between the residuals of every pair of models.

    A low correlation between families means that their fusion can gain.

    Parameters
    ----------
    comparison : Comparison
        Result of `vqa_features.compare`.
    protocol : str
        Protocol to read, ``"strict"`` or ``"literature"``.
    given_mos : bool
        Return the partial correlation with MOS held fixed, see `correlate`.

    Returns
    -------
    DataFrame
        Pearson's correlation, shape (models, models), index and columns ``(table, regressor)``, 1 on the
        diagonal.
    """
    errors = residuals(comparison, protocol)
    mos = comparison.predictions.groupby("id")["mos"].first()
    return correlate(errors, mos if given_mos else None)


def correlate(errors: pd.DataFrame, mos: pd.Series | None = None) -> pd.DataFrame:
    """Return Pearson's correlation of every pair of columns over the videos that all columns have.

    Parameters
    ----------
    errors : DataFrame
        Residuals, one row per video and column per model.
    mos : Series, optional
        MOS by the index of `errors`. When given, the correlation is partial with MOS held fixed. Every
        regressor predicts towards the middle of the scale, so the residuals of all models fall with MOS; the
        partial correlation leaves this common part out.

    Returns
    -------
    DataFrame
        Shape (models, models), index and columns those of `errors`.
    """
    complete = errors.dropna()
    if mos is not None and len(complete):
        known = aligned(mos, complete.index).to_numpy(dtype=float)
        line = np.column_stack([np.ones_like(known), known])
        complete = complete - line @ np.linalg.lstsq(line, complete.to_numpy(dtype=float), rcond=None)[0]
    return complete.corr()


def failures(
    comparison: Comparison,
    metadata: pd.DataFrame | None = None,
    *,
    protocol: str = "strict",
    count: int = 10,
) -> pd.DataFrame:
    """Return the videos of largest error of every model.

    Parameters
    ----------
    comparison : Comparison
        Result of `vqa_features.compare`.
    metadata : DataFrame, optional
        Properties of the videos, indexed by id, to add to the rows, such as the columns ``video.*`` of a
        feature table.
    protocol : str
        Protocol to read, ``"strict"`` or ``"literature"``.
    count : int
        Number of videos per model.

    Returns
    -------
    DataFrame
        Columns ``table, regressor, id, mos, error`` (prediction − MOS), ``others`` (mean error of the other
        models; near 0 when only this model fails) and, as ``video.*``, those of `metadata`. The largest
        absolute error of each model comes first.
    """
    import pandas as pd

    errors = residuals(comparison, protocol)
    mos = comparison.predictions.groupby("id")["mos"].first()
    parts = []
    for model in errors.columns.tolist():
        table, regressor = str(model[0]), str(model[1])
        mine = errors[table, regressor]
        worst = largest(mine, count)
        others = errors.drop(columns=[(table, regressor)]).mean(axis=1)
        part = pd.DataFrame(
            {"table": table, "regressor": regressor, "id": worst, "mos": mos[worst].to_numpy()}
        )
        parts.append(part.assign(error=mine[worst].to_numpy(), others=others[worst].to_numpy()))
    found = pd.concat(parts, ignore_index=True)
    if metadata is None:
        return found
    known = aligned(metadata, list(found["id"].unique()))
    described = known.rename(columns=lambda name: VIDEO_PREFIX + str(name).removeprefix(VIDEO_PREFIX))
    return found.join(described, on="id")


def largest(values: pd.Series, count: int) -> pd.Index:
    """Return the ids of the largest absolute values.

    Parameters
    ----------
    values : Series
        Value by video id; missing values are left out.
    count : int
        Greatest number of ids.

    Returns
    -------
    Index
        Ids in falling order of absolute value; equal values keep the order of `values`.
    """
    return values.abs().dropna().sort_values(ascending=False, kind="stable").index[:count]


def error_by(comparison: Comparison, by: pd.Series, *, protocol: str = "strict") -> pd.DataFrame:
    """Return root mean squared error and bias of every model by a property of the videos.

    Parameters
    ----------
    comparison : Comparison
        Result of `vqa_features.compare`.
    by : Series
        Category by id, e.g. the resolution, the content, or ``pandas.cut`` of the MOS.
    protocol : str
        Protocol to read, ``"strict"`` or ``"literature"``.

    Returns
    -------
    DataFrame
        Columns ``value, table, regressor, videos`` (number), ``rmse`` and ``bias`` (mean residual), both in
        MOS units.
    """
    import pandas as pd

    errors = residuals(comparison, protocol)
    labels = aligned(by, errors.index).astype(str)
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
    """Return the mean rank of every model over the splits, for a critical-difference diagram.

    Parameters
    ----------
    comparison : Comparison
        Result of `vqa_features.compare`.
    protocol : str
        Protocol to read, ``"strict"`` or ``"literature"``.
    metric : str
        Column of `Comparison.scores` to rank by; larger is better.

    Returns
    -------
    DataFrame
        Columns ``table, regressor, rank`` (1 is best), best first; ``attrs["critical_difference"]`` is
        Nemenyi's at 5 % and ``attrs["cliques"]`` the sets of row numbers within it. Nemenyi's test assumes
        independent splits, which these are not: use it for a diagram and ``significance`` for claims.
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
