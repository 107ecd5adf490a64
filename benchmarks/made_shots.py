"""Shots made from pictures: camera motion, objects, fades, dissolves, flashes and strobes of known truth.

Every function returns (n, h, w) uint8 luma. Nothing but the stated change happens.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.uint8]
SIZE = (180, 320)


def picture(name: str, size: tuple[int, int] = SIZE) -> Frames:
    """Return one of scikit-image's pictures in gray, scaled to cover the size and cut to it."""
    from skimage import data
    from skimage.color import rgb2gray

    found = getattr(data, name)()
    gray = found if found.ndim == 2 else as_codes(255 * rgb2gray(found[..., :3]))
    scale = max(size[0] / gray.shape[0], size[1] / gray.shape[1])
    whole = (int(np.ceil(gray.shape[1] * scale)), int(np.ceil(gray.shape[0] * scale)))
    return as_codes(cv2.resize(gray, whole, interpolation=cv2.INTER_AREA)[: size[0], : size[1]])


def as_codes(frames: NDArray[Any]) -> Frames:
    """Return rounded and clipped 8-bit codes."""
    return np.clip(np.rint(frames), 0, 255).astype(np.uint8)


def camera(
    still: Frames,
    n: int,
    *,
    pan: float = 0,
    tilt: float = 0,
    zoom: float = 0,
    rotation: float = 0,
    shake: float = 0,
    begin: int = 0,
    seed: int = 0,
) -> Frames:
    """Move a camera over a picture that is mirrored beyond its borders.

    Parameters
    ----------
    still : (h, w) uint8
        The picture.
    n : int
        Frames.
    pan, tilt, shake : float
        Share of the width (height) per frame; `shake` is the deviation of a random displacement.
    zoom : float
        Growth per frame.
    rotation : float
        Degrees per frame.
    begin : int
        The last frame at rest.
    seed : int
        Of the shake.
    """
    height, width = still.shape
    random = np.random.default_rng(seed)
    frames = []
    for k in range(n):
        moved = max(k - begin, 0)
        place = np.array([pan * width, tilt * height]) * moved + random.normal(0, 1, 2) * shake * width
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), rotation * moved, (1 + zoom) ** moved)
        turn[:, 2] -= place
        frames.append(cv2.warpAffine(still, turn, (width, height), borderMode=cv2.BORDER_REFLECT_101))
    return np.array(frames)


def crossing(still: Frames, thing: Frames, n: int, share: float, speed: float) -> Frames:
    """Move a square object over a still background: its share of the area, its speed in widths per frame."""
    height, width = still.shape
    side = min(int(np.sqrt(share * height * width)), height)
    small = cv2.resize(thing, (side, side), interpolation=cv2.INTER_AREA)
    frames = np.repeat(still[None], n, axis=0)
    for k in range(n):
        x = int(k * speed * width) - side
        left, right = max(x, 0), min(x + side, width)
        if right > left:
            top = (height - side) // 2
            frames[k, top : top + side, left:right] = small[:, left - x : right - x]
    return frames


def faded(frames: Frames, begin: int, length: int, black: float = 16) -> Frames:
    """Fade to black (or white) from frame `begin` on within `length` frames; black stays."""
    gain = np.clip(1 - (np.arange(len(frames)) - begin) / length, 0, 1)[:, None, None]
    return as_codes(black + (frames - float(black)) * gain)


def dissolved(first: Frames, second: Frames, begin: int, length: int) -> Frames:
    """Mix two shots of one length, from frame `begin` on within `length` frames."""
    share = np.clip((np.arange(len(first)) - begin) / length, 0, 1)[:, None, None]
    return as_codes(first * (1 - share) + second * share)


def lit(frames: Frames, on: NDArray[np.bool_], gain: float = 1, added: float = 0) -> Frames:
    """Change the light of the frames that are `on`: a flash or a strobe."""
    changed = as_codes(frames * gain + added)
    return np.where(on[:, None, None], changed, frames)
