"""From a decoded frame to a network's input: resize, crop, normalise, as each official test code does.

torchvision is not needed: its operations are reimplemented and tested against its output. The
official codes resize in five ways, which give different numbers:

======== ==========================================================================================
way      what it does
======== ==========================================================================================
tensor   torchvision on uint8 tensors: without antialias, rounded back to uint8
float    SlowFast: normalise first, then bilinear on floats (``align_corners=False``)
cv2      OpenCV on uint8 (VideoMAE, InternVideo)
mmcv     the same, but the long side is rounded and the centre crop rounds down (Video Swin)
pil      Pillow's antialiased resampling on uint8 (CLIP, transformers' image processors)
======== ==========================================================================================
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Way = Literal["tensor", "float", "cv2", "mmcv", "pil"]
Kernel = Literal["nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"]
#: Height and width after resizing, of those before; its text says the rule.
Resizing = Callable[[int, int], tuple[int, int]]
Pixels = NDArray[np.float32]
Image = NDArray[Any]

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
HALF_MEAN = (0.45, 0.45, 0.45)
HALF_STD = (0.225, 0.225, 0.225)


@dataclass(frozen=True)
class Preprocess:
    """The spatial part of a recipe.

    Parameters
    ----------
    resize : int or (int, int) or callable or None
        Short side (aspect kept), or exact height and width, or a rule that returns them, or no resizing.
    crop : int or (int, int) or None
        Size of the crop, square or height and width; None keeps everything.
    mean, std : tuple of float
        Normalisation of RGB in 0..1.
    way : {"tensor", "float", "cv2", "mmcv", "pil"}
        How to resize.
    interpolation : {"bilinear", "bicubic", "nearest", "lanczos", "box", "hamming"}
        Kernel; "float" and "mmcv" allow "bilinear" only, "tensor" also "bicubic", "cv2" also "nearest".
    """

    resize: int | tuple[int, int] | Resizing | None
    crop: int | tuple[int, int] | None
    mean: tuple[float, ...] = IMAGENET_MEAN
    std: tuple[float, ...] = IMAGENET_STD
    way: Way = "tensor"
    interpolation: Kernel = "bilinear"

    def __call__(self, rgb: NDArray[np.uint8], crops: int = 1) -> Pixels:
        """Return `crops` network inputs of one frame.

        Parameters
        ----------
        rgb : ndarray, (h, w, 3) uint8
            Full-range RGB.
        crops : {1, 3}
            The centre, or both ends and the centre of the longer side.

        Returns
        -------
        ndarray, (crops, 3, height, width) float32
            Normalised.
        """
        return self.inputs(rgb, lambda image: self._crop(image, crops))

    def inputs(self, rgb: NDArray[np.uint8], cut: Callable[[Image], list[Image]]) -> Pixels:
        """Return the inputs that a function cuts from the resized frame.

        Parameters
        ----------
        rgb : ndarray, (h, w, 3) uint8
            Full-range RGB.
        cut : callable
            Takes the resized frame, (h, w, 3), and returns its parts, all of one size. Their values are
            copied: they are normalised before ("float") or after.

        Returns
        -------
        ndarray, (n, 3, height, width) float32
            Normalised.
        """
        image: Image = rgb
        size = self.target(rgb.shape[0], rgb.shape[1])
        if self.resize is not None and self.way == "float":
            return self._channels_first(cut(_resize_float(self._normalise(rgb), size)))
        if self.resize is not None and self.way == "tensor":
            image = np.rint(_resize_float(rgb.astype(np.float32), size, self.interpolation)).clip(0, 255)
        elif self.way in ("cv2", "mmcv"):
            image = _resize_cv2(rgb, size, self.interpolation)
        elif self.way == "pil":
            image = _resize_pil(rgb, size, self.interpolation)
        return self._channels_first([self._normalise(part) for part in cut(image)])

    @property
    def side(self) -> int | None:
        """Pixels per side of the network's input; None where it is not square or varies with the frame."""
        size = self.resize if self.crop is None and not isinstance(self.resize, int) else self.crop
        if isinstance(size, tuple):
            return size[0] if size[0] == size[1] else None
        return size if isinstance(size, int) else None

    def resolution(self, crops: int = 1) -> str:
        """Return in words at which size a network sees a frame, width first."""
        if self.resize is None:
            resized = "full size"
        elif isinstance(self.resize, int):
            resized = f"short side {self.resize}"
        elif isinstance(self.resize, tuple):
            resized = f"{self.resize[1]}x{self.resize[0]}"
        else:
            resized = str(self.resize)
        if self.crop is None:
            return resized
        height, width = (self.crop, self.crop) if isinstance(self.crop, int) else self.crop
        return f"{resized}, {'centre crop' if crops == 1 else f'{crops} crops'} of {width}x{height}"

    def target(self, height: int, width: int) -> tuple[int, int]:
        """Return the size after resizing; the long side is cut to an integer (rounded by mmcv)."""
        if self.resize is None:
            return height, width
        if isinstance(self.resize, tuple):
            return self.resize
        if not isinstance(self.resize, int):
            return self.resize(height, width)
        short, long = sorted((height, width))
        if self.way == "float":
            other = math.floor(long / short * self.resize)
        elif self.way == "mmcv":
            other = int(long * (self.resize / short) + 0.5)
        else:
            other = self.resize * long // short
        return (self.resize, other) if height <= width else (other, self.resize)

    def _normalise(self, image: Image) -> Pixels:
        unit = image.astype(np.float32) / np.float32(255)
        mean: Pixels = np.array(self.mean, dtype=np.float32)
        std: Pixels = np.array(self.std, dtype=np.float32)
        return np.asarray((unit - mean) / std, dtype=np.float32)

    def _crop(self, image: Image, crops: int) -> list[Image]:
        if self.crop is None:
            return [image] * crops
        height, width = (self.crop, self.crop) if isinstance(self.crop, int) else self.crop
        spare_y, spare_x = image.shape[0] - height, image.shape[1] - width
        if spare_y < 0 or spare_x < 0:
            pad_y, pad_x = max(0, -spare_y), max(0, -spare_x)
            odd = self.way == "pil"  # transformers puts the odd row or column before the picture
            before_y, before_x = (pad_y + odd) // 2, (pad_x + odd) // 2
            image = np.pad(image, ((before_y, pad_y - before_y), (before_x, pad_x - before_x), (0, 0)))
            spare_y, spare_x = max(0, spare_y), max(0, spare_x)
        middle = (self._centre(spare_y, crops), self._centre(spare_x, crops))
        places = [middle]
        if crops == 3:
            ends = (
                [(0, middle[1]), (spare_y, middle[1])]
                if spare_y > spare_x
                else [(middle[0], 0), (middle[0], spare_x)]
            )
            places = [ends[0], middle, ends[1]]
        return [image[y : y + height, x : x + width] for y, x in places]

    def _centre(self, spare: int, crops: int) -> int:
        """First row or column of the centre crop: SlowFast rounds up, others half to even or down.

        The middle one of VideoMAE's three crops is rounded down, its only one half to even.
        """
        if self.way == "float":
            return math.ceil(spare / 2)
        down = self.way in ("mmcv", "pil") or (self.way == "cv2" and crops == 3)
        return spare // 2 if down else round(spare / 2)

    @staticmethod
    def _channels_first(images: list[Image]) -> Pixels:
        return np.ascontiguousarray(np.stack(images).transpose(0, 3, 1, 2), dtype=np.float32)


def _resize_float(image: Pixels, size: tuple[int, int], interpolation: str = "bilinear") -> Pixels:
    """Half-pixel centres, no antialias: torch's own interpolation; the bicubic one overshoots."""
    if image.shape[:2] == size:
        return image
    import torch

    planes = torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1)))[None]
    resized = torch.nn.functional.interpolate(planes, size, mode=interpolation, align_corners=False)
    return resized[0].numpy().transpose(1, 2, 0)


def _resize_cv2(image: Image, size: tuple[int, int], interpolation: str) -> Image:
    if image.shape[:2] == size:
        return image
    import cv2

    kernel = {"bilinear": cv2.INTER_LINEAR, "bicubic": cv2.INTER_CUBIC, "nearest": cv2.INTER_NEAREST}
    return np.asarray(cv2.resize(image, (size[1], size[0]), interpolation=kernel[interpolation]))


def _resize_pil(image: Image, size: tuple[int, int], interpolation: str) -> Image:
    if image.shape[:2] == size:
        return image
    from PIL import Image as Pillow

    kernel = Pillow.Resampling[interpolation.upper()]
    return np.asarray(Pillow.fromarray(image).resize((size[1], size[0]), kernel))
