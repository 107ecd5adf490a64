"""Black bars at the edges of a picture, and the area that several pictures leave between them.

A line (row or column) is black if three quarters of its samples are no brighter than those of the outermost
line, up to the noise of that line. So noise, grain and a logo do not end a bar. A bar ends where black lines
end with a straight step: larger than the slope behind it, and common to the content there. A ramp, a vignette
and dark objects have none. The lines of a subtitle, partly lit among black ones, end no bar.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

#: Median of a line of black, at most; limited range has 16, full range 0. In 8-bit codes, as all below.
BLACK = 24.0
#: Upper quartile of a line of black over its median, at most: noise of a standard deviation of about 10.
SPREAD = 8.0
#: Least rise over the outermost line that may end a bar, and least step there.
DISTANCE, STEP = 2.0, 4.0
#: Lines over which an edge may be spread by scaling, and before which a codec's ringing may begin.
SOFT, BLOCK = 3, 16
#: A line before the edge is ringing if its rise is at most this share of the step.
RINGING = 0.15
#: Lines behind the edge whose slope the step is compared with, and the least ratio.
BEHIND, RATIO = 12, 2.0
#: Share of the content behind the edge that may go on in front of it: edges of objects are seldom straight.
OLD = 0.25
#: Share of the lines of a bar without a subtitle.
MOSTLY = 0.5
#: Lines by which the edge of one bar may differ between pictures of a video.
NEAR = 8
#: Samples of a line that are looked at, evenly spread.
SAMPLES = 512


class Sides(NamedTuple):
    """Number of lines at each edge of a picture.

    Parameters
    ----------
    top, bottom : float
        Rows.
    left, right : float
        Columns.
    """

    top: float
    bottom: float
    left: float
    right: float


#: A number for each line.
_Line = NDArray[np.float64]
#: Lines of a bar and black lines at the first edge, at the opposite one, and the number of lines.
_Ends = tuple[tuple[float, float], tuple[float, float], int]

UNKNOWN = Sides(np.nan, np.nan, np.nan, np.nan)


class Bars(NamedTuple):
    """What one picture shows of its bars; both are nan for a picture without content.

    Parameters
    ----------
    bar : Sides
        Lines of the bars; 0 where black lines end without a step.
    black : Sides
        Black lines, of a bar or of a dark picture: no bar is thicker. Inf where every line is black.
    """

    bar: Sides
    black: Sides


def agreed(seen: Sequence[Bars]) -> Sides:
    """Return the bars on which several pictures of one video agree.

    Parameters
    ----------
    seen : sequence of Bars
        What each picture shows.

    Returns
    -------
    Sides
        Whole numbers of lines; 0 where there is no bar, and for pictures without content.

    Notes
    -----
    A bar is black in every picture; one picture of each 16 may differ. It has a step in one of each eight
    pictures that have content, since dark scenes show none. Scenes of another shape
    leave the bars that all scenes have.
    """
    content = [one for one in seen if not np.isnan(one.bar.top)]
    if not content:
        return Sides(0, 0, 0, 0)
    bars, black = (np.array([one[k] for one in content]) for k in (0, 1))
    found = []
    for bar, limit in zip(bars.T, np.sort(black, axis=0)[len(content) // 16], strict=True):
        near = np.sort(bar[(bar > 0) & (bar >= limit) & (bar < limit + NEAR)])
        enough = len(near) >= max(1, len(content) // 8)
        found.append(float(near[(len(near) - 1) // 2]) if enough else 0.0)
    return Sides(*found)


def find_bars(plane: NDArray[Any]) -> Bars:
    """Return the bars of a picture.

    Parameters
    ----------
    plane : ndarray, (h, w)
        Luma in 8-bit codes.

    Returns
    -------
    Bars
        Nan if no row, or no column, has content over a quarter of its length: black, nearly black in a
        fade, or a small object on black, which may be all there is between bars.

    Notes
    -----
    Rows are judged between the bars of the columns and columns between those of the rows, so that an upright
    video in a wide picture, whose bars fill most of each row, is found. Bars that are not black (gray,
    coloured, or a blurred copy of the picture) are content.
    """
    rows, columns = slice(0, plane.shape[0]), slice(0, plane.shape[1])
    for _ in range(4):
        upright = _ends(plane[:, columns])
        rows = _between(upright, rows)
        across = _ends(plane[rows].T)
        before, columns = columns, _between(across, columns)
        if columns == before:
            break
    if upright is None and across is None:
        return Bars(UNKNOWN, UNKNOWN)
    (top, bottom, _), (left, right, _) = (
        ends or ((0.0, np.inf), (0.0, np.inf), 0) for ends in (upright, across)
    )
    return Bars(*(Sides(top[k], bottom[k], left[k], right[k]) for k in (0, 1)))


def _between(ends: _Ends | None, before: slice) -> slice:
    """Return the lines between two bars, those of before where none of them has content."""
    if ends is None:
        return before
    (first, _), (last, _), length = ends
    return slice(int(first), length - int(last))


def _ends(lines: NDArray[Any]) -> _Ends | None:
    """Return (bar, black) at the first and at the last line, and their number; None if none has content."""
    samples = lines[:, :: max(1, lines.shape[1] // SAMPLES)]
    length = len(samples)
    if not _is_black(*_quartiles(samples[[0, -1]])[1:]).any():
        return (0.0, 0.0), (0.0, 0.0), length
    quartiles = _quartiles(samples)
    first = _end(samples, *quartiles)
    last = _end(samples[::-1], *(one[::-1] for one in quartiles))
    return None if first[1] + last[1] >= length else (first, last, length)


def _quartiles(samples: NDArray[Any]) -> list[NDArray[np.float64]]:
    """Return lower quartile, median and upper quartile of each line, by rank."""
    last = samples.shape[1] - 1
    ordered = np.sort(
        np.ascontiguousarray(samples, np.float32), axis=1
    )  # quicker than partition, or of uint8
    return [ordered[:, rank].astype(np.float64) for rank in (last // 4, last // 2, 3 * last // 4)]


def _is_black(median: Any, upper: Any) -> Any:
    """Return whether the outermost line of an edge may be one of a black bar."""
    return (median <= BLACK) & (upper - median <= SPREAD)


def _end(samples: NDArray[Any], lower: _Line, median: _Line, upper: _Line) -> tuple[float, float]:
    """Return (bar, black) at the first line of some samples, from the quartiles of all lines."""
    if not _is_black(median[0], upper[0]):
        return 0.0, 0.0
    level, distance = upper[0], max(DISTANCE, upper[0] - median[0])
    lit = upper > level + distance
    if upper.max() <= level + max(STEP, distance):
        return 0.0, np.inf
    full = lower > level + distance
    begins = np.flatnonzero(lit[1:] & ~lit[:-1]) + 1
    within = begins <= (np.argmax(full) if full.any() else len(full))
    mostly_black = np.cumsum(~lit)[begins - 1] >= MOSTLY * begins
    for begin in begins[within & mostly_black][::-1]:
        rise = upper[begin:][: SOFT if median[begin] > level + max(STEP, distance) else BLOCK] - level
        edge = begin + int(np.argmax(rise > RINGING * rise.max()))
        if _is_edge(samples, upper, begin, edge, distance):
            return float(edge), float(edge)
    return 0.0, float(begins[0])


def _is_edge(samples: NDArray[Any], upper: _Line, begin: int, edge: int, distance: float) -> bool:
    """Return whether black lines end at `edge` with a straight step; `begin` is the first lit line."""
    rise = upper - upper[begin - 1]
    inner = edge + int(np.argmax(rise[edge:][:SOFT]))
    behind = rise[edge + SOFT - 1 :][: BEHIND + 1]
    changes = behind[SOFT:] - behind[:-SOFT]
    slope = float(np.median(changes)) if changes.size else 0.0
    if rise[inner] < max(STEP, RATIO * slope):
        return False
    bright = upper[begin - 1] + max(distance, rise[inner] / 2)
    content = samples[inner] > bright
    return float((samples[begin - 1][content] > bright).mean()) <= OLD
