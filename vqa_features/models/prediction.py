"""The columns of a model, taken from a table of new videos and checked against the training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import TableError, first_few
from ..pooling import parse_column
from ..tables.feature_table import feature_tables
from ..tables.settings import SETTINGS_KEY
from .sources import Source
from .training_tables import Tables, given_tables

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.pipeline import Pipeline

    from ..tables.feature_table import FeatureTable
    from .card import Card

Values = NDArray[np.float64]


class Matrix(NamedTuple):
    """Features of new videos in the order of a model's columns."""

    ids: pd.Index
    values: Values
    """(videos, columns): nan where missing."""
    usable: NDArray[np.bool_]
    """(videos,): whether every extractor, or table, has at least one value."""
    notes: tuple[str, ...] = ()
    """What limits the predictions, in sentences."""


def matrix_of(sources: Sequence[Source], tables: Tables) -> Matrix:
    """Return the columns of a model from tables of new videos.

    Parameters
    ----------
    sources : sequence of Source
        Tables of the training.
    tables : DataFrame, mapping of str to DataFrame, or (videos, columns)
        Several tables are joined by id; every one must have the same ids.

    Raises
    ------
    TableError
        If there is no row, a column is missing or in two tables, ids differ, or an extractor or a setting
        differs from training.
    """
    records = feature_tables(given_tables(tables))
    index = records[0].frame.index
    for record in records[1:]:
        if len(record.frame) != len(index) or set(record.frame.index) != set(index):
            raise TableError(f"{records[0].name} and {record.name} have other ids: give the same videos")
    place = _places(records, [name for source in sources for name in source.columns])
    notes = _checked_settings(sources, records)
    frames = [record.frame.loc[index].rename(columns=str) for record in records]
    values = np.column_stack([_cells(frames[number], name) for name, number in place.items()])
    usable = usable_rows(sources, values)
    return Matrix(index, values, usable, (*notes, *_missing(index, values, usable)))


def interval_table(card: Card, pipeline: Pipeline, given: Matrix) -> pd.DataFrame:
    """Return the table of `vqa_features.QualityModel.predict_interval`.

    Parameters
    ----------
    card : Card
        Map, interval, scale and training range.
    pipeline : Pipeline
        Fitted.
    given : Matrix
        Features.
    """
    import pandas as pd

    usable, half_width = given.usable, card.performance.half_width
    mos = np.full(len(usable), np.nan)
    if usable.any():
        mos[usable] = card.curve(np.asarray(pipeline.predict(given.values[usable])))
    low, high = mos - half_width, mos + half_width
    if card.data.scale is not None:
        mos, low, high = (np.clip(one, *card.data.scale) for one in (mos, low, high))
    outside = card.span.outside(given.values) & usable
    return pd.DataFrame({"mos": mos, "low": low, "high": high, "extrapolates": outside}, index=given.ids)


def usable_rows(sources: Sequence[Source], values: Values) -> NDArray[np.bool_]:
    """Return of which rows every extractor, or table, has at least one value.

    Parameters
    ----------
    sources : sequence of Source
        Tables of the training.
    values : (rows, columns)
        In the order of their columns.
    """
    usable = np.ones(len(values), dtype=np.bool_)
    first = 0
    for source in sources:
        last = first + len(source.columns)
        for part in _parts(source):
            usable &= np.isfinite(values[:, first:last][:, part]).any(axis=1)
        first = last
    return usable


def _places(records: Sequence[FeatureTable], needed: Sequence[str]) -> dict[str, int]:
    """Return the number of the table that has each column that is needed, in their order."""
    found: dict[str, int] = {}
    for number, record in enumerate(records):
        names = [str(name) for name in record.frame.columns]
        for name in set(names) & set(needed):
            if name in found or names.count(name) > 1:
                raise TableError(f"the column {name!r} is there twice: leave one out")
            found[name] = number
    lost = [name for name in needed if name not in found]
    if lost:
        raise TableError(
            f"{' and '.join(record.name for record in records)}: {len(lost)} of the {len(needed)} columns "
            f"that the model needs are missing: {first_few(lost)}"
        )
    return {name: found[name] for name in needed}


def _checked_settings(sources: Sequence[Source], records: Sequence[FeatureTable]) -> list[str]:
    """Hold the settings of the tables to those of the training; return what could not be held."""
    told = []
    for source in sources:
        given = [
            source.check_table(record.frame.attrs.get(SETTINGS_KEY) or {}, record.name)
            for record in records
            if set(map(str, record.frame.columns)) & set(source.columns)
        ]
        if not all(given):
            told.append(
                f"{', '.join(source.labels)}: the table does not say how these columns were made, so their "
                "extractor versions and sampling are not checked"
            )
    return told


def _parts(source: Source) -> list[NDArray[np.intp]]:
    """Return the positions of the columns of each extractor of a source."""
    labels: dict[str, list[int]] = {}
    for position, name in enumerate(source.columns):
        column = parse_column(name)
        labels.setdefault("" if column is None else column.label, []).append(position)
    return [np.array(positions) for positions in labels.values()]


def _cells(frame: pd.DataFrame, name: str) -> Values:
    """Return one column as numbers, nan where it is not finite."""
    try:
        cells = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise TableError(f"the column {name!r} holds cells that are no numbers") from error
    return np.where(np.isfinite(cells), cells, np.nan)


def _missing(index: pd.Index, values: Values, usable: NDArray[np.bool_]) -> list[str]:
    """Return sentences about missing values."""
    told = []
    if not usable.all():
        names = first_few([str(name) for name in index[~usable]])
        told.append(f"{(~usable).sum()} video(s) have no features and no prediction: {names}")
    partly = usable & ~np.isfinite(values).all(axis=1)
    if partly.any():
        names = first_few([str(name) for name in index[partly]])
        told.append(
            f"{partly.sum()} video(s) have missing values, replaced by the mean of the training videos: "
            f"{names}"
        )
    return told
