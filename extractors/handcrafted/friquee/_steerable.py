"""Complex steerable pyramid: oriented band-pass filters in quadrature, in the Fourier domain.

J. Portilla and E. P. Simoncelli, "A parametric texture model based on joint statistics of complex
wavelet coefficients", IJCV 40(1), 2000. The masks come from tables, interpolated, as those of E. P.
Simoncelli's matlabPyrTools do, so that bands agree to rounding.

A picture is transformed once, and each band once back from the part of the spectrum that its scale
keeps. Spectra have the zero frequency first, as the transforms give them. The radial masks and the
angle of each frequency are kept for the last size of picture: 25 bytes per pixel.
"""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from vqa_features.kernels.jit import SUMMING, jit

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

#: Samples of the tables: radial transition (a raised cosine one octave wide) and angular window (pi).
RADIAL_SAMPLES, ANGULAR_SAMPLES = 256, 1024


class Pyramid(NamedTuple):
    """High-pass residual (h, w) and ``bands[scale][orientation]``, finest scale first."""

    high: Real
    bands: list[list[Complex]]


class _Scale(NamedTuple):
    """Frequencies of a scale: their rows and columns in the spectrum, radial mask, angle.

    The angle is counted in samples of the angular table.
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    radial: Real
    angle: Real


class _Masks(NamedTuple):
    """Mask of the high-pass residual (h, w // 2 + 1), and the scales."""

    high: Real
    scales: tuple[_Scale, ...]


def complex_pyramid(image: NDArray[Any], scales: int, orientations: int) -> Pyramid:
    """Decompose a picture (h, w); each scale has half the height and width, rounded up, of the last."""
    masks = _masks(image.shape, scales)
    spectrum = fft.fft2(np.asarray(image, np.float64), workers=1)
    half = spectrum[:, : image.shape[1] // 2 + 1] * masks.high
    high = fft.irfft2(half, s=image.shape, overwrite_x=True, workers=1)
    window = _angular_window(orientations)
    step = ANGULAR_SAMPLES / orientations
    quarter_turns = (-1j) ** (orientations - 1)
    bands = []
    for scale in masks.scales:
        base = spectrum if scale.radial.shape == spectrum.shape else spectrum[scale.rows][:, scale.columns]
        base = base * scale.radial
        base *= quarter_turns
        parts = base.view(np.float64)
        oriented = (_oriented(parts, scale.angle, k * step, window) for k in range(orientations))
        bands.append([fft.ifft2(one, overwrite_x=True, workers=1) for one in oriented])
    return Pyramid(high, bands)


@functools.lru_cache(maxsize=1)
def _masks(shape: tuple[int, ...], scales: int) -> _Masks:
    frequencies = [np.arange(n) - n // 2 for n in shape]
    x, rise = _radial_table()
    fall = np.sqrt(np.maximum(1 - rise * rise, 0))
    log_radius, angle = _polar(shape)
    high = fft.ifftshift(np.interp(log_radius, x, rise))[:, : shape[1] // 2 + 1].copy()
    low = np.interp(log_radius, x, fall)
    found = []
    for scale in range(scales):
        x = x - 1  # one octave lower
        rows, columns = (fft.ifftshift(f) % n for f, n in zip(frequencies, shape, strict=True))
        radial = fft.ifftshift(low * np.interp(log_radius, x, rise))
        found.append(_Scale(rows, columns, radial, fft.ifftshift(angle) * (ANGULAR_SAMPLES / np.pi)))
        if scale < scales - 1:
            inside = tuple(_low_frequencies(f.size) for f in frequencies)
            frequencies = [f[kept] for f, kept in zip(frequencies, inside, strict=True)]
            log_radius, angle = log_radius[inside], angle[inside]
            low = low[inside] * np.interp(log_radius, x, fall)
    return _Masks(high, tuple(found))


def _polar(shape: tuple[int, ...]) -> tuple[Real, Real]:
    """Logarithm (base 2) of the radius, 0 at half the sampling rate, and angle of each frequency."""
    ramps = [(np.arange(n) - n // 2) / (n / 2) for n in shape]
    y, x = np.meshgrid(*ramps, indexing="ij")
    radius = np.hypot(x, y)
    centre = shape[0] // 2, shape[1] // 2
    radius[centre] = radius[centre[0], centre[1] - 1]
    return np.log2(radius), np.arctan2(y, x)


def _radial_table() -> tuple[Real, Real]:
    """Log radius and high-pass gain over the transition from -1 to 0 octaves."""
    phase = np.pi * np.arange(-RADIAL_SAMPLES - 1, 2) / (2 * RADIAL_SAMPLES)
    gain = np.cos(phase) ** 2
    gain[0], gain[-1] = gain[1], gain[-2]
    return -0.5 + 2 / np.pi * (phase + np.pi / 4), np.sqrt(gain)


@functools.cache
def _angular_window(orientations: int) -> Real:
    """One side of the one-sided window cos^(n - 1): from its middle to a quarter of a turn, and beyond."""
    order = orientations - 1
    square = 4.0**order * math.factorial(order) ** 2 / (orientations * math.factorial(2 * order))
    phase = np.pi * np.arange(ANGULAR_SAMPLES // 2) / ANGULAR_SAMPLES
    return np.append(2 * np.sqrt(square) * np.cos(phase) ** order, [0.0, 0.0])


@jit(**SUMMING)
def _oriented(spectrum: Real, angle: Real, direction: float, window: Real) -> Complex:
    """Spectrum (h, 2 w), real and imaginary parts in turn, times the window about a direction, (h, w)."""
    height, width = angle.shape
    out = np.empty((height, width), np.complex128)
    parts = out.view(np.float64)
    last = window.size - 2
    for y in range(height):
        for x in range(width):
            away = angle[y, x] - direction
            away = abs(away + 2.0 * ANGULAR_SAMPLES if away < -ANGULAR_SAMPLES else away)
            away = min(away, float(last))
            k = np.int32(away)
            gain = window[k] + (window[k + 1] - window[k]) * (away - k)
            parts[y, 2 * x] = spectrum[y, 2 * x] * gain
            parts[y, 2 * x + 1] = spectrum[y, 2 * x + 1] * gain
    return out


def _low_frequencies(n: int) -> slice:
    """The half of n shifted frequencies about zero that the next scale keeps."""
    kept = (n + 1) // 2
    start = n // 2 - kept // 2
    return slice(start, start + kept)
