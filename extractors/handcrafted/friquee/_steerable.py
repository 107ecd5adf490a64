"""Complex steerable pyramid: oriented band-pass filters in quadrature, in the Fourier domain.

J. Portilla and E. P. Simoncelli, "A parametric texture model based on joint statistics of complex
wavelet coefficients", IJCV 40(1), 2000. The masks come from tables, interpolated, as those of E. P.
Simoncelli's matlabPyrTools do, so that bands agree to rounding.

A picture is transformed once, and each band once back from the part of the spectrum that its scale
keeps. OpenCV's transforms along rows take a third of the time of SciPy's along both axes; so spectra are
transposed, and transforms go along rows before and after a transposition. Spectra have the zero frequency
first, as the transforms give them. The radial masks and the angle of each frequency are kept for the last
size of picture: 29 bytes per pixel.
"""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import fft

from vqa_features.kernels.jit import SUMMING, jit

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

#: Samples of the tables: radial transition (a raised cosine one octave wide) and angular window (pi).
RADIAL_SAMPLES, ANGULAR_SAMPLES = 256, 1024
#: OpenCV's flags of complex transforms along rows, without division by the length.
LINES = cv2.DFT_ROWS | cv2.DFT_COMPLEX_OUTPUT
#: Lines of a spectrum that are transformed at a time.
BLOCK = 48


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
    """Mask of the high-pass residual, and the scales; all are transposed, as the spectrum is."""

    high: Real
    scales: tuple[_Scale, ...]


def complex_pyramid(image: NDArray[Any], scales: int, orientations: int) -> Pyramid:
    """Decompose a picture (h, w); each scale has half the height and width, rounded up, of the last."""
    masks = _masks(image.shape, scales)
    lines = cv2.dft(np.asarray(image, np.float64), flags=LINES)
    spectrum = np.asarray(cv2.transpose(lines), np.float64)
    cv2.dft(spectrum, spectrum, flags=LINES)
    parts = spectrum.reshape(image.shape[1], -1)
    turn = (-1j) ** (orientations - 1)
    bands = []
    for scale in masks.scales:
        factor = turn / scale.radial.size
        base = _masked(parts, scale.rows, scale.columns, scale.radial, factor.real, factor.imag)
        bands.append(_bands(base, scale.angle, orientations))
    return Pyramid(_high(parts, masks.high), bands)


def _high(parts: Real, mask: Real) -> Real:
    """High-pass residual (h, w) of a spectrum (w, 2 h)."""
    width, height = mask.shape
    rows, columns = np.arange(width), np.arange(height)
    masked = _masked(parts, rows, columns, mask, 1 / mask.size, 0.0).reshape(width, height, 2)
    cv2.idft(masked, masked, flags=LINES)
    return np.asarray(cv2.idft(cv2.transpose(masked), flags=cv2.DFT_ROWS | cv2.DFT_REAL_OUTPUT), np.float64)


def _bands(base: Real, angle: Real, orientations: int) -> list[Complex]:
    """Bands (h, w) of all directions from the spectrum (w, 2 h) of their scale, some lines at a time."""
    width, height = angle.shape
    window, step = _angular_window(orientations), ANGULAR_SAMPLES / orientations
    bands = [np.empty((height, width, 2)) for _ in range(orientations)]
    lines = np.empty((min(width, BLOCK), height, 2))
    for start in range(0, width, BLOCK):
        some = lines[: min(BLOCK, width - start)]
        flat = some.reshape(len(some), -1)
        for k, band in enumerate(bands):
            _orient(base, angle, start, k * step, window, flat)
            cv2.idft(some, some, flags=LINES)
            cv2.transpose(some, band[:, start : start + len(some)])
    for band in bands:
        cv2.idft(band, band, flags=LINES)
    return [band.view(np.complex128)[..., 0] for band in bands]


@functools.lru_cache(maxsize=1)
def _masks(shape: tuple[int, ...], scales: int) -> _Masks:
    frequencies = [np.arange(n) - n // 2 for n in shape]
    x, rise = _radial_table()
    fall = np.sqrt(np.maximum(1 - rise * rise, 0))
    log_radius, angle = _polar(shape)
    high = _transposed(np.interp(log_radius, x, rise))
    low = np.interp(log_radius, x, fall)
    found = []
    for scale in range(scales):
        x = x - 1  # one octave lower
        rows, columns = (fft.ifftshift(f) % n for f, n in zip(frequencies, shape, strict=True))
        radial = _transposed(low * np.interp(log_radius, x, rise))
        # the spectrum is transposed: its rows are the columns of the picture
        found.append(_Scale(columns, rows, radial, _transposed(angle) * (ANGULAR_SAMPLES / np.pi)))
        if scale < scales - 1:
            inside = tuple(_low_frequencies(f.size) for f in frequencies)
            frequencies = [f[kept] for f, kept in zip(frequencies, inside, strict=True)]
            log_radius, angle = log_radius[inside], angle[inside]
            low = low[inside] * np.interp(log_radius, x, fall)
    return _Masks(high, tuple(found))


def _transposed(mask: Real) -> Real:
    """A mask with the zero frequency in the middle, as the transforms have it and transposed."""
    return np.ascontiguousarray(fft.ifftshift(mask).T)


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
def _masked(
    parts: Real,
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    mask: Real,
    factor: float,
    turned: float,
) -> Real:
    """Rows and columns of a spectrum, parts in turn, times a mask (n, m) and a complex factor, (n, 2 m)."""
    out = np.empty((mask.shape[0], 2 * mask.shape[1]))
    for y in range(mask.shape[0]):
        row = rows[y]
        for x in range(mask.shape[1]):
            at = 2 * np.uint32(columns[x])
            re, im = parts[row, at] * mask[y, x], parts[row, at + 1] * mask[y, x]
            out[y, 2 * x] = factor * re - turned * im
            out[y, 2 * x + 1] = factor * im + turned * re
    return out


@jit(**SUMMING)
def _orient(base: Real, angle: Real, start: int, direction: float, window: Real, out: Real) -> None:
    """Lines of a spectrum from `start` on, parts in turn, times the window about a direction."""
    last = float(window.size - 2)
    for y in range(out.shape[0]):
        for x in range(angle.shape[1]):
            away = angle[start + y, x] - direction
            away = abs(away + 2.0 * ANGULAR_SAMPLES if away < -ANGULAR_SAMPLES else away)
            if away < last:
                k = np.uint32(away)
                gain = window[k] + (window[k + 1] - window[k]) * (away - k)
                out[y, 2 * x] = base[start + y, 2 * x] * gain
                out[y, 2 * x + 1] = base[start + y, 2 * x + 1] * gain
            else:
                out[y, 2 * x] = 0.0
                out[y, 2 * x + 1] = 0.0


def _low_frequencies(n: int) -> slice:
    """The half of n shifted frequencies about zero that the next scale keeps."""
    kept = (n + 1) // 2
    start = n // 2 - kept // 2
    return slice(start, start + kept)
