"""Cuts in the windows of one video, for measures that have no value across a cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vqa_features.specs import Feature

if TYPE_CHECKING:
    from vqa_features.kernels.cuts import Signature

#: The column of extractors whose measures have no value across a cut.
CUTS = Feature(
    "cuts",
    "1 where the pair lies across a cut and has no values, 0 elsewhere",
    "1",
    0,
    1,
    "none",
    frame="the sampled frame, with the one before it; up to 7 before and 6 after decide whether it is a cut",
    resolution="means of a grid of 64 x 48",
    source="own definition (docs/cuts.md)",
)


class CutMask:
    """Finds cuts in windows.

    Parameters
    ----------
    after : int
        Frames of the windows after the sampled one; `vqa_features.kernels.cuts.AFTER` or more. Windows that
        begin `BEFORE` frames before the first frame that is judged give what every frame of the video would.
    """

    def __init__(self, after: int) -> None:
        from vqa_features.kernels.cuts import begins_shot

        from ._alike import plainly_alike

        self._begins_shot = begins_shot
        self._plainly_alike = plainly_alike
        self._after = after

    def judge(self, window: Sequence[Signature | None], pairs: int = 1) -> list[float]:
        """Return which of the last pairs up to the sampled frame lie across a cut.

        Parameters
        ----------
        window : sequence of Signature or None
            Of the frames of a window.
        pairs : int
            Number of pairs; the last one ends with the sampled frame.

        Returns
        -------
        list of float
            1 across a cut, 0 elsewhere, nan where there is no pair; oldest first.
        """
        sampled = len(window) - 1 - self._after
        return [self._judge(window, place) for place in range(sampled - pairs + 1, sampled + 1)]

    def _judge(self, window: Sequence[Signature | None], place: int) -> float:
        """Return `begins_shot`, without its search where the two pictures are alike as they lie."""
        last, first = window[place - 1], window[place]
        if last is None or first is None:
            return np.nan
        if first.begins_shot is None and self._plainly_alike(last.picture, first.picture):
            first.begins_shot = 0.0
        return self._begins_shot(window, place) if first.begins_shot is None else first.begins_shot


def notes_on_cuts(cuts: NDArray[np.float64], values: str = "values") -> tuple[str, ...]:
    """Return a sentence on the pairs that lie across a cut, if there are any.

    Parameters
    ----------
    cuts : ndarray, (n,)
        1 across a cut, 0 elsewhere, nan where there is no pair.
    values : str
        What they do not have.
    """
    across, pairs = int((cuts == 1).sum()), int((~np.isnan(cuts)).sum())
    if not across:
        return ()
    verbs = ("lies", "has") if across == 1 else ("lie", "have")
    return ("{} of {} pairs {} across a cut and {} no {}".format(across, pairs, *verbs, values),)
