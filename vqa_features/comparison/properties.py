"""Properties of videos that results are divided by: MOS, columns of the MOS file, ``video.*`` of tables."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..errors import UnknownName
from ..tables.columns import VIDEO_PREFIX
from ..tables.feature_table import FeatureTable
from ..tables.ids import aligned
from ..tables.labels import Labels

if TYPE_CHECKING:
    import pandas as pd

MOS = "mos"
#: A property of more numbers is divided into `RANGES` ranges of equally many videos.
MOST_VALUES = 8
RANGES = 4


def properties(tables: Sequence[FeatureTable], labels: Labels) -> dict[str, pd.Series]:
    """Return every property by name: ``mos``, the columns of the MOS file, ``video.*`` of the tables.

    Parameters
    ----------
    tables : sequence of FeatureTable
        Tables without ids are left out.
    labels : Labels
        Opinion scores.

    Returns
    -------
    dict of str to Series
        By video id. Of two properties of one name, that of the MOS file counts, then the first table.
    """
    found: dict[str, pd.Series] = {MOS: labels.mos}
    if labels.metadata is not None:
        found |= {str(name): labels.metadata[name] for name in labels.metadata.columns if name not in found}
    for table in tables:
        if not table.has_ids:
            continue
        for name in map(str, table.frame.columns):
            if name.startswith(VIDEO_PREFIX):
                found.setdefault(name, table.frame[name])
                found.setdefault(name.removeprefix(VIDEO_PREFIX), table.frame[name])
    return found


def check_properties(known: dict[str, pd.Series], names: Sequence[str]) -> None:
    """Raise UnknownName for a property that is not known."""
    for name in names:
        if name not in known:
            shown = ", ".join(list(known)[:30])
            raise UnknownName("property of the videos", name, known, f"there are {shown}")


def in_ranges(values: pd.Series, ids: Sequence[str]) -> pd.Series:
    """Return the category of every video.

    Parameters
    ----------
    values : Series
        By video id.
    ids : sequence of str
        The videos.

    Returns
    -------
    Series of str
        Values as they are; of more than `MOST_VALUES` different numbers, the range of values that holds it,
        such as ``3.1 to 3.7``, each with a quarter of the videos; ``missing`` where there is none.
    """
    import pandas as pd

    mine = aligned(values, ids)
    numbers = pd.to_numeric(mine, errors="coerce")
    missing = mine.isna() | (mine.astype(str) == "")
    if numbers[~missing].isna().any() or numbers.nunique() <= MOST_VALUES:
        return mine.astype(str).mask(missing, "missing")
    edges = np.unique(np.quantile(numbers.dropna(), np.linspace(0, 1, RANGES + 1)))
    place = np.clip(np.searchsorted(edges, numbers, side="right") - 1, 0, len(edges) - 2)
    names = np.array([f"{low:.4g} to {high:.4g}" for low, high in itertools.pairwise(edges)])
    return pd.Series(np.where(numbers.isna(), "missing", names[place]), index=mine.index)
