"""The cycle in which repeats recur."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

#: Longest cycle, in frames; repeats that have to recur, and repeats for each cycle of the video.
LONGEST, LEAST_REPEATS, PER_CYCLE = 30, 3, 0.25
#: Share that has to recur, and how far below the best of all cycles a shorter one may be.
LEAST, TOLERANCE = 0.75, 0.05


def cadence_of(repeats: NDArray[np.bool_], counts: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return cycle, pictures per cycle, longest hold and regularity.

    Parameters
    ----------
    repeats : ndarray, (n,) bool
        Which frames repeat the one before.
    counts : ndarray, (n,) bool
        Frames outside freezes; others are passed over.

    Returns
    -------
    ndarray, (4,) float64
        1 in all without repeats, 0 in all without a cycle. Regularity is the share of the repeats or of the
        new pictures, whichever is less, that have another one a cycle away.
    """
    inside = repeats & counts
    if not inside.any():
        return np.ones(4)
    shares = np.array([_recurring(inside, counts, cycle) for cycle in range(2, LONGEST + 1)])
    if shares.max() < LEAST:
        return np.zeros(4)
    at = int(np.flatnonzero(shares >= shares.max() - TOLERANCE)[0])
    cycle = at + 2
    new = _pattern(inside, counts, cycle)
    holds = np.diff(np.append(new, new[0] + cycle))
    return np.array([cycle, new.size, holds.max(), shares[at]])


def _recurring(repeats: NDArray[np.bool_], counts: NDArray[np.bool_], cycle: int) -> float:
    """Return the share of the repeats or of the new pictures, whichever is less, that recur a cycle away."""
    both = counts[cycle:] & counts[:-cycle]
    later, earlier = repeats[cycle:][both], repeats[:-cycle][both]
    if (later & earlier).sum() < LEAST_REPEATS or repeats.sum() < PER_CYCLE * counts.sum() / cycle:
        return 0.0
    return min(_agreeing(later, earlier), _agreeing(~later, ~earlier))


def _agreeing(later: NDArray[np.bool_], earlier: NDArray[np.bool_]) -> float:
    total = int(later.sum()) + int(earlier.sum())
    return 2 * int((later & earlier).sum()) / total if total else 0.0


def _pattern(repeats: NDArray[np.bool_], counts: NDArray[np.bool_], cycle: int) -> NDArray[np.int64]:
    """Return where new pictures begin in the most frequent cycle that has repeats, (pictures,)."""
    kinds = Counter(
        min(np.roll(repeats[at : at + cycle], -k).tobytes() for k in range(cycle))
        for at in range(repeats.size - cycle + 1)
        if counts[at : at + cycle].all() and 0 < repeats[at : at + cycle].sum() < cycle
    )
    if not kinds:
        return np.array([0])
    ((chosen, _),) = kinds.most_common(1)
    return np.flatnonzero(~np.frombuffer(chosen, bool))
