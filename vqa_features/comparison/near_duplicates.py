"""Pairs of videos that are equal, or nearly equal as re-encodes of one video are, by their features.

The nearest neighbours of a video lie at distances that grow slowly. A version of it lies much nearer: the
distances have a gap. Two videos are a near pair if each lies before a gap among the nearest neighbours of the
other. By chance, a gap of the ratio r after the first neighbour has the probability r^d in d dimensions, so
the required ratio depends on the dimension of the table, which is estimated from the distances too. If the
table has no more pairs than chance explains, a ratio is required that hardly any pair has by chance.

References
----------
E. Levina, P. J. Bickel, "Maximum likelihood estimation of intrinsic dimension", NIPS 2004.
E. Facco et al., "Estimating the intrinsic dimension of datasets by a minimal neighborhood information",
Scientific Reports 7, 2017 (distribution of the ratio of two neighbours' distances).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Pair = tuple[int, int]

#: Largest ratio of two successive neighbours' distances that is a gap.
GAP = 0.5
#: Share of videos with a gap after the first neighbour by chance that is accepted.
BY_CHANCE = 0.01
#: Pairs by chance, per table, that are accepted where no more pairs are found than chance explains, and the
#: probability of more.
PAIRS_BY_CHANCE = 0.1
UNEXPLAINED = 0.001
#: Neighbours among which a gap is searched: at most this many further versions of a video are found.
VERSIONS = 8
#: A table of fewer columns that vary is not searched: a few numbers agree by chance.
FEWEST_COLUMNS = 4
#: Dimensions of the random projection in which neighbours of a wider table are searched.
SKETCHED = 64
#: Neighbours taken from the projection; the full distance decides.
CANDIDATES = 2 * VERSIONS
#: Share of columns that two videos must both have, to be compared.
SHARED = 0.5
#: Decimals of z-scores to which equal videos agree.
DECIMALS = 9
_COLUMNS_AT_ONCE = 64
_CELLS_AT_ONCE = 4_000_000


class Standardised(NamedTuple):
    """One table as z-scores, and one number per video that is equal for equal videos."""

    values: NDArray[np.float32]
    """(videos, columns that vary), nan where a cell is missing."""
    fingerprints: NDArray[np.uint64]
    """(videos,); the same for videos whose z-scores agree to `DECIMALS`."""

    @classmethod
    def of(cls, values: Values, seed: int = 0) -> Standardised:
        """Return the z-scores of a table (videos, columns), a few columns at a time."""
        rows, columns = values.shape
        random = np.random.default_rng(seed)
        kept, count = np.empty((rows, columns), dtype=np.float32), 0
        fingerprints = np.zeros(rows, dtype=np.uint64)
        for start in range(0, columns, _COLUMNS_AT_ONCE):
            part = values[:, start : start + _COLUMNS_AT_ONCE]
            scores = standardised(part)
            factors = random.integers(1, 2**63, part.shape[1], dtype=np.uint64)
            fingerprints += np.rint(scores * 10.0**DECIMALS).astype(np.int64).view(np.uint64) @ factors
            scores[~np.isfinite(part)] = np.nan
            scores = scores[:, np.nanmax(np.abs(scores), axis=0, initial=0) > 0]
            kept[:, count : count + scores.shape[1]] = scores
            count += scores.shape[1]
        return cls(kept[:, :count], fingerprints)


def standardised(values: Values) -> Values:
    """Return z-scored columns, 0 where a cell is missing or a column constant."""
    known = np.isfinite(values)
    count = np.maximum(known.sum(axis=0), 1)
    scores = np.where(known, values, 0.0)
    scores -= scores.sum(axis=0) / count
    scores[~known] = 0.0
    deviation = np.sqrt(np.square(scores).sum(axis=0) / count)
    np.divide(scores, deviation, out=scores, where=deviation > 0)
    scores[:, ~(deviation > 0)] = 0.0
    return scores


def equal_pairs(tables: Sequence[Standardised]) -> list[Pair]:
    """Return pairs of rows that are equal in every table, each row with the first one it equals."""
    return [(int(first), row) for row, first in enumerate(_first_equal(tables)) if first != row]


def equal_rows(table: Standardised) -> list[Pair]:
    """Return the pairs of rows that are equal in one table, none if rows repeat because its cells do."""
    found = equal_pairs([table])
    few = table.values.shape[1] < FEWEST_COLUMNS or 2 * len(found) > len(table.values)
    return [] if few else found


def _first_equal(tables: Sequence[Standardised]) -> NDArray[np.intp]:
    """Return for every row the first row that is equal in every table."""
    first: dict[tuple[int, ...], int] = {}
    keys = zip(*(table.fingerprints.tolist() for table in tables), strict=True)
    return np.array([first.setdefault(key, row) for row, key in enumerate(keys)], dtype=np.intp)


def near_pairs(tables: Sequence[Standardised]) -> list[Pair]:
    """Return the near pairs of rows by all columns of the tables together; of equal rows only the first.

    Parameters
    ----------
    tables : sequence of Standardised
        Tables of the same videos. Videos that lack more than half of the cells are passed over.

    Returns
    -------
    list of (int, int)
        Sorted; empty if fewer than `FEWEST_COLUMNS` columns vary or there are few videos.
    """
    columns = sum(table.values.shape[1] for table in tables)
    missing = np.sum([np.isnan(table.values).sum(axis=1) for table in tables], axis=0)
    rows = np.unique(_first_equal(tables)[missing <= (1 - SHARED) * columns])
    if columns < FEWEST_COLUMNS or len(rows) <= VERSIONS + 1:
        return []
    every = len(rows) == len(missing)
    near = _neighbours([table.values if every else table.values[rows] for table in tables])
    pairs = _before_gaps(near, gap_limit(near.distances))
    if len(pairs) <= _most_by_chance(near.distances):
        pairs = _before_gaps(near, gap_limit(near.distances, 2 * PAIRS_BY_CHANCE / len(rows)))
    return [(int(rows[a]), int(rows[b])) for a, b in pairs]


def _before_gaps(near: _Neighbours, limit: float) -> list[Pair]:
    """Return pairs of rows, sorted, of which each lies before a gap of the other."""
    gaps = near.distances[:, :-1] < limit * near.distances[:, 1:]
    before = np.where(gaps.any(axis=1), gaps.shape[1] - np.argmax(gaps[:, ::-1], axis=1), 0)
    close = {
        (int(row), int(other)) for row in np.flatnonzero(before) for other in near.rows[row, : before[row]]
    }
    return sorted((a, b) for a, b in close if a < b and (b, a) in close)


def _most_by_chance(distances: Values) -> float:
    """Return the number of pairs that chance explains, a pair for two videos that have a gap."""
    from scipy.stats import poisson

    share = gap_limit(distances) ** dimension(distances)
    return float(poisson.isf(UNEXPLAINED, len(distances) * share / 2))


def gap_limit(distances: Values, share: float = BY_CHANCE) -> float:
    """Return the ratio of successive distances that is a gap, at most `GAP`.

    Parameters
    ----------
    distances : (videos, neighbours)
        Ascending distances of at least 8 neighbours.
    share : float
        Share of the videos that have a smaller ratio by chance.
    """
    found = dimension(distances)
    return min(GAP, float(share ** (1 / found))) if found > 0 else 0.0


def dimension(distances: Values) -> float:
    """Return the dimension of a table by the growth of distances (videos, neighbours), 0 if they do not grow.

    It is the larger of two estimates, from the 2nd to 4th and the 4th to 8th neighbour: versions lower one.
    """
    estimates = []
    for inner in (2, 4):
        outer = 2 * inner
        near, far = distances[:, inner - 1], distances[:, outer - 1]
        known = (near > 0) & np.isfinite(far)
        growth = float(np.log(far[known] / near[known]).mean()) if known.any() else 0.0
        expected = sum(1 / k for k in range(inner, outer))
        estimates.append(expected / growth if growth > 0 else 0.0)
    return max(estimates)


class _Neighbours(NamedTuple):
    """Nearest neighbours of every row, nearest first: (rows, `VERSIONS` + 1) distances and row numbers."""

    distances: Values
    rows: NDArray[np.intp]


def _neighbours(tables: Sequence[NDArray[np.float32]]) -> _Neighbours:
    from sklearn.neighbors import NearestNeighbors

    random = np.random.default_rng(0)
    sketch = np.hstack([_sketch(values, random) for values in tables])
    count = min(CANDIDATES, len(sketch) - 1)
    found = (
        NearestNeighbors(n_neighbors=count, algorithm="brute").fit(sketch).kneighbors(return_distance=False)
    )
    distances = np.concatenate([_distances(tables, part, found[part]) for part in _parts(tables, found)])
    order = np.argsort(distances, axis=1, kind="stable")[:, : VERSIONS + 1]
    return _Neighbours(np.take_along_axis(distances, order, axis=1), np.take_along_axis(found, order, axis=1))


def _sketch(values: NDArray[np.float32], random: np.random.Generator) -> NDArray[np.float32]:
    """Return a table in few columns whose distances are about those of the table."""
    columns = values.shape[1]
    filled = np.nan_to_num(values) if np.isnan(values).any() else values
    if columns <= SKETCHED:
        return filled
    return filled @ random.normal(0, 1 / np.sqrt(SKETCHED), (columns, SKETCHED)).astype(np.float32)


def _parts(tables: Sequence[NDArray[np.float32]], found: NDArray[np.intp]) -> Iterator[slice]:
    """Yield slices of rows whose differences to their candidates fit in memory."""
    widest = max(values.shape[1] for values in tables)
    step = max(1, _CELLS_AT_ONCE // (widest * found.shape[1]))
    for start in range(0, len(found), step):
        yield slice(start, start + step)


def _distances(tables: Sequence[NDArray[np.float32]], part: slice, others: NDArray[np.intp]) -> Values:
    """Return root mean square differences over the columns that both rows have, infinite if these are few."""
    total = np.zeros(others.shape)
    shared = np.zeros(others.shape)
    columns = 0
    for values in tables:
        difference = values[others] - values[part, None]
        unknown = np.isnan(difference)
        difference[unknown] = 0
        total += np.einsum("abc,abc->ab", difference, difference)
        shared += values.shape[1] - unknown.sum(axis=2)
        columns += values.shape[1]
    return np.sqrt(np.where(shared >= SHARED * columns, total / np.maximum(shared, 1), np.inf))
