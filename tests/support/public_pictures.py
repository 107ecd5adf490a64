"""Pictures and clips that anyone can make again: from the pictures inside scikit-image, in integers."""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np
import skimage.data
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
#: Luma (h, w) and chroma (2, h / 2, w / 2) of one frame.
Planes = tuple[Pixels, Pixels]

#: Loader and crop (top, bottom, left, right) of the pictures that the original programs were run on, and
#: the SHA-256 of their bytes. `rocket`, a JPEG file, is left out: its pixels depend on the decoder.
PICTURES = {
    "astronaut": ((0, 384, 64, 448), "7d793a1d440d54646f9d7689254923cc3848e98a746212e793202ab7f6fd20b9"),
    "coffee": ((0, 384, 40, 552), "cef4c915a025f738eed162b887f7b3c876a8c0a0990a5668de13aaca07bc60a5"),
    "chelsea": (None, "416b729128bfb2c3d1eb69bf9b1734a796293abc17939267b2dc94f8a5784031"),
    "brick": (None, "664a145c5253f0d66db1a12776785f0ea35a44cc7447ffc933f6d6118dc58643"),
    "grass": (None, "b18dae4c68bf850a7a7b28a29d1846c76be890665117b57fd125fe29c4d4ede6"),
}
#: SHA-256 of the bytes of `moving_rgb`, by seed of its noise. ChipQA's original was run on seed 3.
CLIP_SHA256 = {
    0: "4d73a406ef88442caba59a7ede42043a115d2f97db70baf2a69935faae407ce3",
    3: "b1fc547da33d0f5a2d193fc4b88c858276c855b9de0a0a912e711a06e77f8051",
}


@cache
def picture(name: str) -> Pixels:
    """Return a picture, gray (h, w) or RGB (h, w, 3), exactly as the original programs saw it.

    Raises
    ------
    ValueError
        If scikit-image now ships another picture.
    """
    crop, sha256 = PICTURES[name]
    image = getattr(skimage.data, name)()
    if crop is not None:
        top, bottom, left, right = crop
        image = image[top:bottom, left:right]
    return _checked(np.ascontiguousarray(image), sha256, name)


@cache
def moving_rgb(seed: int = 0, frames: int = 12, height: int = 192, width: int = 256) -> Pixels:
    """Return a clip (t, h, w, 3): a window that moves over `chelsea`, with noise whose strength changes."""
    rng = np.random.RandomState(seed)  # its stream is frozen by NumPy
    image = picture("chelsea").astype(np.int64)
    clip = []
    for t in range(frames):
        top, left, strength = 10 + 3 * t, 20 + 5 * t, 3 + 4 * (t % 4)
        noise = rng.randint(-strength, strength + 1, (height, width, 1))
        clip.append(image[top : top + height, left : left + width] + noise)
    return _checked(np.clip(clip, 0, 255).astype(np.uint8), CLIP_SHA256[seed], "the moving clip")


@cache
def moving_planes() -> list[Planes]:
    """Return the same clip as luma and 4:2:0 chroma of BT.601, limited range, in integer arithmetic."""
    planes = []
    for frame in moving_rgb().astype(np.int64):
        r, g, b = np.moveaxis(frame, 2, 0)
        luma = (66 * r + 129 * g + 25 * b + 128) // 256 + 16
        both = np.stack([-38 * r - 74 * g + 112 * b, 112 * r - 94 * g - 18 * b])
        quarters = both.reshape(2, both.shape[1] // 2, 2, both.shape[2] // 2, 2).sum(axis=(2, 4))
        planes.append((luma.astype(np.uint8), ((quarters + 512) // 1024 + 128).astype(np.uint8)))
    return planes


def _checked(pixels: Pixels, sha256: str, name: str) -> Pixels:
    found = hashlib.sha256(pixels.tobytes()).hexdigest()
    if found != sha256:
        raise ValueError(f"{name} has SHA-256 {found}, the references were made on {sha256}")
    return pixels
