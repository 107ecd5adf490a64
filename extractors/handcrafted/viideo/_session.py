"""VIIDEO of a video, pair by pair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session, Values
from vqa_features.frame import Views
from vqa_features.kernels.nss import local_moments
from vqa_features.kernels.planes import as_plane

from ._blocks import block_fits

#: Spans of the video over which a correlation is taken.
SPANS = 10
#: Columns of the fits of one band.
N_FITS = 12


class _ViideoSession(Session):
    """Sums for the correlations of each change from pair to pair.

    Parameters
    ----------
    block, overlap : int
        As for `block_fits`.
    """

    concurrent = True
    looks_back = 1

    def __init__(self, block: int, overlap: int) -> None:
        self._block, self._overlap = block, overlap
        self._last: Values | None = None
        self._sums: list[Values] = []

    def prepare(self, frame: Views) -> tuple[int, NDArray[Any]]:
        """Return the place of a frame among the sampled ones, and its luma."""
        return frame.index, as_plane(frame.luma)

    def measure(self, window: Sequence[Any]) -> Values | None:
        """Return the fits of both bands, (blocks, 24), for the second frame of a pair."""
        before, (index, luma) = window
        if before is None or index % 2 == 0:
            return None
        band = before[1].astype(np.float64) - luma
        fits = []
        for _ in range(2):
            mean, deviation = local_moments(band)
            fits.append(block_fits((band - mean) / (deviation + 1), self._block, self._overlap))
            band = mean
        return np.concatenate(fits, axis=1)

    def push(self, window: Values | None) -> None:
        """Take the next pair, if the frame ends one."""
        if window is None:
            return
        if self._last is not None:
            self._sums.append(change_sums(np.abs(window - self._last)))
        self._last = window

    def finish(self) -> Values:
        return score_of(np.array(self._sums).reshape(-1, 6, N_FITS))


def change_sums(changes: Values) -> Values:
    """Return n, and the sums of x, y, x^2, y^2 and x y of both bands' changes, (6, 12).

    Parameters
    ----------
    changes : (blocks, 24)
        Changes of the fits from one pair to the next; blocks with a missing value are left out.
    """
    kept = changes[np.isfinite(changes).all(axis=1)]
    x, y = kept[:, :N_FITS], kept[:, N_FITS:]
    count = np.full(N_FITS, float(len(kept)))
    return np.stack([count, x.sum(0), y.sum(0), (x * x).sum(0), (y * y).sum(0), (x * y).sum(0)])


def score_of(sums: Values) -> Values:
    """Return score, mean correlation and mean change of it between spans.

    A span has a tenth of the changes and one more, and begins half a tenth after the last. A span of which a
    correlation is not defined is left out.

    Parameters
    ----------
    sums : (changes, 6, 12)
        `change_sums` of every change.
    """
    length = len(sums)
    gap = length // SPANS
    if gap == 0:
        return np.full(3, np.nan)
    starts = np.arange(0, length, int(gap / 2 + 0.5))
    total = np.concatenate([np.zeros((1, *sums.shape[1:])), sums.cumsum(axis=0)])
    spans = total[np.minimum(starts + gap + 1, length)] - total[starts]
    n, x, y, xx, yy, xy = np.moveaxis(spans, 1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (n * xy - x * y) / np.sqrt((n * xx - x * x) * (n * yy - y * y))
    score = found[n[:, 0] > 0].mean(axis=1)
    change = np.abs(np.roll(score, 1) - score)
    if not np.isfinite(score).any():
        return np.full(3, np.nan)
    parts = np.nanmean(score), np.nanmean(change) if np.isfinite(change).any() else np.nan
    return np.array([sum(parts), *parts])
