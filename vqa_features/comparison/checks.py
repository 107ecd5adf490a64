"""Checks of the input of a comparison: leaks, duplicates, missing data, group overlap.

A leak is an error. What may be correct but limits the validity of a result is a warning, collected in
`ValidityWarnings` and shown in the report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError, TableError, first_few
from ..evaluation.metrics import plcc, srcc
from ..evaluation.rank_correlations import rank_correlations
from ..evaluation.splits import Split, shared_groups
from .near_duplicates import FEWEST_COLUMNS, Pair, Standardised, equal_pairs, equal_rows, near_pairs

Values = NDArray[np.float64]
Duplicates = Literal["error", "warn", "group"]

FEWEST_ROWS = 10
FEW_ROWS = 50
#: A single column that correlates this much with the MOS is the MOS, rounded or rescaled.
IS_THE_MOS = 0.9999
#: |SRCC| with the MOS that no published no-reference score reaches; a full-reference score may.
SUSPICIOUS = 0.95
#: |SRCC| of a single feature that is told, from `FEW_ROWS` videos on. The best of ten published tables is .66
SUSPICIOUS_COLUMN = 0.88
#: Difference of two ways to compute one correlation.
ROUNDING = 1e-9
#: Best median SRCC of a table below which it ranks at chance.
SUSPICIOUSLY_LOW = 0.1
#: More near pairs than this share of the videos, and than `FEW_PAIRS`, are no chance.
MANY_PAIRS = 0.05
FEW_PAIRS = 10


class ValidityWarnings:
    """Warnings about the validity of a comparison, each once, in the order found."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._texts: dict[str, None] = dict.fromkeys(texts)

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


def check_opinions(ids: Sequence[str], std: Values | None, counts: Values | None) -> None:
    """Raise TableError if opinions of a video cannot have its standard deviation or number.

    Parameters
    ----------
    ids : sequence of str
        Ids of the videos.
    std, counts : (videos,), optional
        Standard deviation and number of the single opinions of each video.
    """
    for values, least, what in ((std, 0, "standard deviation"), (counts, 1, "number")):
        if values is None:
            continue
        wrong = np.flatnonzero(~(np.isfinite(values) & (values >= least)))
        if len(wrong):
            raise TableError(
                f"the {what} of the opinions must be at least {least} and finite; it is not for {len(wrong)} "
                f"video(s): {first_few([f'{ids[row]} ({values[row]:g})' for row in wrong.tolist()])}"
            )


def check_cells(name: str, values: Values, warnings: ValidityWarnings) -> None:
    """Warn of missing cells and constant columns; raise TableError if all columns are constant."""
    known = np.isfinite(values)
    missing = len(values) - np.count_nonzero(known, axis=0)
    if missing.any():
        warnings.add(
            f"{name}: {missing.sum()} non-finite cell(s) in {np.count_nonzero(missing)} column(s) are "
            "replaced by the mean of the training part"
        )
    low = values.min(axis=0, where=known, initial=np.inf)
    high = values.max(axis=0, where=known, initial=-np.inf)
    constant = low >= high  # an empty column has inf and -inf
    if constant.any():
        warnings.add(f"{name}: {constant.sum()} constant or empty column(s) are dropped inside the fold")
    if constant.all():
        raise TableError(
            f"{name}: every feature column is constant or empty, so there is nothing to learn from"
        )


def check_leak(
    name: str,
    columns: Sequence[object],
    values: Values,
    mos: Values,
    warnings: ValidityWarnings,
    *,
    what: str = "column",
    limit: float = SUSPICIOUS_COLUMN,
) -> None:
    """Raise TableError if a column is the MOS; warn of columns that rank like it.

    Parameters
    ----------
    name, columns : str, sequence
        Names of the table and of its columns.
    values : (videos, columns)
        Non-finite where a cell is missing.
    mos : (videos,)
        MOS.
    warnings : ValidityWarnings
        Receives one text per column.
    what : str
        What the columns are, for the text.
    limit : float
        |SRCC| from which on a column of at least `FEW_ROWS` videos is told; of fewer videos `SUSPICIOUS`.
    """
    for column, cells, near in zip(columns, values.T, rank_correlations(values, mos), strict=True):
        if not abs(near) >= limit - ROUNDING:
            continue
        kept = np.isfinite(cells)
        rank = abs(srcc(cells[kept], mos[kept])) if kept.sum() >= FEWEST_ROWS else 0.0
        if rank < (limit if kept.sum() >= FEW_ROWS else SUSPICIOUS):
            continue
        if abs(plcc(cells[kept], mos[kept])) > IS_THE_MOS or rank > IS_THE_MOS:
            raise TableError(
                f"{name}: the {what} {column!r} is the MOS (|SRCC| {rank:.4f}): take it out, or trust it by "
                "its name (--trust)"
            )
        warnings.add(
            f"{name}: the {what} {column!r} ranks videos like the MOS (|SRCC| {rank:.3f}): "
            "is it made from it? If not, trust it by its name (--trust)"
        )


