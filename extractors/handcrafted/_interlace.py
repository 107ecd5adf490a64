"""Fields of three frames woven with each other: which of them belong together in time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session, Values
from vqa_features.frame import Views
from vqa_features.kernels.jit import SUMMING, jit
from vqa_features.kernels.planes import as_plane

#: Side of the blocks that are looked at where they move, in pixels.
BLOCK = 16
#: Mean absolute difference to the frames around, in codes, from which a block moves.
MOVES = 1.0
#: A texture that one field cannot show: its rows differ at a distance of 2 so much more than at one of 4.
TOO_FINE = 2.0
#: Share of the frame's own comb by which fields fit differently by chance, and that of one block alone.
CHANCE, ONE_BLOCK = 0.1, 0.5
#: Score from which a frame counts as combed.
COMBED = 0.5
#: A field is repeated if it changes by less than this share of what the other one changes (FFmpeg's idet).
REPEATED = 1 / 3


class InterlaceSession(Session):
    """Compares the fields of the three frames of a window; keeps nothing between windows."""

    concurrent = True

    def prepare(self, frame: Views) -> NDArray[Any]:
        return as_plane(frame.luma)

    def measure(self, window: Sequence[NDArray[Any] | None]) -> Values:
        before, now, after = window
        if before is None or now is None or after is None or min(now.shape) < BLOCK:
            return np.full(5, np.nan)
        own, top_first, bottom_first, top, bottom, blocks = combs(before, now, after)
        signed = bottom_first - top_first
        lost = max(min(top_first, bottom_first) - own, 0.0)
        total = abs(signed) + 2 * lost + own * (CHANCE + ONE_BLOCK * max(blocks, 1) ** -0.5)
        order = signed / total if total > 0 else 0.0
        return np.array(
            [abs(order), abs(order) >= COMBED, order, top < REPEATED * bottom, bottom < REPEATED * top],
            dtype=np.float64,
        )

    def push(self, window: Values) -> Values:
        return window


@jit(**SUMMING)
def combs(
    before: NDArray[Any], now: NDArray[Any], after: NDArray[Any]
) -> tuple[float, float, float, float, float, int]:
    """Return how much three weaves of moving blocks are combed, and by how much both fields change.

    Each line of a weave is compared with the two lines around it, (a - 2 b + c)². The lines around are those
    of the frame. The line itself is that of the frame; that of the next frame on even rows (the top field)
    and of the last one on odd rows, which fits if the top field is first; the other way round, which fits if
    the bottom field is first.

    Returns
    -------
    own, top_first, bottom_first : float
        Means over the blocks that move and whose texture one field can show, in squared codes.
    top, bottom : float
        Mean absolute difference of the even and of the odd rows from those of the last frame, in codes.
    blocks : int
        Number of blocks that entered.
    """
    height, width = now.shape
    sums = np.zeros(3)
    change = np.zeros(2)
    part = np.zeros(9)
    pixels = blocks = 0
    for y0 in range(1, height - 1, BLOCK):
        for x0 in range(0, width, BLOCK):
            part[:] = 0
            y1, x1 = min(y0 + BLOCK, height - 1), min(x0 + BLOCK, width)
            for y in range(y0, y1):
                _add_line(before[y], now[y - 1], now[y], now[y + 1], after[y], y % 2, x0, x1, part)
                if y0 + 4 <= y:
                    _add_distances(now[y], now[y - 2], now[y - 4], x0, x1, part)
            change += part[5:7]
            size = (y1 - y0) * (x1 - x0)
            if part[3] + part[4] >= 2 * MOVES * size and part[7] <= TOO_FINE * part[8]:
                sums += part[:3]
                pixels += size
                blocks += 1
    change /= width * (height - 2) / 2
    sums /= max(pixels, 1)
    return sums[0], sums[1], sums[2], change[0], change[1], blocks


@jit(**SUMMING)
def _add_line(
    before: NDArray[Any],
    above: NDArray[Any],
    now: NDArray[Any],
    below: NDArray[Any],
    after: NDArray[Any],
    parity: int,
    x0: int,
    x1: int,
    part: Values,
) -> None:
    """Add a line's combs (own, top first, bottom first), its changes and its change by parity to `part`."""
    own = earlier = later = back = on = np.float32(0)
    for x in range(x0, x1):
        around = np.float32(above[x]) + np.float32(below[x])
        line = np.float32(now[x])
        past, coming = np.float32(before[x]), np.float32(after[x])
        own += (around - 2 * line) ** 2
        earlier += (around - 2 * past) ** 2
        later += (around - 2 * coming) ** 2
        back += abs(line - past)
        on += abs(line - coming)
    part[0] += own
    part[1] += earlier if parity else later
    part[2] += later if parity else earlier
    part[3] += back
    part[4] += on
    part[5 + parity] += back


@jit(**SUMMING)
def _add_distances(
    line: NDArray[Any], second: NDArray[Any], fourth: NDArray[Any], x0: int, x1: int, part: Values
) -> None:
    """Add the squared differences of a line from those 2 and 4 above it to `part`."""
    near = far = np.float32(0)
    for x in range(x0, x1):
        value = np.float32(line[x])
        near += (value - np.float32(second[x])) ** 2
        far += (value - np.float32(fourth[x])) ** 2
    part[7] += near
    part[8] += far
