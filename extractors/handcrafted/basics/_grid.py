"""Grid of block borders in a picture: its spacing, its place, and how far its steps stand out.

Profiles hold sums of absolute steps between neighbouring pixels, one entry per column of steps: the
steps across a border of blocks have the same place in every row. A grid is a spacing and a place at
which the profile stands out more than at any other place, in both directions.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from ._folding import column_sums, scan

Array = NDArray[np.float64]

#: Spacings looked for, in pixels: blocks of 4 to 32, and of 8 and 16 after scaling.
SMALLEST, LARGEST = 3.5, 33.0
#: Lines that a grid has at least in each direction, and pixels below which no grid is looked for.
FEWEST_LINES, LEAST_SIDE = 6, 17
#: Standard errors by which the lines stand out from the next best place, in each direction.
SIGNIFICANT = 5.0
#: Their distance from the next best place, as a share of that from the worst place. It is lower for the
#: waves that interpolation leaves in an enlarged picture.
DISTINCT = 0.4
#: Least strength of a grid whose steps are more even than elsewhere, and of one whose steps are not, as the
#: coarsest coding leaves them; from `EVEN` on, in mean deviations, any strength will do.
FAINTEST, STRONG, EVEN = 1.04, 1.5, 0.8
#: Where every second or third line stands out this many times more than the others, only these are lines.
_UNEQUAL = 3.0
#: Steps of the search in a period of the longest wave that fits, of its refinement, and fits of lines.
_FINENESS, _REFINEMENT, _FITS = 4, 8, 3
#: Columns of a running median, and mean deviations to which single columns are limited.
_MEDIAN, _LIMIT = 17, 3.0
#: Largest share of repeated columns: two of three, in a picture of three times the size.
_REPEATED = 0.7
#: Added to means of steps, in codes, so that flat columns have a logarithm.
_FLOOR = 0.1


class Grid(NamedTuple):
    """A grid of block borders.

    Attributes
    ----------
    size : float
        Distance of the lines in pixels, nan where there is no grid.
    phase_x, phase_y : float
        Pixels before the first line, from the left and from the top, 0 <= phase < size; nan likewise.
    strength : float
        Mean absolute step across the lines over that elsewhere, each more 1 code, mean of both
        directions, at least 1; 1 where there is no grid, nan where the picture is too small.
    """

    size: float
    phase_x: float
    phase_y: float
    strength: float


NO_GRID = Grid(np.nan, np.nan, np.nan, 1.0)


class Profile(NamedTuple):
    """What the steps between neighbouring columns say of each place between them.

    Attributes
    ----------
    steps : ndarray, (w - 1,)
        Mean absolute step, in codes.
    evidence : ndarray, (w - 1,)
        How much small steps are larger, or more frequent, than nearby.
    evenness : ndarray, (w - 1,)
        How much less the steps differ than nearby. Borders of blocks lie in all of a picture, and scaling
        makes steps larger and less even at once.
    """

    steps: Array
    evidence: Array
    evenness: Array


def find_grid(plane: NDArray[np.float32], turned: NDArray[np.float32]) -> Grid:
    """Return the grid that stands out most in a picture.

    Parameters
    ----------
    plane : (h, w) float32
        Luma codes in 8-bit units, contiguous.
    turned : (w, h) float32
        The same transposed, contiguous.
    """
    least = min(plane.shape)
    if least < LEAST_SIDE:
        return Grid(np.nan, np.nan, np.nan, np.nan)
    profiles = profile(plane), profile(turned)
    longest = min(LARGEST, least / FEWEST_LINES)
    step = 1 / (_FINENESS * max(plane.shape))
    frequencies = np.arange(1 / longest, 1 / SMALLEST, step)
    if not _may_be_known(profiles, frequencies):
        return NO_GRID
    size, known = _best(profiles, frequencies)
    if not known:
        return NO_GRID
    around = 1 / size + step * np.arange(-_REFINEMENT, _REFINEMENT + 1) / _REFINEMENT
    size, _ = _best(profiles, around)
    size, phases = _fitted(profiles, _of_equal_lines(profiles, size))
    strengths, evens = [], []
    for one, phase in zip(profiles, phases, strict=True):
        on = on_line(one.steps.size, size, phase)
        strengths.append((one.steps[on].mean() + 1) / (one.steps[~on].mean() + 1))
        evens.append(one.evenness[on].mean() - one.evenness[~on].mean())
    strength, even = float(np.mean(strengths)), min(evens)
    if strength < (FAINTEST if even > 0 else STRONG) and even < EVEN:
        return NO_GRID
    left, top = (_border(phase, size) for phase in phases)
    return Grid(size, left, top, max(strength, 1.0))


def profile(plane: NDArray[np.float32]) -> Profile:
    """Return the profile of the steps along the rows of a plane (h, w)."""
    steps, squares, logarithms = _without_repeated(column_sums(plane) / plane.shape[0])
    typical = np.log(np.expm1(logarithms) + _FLOOR)
    spread = np.log(squares + _FLOOR) / 2
    return Profile(steps, _standing_out(2 * typical - spread), _standing_out(typical - spread))


def _without_repeated(sums: Array) -> Array:
    """Replace columns without any step by a line between their neighbours: enlarging repeated their pixels.

    Where more than `_REPEATED` of the columns are so, blocks are flat, and nothing is replaced.
    """
    empty = sums[1] == 0
    if not 0 < empty.mean() <= _REPEATED:
        return sums
    places = np.arange(empty.size)
    return np.array([np.interp(places, places[~empty], one[~empty]) for one in sums])


def on_line(length: int, size: float, phase: float) -> NDArray[np.bool_]:
    """Tell which of `length` places are nearest to a line, (length,)."""
    distance = (np.arange(length) - phase) / size
    return np.abs(distance - np.rint(distance)) * size <= 0.5


def _standing_out(values: Array) -> Array:
    """Return values less their running median, limited, in units of their mean deviation."""
    rest = values - median_filter(values, _MEDIAN, mode="reflect")
    mean = np.abs(rest).mean()
    return np.clip(rest / mean, -_LIMIT, _LIMIT) if mean > 1e-9 else np.zeros_like(rest)


def _may_be_known(profiles: tuple[Profile, Profile], frequencies: Array) -> bool:
    """Return whether some spacing is significant in both directions; far quicker than `_best`, where none is.

    The shorter direction is looked at first, the longer one only at what is significant there.
    """
    for one in sorted(profiles, key=lambda one: one.evidence.size):
        if frequencies.size:
            standing, distinct, _ = scan(one.evidence, 1 / frequencies)
            frequencies = frequencies[(standing >= SIGNIFICANT) & (distinct >= DISTINCT)]
    return frequencies.size > 0


def _best(profiles: tuple[Profile, Profile], frequencies: Array) -> tuple[float, bool]:
    """Return the spacing that stands out most, and whether that is significant."""
    if not frequencies.size:
        return np.nan, False
    found = [scan(one.evidence, 1 / frequencies) for one in profiles]
    least = np.minimum(found[0][0], found[1][0])
    distinct = np.minimum(found[0][1], found[1][1])
    best = int(np.argmax(found[0][0] + found[1][0]))
    known = least[best] >= SIGNIFICANT and distinct[best] >= DISTINCT
    return float(1 / frequencies[best]), bool(known)


def _of_equal_lines(profiles: tuple[Profile, Profile], size: float) -> float:
    """Return the spacing of the lines that stand out, which may be every second or third of those given."""
    for every in (3, 2):
        if size * every > LARGEST:
            continue
        outstanding = []
        for one in profiles:
            phase = scan(one.evidence, np.array([size]))[2][0]
            on = on_line(one.evidence.size, size, phase)
            number = np.rint((np.flatnonzero(on) - phase) / size).astype(int) % every
            level = np.array([one.evidence[on][number == k].mean() for k in range(every)])
            outstanding.append(np.sort(level - one.evidence[~on].mean())[::-1])
        if all(first > _UNEQUAL * second for first, second, *_ in outstanding):
            return size * every
    return size


def _fitted(profiles: tuple[Profile, Profile], size: float) -> tuple[float, list[float]]:
    """Return the spacing and the place of the first line in each direction, fitted to all lines."""
    phases = [float(scan(one.evidence, np.array([size]))[2][0]) for one in profiles]
    for _ in range(_FITS):
        moments, means = np.zeros(2), []
        for one, phase in zip(profiles, phases, strict=True):
            place = np.arange(one.evidence.size) - phase
            number = np.rint(place / size)
            offset = place - number * size
            near = np.abs(offset) <= max(1, size / 8)
            weight = np.where(near, np.maximum(one.evidence, 0), 0)
            number_mean, offset_mean = np.average(number, weights=weight), np.average(offset, weights=weight)
            moments += np.sum(weight * (number - number_mean) * np.array([offset, number]), axis=1)
            means.append((number_mean, offset_mean))
        slope = moments[0] / moments[1]
        size += slope
        phases = [
            (phase + offset - slope * number) % size
            for phase, (number, offset) in zip(phases, means, strict=True)
        ]
    return size, phases


def _border(phase: float, size: float) -> float:
    """Return the pixels before the first border, 0 for one within half a pixel of the edge.

    The step at place k is between the pixels k and k + 1.
    """
    border = (phase + 1) % size
    return 0.0 if size - border <= 0.5 else border
