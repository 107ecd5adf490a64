"""Complex steerable pyramid: oriented band-pass filters in quadrature, in the Fourier domain.

J. Portilla and E. P. Simoncelli, "A parametric texture model based on joint statistics of complex
wavelet coefficients", IJCV 40(1), 2000. The masks come from tables, interpolated, as those of E. P.
Simoncelli's matlabPyrTools do, so that bands agree to rounding.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

#: Samples of the tables: radial transition (a raised cosine one octave wide) and angular window.
RADIAL_SAMPLES, ANGULAR_SAMPLES = 256, 1024


class Pyramid(NamedTuple):
    """High-pass residual (h, w) and ``bands[scale][orientation]``, finest scale first."""

    high: Real
    bands: list[list[Complex]]


def complex_pyramid(image: NDArray[Any], scales: int, orientations: int) -> Pyramid:
    """Decompose a picture (h, w); each scale has half the height and width, rounded up, of the last."""
    spectrum = np.fft.fftshift(np.fft.fft2(np.asarray(image, np.float64)))
    log_radius, angle = _polar(spectrum.shape)
    x, rise = _radial_table()
    fall = np.sqrt(np.maximum(1 - rise * rise, 0))
    high = np.fft.ifft2(np.fft.ifftshift(spectrum * np.interp(log_radius, x, rise))).real
    spectrum = spectrum * np.interp(log_radius, x, fall)
    bands = []
    for scale in range(scales):
        x = x - 1  # one octave lower
        base = (-1j) ** (orientations - 1) * spectrum * np.interp(log_radius, x, rise)
        bands.append(
            [
                np.fft.ifft2(np.fft.ifftshift(base * _angular_mask(angle, k, orientations)))
                for k in range(orientations)
            ]
        )
        if scale < scales - 1:
            inside = tuple(_low_frequencies(n) for n in spectrum.shape)
            log_radius, angle = log_radius[inside], angle[inside]
            spectrum = spectrum[inside] * np.interp(log_radius, x, fall)
    return Pyramid(high, bands)


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


def _angular_mask(angle: Real, k: int, orientations: int) -> Real:
    """One-sided window cos^(n - 1) about the k-th of n orientations."""
    order = orientations - 1
    phase = np.pi * np.arange(-2 * ANGULAR_SAMPLES - 1, ANGULAR_SAMPLES + 2) / ANGULAR_SAMPLES
    square = 4.0**order * math.factorial(order) ** 2 / (orientations * math.factorial(2 * order))
    wrapped = np.mod(np.pi + phase, 2 * np.pi) - np.pi
    window = 2 * np.sqrt(square) * np.cos(phase) ** order * (np.abs(wrapped) < np.pi / 2)
    return np.interp(angle, phase + np.pi * k / orientations, window)


def _low_frequencies(n: int) -> slice:
    """The half of n shifted frequencies about zero that the next scale keeps."""
    kept = (n + 1) // 2
    start = n // 2 - kept // 2
    return slice(start, start + kept)
