"""The range of the training features, and the rule by which a video lies outside it.

The distance of a video is the mean over the columns of how far its value lies outside the range of the
training values, in widths of that range, at most 1 for each column. Some of it is usual: of `n` training
videos, two per column are the extremes, and would be outside if the others alone were the training set. The
limit is therefore the distance that 99 of 100 training videos do not exceed when each is held against the
others. A new video of the same kind is flagged in about 1 of 100 cases, whatever the number of columns and
the shape of their distributions (the ranks of exchangeable videos are uniform).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

#: Share of videos of the same kind that are not flagged.
USUAL = 0.99


class TrainingRange(NamedTuple):
    """Range of every column, and the distance from it that is usual."""

    low: Values
    """(columns,): nan for a column without values."""
    high: Values
    limit: float

    @classmethod
    def of(cls, values: Values) -> TrainingRange:
        """Return the range of training features.

        Parameters
        ----------
        values : (videos, columns)
            nan where missing.
        """
        known = np.isfinite(values)
        low = values.min(axis=0, where=known, initial=np.inf)
        high = values.max(axis=0, where=known, initial=-np.inf)
        empty = low > high
        distances = np.sort(_left_out(values))
        rank = min(math.ceil((len(values) + 1) * USUAL), len(values))
        return cls(np.where(empty, np.nan, low), np.where(empty, np.nan, high), float(distances[rank - 1]))

    def distance(self, values: Values) -> Values:
        """Return the distance of every video from the range, 0 .. 1.

        Parameters
        ----------
        values : (videos, columns)
            nan where missing: such a cell and a column that was constant in training count as inside, because
            no regressor uses them.
        """
        width = self.high - self.low
        used = np.isfinite(width) & (width > 0)
        if not used.any():
            return np.zeros(len(values))
        kept = values[:, used]
        outside = np.maximum(self.low[used] - kept, kept - self.high[used]) / width[used]
        return np.asarray(np.clip(np.nan_to_num(outside, nan=0.0), 0.0, 1.0).mean(axis=1))

    def outside(self, values: Values) -> NDArray[np.bool_]:
        """Return which videos lie farther from the range than is usual; arguments as for `distance`."""
        return np.asarray(self.distance(values) > self.limit)


def _left_out(values: Values) -> Values:
    """Return the distance of every training video from the range of the others, (videos,)."""
    found = np.zeros(len(values))
    used = 0
    for column in values.T:
        rows = np.flatnonzero(np.isfinite(column))
        order = rows[np.argsort(column[rows], kind="stable")]
        if len(order) < 3 or column[order[0]] == column[order[-1]]:
            continue
        used += 1
        first, second, *_, last_but_one, last = column[order[[0, 1, -2, -1]]]
        found[order[0]] += _share(second - first, last - second)
        found[order[-1]] += _share(last - last_but_one, last_but_one - first)
    return found / max(used, 1)


def _share(distance: float, width: float) -> float:
    """Return a distance in widths, 1 at most; nothing of a range without a width counts."""
    return min(distance / width, 1.0) if width > 0 else float(distance > 0)
