"""The features of a row on a dataset, by video id, from the three places that a card can name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vqa_features.comparison.given_scores import GivenScore
from vqa_features.datasets.loading import Published, ensured
from vqa_features.datasets.scores import load_score
from vqa_features.errors import TableError
from vqa_features.tables.ids import match
from vqa_features.tables.labels import read_ids
from vqa_features.tables.reading import has_ids, read_table, with_ids

from .cards import Card, Place

if TYPE_CHECKING:
    import pandas as pd

#: Share of a dataset's videos that a row must have.
LEAST_SHARE = 0.95


def features_of(card: Card, dataset: str, published: Published) -> pd.DataFrame:
    """Return the features of a row on a dataset, indexed by video id.

    Parameters
    ----------
    card : Card
        A row of the kind ``features`` that names the dataset.
    dataset : str
        Name of the dataset.
    published : Published
        The dataset, from `vqa_features.datasets.loading.load`.

    Raises
    ------
    TableError
        If a file is missing, damaged, without ids, or lacks more than 5 % of the videos.
    """
    found = _read(card, card.places[dataset], dataset, published)
    _check_videos(card, dataset, found, published)
    return found


def score_of(card: Card, dataset: str, published: Published) -> GivenScore:
    """Return the score of a row on a dataset, to be tested without training.

    Raises
    ------
    TableError
        As `features_of`, or if the file has more than one column of numbers.
    """
    place = card.places[dataset]
    if place.published is not None:
        values = load_score(dataset, place.published)
    else:
        table = _read(card, place, dataset, published)
        numbers = table.select_dtypes("number")
        if numbers.shape[1] != 1:
            raise TableError(
                f"{card.name}: a score must be one column of numbers, {dataset} has {numbers.shape[1]}"
            )
        values = numbers.iloc[:, 0]
    _check_videos(card, dataset, values.to_frame(), published)
    return GivenScore(card.name, values, card.better == "higher", card.family)


def _read(card: Card, place: Place, dataset: str, published: Published) -> pd.DataFrame:
    if place.published is not None:
        if place.published not in published.tables:
            known = ", ".join(published.tables) or "none"
            raise TableError(
                f"{card.name}: {dataset} has no published table {place.published!r}; it has: {known}"
            )
        found: pd.DataFrame = published.tables[place.published][0]
        return found
    if place.own is not None:
        table = read_table(place.own)
        if not has_ids(table):
            raise TableError(f"{place.own} has no ids: it must have a column called id")
        return table
    if place.pinned is None:
        raise TableError(f"{card.name} names no file for {dataset}")
    table = read_table(ensured(place.pinned))
    if place.order is None:
        return table
    ids = read_ids(ensured(place.order.file), place.order.column)
    if len(ids) != len(table):
        raise TableError(f"{card.name}: {len(table)} rows of {dataset}, and an order of {len(ids)} ids")
    return with_ids(table, ids, str(place.pinned.name))


def _check_videos(card: Card, dataset: str, table: pd.DataFrame, published: Published) -> None:
    """Raise TableError if the row lacks too many videos: rows are compared on the videos that all have."""
    wanted = published.labels.mos.index
    missing = wanted[~match(wanted, table.index).found]
    if len(missing) > (1 - LEAST_SHARE) * len(wanted):
        raise TableError(
            f"{card.name} lacks {len(missing)} of {len(wanted)} videos of {dataset}, first {missing[0]}; "
            f"at most {1 - LEAST_SHARE:.0%} may be missing, because all rows are compared on common videos"
        )
