"""Flicker of the whole picture, of bands of rows and of single places, from means of areas over time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ._oscillation import LEAST_AMPLITUDE, Basis, basis, is_flicker, strongest, top

Values = NDArray[np.float64]
Complex = NDArray[np.complex128]

#: Cells of a block, and parts of the picture that have to flicker at once, in each direction.
CELLS, PARTS = 4, 4
#: Least cycles of bands over the height, and the steps to a cycle.
LEAST_BANDS, STEPS = 0.75, 4
#: Least share of the common change of strips that one wave explains, and its power over its mirror image's.
BAND_SHARE, BAND_ONE_WAY = 0.4, 3.0
#: How much alike parts of a picture, strips of bands and cells of a block flicker at least, 1 for equal.
AT_ONCE, ALONG, EVENLY = 0.7, 0.75, 0.8
#: Share of all changes in the cells of a block that its flicker explains at least.
EVENLY_ALL = 0.5
#: Largest sine of the phase between the halves of a block, and between it and neighbours that have so much of
#: its amplitude: more is something that moves.
STANDS, BESIDE = 0.3, 0.3


class Flickering(NamedTuple):
    """A flicker that was found, or zeros: amplitude in codes, cycles per frame, and a third number."""

    amplitude: float = 0.0
    frequency: float = 0.0
    extent: float = 0.0


def whole(cells: Values) -> Flickering:
    """Return the flicker that the parts of a picture have in common.

    Parameters
    ----------
    cells : ndarray, (n, y, x)
        Mean luma of the cells of a grid over n frames, in codes.
    """
    frames, height, width = cells.shape
    change = cells - cells.mean(axis=0)
    parts = change.reshape(frames, PARTS, height // PARTS, PARTS, width // PARTS)
    known = basis(frames)
    found = strongest(np.median(change.reshape(frames, -1), axis=1)[:, None], known)
    if not is_flicker(found, known)[0]:
        return Flickering()
    medians = np.median(parts, axis=(2, 4)).reshape(frames, -1)
    z = _coefficients(medians, known, int(found.number[0]))
    if np.abs(z.sum()) < AT_ONCE * np.abs(z).sum():
        return Flickering()
    return Flickering(float(found.amplitude[0]), float(found.frequency[0]))


def bands(strips: Values, without: float) -> tuple[Flickering, Values]:
    """Return bands of rows that travel, and the wave (n, y) that they are.

    Parameters
    ----------
    strips : ndarray, (n, y, s)
        Mean luma of rows (or groups of rows) in s vertical strips, over n frames, in codes. What less than
        half of the strips have in common is no band.
    without : float
        Frequency that is not looked at, in cycles per frame; 0 for none.

    Returns
    -------
    Flickering
        The extent is the number of cycles over the height.
    wave : ndarray, (n, y)
        In codes, 0 where there are no bands.
    """
    frames, rows, _ = strips.shape
    known = basis(frames, without)
    change = np.einsum("mn,nys->mys", known.rest, strips)
    common = np.median(change, axis=2)
    none = Flickering(), np.zeros((frames, rows))
    total = np.square(common).sum()
    if total <= 1e-9 * common.size:
        return none
    frequency, cycles, one_way = _travelling(common, known)
    phase = 2 * np.pi * (frequency * np.arange(frames)[:, None] + cycles * np.arange(rows) / rows)
    pair = np.stack([np.cos(phase), np.sin(phase)])
    kept = (known.rest @ pair).reshape(2, -1)
    series = np.c_[common.ravel(), change.reshape(frames * rows, -1)]
    fits = np.linalg.pinv(kept @ kept.T) @ (kept @ series)
    amplitude = float(np.hypot(*fits[:, 0]))
    share = np.square(fits[:, 0] @ kept).sum() / total
    z = fits[0, 1:] + 1j * fits[1, 1:]
    if not one_way or share < BAND_SHARE or amplitude < LEAST_AMPLITUDE or _alike(z[:, None])[0] < ALONG:
        return none
    return Flickering(amplitude, frequency, abs(cycles)), np.tensordot(fits[:, 0], pair, axes=1)


def _travelling(common: Values, known: Basis) -> tuple[float, float, bool]:
    """Return the strongest wave that travels over rows (n, y): frequency, cycles, whether it goes one way."""
    frames, rows = common.shape
    turns = np.exp(-2j * np.pi * known.frequencies[:, None] * np.arange(frames))
    cycles = np.arange(-STEPS * rows // 4, STEPS * rows // 4 + 1) / STEPS
    places = np.exp(-2j * np.pi * cycles * np.arange(rows)[:, None] / rows)
    spectrum = np.square(np.abs(turns @ common @ places))
    number, column = np.unravel_index((spectrum * (np.abs(cycles) >= LEAST_BANDS)).argmax(), spectrum.shape)
    one_way = spectrum[number, column] >= BAND_ONE_WAY * spectrum[number, -1 - column]
    frequency = top(spectrum[:, [column]], np.array([number]), known.frequencies)[0][0]
    cycle = top(spectrum[[number]].T, np.array([column]), cycles)[0][0]
    return float(frequency), float(cycle), bool(one_way or frequency == 0.5)


def local(cells: Values, without: float) -> Flickering:
    """Return the flicker of blocks alone: mean amplitude, frequency of the strongest, share of the blocks.

    Parameters
    ----------
    cells : ndarray, (n, y, x)
        As in `whole`.
    without : float
        Frequency that is not looked at, that of the whole picture or of its bands; 0 for none.
    """
    frames, height, width = cells.shape
    change = cells - cells.mean(axis=0)
    change -= np.median(change.reshape(frames, -1), axis=1)[:, None, None]
    parts = change.reshape(frames, height // CELLS, CELLS, width // CELLS, CELLS)
    parts = parts.transpose(0, 2, 4, 1, 3).reshape(frames, CELLS, CELLS, -1)
    known = basis(frames, without)
    blocks = parts.mean(axis=(1, 2))
    found = strongest(blocks, known)
    flickers = is_flicker(found, known)
    for block in np.flatnonzero(flickers):
        series = known.rest @ parts[..., block].reshape(frames, -1)
        z = _coefficients(series, known, int(found.number[block]))
        evenly = np.square(np.abs(z.sum())) >= EVENLY_ALL * z.size * np.square(series).sum()
        around = _coefficients(known.rest @ blocks, known, int(found.number[block]))
        around = around.reshape(height // CELLS, width // CELLS)
        place = divmod(int(block), width // CELLS)
        flickers[block] = evenly and _stands(z.reshape(CELLS, CELLS)) and _stays(around, place)
    if not flickers.any():
        return Flickering()
    most = np.where(flickers, found.amplitude, 0).argmax()
    return Flickering(
        float(found.amplitude[flickers].mean()), float(found.frequency[most]), float(flickers.mean())
    )


def _coefficients(series: Values, known: Basis, number: int) -> Complex:
    """Return the complex coefficient of one oscillation in each of the series (n, s)."""
    first, second = known.waves[number] @ series
    return first + 1j * second


def _alike(z: Complex) -> Values:
    """Return how much alike n coefficients along the first axis are: 1 for equal, 1 / n for unrelated."""
    power = np.square(np.abs(z)).sum(axis=0)
    return np.square(np.abs(z.sum(axis=0))) / np.maximum(len(z) * power, 1e-12)


def _stands(z: Complex) -> bool:
    """Return whether the cells (4, 4) of a block oscillate evenly and at once: nothing moves through it."""
    if _alike(z.reshape(-1, 1))[0] < EVENLY:
        return False
    halves = [(z[:2].sum(), z[2:].sum()), (z[:, :2].sum(), z[:, 2:].sum())]
    return all(abs((a * b.conj()).imag) <= STANDS * (abs(a) ** 2 + abs(b) ** 2) / 2 for a, b in halves)


def _stays(z: Complex, place: tuple[int, int]) -> bool:
    """Return whether no neighbour of a block oscillates with another phase: nothing moves along."""
    y, x = place
    own = z[y, x]
    near = z[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2].ravel()
    near = near[np.abs(near) > BESIDE * np.abs(own)]
    turned = near * np.conj(own)
    return bool((turned.real >= np.cos(np.arcsin(STANDS)) * np.abs(turned)).all())
