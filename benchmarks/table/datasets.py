"""The datasets of the table, with the rows that have features of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vqa_features.comparison.given_scores import GivenScore
from vqa_features.datasets.loading import Published, ensured, load
from vqa_features.errors import DownloadError
from vqa_features.tables.ids import aligned

from .cards import Card
from .features import features_of, score_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Ready:
    """One dataset with the features of its rows."""

    name: str
    published: Published
    cards: tuple[Card, ...]
    """Rows that are compared."""
    features: Mapping[str, pd.DataFrame]
    """By row, without those that are scores."""
    scores: tuple[GivenScore, ...]
    left_out: tuple[str, ...]
    """A sentence on every row whose files could not be had."""

    @property
    def tables(self) -> dict[str, tuple[pd.DataFrame, str]]:
        """Features with their family, as `vqa_features.compare` takes them."""
        return {
            card.name: (self.features[card.name], card.family) for card in self.cards if not card.is_score
        }

    def families(self) -> dict[str, tuple[pd.DataFrame, str]]:
        """Return one table per family: the columns of all its rows beside each other."""
        import pandas as pd

        ids = self.published.labels.mos.index
        found: dict[str, list[pd.DataFrame]] = {}
        for name, (table, family) in self.tables.items():
            found.setdefault(family, []).append(aligned(table, ids).add_prefix(f"{name}."))
        return {family: (pd.concat(tables, axis=1), family) for family, tables in found.items()}


def ready_datasets(
    cards: Sequence[Card], names: Sequence[str], *, scores_alone: bool = False
) -> tuple[list[Ready], list[str]]:
    """Return the datasets with their rows, and a sentence on every dataset and row that is left out.

    A file that cannot be had leaves out its row, or its dataset; a damaged or wrong one is an error.

    Parameters
    ----------
    cards : sequence of Card
        All rows.
    names : sequence of str
        Names of datasets, in order.
    scores_alone : bool
        Take datasets of which there are scores only, too.

    Raises
    ------
    TableError
        If a row does not fit its dataset.
    """
    found, left_out = [], []
    for name in names:
        rows = [card for card in cards if name in card.places]
        if not (rows if scores_alone else [card for card in rows if not card.is_score]):
            left_out.append(f"{name}: no row has features of it")
            continue
        try:
            published = load(name)
        except DownloadError as error:
            left_out.append(f"{name}: {error}")
            continue
        ready = _ready(name, published, rows)
        left_out += ready.left_out
        if ready.features or (scores_alone and ready.scores):
            found.append(ready)
    return found, left_out


def _ready(name: str, published: Published, rows: Sequence[Card]) -> Ready:
    features, scores, kept, left_out = {}, [], [], []
    for card in rows:
        if (missing := _unavailable(card, name)) is not None:
            left_out.append(f"{card.name} on {name}: {missing}")
            continue
        if card.is_score:
            scores.append(score_of(card, name, published))
        else:
            features[card.name] = features_of(card, name, published)
        kept.append(card)
    return Ready(name, published, tuple(kept), features, tuple(scores), tuple(left_out))


def _unavailable(card: Card, dataset: str) -> str | None:
    """Return why the pinned files of a row cannot be had, None if they can."""
    place = card.places[dataset]
    for file in (place.pinned, None if place.order is None else place.order.file):
        try:
            if file is not None:
                ensured(file)
        except DownloadError as error:
            return str(error)
    return None
