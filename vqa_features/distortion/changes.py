"""Changes of the pictures of a video, each by a physical parameter: luma, time."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray

from .version import Frames, like, tick_of

#: Seed of noise and of the choice of what is dropped: versions are the same each time.
SEED = 7
#: Pictures between two changes of sign of `flicker`.
FLICKER_PICTURES = 3
#: Seconds of one period of `freeze`: playing, then frozen.
FREEZE_PERIOD_S = 1.0

Luma = NDArray[np.float64]
#: From the luma of a picture in codes of 8 bits, and its index, to the changed luma.
OfLuma = Callable[[Luma, int], Luma]


def of_luma(change: OfLuma, frames: Frames) -> Frames:
    """Change the luma of every picture; it is rounded and stays within the codes of its bit depth."""
    for index, frame in enumerate(frames):
        planes = frame.to_ndarray()
        one = 4 if planes.dtype == np.uint16 else 1
        luma = change(planes[: frame.height] / one, index) * one
        planes[: frame.height] = np.clip(np.rint(luma), 0, 256 * one - 1)
        yield like(frame, av.VideoFrame.from_ndarray(planes, format=frame.format.name))


def noise(sigma: float, frames: Frames, rate: Fraction) -> Frames:
    """Add white Gaussian noise of standard deviation `sigma` codes of 8 bits, another one per picture."""

    def change(luma: Luma, index: int) -> Luma:
        return luma + sigma * np.random.default_rng([SEED, index]).standard_normal(luma.shape)

    return of_luma(change, frames)


def brightness(offset: float, frames: Frames, rate: Fraction) -> Frames:
    """Add `offset` codes of 8 bits to luma."""
    return of_luma(lambda luma, index: luma + offset, frames)


def flicker(amplitude: float, frames: Frames, rate: Fraction) -> Frames:
    """Add `amplitude` codes of 8 bits to luma for three pictures and subtract them for the next three."""

    def change(luma: Luma, index: int) -> Luma:
        return luma + (amplitude if index // FLICKER_PICTURES % 2 else -amplitude)

    return of_luma(change, frames)


def banding(step: float, frames: Frames, rate: Fraction) -> Frames:
    """Round luma down to multiples of `step` codes of 8 bits, plus half a step."""
    return of_luma(lambda luma, index: np.floor(luma / step) * step + (step - 1) / 2, frames)


def drop(percent: float, frames: Frames, rate: Fraction) -> Frames:
    """Leave out a share of the pictures, so that those before them are shown for longer.

    The first and the last picture stay. What a lower share leaves out, a higher one does too.
    """
    last: av.VideoFrame | None = None
    shown = True
    for index, frame in enumerate(frames):
        if last is not None and shown:
            yield last
        last = frame
        shown = index == 0 or 100 * np.random.default_rng([SEED, index]).random() >= percent
    if last is not None:
        yield last


def freeze(percent: float, frames: Frames, rate: Fraction) -> Frames:
    """Repeat a picture at the end of every second, over a share of it; the rate of pictures stays."""
    playing_s = FREEZE_PERIOD_S * (1 - percent / 100)
    shown: av.VideoFrame | None = None
    for frame in frames:
        time_s = float((frame.pts or 0) * tick_of(frame))
        if shown is None or math.fmod(time_s, FREEZE_PERIOD_S) < playing_s:
            shown = frame
            yield frame
        else:
            yield like(frame, av.VideoFrame.from_ndarray(shown.to_ndarray(), format=shown.format.name))
