"""Feature tables and labels joined by video id; what does not match is counted and listed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ParameterError, TableError
from ..tables.columns import UNKNOWN_FAMILY, family_of, feature_columns
from ..tables.io import SOURCE_KEY, has_ids, with_ids
from ..tables.labels import Labels, give_ids
from .checks import Notes, check_cells, check_leak, check_rows, some
from .protocol import Block, Videos
from .row_order import check_order

if TYPE_CHECKING:
    import pandas as pd


#: Numeric columns every table of ours has; that they are no features goes without saying.
OWN_COLUMNS = ("frames_decoded", "frames_expected", "mos")


def join(
    tables: Mapping[str, Any],
    labels: Labels,
    notes: Notes,
    *,
    use_metadata: bool = False,
) -> tuple[list[Block], Videos]:
    """Return blocks and videos in the row order of the labels, holding the videos every table and the
    labels have.

    Parameters
    ----------
    tables : mapping of str to DataFrame or (DataFrame, family)
        Indexed by id, or without ids (`vqa_features.tables.io.has_ids`) and in the labels' row order.

    Raises
    ------
    TableError
        If nothing matches, a table holds no features, or a guard finds a leak.
    """
    if not tables:
        raise ParameterError("no feature table was given")
    wanted = labels.mos[np.isfinite(labels.mos)]
    if len(wanted) < len(labels.mos):
        notes.add(f"{len(labels.mos) - len(wanted)} video(s) have no MOS and are left out")
    prepared = {name: _prepare(name, given, labels, notes, use_metadata) for name, given in tables.items()}
    sources = {name: _file_of(given) for name, given in tables.items()}
    kept = wanted.index
    for name, (table, _, _) in prepared.items():
        _count_unmatched(name, table, wanted, labels, notes)
        kept = kept[kept.isin(table.index)]
    if not len(kept):
        first, (table, _, _) = next(iter(prepared.items()))
        raise TableError(
            f"no id is in the MOS and in every table: the MOS has {some(list(wanted.index[:3]))}, "
            f"{first} has {some(list(table.index[:3]))}"
        )
    if len(prepared) > 1 and any(len(table) > len(kept) for table, _, _ in prepared.values()):
        notes.add(f"{len(kept)} video(s) are in every table and in the MOS; only these are compared")
    check_rows(len(kept), notes)
    mos = wanted.loc[kept].to_numpy(dtype=np.float64)
    if np.ptp(mos) == 0:
        raise TableError(f"all {len(mos)} MOS are {mos[0]:g}: there is nothing to predict")
    blocks = []
    for name, (table, family, assumed) in prepared.items():
        values = table.loc[kept].to_numpy(dtype=np.float64)
        check_cells(name, values, notes)
        values = np.where(np.isfinite(values), values, np.nan)
        check_leak(name, list(table.columns), values, mos, notes)
        if assumed:
            check_order(
                name,
                values,
                mos,
                list(labels.mos.index),
                labels.source or "the MOS",
                sources[name],
                notes,
            )
        blocks.append(Block(name, family, [str(column) for column in table.columns], values))
    return blocks, Videos(
        [str(name) for name in kept],
        mos,
        _optional(labels.groups, kept, text=True),
        _optional(labels.std, kept),
        _optional(labels.counts, kept),
    )


def _file_of(given: Any) -> Path | None:
    """Return the file a table was read from, if it was."""
    table = given[0] if isinstance(given, tuple) else given
    return Path(table.attrs[SOURCE_KEY]) if SOURCE_KEY in table.attrs else None


def _prepare(
    name: str, given: Any, labels: Labels, notes: Notes, use_metadata: bool
) -> tuple[pd.DataFrame, str, bool]:
    """Return the feature columns by id, the family, and whether the row order was assumed."""
    table, family = given if isinstance(given, tuple) else (given, None)
    family = family or family_of(table)
    if family == UNKNOWN_FAMILY:
        notes.add(f"{name}: the column names tell no family; say {name}:handcrafted or {name}:deep")
    assumed = not has_ids(table)
    if assumed:
        table = give_ids(table, list(labels.mos.index), labels.source or "the MOS")
    else:
        table = with_ids(table, table.index, name)
    if "status" in table.columns:
        table = _usable(name, table, notes)
    features = feature_columns(table, use_metadata)
    if not features.names:
        raise TableError(f"{name} holds no feature columns but {some(list(table.columns))}")
    foreign = [column for column in features.metadata if column not in OWN_COLUMNS]
    if foreign:
        notes.add(f"{name}: {some(foreign)} describe the video and are not used as features")
    return table[features.names], family, assumed


def _usable(name: str, table: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    status = table["status"].astype(str)
    left_out = status.str.startswith("failed") | (status == "partial")
    if left_out.any():
        listed = [f"{video} ({status[video]})" for video in table.index[left_out]]
        notes.add(
            f"{name}: {left_out.sum()} video(s) were not extracted in full and are left out: {some(listed)}"
        )
    suspect = status == "suspect"
    if suspect.any():
        notes.add(
            f"{name}: {suspect.sum()} video(s) are suspect but used: {some(list(table.index[suspect]))}"
        )
    return table[~left_out]


def _count_unmatched(name: str, table: pd.DataFrame, wanted: pd.Series, labels: Labels, notes: Notes) -> None:
    without_mos = table.index.difference(labels.mos.index, sort=False)
    if len(without_mos):
        notes.add(f"{name}: {len(without_mos)} video(s) have no row in the MOS: {some(list(without_mos))}")
    without_features = wanted.index.difference(table.index, sort=False)
    if len(without_features):
        notes.add(
            f"{name}: {len(without_features)} video(s) with MOS have no features: "
            f"{some(list(without_features))}"
        )


def _optional(series: pd.Series | None, kept: pd.Index, text: bool = False) -> Any:
    if series is None:
        return None
    found = series.reindex(kept)
    if found.isna().any():
        missing = list(found.index[found.isna()])
        raise TableError(
            f"{len(missing)} video(s) have no value in {series.name or 'groups'}: {some(missing)}"
        )
    return found.astype(str).to_numpy(dtype=np.str_) if text else found.to_numpy(dtype=np.float64)
