"""Pictures of known statistics: luma (h, w) float64 in 8-bit codes; a size is (height, width) in pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Luma = NDArray[np.float64]
Size = tuple[int, int]


def constant(size: Size, code: float = 100) -> Luma:
    """One code everywhere: mean `code`, no contrast, no noise, no gradient, entropy 0."""
    return np.full(size, float(code))


def ramp(size: Size, low: float = 16, high: float = 235) -> Luma:
    """Codes that rise evenly from `low` in the left column to `high` in the right one."""
    return np.tile(np.linspace(low, high, size[1]), (size[0], 1))


def staircase(size: Size, steps: int, step: float, low: float = 60) -> Luma:
    """Vertical bands of equal width, each `step` codes above the one on its left: bands and no noise."""
    return np.tile(low + step * (np.arange(size[1]) * steps // size[1]), (size[0], 1)).astype(np.float64)


def sinusoid(size: Size, period: float = 16, amplitude: float = 50, mean: float = 120) -> Luma:
    """A vertical grating of `period` pixels; mean `mean`, deviation `amplitude` / sqrt(2)."""
    wave = mean + amplitude * np.cos(2 * np.pi * np.arange(size[1]) / period)
    return np.tile(wave, (size[0], 1))


def noise(size: Size, sigma: float, seed: int = 0) -> Luma:
    """White Gaussian noise of deviation `sigma` codes and mean 0, to be added to a picture."""
    return np.random.default_rng(seed).normal(0, sigma, size)


def blocky(picture: Luma, step: float, side: float = 8, phase: tuple[int, int] = (0, 0)) -> Luma:
    """Add a checkerboard of ± `step` / 2 in blocks of `side` pixels: each border is a step of `step` codes.

    Parameters
    ----------
    phase : (int, int)
        Row and column of the first border: the first block is so many pixels high and wide.
    """
    y, x = np.indices(picture.shape)
    odd = ((y - phase[0]) // side + (x - phase[1]) // side) % 2
    return picture + step * (odd - 0.5)


def barred(
    video: Luma,
    rows: tuple[int, int] = (0, 0),
    columns: tuple[int, int] = (0, 0),
    black: float = 16,
    sigma: float = 0,
    seed: int = 0,
) -> Luma:
    """Cover rows (top, bottom) and columns (left, right) of a picture or a video with bars of `black`.

    Parameters
    ----------
    sigma : float
        Deviation of white noise in the bars, in codes.
    """
    height, width = video.shape[-2:]
    inside = np.zeros((height, width), bool)
    inside[rows[0] : height - rows[1], columns[0] : width - columns[1]] = True
    bars = black + np.random.default_rng(seed).normal(0, sigma, video.shape)
    return np.where(inside, video, bars)


def combed(video: Luma, *, bottom_first: bool = False) -> Luma:
    """Interlace a video (2 t, h, w) to (t, h, w): even rows from frame 2 k, odd rows from frame 2 k + 1.

    Parameters
    ----------
    bottom_first : bool
        Odd rows from frame 2 k and even rows from frame 2 k + 1 instead.
    """
    first, second = (video[1::2], video[::2]) if bottom_first else (video[::2], video[1::2])
    return _woven(first, second)


def telecined(film: Luma) -> Luma:
    """Make five frames of four by 3:2 pulldown of fields: of A B C D the frames AA, BB, BC, CD, DD."""
    length = len(film) // 4 * 4
    even = np.reshape([[k, k + 1, k + 1, k + 2, k + 3] for k in range(0, length, 4)], -1)
    odd = np.reshape([[k, k + 1, k + 2, k + 3, k + 3] for k in range(0, length, 4)], -1)
    return _woven(film[even], film[odd])


def _woven(even: Luma, odd: Luma) -> Luma:
    woven = even.copy()
    woven[:, 1::2] = odd[:, 1::2]
    return woven
