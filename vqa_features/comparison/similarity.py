"""Similarity of feature families: how alike two tables arrange the same videos."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ParameterError, TableError
from ..evaluation.similarity import linear_cka
from ..tables.columns import feature_columns
from ..tables.feature_table import FeatureTable, feature_tables
from ..tables.given import GivenTable
from ..tables.ids import match
from .checks import ValidityWarnings
from .notices import with_notices
from .statuses import usable_rows

if TYPE_CHECKING:
    import pandas as pd

#: Fewest common videos of two tables.
FEWEST = 10


def family_similarity(tables: Mapping[str, GivenTable]) -> pd.DataFrame:
    """Return the debiased linear CKA of every pair of feature tables, over the videos that both have.

    No MOS is needed. Tables of high similarity hold much the same information about the videos, so their
    fusion gains little. Missing cells are replaced by the mean of their column, which is told.

    Parameters
    ----------
    tables : mapping of str to DataFrame or (DataFrame, family)
        At least two feature tables indexed by video id.

    Returns
    -------
    DataFrame
        One row per pair: ``table_a, table_b, videos`` (common), ``cka`` (1 up to rotation and scale, 0
        unrelated; nan if a table has no column that varies), ``cka_biased`` (the plain estimate, which
        grows with the number of columns). ``attrs["warnings"]`` holds the warnings, which are shown as
        `vqa_features.comparison.notices.ValidityNotice` too.

    Raises
    ------
    ParameterError
        If there are fewer than two tables.
    TableError
        If two tables have fewer than `FEWEST` videos in common.

    See Also
    --------
    vqa_features.evaluation.similarity.linear_cka : Of two arrays.
    vqa_features.comparison.diagnosis.residual_correlation : Similarity of what two models get wrong.
    """
    if len(tables) < 2:
        raise ParameterError(f"similarity needs at least two tables, got {len(tables)}")
    found = feature_tables(tables)
    warnings = ValidityWarnings()
    frames = [_complete(table, warnings) for table in found]
    named = {table.name: frame for table, frame in zip(found, frames, strict=True)}
    return with_notices(similarity_of(named, warnings), warnings.all())


def similarity_of(tables: Mapping[str, pd.DataFrame], warnings: ValidityWarnings) -> pd.DataFrame:
    """Return the same for complete tables of numbers.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Indexed by video id, without missing cells.
    warnings : ValidityWarnings
        Receives pairs that are compared on a part of their videos.
    """
    import pandas as pd

    rows = []
    for (a, one), (b, other) in itertools.combinations(tables.items(), 2):
        place = np.asarray(match(one.index, other.index).rows)
        common = np.flatnonzero(place >= 0)
        if len(common) < FEWEST:
            raise TableError(f"{a} and {b} have {len(common)} videos in common, {FEWEST} are needed")
        if len(common) < max(len(one), len(other)):
            warnings.add(f"{a} and {b} are compared on the {len(common)} videos that both have")
        sides = one.to_numpy()[common], other.to_numpy()[place[common]]
        cka = [linear_cka(*sides, debiased=debiased) for debiased in (True, False)]
        rows.append(dict(zip(COLUMNS, (a, b, len(common), *cka), strict=True)))
    return pd.DataFrame(rows)


COLUMNS = ("table_a", "table_b", "videos", "cka", "cka_biased")


def _complete(table: FeatureTable, warnings: ValidityWarnings) -> pd.DataFrame:
    """Return the feature columns with the mean of each in the place of missing cells."""
    names = list(feature_columns(table.frame).names)
    frame = usable_rows(table.name, table.frame, warnings)[names].astype("float64")
    frame = frame.where(np.isfinite(frame)).dropna(axis=1, how="all")
    missing = int(frame.isna().to_numpy().sum())
    if missing:
        warnings.add(f"{table.name}: {missing} missing cell(s) are replaced by the mean of their column")
    if frame.shape[1] < len(names):
        warnings.add(f"{table.name}: {len(names) - frame.shape[1]} column(s) without a number are left out")
    return frame.fillna(frame.mean())