def check_duplicates(
    tables: Mapping[str, Values],
    ids: Sequence[str],
    groups: NDArray[np.generic] | None,
    policy: Duplicates,
    warnings: ValidityWarnings,
) -> NDArray[np.generic] | None:
    """Return the groups to use, after a search for videos that are equal or nearly equal.

    A copy in the training part reveals the MOS of a test video, and so does a re-encode. Copies in one common
    group are allowed. Equal videos are equal in every table; nearly equal ones are searched in all tables
    together and in each alone (`vqa_features.comparison.near_duplicates`).

    Parameters
    ----------
    tables : mapping of str to (videos, columns)
        Feature values of every table.
    ids : sequence of str
        Video ids, for messages.
    groups : (videos,), optional
        Source content of each video.
    policy : {"error", "warn", "group"}
        Raise TableError, add a warning, or merge the groups of the copies. Nearly equal videos raise
        TableError if they are more than `MANY_PAIRS` of the videos, else they are a warning.
    warnings : ValidityWarnings
        Receives copies and nearly equal videos.
    """
    if policy not in get_args(Duplicates):
        raise ParameterError(f"duplicates must be one of {', '.join(get_args(Duplicates))}, got {policy!r}")
    scores = {name: Standardised.of(values) for name, values in tables.items()}
    labels = _numbered(groups, len(ids))

    def apart(pairs: Sequence[Pair]) -> list[Pair]:
        return [(i, j) for i, j in pairs if labels[i] != labels[j]]

    equal = apart(equal_pairs(list(scores.values())))
    if equal and sum(table.values.shape[1] for table in scores.values()) < FEWEST_COLUMNS:
        warnings.add(
            f"{_equal_text(equal, ids)}: tables of fewer than {FEWEST_COLUMNS} columns do not tell "
            "whether these are copies"
        )
        equal = []
    near = {name: apart(pairs) for name, pairs in _near_by_table(scores).items()}
    every_near = sorted({pair for pairs in near.values() for pair in pairs} - set(equal))
    if equal:
        _apply(policy, _equal_text(equal, ids), warnings)
    if every_near:
        where = " and ".join(name for name, pairs in near.items() if pairs)
        text = (
            f"{len(every_near)} pair(s) of videos are nearly equal in {where}, as re-encodes of one video "
            f"are: {_pairs(every_near, ids, '~')}"
        )
        many = len(every_near) > max(FEW_PAIRS, MANY_PAIRS * len(ids))
        _apply("warn" if policy == "error" and not many else policy, text, warnings)
    return _merged(labels, [*equal, *every_near]) if policy == "group" and (equal or every_near) else groups


def _near_by_table(scores: Mapping[str, Standardised]) -> dict[str, list[Pair]]:
    """Return the near pairs in all tables together and in each alone, by the name of the place."""
    if len(scores) == 1:
        return {"every table": near_pairs(list(scores.values()))}
    found = {"all tables together": near_pairs(list(scores.values()))}
    return found | {name: [*equal_rows(table), *near_pairs([table])] for name, table in scores.items()}


def _apply(policy: Duplicates, text: str, warnings: ValidityWarnings) -> None:
    if policy == "error":
        raise TableError(
            f'{text}; drop one of each, give groups, or pass duplicates="group" or "warn" (--duplicates)'
        )
    warnings.add(
        f"{text}: they are kept on one side of every split"
        if policy == "group"
        else f"{text}: they may lie on both sides of a split"
    )


def _numbered(groups: NDArray[np.generic] | None, rows: int) -> NDArray[np.intp]:
    """Return the groups as numbers from 0, each row its own group without groups."""
    return np.arange(rows) if groups is None else np.unique(groups, return_inverse=True)[1]


def _merged(labels: NDArray[np.intp], pairs: Sequence[Pair]) -> NDArray[np.generic]:
    """Return group labels with the groups of each pair of rows merged."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    first, second = labels[[i for i, _ in pairs]], labels[[j for _, j in pairs]]
    size = int(labels.max()) + 1
    joined = coo_array((np.ones(len(pairs)), (first, second)), shape=(size, size))
    return np.asarray(connected_components(joined, directed=False)[1][labels])


def _equal_text(pairs: Sequence[Pair], ids: Sequence[str]) -> str:
    return f"{len(pairs)} pair(s) of videos are equal in every table: {_pairs(pairs, ids)}"


def _pairs(pairs: Sequence[Pair], ids: Sequence[str], sign: str = "=") -> str:
    return first_few([f"{ids[i]} {sign} {ids[j]}" for i, j in pairs])


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
