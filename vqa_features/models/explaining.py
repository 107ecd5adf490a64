"""From a fitted model and the features of one video to the explanation of its prediction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError, TableError
from ..files.names import shown
from ..pooling import parse_column
from .contributions import Contributions, exact, is_linear, sampled
from .explanation import Explanation, Method, Score
from .kernel_prediction import predictor
from .model_file import probes
from .prediction import Matrix

if TYPE_CHECKING:
    import pandas as pd

    from .card import Card
    from .quality_model import QualityModel
    from .sources import Source

Values = NDArray[np.float64]


def explained(
    model: QualityModel, given: Matrix, seconds: pd.DataFrame | None = None, told: Sequence[str] = ()
) -> Explanation:
    """Return the explanation of the one row of a matrix of features.

    Parameters
    ----------
    model : QualityModel
        Fitted.
    given : Matrix
        Features of one video, in the order of the model's columns.
    seconds : DataFrame, optional
        Predictions over time of the same video.
    told : sequence of str
        What limits them, or why there are none.

    Raises
    ------
    ParameterError
        If there is another number of rows than one.
    TableError
        If the video has no prediction, or the model is not linear and keeps no training rows.
    """
    if len(given.values) != 1:
        raise ParameterError(f"one video is explained at a time: give one row, not {len(given.values)}")
    name = shown(given.ids[0])
    if not given.usable[0]:
        raise TableError(f"{name} has no features, so there is no prediction to explain")
    row, card = given.values[0], model.card_
    found, method = _contributions(model, row)
    predicted, slope, mean = _mapped(card, found)
    one = model.predicted(given).iloc[0]
    notes = list(given.notes)
    if abs(float(one["mos"]) - predicted) > 1e-6 * max(1.0, abs(predicted)):
        notes.append(f"the MOS is held to the scale: the contributions sum to {predicted:.3f} before that")
    if card.data.direction == "lower":
        notes.append("lower is better on this scale: a pull up means lower quality")
    if card.curve.is_constant:
        notes.append("the model predicts the mean MOS whatever the features are: nothing pulls")
    background = model.background_
    if background is None:
        notes.append("the model file holds no training rows: medians and percentiles are not known")
    return Explanation(
        name,
        Score(float(one["mos"]), float(one["low"]), float(one["high"]), bool(one["extrapolates"]), mean),
        _table(card, row, background, slope * found.values, abs(slope) * found.errors),
        method,
        seconds,
        (*notes, *told),
    )


def _contributions(model: QualityModel, row: Values) -> tuple[Contributions, Method]:
    """Return the contributions on the scale of the pipeline, and how they were found."""
    pipeline, card = model.pipeline_, model.card_
    predict = predictor(pipeline)
    if check_explainable(model):
        return exact(predict, row), "exact"
    assert model.background_ is not None
    return sampled(predict, row, model.background_, groups_of(card.sources), model.seed), "sampled"


def check_explainable(model: QualityModel) -> bool:
    """Return whether a model is linear; TableError if it is not and keeps no training rows."""
    linear = is_linear(model.pipeline_, probes(model.card_))
    if not linear and model.background_ is None:
        raise TableError(
            f"the model ({model.card_.regressor}) was saved without a sample of its training rows, which an "
            "explanation of it needs: train and save it again"
        )
    return linear


def groups_of(sources: Sequence[Source]) -> list[list[int]]:
    """Return the places of the columns of each extractor, or table, in the order of the columns."""
    found: dict[str, list[int]] = {}
    for place, (_, extractor) in enumerate(_owners(sources)):
        found.setdefault(extractor, []).append(place)
    return list(found.values())


def _owners(sources: Sequence[Source]) -> list[tuple[str, str]]:
    """Return every column with its extractor; the table's name where a column names none."""
    parsed = [(name, parse_column(name), source.name) for source in sources for name in source.columns]
    return [(name, table if column is None else column.label) for name, column, table in parsed]


def _mapped(card: Card, found: Contributions) -> tuple[float, float, float]:
    """Return the prediction in MOS, the factor from the pipeline's scale to MOS, and the mean in MOS.

    The factor is the slope of the line through the two points of the map at the mean and at the prediction:
    contributions keep their shares, and sum to the difference in MOS.
    """
    predicted, mean = (float(card.curve(np.array([one]))[0]) for one in (found.prediction, found.mean))
    way = found.prediction - found.mean
    if abs(way) > 1e-6 * card.curve.width:
        return predicted, (predicted - mean) / way, mean
    near = card.curve(found.mean + 1e-3 * card.curve.width * np.array([-1.0, 1.0]))
    return predicted, float(near[1] - near[0]) / (2e-3 * card.curve.width), mean


def _table(
    card: Card, row: Values, background: Values | None, contributions: Values, errors: Values
) -> pd.DataFrame:
    """Return the columns of the model, strongest pull first."""
    import pandas as pd

    from ..tables.columns import family_of

    owners = _owners(card.sources)
    families = {
        extractor: family_of(pd.DataFrame(columns=[name for name, owner in owners if owner == extractor]))
        for extractor in dict.fromkeys(extractor for _, extractor in owners)
    }
    found = pd.DataFrame(
        {
            "extractor": [extractor for _, extractor in owners],
            "family": [families[extractor] for _, extractor in owners],
            "value": row,
            "median": _medians(background, len(row)),
            "percentile": _percentiles(background, row),
            "contribution": contributions,
            "error": errors,
        },
        index=pd.Index([name for name, _ in owners], name="column"),
    )
    return found.sort_values("contribution", key=np.abs, ascending=False, kind="stable")


def _medians(background: Values | None, columns: int) -> Values:
    if background is None:
        return np.full(columns, np.nan)
    known = np.isfinite(background).any(axis=0)
    found = np.full(columns, np.nan)
    found[known] = np.nanmedian(background[:, known], axis=0)
    return found


def _percentiles(background: Values | None, row: Values) -> Values:
    """Return how much of the training sample lies below each value, equal ones by half, in percent."""
    if background is None:
        return np.full(len(row), np.nan)
    counts = np.isfinite(background).sum(axis=0)
    below = (background < row).sum(axis=0) + (background == row).sum(axis=0) / 2
    known = np.isfinite(row) & (counts > 0)
    return np.where(known, 100 * below / np.maximum(counts, 1), np.nan)
