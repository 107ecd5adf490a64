"""Sizes to which the transformers library's processors resize pictures of any shape, keeping their aspect.

Each rule is called with height and width of a picture and returns those after resizing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from vqa_features.errors import ParameterError

#: Greatest ratio of the sides that Qwen2-VL's processor takes.
_MOST_ASPECT = 200
#: Interval of scales that SigLIP 2's processor searches, and how near it comes.
_SCALES = (1e-6, 100.0)
_NEAR = 1e-5


@dataclass(frozen=True)
class ShortAndLong:
    """Short side of `short` pixels, unless the long one would be above `long`."""

    short: int
    long: int

    def __call__(self, height: int, width: int) -> tuple[int, int]:
        """See ``get_size_with_aspect_ratio`` of transformers."""
        low, high = sorted((height, width))
        exact = float(self.short)
        short = self.short
        if high / low * short > self.long:
            exact = self.long * low / high
            short = round(exact)
        if low == short:
            return height, width
        other = int(exact * high / low)
        return (short, other) if height <= width else (other, short)

    def __str__(self) -> str:
        return f"short side {self.short}, long side at most {self.long}"


@dataclass(frozen=True)
class Within:
    """The largest size inside a box."""

    height: int
    width: int

    def __call__(self, height: int, width: int) -> tuple[int, int]:
        """See ``get_image_size_for_max_height_width`` of transformers."""
        scale = min(self.height / height, self.width / width)
        return int(height * scale), int(width * scale)

    def __str__(self) -> str:
        return f"inside {self.width}x{self.height}"


@dataclass(frozen=True)
class Patches:
    """The largest multiples of a patch with at most `most` patches."""

    patch: int
    most: int

    def __call__(self, height: int, width: int) -> tuple[int, int]:
        """See ``get_image_size_for_max_num_patches`` of transformers' SigLIP 2: a bisection of the scale."""
        low, high = _SCALES
        while high - low >= _NEAR:
            scale = (low + high) / 2
            rows, columns = self._grid(scale, height), self._grid(scale, width)
            low, high = (scale, high) if rows * columns <= self.most else (low, scale)
        return self._grid(low, height) * self.patch, self._grid(low, width) * self.patch

    def _grid(self, scale: float, side: int) -> int:
        return max(1, math.ceil(side * scale / self.patch))

    def __str__(self) -> str:
        return f"at most {self.most} patches of {self.patch}x{self.patch}"


@dataclass(frozen=True)
class Pixels:
    """Multiples of `multiple` with `least` to `most` pixels."""

    multiple: int
    least: int
    most: int

    def __call__(self, height: int, width: int) -> tuple[int, int]:
        """See ``smart_resize`` of transformers' Qwen2-VL."""
        if max(height, width) > _MOST_ASPECT * min(height, width):
            raise ParameterError(
                f"a picture of {width}x{height} is more than {_MOST_ASPECT} times longer than wide"
            )
        sides = tuple(round(side / self.multiple) for side in (height, width))
        area = sides[0] * sides[1] * self.multiple**2
        if area > self.most:
            shrink = math.sqrt(height * width / self.most)
            sides = tuple(max(1, math.floor(side / shrink / self.multiple)) for side in (height, width))
        elif area < self.least:
            grow = math.sqrt(self.least / (height * width))
            sides = tuple(math.ceil(side * grow / self.multiple) for side in (height, width))
        return sides[0] * self.multiple, sides[1] * self.multiple

    def __str__(self) -> str:
        return f"{self.least} to {self.most} pixels in multiples of {self.multiple}"
