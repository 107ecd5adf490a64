"""The frames that stand for a whole video."""

from __future__ import annotations

import numpy as np

#: Stills at equally spaced times at the top of a page.
MOST = 8


def overview(count: int) -> list[int]:
    """Return the frames in the middle of equal parts of a video.

    Examples
    --------
    >>> overview(80)
    [5, 15, 25, 35, 45, 55, 65, 75]
    >>> overview(1)
    [0]
    """
    parts = min(MOST, count)
    return [int(place) for place in (np.arange(parts) + 0.5) * count / max(parts, 1)]
