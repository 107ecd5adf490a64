"""What a page of limited size holds of many videos and splits; the whole is in the CSV files."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..comparison.diagnosis import largest

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from .view import Model, ProtocolView

MOST_POINTS = 2000
"""Greatest number of videos drawn as points."""
MOST_WORST = 100
"""Videos of largest error held for each rival, and of largest difference between two."""
MOST_SCORES = 12_000
"""Scores held of one metric: those of all splits up to this number, then of some splits."""
FEWEST_SPLITS = 50


class Excerpt(NamedTuple):
    """Videos that a page holds."""

    rows: NDArray[np.intp]
    """Their positions in `ProtocolView.videos`: first those drawn, in order of MOS, then the others."""
    drawn: int
    """Number of videos drawn as points."""
    total: int
    """Number of all tested videos."""

    @property
    def left_out(self) -> int:
        """Number of videos that are not on the page."""
        return self.total - len(self.rows)


def excerpt_of(view: ProtocolView, rivals: Sequence[Model]) -> Excerpt:
    """Return all videos up to `MOST_POINTS`, else so many evenly spaced in order of MOS and the worst.

    Parameters
    ----------
    view : ProtocolView
        The protocol to show.
    rivals : sequence of Model
        Models whose largest errors and differences are held.
    """
    total = len(view.videos)
    drawn = evenly(total, MOST_POINTS)
    worst = [view.videos.index.get_indexer(largest(size, MOST_WORST)) for size in sizes_of(view, rivals)]
    others = np.setdiff1d(np.concatenate(worst), drawn) if worst else drawn[:0]
    return Excerpt(np.concatenate([drawn, others]), len(drawn), total)


def sizes_of(view: ProtocolView, rivals: Sequence[Model]) -> list[pd.Series[float]]:
    """Return the residuals of each rival, and the difference between the two if there are two."""
    errors = view.residuals(rivals)
    found = [errors[model.key] for model in rivals]
    if len(rivals) == 2:
        first, second = rivals
        found.append(view.predicted(first) - view.predicted(second))
    return found


def evenly(count: int, most: int) -> NDArray[np.intp]:
    """Return positions in a list of `count`: all up to `most`, else `most` of even distance.

    Examples
    --------
    >>> evenly(4, 10).tolist(), evenly(101, 5).tolist()
    ([0, 1, 2, 3], [0, 25, 50, 75, 100])
    """
    if count <= most:
        return np.arange(count, dtype=np.intp)
    return np.linspace(0, count - 1, most).round().astype(np.intp)


def shown_splits(splits: int, models: int) -> NDArray[np.intp]:
    """Return the positions of the splits whose scores a page holds of each of so many models."""
    return evenly(splits, max(FEWEST_SPLITS, MOST_SCORES // max(1, models)))
