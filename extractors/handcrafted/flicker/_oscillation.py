"""The strongest oscillation of series over successive frames, by least squares beside a parabola."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

#: Cycles that the frames have to hold, and steps of the frequencies that are tried, in cycles of all frames.
LEAST_CYCLES, STEP = 2.5, 0.25
#: Probability that the strongest oscillation of white noise counts as flicker.
CHANCE = 3e-6
#: Smallest amplitude of a flicker, in codes.
LEAST_AMPLITUDE = 0.2


@dataclass(frozen=True)
class Basis:
    """Oscillations over n frames from which a parabola has been taken out.

    Parameters
    ----------
    frequencies : ndarray, (f,)
        Cycles per frame, up to 0.5.
    waves : ndarray, (f, 2, n)
        Two orthonormal series that span each oscillation; the second is zero at 0.5.
    powers : ndarray, (f,)
        Mean square over the phases of the coefficients of an oscillation of amplitude 1.
    rest : ndarray, (n, n)
        Projection that takes the parabola out.
    least_share : float
        Share of a series that an oscillation has to explain to count as flicker.
    """

    frequencies: Values
    waves: Values
    powers: Values
    rest: Values
    least_share: float


@functools.lru_cache(maxsize=64)
def basis(frames: int, without: float = 0.0) -> Basis:
    """Return the oscillations over so many frames; a frequency `without` is taken out like the parabola."""
    time = np.arange(frames) - (frames - 1) / 2
    trend = [np.ones(frames), time, time**2]
    if without:
        trend += [np.cos(2 * np.pi * without * time), np.sin(2 * np.pi * without * time)]
    columns, sizes, _ = np.linalg.svd(np.stack(trend, axis=1), full_matrices=False)
    columns = columns[:, sizes > 1e-6 * sizes[0]]
    rest = np.eye(frames) - columns @ columns.T
    steps = np.arange(LEAST_CYCLES, frames / 2 - 0.5, STEP) / frames
    frequencies = np.append(steps, 0.5)
    phases = 2 * np.pi * frequencies[:, None] * time
    pairs = np.stack([np.cos(phases), np.sin(phases)], axis=1)
    pairs[-1] = [np.cos(np.pi * np.arange(frames)), np.zeros(frames)]
    pairs = pairs @ rest
    waves = np.empty_like(pairs)
    for k, pair in enumerate(pairs):
        _, lengths, rows = np.linalg.svd(pair, full_matrices=False)
        waves[k] = rows * (lengths > 1e-3 * frames**0.5)[:, None]
    powers = np.square(pairs).sum(axis=(1, 2)) / 2
    powers[-1] *= 2  # of one phase only
    freedom = frames - columns.shape[1]
    return Basis(frequencies, waves, powers, rest, 1 - CHANCE ** (2 / (freedom - 2)))


@dataclass(frozen=True)
class Strongest:
    """The strongest oscillation of each series: share explained, amplitude, cycles per frame, number."""

    share: Values
    amplitude: Values
    frequency: Values
    number: NDArray[np.int64]


def strongest(series: Values, known: Basis) -> Strongest:
    """Return the strongest oscillation of series (n, s)."""
    rest = known.rest @ series
    powers = np.square(known.waves @ rest).sum(axis=1)
    total = np.square(rest).sum(axis=0)
    number = powers.argmax(axis=0)
    every = np.arange(series.shape[1])
    found = powers[number, every]
    frequency, highest = top(powers, number, known.frequencies)
    share = np.divide(found, total, out=np.zeros_like(total), where=total > 1e-9 * len(series))
    return Strongest(share, np.sqrt(highest / known.powers[number]), frequency, number)


def top(powers: Values, number: NDArray[np.int64], frequencies: Values) -> tuple[Values, Values]:
    """Return place and height of the tops of parabolas through the strongest powers and their neighbours."""
    inner = (number > 0) & (number < len(frequencies) - 2)
    every = np.arange(len(number))
    low, peak, high = (powers[np.clip(number + k, 0, len(powers) - 1), every] for k in (-1, 0, 1))
    bend = low - 2 * peak + high
    shift = np.divide(low - high, 2 * bend, out=np.zeros_like(peak), where=inner & (bend < 0))
    step = frequencies[1] - frequencies[0]
    shift = np.clip(shift, -0.5, 0.5)
    return frequencies[number] + step * shift, peak - (low - high) * shift / 4


def is_flicker(found: Strongest, known: Basis) -> NDArray[np.bool_]:
    """Return which of the series flicker."""
    return (found.share >= known.least_share) & (found.amplitude >= LEAST_AMPLITUDE)
