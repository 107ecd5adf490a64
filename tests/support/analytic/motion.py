"""Videos of known motion: a texture of waves is evaluated where the camera looks, without interpolation."""

from __future__ import annotations

import copy
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from .pictures import Luma, Size


class Texture:
    """A sum of cosines over the plane, of known power, which any camera may look at.

    Parameters
    ----------
    periods : (float, float)
        Shortest and longest wavelength, in pixels.
    deviation : float
        Deviation of luma over a large area, in codes.
    mean : float
        Mean luma, in codes.
    blur : float
        Deviation in pixels of a Gaussian blur, applied to each wave exactly: a factor exp(-k² blur² / 2).
    """

    def __init__(
        self,
        seed: int = 0,
        *,
        waves: int = 60,
        periods: tuple[float, float] = (6, 80),
        deviation: float = 25,
        mean: float = 120,
        blur: float = 0,
    ) -> None:
        rng = np.random.default_rng(seed)
        period = np.exp(rng.uniform(*np.log(periods), waves))
        angle = rng.uniform(0, np.pi, waves)
        self.wave_vectors = 2 * np.pi / period[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        strength = period**0.5  # long waves are stronger, as in natural pictures
        strength *= deviation / np.sqrt((strength**2).sum() / 2)
        strength *= np.exp(-((2 * np.pi / period * blur) ** 2) / 2)
        self._amplitudes = strength * np.exp(1j * rng.uniform(0, 2 * np.pi, waves))
        self._mean = mean

    def smeared(self, path: tuple[float, float]) -> Texture:
        """Return the texture averaged along a straight path in pixels: each wave times sinc(k path / 2)."""
        other = copy.copy(self)
        other._amplitudes = self._amplitudes * np.sinc(self.wave_vectors @ np.asarray(path) / (2 * np.pi))
        return other

    def seen(
        self, size: Size, matrix: NDArray[np.float64] | None = None, shift: tuple[float, float] = (0, 0)
    ) -> Luma:
        """Return the picture at `matrix` @ (x, y) + `shift`, x and y from the centre of the picture."""
        vectors = self.wave_vectors @ (np.eye(2) if matrix is None else matrix)
        phases = self._amplitudes * np.exp(1j * (self.wave_vectors @ np.asarray(shift)))
        y, x = (np.arange(n) - (n - 1) / 2 for n in size)
        across, down = np.exp(1j * np.outer(vectors[:, 0], x)), np.exp(1j * np.outer(y, vectors[:, 1]))
        return self._mean + ((down * phases) @ across).real


def camera(texture: Texture, size: Size, poses: Iterable[tuple[float, float, float, float]]) -> Luma:
    """Return a video of the poses (x, y, scale, angle): content moved by (x, y) pixels, enlarged, turned.

    A positive x moves the content right, a positive y down; a positive angle, in radians, turns it from x
    towards y, which is clockwise on a screen.
    """
    frames = []
    for x, y, scale, angle in poses:
        inverse = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) / scale
        at_x, at_y = inverse @ (-x, -y)
        frames.append(texture.seen(size, inverse, (at_x, at_y)))
    return np.array(frames)


def pan(texture: Texture, size: Size, frames: int, step: tuple[float, float], *, shutter: float = 0) -> Luma:
    """Move the content by `step` (right, down) pixels from frame to frame, with an open shutter.

    Parameters
    ----------
    shutter : float
        Share of the time of a frame for which it is open; the blur along motion is `shutter` times `step`.
    """
    texture = texture.smeared((shutter * step[0], shutter * step[1]))
    return camera(texture, size, ((k * step[0], k * step[1], 1, 0) for k in range(frames)))


def zoom(texture: Texture, size: Size, frames: int, growth: float) -> Luma:
    """Enlarge the content about the centre by the factor 1 + `growth` from frame to frame."""
    return camera(texture, size, ((0, 0, (1 + growth) ** k, 0) for k in range(frames)))


def rotation(texture: Texture, size: Size, frames: int, angle: float) -> Luma:
    """Turn the content about the centre by `angle` radians from frame to frame, from x towards y."""
    return camera(texture, size, ((0, 0, 1, k * angle) for k in range(frames)))


def moving_square(
    background: Luma,
    frames: int,
    side: int,
    step: tuple[int, int],
    code: float = 200,
    start: tuple[int, int] = (8, 8),
) -> Luma:
    """Move a square of one code over a still background (h, w), by `step` (right, down) pixels a frame.

    Parameters
    ----------
    start : (int, int)
        Column and row of its upper left corner in the first frame.
    """
    video = np.repeat(background[None], frames, axis=0)
    for k in range(frames):
        left, top = start[0] + k * step[0], start[1] + k * step[1]
        video[k, max(top, 0) : max(top + side, 0), max(left, 0) : max(left + side, 0)] = code
    return video
