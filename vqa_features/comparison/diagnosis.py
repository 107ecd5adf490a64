"""Analyses of a finished comparison: residuals, their correlation, largest errors, mean ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ParameterError
from ..evaluation.metrics import srcc
from ..evaluation.significance import critical_difference
from ..tables.columns import VIDEO_PREFIX
from ..tables.ids import aligned
from .result import BASELINE, Comparison
from .summary import MODEL, pooled_predictions

if TYPE_CHECKING:
    import pandas as pd


def residuals(comparison: Comparison, protocol: str = "strict", part: str | None = None) -> pd.DataFrame:
    """Return the residual (prediction − MOS) of every video and model.

    The predictions of a video are averaged over the splits that tested it.

    Parameters
    ----------
    comparison : Comparison
        Result of `vqa_features.compare`.
    protocol : str
        Protocol to read, such as ``"strict"``.
    part : str, optional
        Test part to read; by default all.

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
    return residuals_of(pooled_predictions(_trained(comparison.predictions, protocol, part)))


def _trained(table: pd.DataFrame, protocol: str, part: str | None) -> pd.DataFrame:
    """Return the rows of one protocol, and of one part if it is named, without the baseline."""
    rows = table[(table["protocol"] == protocol) & (table["regressor"] != BASELINE)]
    rows = rows if part is None else rows[rows["part"] == part]
    if rows.empty:
        named = "" if part is None else f" with a test part {part!r}"
        raise ParameterError(f"the comparison holds no results of the protocol {protocol!r}{named}")
    return rows


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
    comparison: Comparison, protocol: str = "strict", part: str | None = None, *, given_mos: bool = False
) -> pd.DataFrame:
    """Return the correlation between the residuals of every pair of models.

    A low correlation between families means that their fusion can gain.

    Parameters
    ----------
    comparison : Comparison
        Result of `vqa_features.compare`.
    protocol : str
        Protocol to read, such as ``"strict"``.
    part : str, optional
        Test part to read; by default all.
    given_mos : bool
        Return the partial correlation with MOS held fixed, see `correlate`.

    Returns
    -------
    DataFrame
        Pearson's correlation, shape (models, models), index and columns ``(table, regressor)``, 1 on the
        diagonal.
    """
    errors = residuals(comparison, protocol, part)
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
    part: str | None = None,
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
        Protocol to read, such as ``"strict"``.
    part : str, optional
        Test part to read; by default all.
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

    errors = residuals(comparison, protocol, part)
    mos = comparison.predictions.groupby("id")["mos"].first()
    parts = []
    for model in errors.columns.tolist():
        table, regressor = str(model[0]), str(model[1])
        mine = errors[table, regressor]
        worst = largest(mine, count)
        others = errors.drop(columns=[(table, regressor)]).mean(axis=1)
        rows = pd.DataFrame(
            {"table": table, "regressor": regressor, "id": worst, "mos": mos[worst].to_numpy()}
        )
        parts.append(rows.assign(error=mine[worst].to_numpy(), others=others[worst].to_numpy()))
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


def error_by(
    comparison: Comparison, by: pd.Series, *, protocol: str = "strict", part: str | None = None
) -> pd.DataFrame:
    """Return error, bias and rank correlation of every model by a property of the videos.

    Parameters
    ----------
    comparison : Comparison
        Result of `vqa_features.compare`.
    by : Series
        Category by id, e.g. the resolution, the content, or the MOS in ranges
        (`vqa_features.comparison.properties.in_ranges`).
    protocol : str
        Protocol to read, such as ``"strict"``.
    part : str, optional
        Test part to read; by default all.

    Returns
    -------
    DataFrame
        Columns ``value, table, regressor, videos`` (number), ``srcc`` (nan below three videos), ``rmse`` and
        ``bias`` (mean residual), both in MOS units. SRCC within a range of MOS is lower than over all videos,
        because the range is small.
    """
    import pandas as pd

    errors = residuals(comparison, protocol, part)
    labels = aligned(by, errors.index).astype(str)
    mos = comparison.predictions.groupby("id")["mos"].first().reindex(errors.index)
    rows = []
    for model in errors.columns.tolist():
        for value, mine in errors[model].groupby(labels):
            truth = mos[mine.index]
            entry: dict[str, Any] = {
                "value": value,
                **dict(zip(MODEL, model, strict=True)),
                "videos": len(mine),
            }
            entry["srcc"] = srcc(mine + truth, truth) if len(mine) > 2 else float("nan")
            rows.append(entry | {"rmse": float((mine**2).mean() ** 0.5), "bias": float(mine.mean())})
    return pd.DataFrame(rows)


def mean_ranks(
    comparison: Comparison, protocol: str = "strict", metric: str = "srcc", part: str | None = None
) -> pd.DataFrame:
    """Return the mean rank of every model over the splits, for a critical-difference diagram.

    Parameters
    ----------
    comparison : Comparison
        Result of `vqa_features.compare`.
    protocol : str
        Protocol to read, such as ``"strict"``.
    part : str, optional
        Test part to read; by default all.
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

    rows = _trained(comparison.scores, protocol, part)
    if part is None and rows["part"].nunique() > 1:
        raise ParameterError(f"name one of the test parts: {', '.join(map(str, rows['part'].unique()))}")
    wide = rows.pivot_table(index="split", columns=MODEL, values=metric, sort=False)
    found = critical_difference(wide.to_numpy())
    order = found.mean_ranks.argsort(kind="stable")
    place = {int(model): row for row, model in enumerate(order)}
    table = pd.DataFrame([wide.columns[i] for i in order], columns=MODEL).assign(rank=found.mean_ranks[order])
    table.attrs["critical_difference"] = found.critical_difference
    table.attrs["cliques"] = [tuple(sorted(place[model] for model in clique)) for clique in found.cliques]
    return table
