"""Videos whose change over time is known, made from a picture or a video: luma (t, h, w) in 8-bit codes."""

from __future__ import annotations

import numpy as np

from .pictures import Luma


def still(picture: Luma, frames: int) -> Luma:
    """The same picture (h, w) in every frame: no change, no motion, no flicker."""
    return np.repeat(picture[None], frames, axis=0)


def with_noise(video: Luma, sigma: float, seed: int = 0) -> Luma:
    """Add white Gaussian noise of deviation `sigma` codes, new in each frame."""
    return video + np.random.default_rng(seed).normal(0, sigma, video.shape)


def frozen(video: Luma, at: int, length: int) -> Luma:
    """Hold frame `at` for `length` more frames, in place of those that come there: `length` duplicates."""
    video = video.copy()
    video[at + 1 : at + 1 + length] = video[at]
    return video


def duplicated(video: Luma, times: int) -> Luma:
    """Show each frame `times` times: (times - 1) / times of the frames are duplicates."""
    return np.repeat(video, times, axis=0)


def pulldown(video: Luma, cadence: tuple[int, ...] = (3, 2)) -> Luma:
    """Show the frames `cadence` times in turn: (3, 2) makes 60 from 24 per second, (2,) 50 from 25.

    (2, 1) ... give other cadences; (1, 1, 1, 2) repeats one frame of four.
    """
    return np.repeat(video, np.resize(cadence, len(video)), axis=0)


def flickering(
    video: Luma, amplitude: float, frequency: float, fps: float, *, rows: float = np.inf, phase: float = 0.3
) -> Luma:
    """Add a sinusoid over time of `amplitude` codes and `frequency` in Hz, deviation amplitude / sqrt(2).

    Parameters
    ----------
    rows : float
        Period over the rows, in pixels, of a rolling shutter's bands; without one all pixels flicker alike.
    """
    time = 2 * np.pi * frequency * np.arange(len(video)) / fps
    place = 2 * np.pi * np.arange(video.shape[1]) / rows
    return video + amplitude * np.sin(time[:, None] + place[None] + phase)[:, :, None]


def fade(video: Luma, at: int, length: int, black: float = 16) -> Luma:
    """Fade to `black` over `length` frames, the first of which is `at`; black from there on."""
    left = np.clip(1 - (np.arange(len(video)) - at + 1) / length, 0, 1)
    return black + (video - black) * left[:, None, None]


def cut(*scenes: Luma) -> Luma:
    """Join scenes: a cut at the first frame of each but the first."""
    return np.concatenate(scenes)


def dissolve(one: Luma, other: Luma, length: int) -> Luma:
    """Blend the last `length` frames of one video with the first of the other: a transition without a cut."""
    share = (np.arange(1, length + 1) / (length + 1))[:, None, None]
    blended = (1 - share) * one[-length:] + share * other[:length]
    return np.concatenate([one[:-length], blended, other[length:]])


def flash(video: Luma, at: int, length: int = 2, height: float = 100) -> Luma:
    """Brighten `length` frames from `at` on by `height` codes: one flash, and no cut."""
    video = video.copy()
    video[at : at + length] += height
    return np.minimum(video, 255)


def flashing(video: Luma, frequency: float, fps: float, height: float = 100) -> Luma:
    """Brighten the first half of each period by `height` codes: `frequency` flashes per second."""
    bright = (np.arange(len(video)) * frequency / fps) % 1 < 0.5
    return np.minimum(video + height * bright[:, None, None], 255)


def stalled_stamps(frames: int, at: int, held: int) -> list[int]:
    """Return times, in frames, of a video whose frame `at` is held for `held` frames."""
    return [number + (held - 1) * (number > at) for number in range(frames)]
