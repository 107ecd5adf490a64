"""Checks of the input of a comparison: leaks, duplicates, missing data, group overlap.

A leak is an error. What may be correct but limits the validity of a result is a warning, collected in
`ValidityWarnings` and shown in the report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError, TableError, first_few
from ..evaluation.metrics import plcc, srcc
from ..evaluation.splits import Split, shared_groups

Values = NDArray[np.float64]
Duplicates = Literal["error", "warn", "group"]

FEWEST_ROWS = 10
FEW_ROWS = 50
#: A single column that correlates this much with the MOS is the MOS, rounded or rescaled.
IS_THE_MOS = 0.9999
#: |SRCC| with the MOS that no published no-reference score reaches; a full-reference score may.
SUSPICIOUS = 0.95
#: Best median SRCC of a table below which it ranks at chance.
SUSPICIOUSLY_LOW = 0.1
#: Distance below which the z-scored features of two videos are nearly equal, relative to the expected one.
NEARLY_EQUAL = 1e-3
#: Dimensions of the random projection in which near pairs are searched.
SKETCHED = 32


class ValidityWarnings:
    """Warnings about the validity of a comparison, each once, in the order found."""

    def __init__(self) -> None:
        self._texts: dict[str, None] = {}

    def add(self, text: str) -> None:
        """Add one warning."""
        self._texts.setdefault(text)

    def all(self) -> tuple[str, ...]:
        """Return the warnings."""
        return tuple(self._texts)


def check_rows(rows: int, warnings: ValidityWarnings) -> None:
    """Raise TableError for too few videos to compare; warn of few."""
    if rows < FEWEST_ROWS:
        raise TableError(f"{rows} video(s) have features and MOS; at least {FEWEST_ROWS} are needed")
    if rows < FEW_ROWS:
        warnings.add(f"only {rows} videos: intervals are wide and medians move by chance")


def check_mos(mos: Values) -> None:
    """Raise TableError if all MOS are equal."""
    if np.ptp(mos) == 0:
        raise TableError(f"all {len(mos)} MOS are {mos[0]:g}: there is nothing to predict")


def check_cells(name: str, values: Values, warnings: ValidityWarnings) -> None:
    """Warn of missing cells and constant columns; raise TableError if all columns are constant."""
    missing = ~np.isfinite(values)
    if missing.any():
        warnings.add(
            f"{name}: {missing.sum()} non-finite cell(s) in {missing.any(axis=0).sum()} column(s) are "
            "replaced by the mean of the training part"
        )
    empty = missing.all(axis=0)
    with np.errstate(invalid="ignore"):
        low = np.where(missing, np.inf, values).min(axis=0)
        high = np.where(missing, -np.inf, values).max(axis=0)
    constant = empty | (low == high)
    if constant.any():
        warnings.add(f"{name}: {constant.sum()} constant or empty column(s) are dropped inside the fold")
    if constant.all():
        raise TableError(
            f"{name}: every feature column is constant or empty, so there is nothing to learn from"
        )


def check_leak(
    name: str, columns: Sequence[object], values: Values, mos: Values, warnings: ValidityWarnings
) -> None:
    """Raise TableError if a column is the MOS; warn of columns that rank like it."""
    for column, cells in zip(columns, values.T, strict=True):
        kept = np.isfinite(cells)
        if kept.sum() < FEWEST_ROWS or np.ptp(cells[kept]) == 0:
            continue
        rank = abs(srcc(cells[kept], mos[kept]))
        if rank < SUSPICIOUS:
            continue
        if abs(plcc(cells[kept], mos[kept])) > IS_THE_MOS or rank > IS_THE_MOS:
            raise TableError(
                f"{name}: the column {column!r} is the MOS (|SRCC| {rank:.4f}): take it out of the features"
            )
        warnings.add(
            f"{name}: the column {column!r} ranks videos like the MOS (|SRCC| {rank:.3f}): "
            "is it made from it?"
        )


def check_duplicates(
    tables: Mapping[str, Values],
    ids: Sequence[str],
    groups: NDArray[np.generic] | None,
    policy: Duplicates,
    warnings: ValidityWarnings,
) -> NDArray[np.generic] | None:
    """Return the groups to use, after a search for videos that are equal in every table.

    A copy in the training part reveals the MOS of a test video. Copies in one common group are allowed.

    Parameters
    ----------
    tables : mapping of str to (videos, columns)
        Feature values of every table.
    ids : sequence of str
        Video ids, for messages.
    groups : (videos,), optional
        Source content of each video.
    policy : {"error", "warn", "group"}
        Raise TableError, add a warning, or merge the groups of the copies.
    warnings : ValidityWarnings
        Receives copies and nearly equal videos.
    """
    joined = np.hstack([standardised(values) for values in tables.values()])
    pairs = _equal_pairs(joined)
    labels = np.arange(len(ids)) if groups is None else np.unique(groups, return_inverse=True)[1]
    apart = [(i, j) for i, j in pairs if labels[i] != labels[j]]
    near = [(i, j) for i, j in _near_pairs(joined) if labels[i] != labels[j] and (i, j) not in set(pairs)]
    if near:
        warnings.add(
            f"{len(near)} pair(s) of videos are nearly equal in every table ({_pairs(near, ids)}): "
            "if they are versions of one video, give groups"
        )
    if not apart:
        return groups
    text = f"{len(apart)} pair(s) of videos are equal in every table: {_pairs(apart, ids)}"
    if policy == "error":
        raise TableError(f'{text}; drop one of each, give groups, or pass duplicates="group"')
    if policy == "warn":
        warnings.add(f"{text}: they may lie on both sides of a split")
        return groups
    warnings.add(f"{text}: they are kept on one side of every split")
    return _merged(labels, apart)


def _merged(labels: NDArray[np.generic], pairs: Sequence[tuple[int, int]]) -> NDArray[np.generic]:
    """Return group labels with the groups of each pair of rows merged."""
    merged = labels.copy()
    for i, j in pairs:
        merged[merged == merged[j]] = merged[i]
    return merged


def standardised(values: Values) -> Values:
    """Return z-scored columns, 0 where a cell is missing or a column constant."""
    known = np.isfinite(values)
    count = np.maximum(known.sum(axis=0), 1)
    centred = np.where(known, values, 0.0)
    centred = np.where(known, centred - centred.sum(axis=0) / count, 0.0)
    deviation = np.sqrt(np.square(centred).sum(axis=0) / count)
    return np.divide(centred, deviation, out=np.zeros_like(centred), where=deviation > 0)


def _equal_pairs(joined: Values) -> list[tuple[int, int]]:
    first: dict[bytes, int] = {}
    found = []
    for row, values in enumerate(np.round(joined, 9) + 0.0):
        key = values.tobytes()
        if key in first:
            found.append((first[key], row))
        else:
            first[key] = row
    return found


def _near_pairs(joined: Values) -> list[tuple[int, int]]:
    """Return pairs of rows whose distance is below `NEARLY_EQUAL` of the expected one."""
    from sklearn.neighbors import NearestNeighbors

    limit = NEARLY_EQUAL * float(np.sqrt(2 * joined.shape[1]))
    sketch = joined
    if joined.shape[1] > SKETCHED:  # a projection keeps near pairs near; the full distance decides
        random = np.random.default_rng(0)
        sketch = joined @ random.normal(0, 1 / np.sqrt(SKETCHED), (joined.shape[1], SKETCHED))
    index = NearestNeighbors(n_neighbors=2).fit(sketch).kneighbors(sketch, return_distance=False)
    candidates = {(min(i, int(j)), max(i, int(j))) for i, row in enumerate(index) for j in row if j != i}
    return sorted(p for p in candidates if np.linalg.norm(joined[p[0]] - joined[p[1]]) < limit)


def _pairs(pairs: Sequence[tuple[int, int]], ids: Sequence[str]) -> str:
    return first_few([f"{ids[i]} = {ids[j]}" for i, j in pairs])


def check_splits(
    splits: Sequence[Split], groups: NDArray[np.generic] | None, protocol: str, warnings: ValidityWarnings
) -> None:
    """Raise ParameterError for strict splits with a group on both sides; of published splits warn."""
    if groups is None:
        return
    shared = shared_groups(splits, groups)
    if not shared:
        return
    number, names = next(iter(shared.items()))
    text = (
        f"{len(shared)} of {len(splits)} splits have a group on both sides "
        f"(split {number}: {first_few(names)})"
    )
    if protocol == "strict":
        raise ParameterError(f"{text}: a strict comparison keeps groups apart")
    kind = "official" if protocol == "official" else "published random"
    warnings.add(f"{protocol}: {text}: the {kind} splits ignore groups, which raises every score")


def check_chance(scores: Mapping[str, float], warnings: ValidityWarnings) -> None:
    """Warn of tables whose best median SRCC is at chance level."""
    for name, best in scores.items():
        if best < SUSPICIOUSLY_LOW:
            warnings.add(
                f"{name} ranks at chance (best median SRCC {best:.3f}): "
                "are its rows joined to the right videos?"
            )
