"""Feature tables and labels joined by video id; unmatched rows are counted and listed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import TableError, first_few
from ..files.names import video_id
from ..tables.columns import UNKNOWN_FAMILY, VIDEO_PREFIX, feature_columns
from ..tables.feature_table import FeatureTable
from ..tables.ids import Matching, aligned, match
from ..tables.label_columns import content_columns, words
from ..tables.labels import Labels, give_ids
from ..tables.reading import with_ids
from .blocks import Block, Prepared, Videos
from .checks import ValidityWarnings
from .contents import content_labels
from .statuses import INCOMPLETE, statuses, usable_rows

if TYPE_CHECKING:
    import pandas as pd


#: Numeric columns that every extracted table has; no warning says that they are not features.
OWN_COLUMNS = ("frames_decoded", "frames_expected", "mos")


def join(
    tables: Sequence[FeatureTable],
    labels: Labels,
    warnings: ValidityWarnings,
    *,
    use_metadata: bool = False,
    trusted: Collection[str] = (),
    ignore_case: bool = False,
) -> Prepared:
    """Return the videos that the labels and every table have, in the row order of the labels.

    Parameters
    ----------
    tables : sequence of FeatureTable
        Indexed by id, or without ids and in the labels' row order.
    labels : Labels
        MOS, groups and opinion deviations by id.
    warnings : ValidityWarnings
        Receives the counts of videos and columns left out.
    use_metadata : bool
        Keep numeric metadata columns as features.
    trusted : collection of str
        Columns that are features whatever they are called.
    ignore_case : bool
        Join ids that differ in upper and lower case only.

    Returns
    -------
    Prepared
        One block per table, non-finite cells as nan, and the videos' labels. Ids are those of the labels.

    Raises
    ------
    TableError
        If no id matches, a table holds no features, or a video has no group or deviation.
    """
    for note in labels.notes:
        warnings.add(f"{labels.source or 'the MOS'}: {note}")
    wanted = labels.mos[np.isfinite(labels.mos)]
    if len(wanted) < len(labels.mos):
        warnings.add(f"{len(labels.mos) - len(wanted)} video(s) have no MOS and are left out")
    hints: list[str] = []
    features = {}
    for table in tables:
        if labels.groups is None:
            _tell_contents(table, warnings)
        frame, told = _in_ids_of_labels(table, labels, ignore_case)
        features[table.name] = _features(table, frame, warnings, use_metadata, trusted)
        hints += told
    for hint in hints:
        warnings.add(hint)
    for name, frame in features.items():
        _count_unmatched(name, frame, wanted, labels, warnings)
    kept = _common_ids(features, wanted.index, hints, warnings)
    blocks = [
        Block(table.name, table.family, [str(column) for column in frame.columns], _finite(frame.loc[kept]))
        for table, frame in zip(tables, features.values(), strict=True)
    ]
    return Prepared(blocks, _videos(labels, kept, ignore_case, warnings))


def _tell_contents(table: FeatureTable, warnings: ValidityWarnings) -> None:
    """Warn of columns of a feature table that look like the source content, where no groups are given."""
    found = content_columns(table.frame)
    if found:
        warnings.add(
            f"{table.name}: the column {' and '.join(map(repr, found))} may hold the source content, and is "
            "not used: give it as groups to keep each content on one side of a split"
        )


def _in_ids_of_labels(
    table: FeatureTable, labels: Labels, ignore_case: bool
) -> tuple[pd.DataFrame, list[str]]:
    """Return all rows of one table under the ids of the labels, and what to say of those not matched."""
    if not table.has_ids:
        return give_ids(table.frame, list(labels.mos.index), labels.source or "the MOS"), []
    frame = with_ids(table.frame, table.frame.index, table.name)
    known = [str(name) for name in labels.mos.index]
    found = match(frame.index, known, ignore_case=ignore_case)
    if found.ambiguous and "path" in frame.columns:
        names = [
            path if name in found.ambiguous and video_id(path) == video_id(name) else name
            for name, path in zip(frame.index, frame["path"].map(str), strict=True)
        ]
        found = match(names, known, ignore_case=ignore_case)
    ids = [known[row] if row >= 0 else name for name, row in zip(frame.index, found.rows, strict=True)]
    unmatched = sorted(set(range(len(known))) - set(found.rows))
    hints = _hints(found, list(frame.index[~found.found]), [known[row] for row in unmatched])
    return frame.set_axis(ids, axis=0), [f"{table.name}: {text}" for text in hints]


def _hints(found: Matching, ids: Sequence[str], others: Sequence[str]) -> Iterator[str]:
    """Yield what explains that ids are not joined, or are joined by name alone."""
    if found.moved:
        yield (
            f"{len(found.moved)} id(s) are joined by name alone, because no folder agrees: "
            f"{first_few([f'{one} = {other}' for one, other in found.moved])}"
        )
    if found.ambiguous:
        listed = [f"{one} ({' or '.join(several[:3])})" for one, several in found.ambiguous.items()]
        yield f"{len(listed)} id(s) could be several videos and are not joined: {first_few(listed, 3)}"
    apart = match(ids, others)
    if apart.moved:
        pairs = [f"{one} = {other}" for one, other in apart.moved]
        yield f"{len(pairs)} id(s) agree in name but not in folder and are not joined: {first_few(pairs)}"
    near = match(ids, others, ignore_case=True).rows
    by_case = (near >= 0) & ~apart.found
    pairs = [f"{one} = {others[row]}" for one, row, said in zip(ids, near, by_case, strict=True) if said]
    if pairs:
        yield (
            f"{len(pairs)} id(s) differ in upper and lower case only and are not joined: {first_few(pairs)}; "
            "join them with ignore_case (--ignore-case)"
        )


def _features(
    table: FeatureTable,
    frame: pd.DataFrame,
    warnings: ValidityWarnings,
    use_metadata: bool,
    trusted: Collection[str],
) -> pd.DataFrame:
    """Return the feature columns of the usable rows of one table, by id."""
    name = table.name
    for note in table.notes:
        warnings.add(f"{name}: {note}")
    if table.family == UNKNOWN_FAMILY:
        warnings.add(
            f"{name}: the column names do not show the family; write {name}:handcrafted or {name}:deep"
        )
    frame = usable_rows(name, frame, warnings)
    features = feature_columns(frame, use_metadata, trusted)
    if not features.names:
        raise TableError(
            f"{name} holds no feature columns but {first_few(list(frame.columns))}; a column that is named "
            "like metadata is a feature if it is trusted by its name (--trust)"
        )
    foreign = [
        column
        for column in features.metadata
        if column not in OWN_COLUMNS and not str(column).startswith(VIDEO_PREFIX)
    ]
    if foreign:
        warnings.add(f"{name}: {first_few(foreign)} describe the video and are not used as features")
    used = frame[features.names]
    status = statuses(frame)
    if status is None:
        return used
    incomplete = status == INCOMPLETE
    empty = incomplete & used.isna().all(axis=1)
    if empty.any():
        warnings.add(
            f"{name}: {empty.sum()} video(s) are incomplete, have none of its features and are left out: "
            f"{first_few(list(frame.index[empty]))}"
        )
    partly = list(frame.index[incomplete & used.isna().any(axis=1) & ~empty])
    if partly:
        warnings.add(
            f"{name}: {len(partly)} video(s) are incomplete but used, a part of their features is missing: "
            f"{first_few(partly)}"
        )
    return used[~empty]


def _count_unmatched(
    name: str, frame: pd.DataFrame, wanted: pd.Series, labels: Labels, warnings: ValidityWarnings
) -> None:
    without_mos = frame.index.difference(labels.mos.index, sort=False)
    if len(without_mos):
        warnings.add(
            f"{name}: {len(without_mos)} video(s) have no row in the MOS: {first_few(list(without_mos))}"
        )
    without_features = wanted.index.difference(frame.index, sort=False)
    if len(without_features):
        warnings.add(
            f"{name}: {len(without_features)} video(s) with MOS have no features: "
            f"{first_few(list(without_features))}"
        )


def _common_ids(
    features: dict[str, pd.DataFrame], wanted: pd.Index, hints: Sequence[str], warnings: ValidityWarnings
) -> pd.Index:
    """Return the wanted ids that every table has, in their order."""
    kept = wanted
    for frame in features.values():
        kept = kept[kept.isin(frame.index)]
    if not len(kept):
        first, frame = next(iter(features.items()))
        raise TableError(
            f"no id is in the MOS and in every table: the MOS has {first_few(list(wanted[:3]))}, "
            f"{first} has {first_few(list(frame.index[:3]))}" + "".join(f"; {hint}" for hint in hints)
        )
    if len(features) > 1 and any(len(frame) > len(kept) for frame in features.values()):
        warnings.add(f"{len(kept)} video(s) are in every table and in the MOS; only these are compared")
    return kept


def _finite(frame: pd.DataFrame) -> Any:
    """Return float64 values with every non-finite cell as nan."""
    values = frame.to_numpy(dtype=np.float64)
    finite = np.isfinite(values)
    return values if finite.all() else np.where(finite, values, np.nan)


def _videos(labels: Labels, kept: pd.Index, ignore_case: bool, warnings: ValidityWarnings) -> Videos:
    groups, std, counts = (
        _complete(series, kept, labels.mos.index, ignore_case)
        for series in (None if labels.groups is None else words(labels.groups), labels.std, labels.counts)
    )
    return Videos(
        [str(name) for name in kept],
        labels.mos.loc[kept].to_numpy(dtype=np.float64),
        None if groups is None else content_labels(list(groups), warnings),
        None if std is None else std.to_numpy(dtype=np.float64),
        None if counts is None else counts.to_numpy(dtype=np.float64),
        tuple(str(name) for name in labels.mos.index),
    )


def _complete(
    series: pd.Series | None, kept: pd.Index, known: pd.Index, ignore_case: bool
) -> pd.Series | None:
    """Return the values of the kept videos, of all that are known; a missing value is a TableError."""
    if series is None:
        return None
    found = aligned(series, known, ignore_case=ignore_case).loc[kept]
    if found.isna().any():
        missing = list(found.index[found.isna()])
        raise TableError(
            f"{len(missing)} video(s) have no value in {series.name or 'groups'}: {first_few(missing)}"
        )
    return found
