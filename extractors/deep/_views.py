"""What a network sees of a frame: crops after resizing, native fragments or native tiles, at several scales.

A network sees pictures of one size. The resizing of its recipe removes compression artefacts, blur and
noise of a larger frame; fragments and tiles keep the frame's pixels. Which of them a quality model needs,
a comparison on the same splits tells.

Fragments: Wu et al., "FAST-VQA: Efficient End-to-end Video Quality Assessment with Fragment Sampling",
ECCV 2022.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from vqa_features.errors import ParameterError
from vqa_features.specs import Feature, VideoInfo

from . import _fragments
from ._preprocess import Pixels, Preprocess
from ._tiles import tile_grid, tile_places

if TYPE_CHECKING:
    from ._base import DeepExtractor

View = Literal["resize", "fragments", "tiles"]
Spread = Literal["mean", "std"]
#: Values of the published views. They are not named in an identity: values stored before there were others
#: stay valid, and an identity that lacks one means this value, whatever a class has as its default.
_PUBLISHED: Mapping[str, Any] = {"view": "resize", "tiles": 9, "scales": (), "across": ("mean",)}
#: Pixels per side of FAST-VQA's mini-patches, and the smallest and largest that still are such.
_PATCH, _LEAST_PATCH, _MOST_PATCH = 32, 16, 64


def mini_patch(side: int) -> int | None:
    """Return the pixels per side of the mini-patches that fill an input.

    Parameters
    ----------
    side : int
        Pixels per side of the input.

    Returns
    -------
    int or None
        The divisor of `side` nearest to 32, the larger of two; None where none is in 16..64.

    Examples
    --------
    >>> [mini_patch(side) for side in (224, 112, 182, 336, 518, 223)]
    [32, 28, 26, 28, 37, None]
    """
    divisors = [size for size in range(_LEAST_PATCH, _MOST_PATCH + 1) if side % size == 0]
    return min(divisors, key=lambda size: (abs(size - _PATCH), -size), default=None)


@dataclass(frozen=True)
class Inputs:
    """The network inputs of a frame at one scale.

    Parameters
    ----------
    preprocess : Preprocess
        The network's, with the resizing of this scale; without resizing where pixels stay native.
    view : {"resize", "fragments", "tiles"}
        What is cut from the frame.
    number : int
        Crops, draws of fragments, or the greatest number of tiles.
    side : int or None
        Pixels per side of the network's input; None for "resize".
    """

    preprocess: Preprocess
    view: View
    number: int
    side: int | None = None

    def __call__(self, rgb: NDArray[np.uint8]) -> Pixels:
        """Return the inputs of one frame.

        Parameters
        ----------
        rgb : ndarray, (h, w, 3) uint8
            Full-range RGB.

        Returns
        -------
        ndarray, (n, 3, height, width) float32
            Normalised.
        """
        if self.side is None:
            return self.preprocess(rgb, self.number)
        height, width = rgb.shape[:2]
        preprocess = self.preprocess
        if self.is_too_small(height, width):
            preprocess = replace(preprocess, resize=self.side)
        return preprocess.inputs(rgb, functools.partial(self._cut, side=self.side))

    def is_too_small(self, height: int, width: int) -> bool:
        """Return whether native pixels of a frame do not fill an input, so that it is enlarged."""
        return self.side is not None and self.preprocess.resize is None and min(height, width) < self.side

    def count(self, height: int, width: int) -> int:
        """Return how many inputs a frame of this size has."""
        if self.view != "tiles" or self.side is None:
            return self.number
        resize = self.side if self.is_too_small(height, width) else self.preprocess.resize
        size = replace(self.preprocess, resize=resize).target(height, width)
        return math.prod(tile_grid(*size, self.side, self.number))

    def resolution(self) -> str:
        """Return in words at which size the network sees a frame, width first."""
        if self.side is None:
            return self.preprocess.resolution(self.number)
        size = replace(self.preprocess, crop=None).resolution()
        if self.view == "tiles":
            return f"{size}, at most {self.number} tiles of {self.side}x{self.side}"
        patch = mini_patch(self.side)
        assert patch is not None
        grid = self.side // patch
        draws = f"{self.number} draws of " if self.number > 1 else ""
        return f"{size}, {draws}{grid}x{grid} fragments of {patch}x{patch}"

    def _cut(self, image: NDArray[Any], side: int) -> list[NDArray[Any]]:
        height, width = image.shape[:2]
        if self.view == "tiles":
            places = tile_places(height, width, side, self.number)
            return [image[y : y + side, x : x + side] for y, x in places]
        patch = mini_patch(side)
        assert patch is not None
        drawn = (_fragments.offsets(height, width, side // patch, patch, k) for k in range(self.number))
        return [_fragments.cut(image, places, patch) for places in drawn]


def inputs_of(extractor: DeepExtractor) -> tuple[Inputs, ...]:
    """Return the inputs of a frame at each scale.

    Parameters
    ----------
    extractor : DeepExtractor
        Its preprocessing and its parameters view, crops, tiles and scales.

    Returns
    -------
    tuple of Inputs

    Raises
    ------
    ParameterError
        If the network has no square input of one size, no mini-patch fills it, or a scale is below it.
    """
    preprocess, view, scales = extractor.preprocess, extractor.view, extractor.scales
    number = extractor.tiles if view == "tiles" else extractor.crops
    if view == "resize" and not scales:
        return (Inputs(preprocess, view, number),)
    side = preprocess.side
    if side is None:
        raise ParameterError(
            f"{extractor.name}: view and scales need a network with a square input of one size, and this one "
            f"sees {preprocess.resolution()}; leave them out"
        )
    if view == "fragments" and mini_patch(side) is None:
        raise ParameterError(
            f"{extractor.name}: no mini-patch of {_LEAST_PATCH} to {_MOST_PATCH} pixels divides its input of "
            f"{side}; use view=tiles"
        )
    if scales and min(scales) < side:
        raise ParameterError(
            f"{extractor.name}: scales must be {side}, the side of the network's input, or more; "
            f"got {min(scales)}"
        )
    square = replace(preprocess, crop=side)
    cut_side = None if view == "resize" else side
    return tuple(Inputs(replace(square, resize=scale), view, number, cut_side) for scale in scales or (None,))


def columns_of(extractor: DeepExtractor, width: int) -> tuple[Feature, ...]:
    """Return the columns: for each scale, and each way across its inputs, the embedding and the scores.

    Parameters
    ----------
    extractor : DeepExtractor
        With its parameters.
    width : int
        Values of the embedding, or of the tapped layers.

    Returns
    -------
    tuple of Feature
        Coordinates are numbered on; names of scores say the scale and ``std``.
    """
    columns: list[Feature] = []
    scores = () if extractor.tap else extractor.scores
    for place, (scale, how) in enumerate(itertools.product(extractor.inputs, extractor.across)):
        resolution = scale.resolution()
        deviation = ", standard deviation over the inputs of a clip" if how == "std" else ""
        described = f"of the embedding{deviation}"
        columns += [
            Feature(f"e{place * width + k:03d}", f"coordinate {k} {described}", resolution=resolution)
            for k in range(width)
        ]
        suffix = f"_{scale.preprocess.resize}" * bool(extractor.scales) + "_std" * (how == "std")
        for one in scores:
            column = replace(one, name=one.name + suffix, resolution=one.resolution or resolution)
            if how == "std":
                column = replace(
                    column, description=one.description + deviation, low=0, high=math.inf, direction="none"
                )
            columns.append(column)
    return tuple(columns)


def notes_of(extractor: DeepExtractor, info: VideoInfo) -> tuple[str, ...]:
    """Return what a reader of a video's columns should know of what the network sees.

    Parameters
    ----------
    extractor : DeepExtractor
        With its parameters.
    info : VideoInfo
        The video.

    Returns
    -------
    tuple of str
        A clause where pictures are too small for native pixels.
    """
    if not any(scale.is_too_small(info.height, info.width) for scale in extractor.inputs):
        return ()
    side = extractor.preprocess.side
    return (
        f"pictures of {info.width}x{info.height} are smaller than the network's input of {side}x{side}, and "
        f"were enlarged to a short side of {side}",
    )


def without_published(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters without those of the published views."""
    return {name: value for name, value in parameters.items() if _PUBLISHED.get(name, ...) != value}


def check_views(extractor: DeepExtractor) -> None:
    """Raise ParameterError unless the parameters of what a network sees of a frame fit each other.

    Parameters
    ----------
    extractor : DeepExtractor
        With its parameters.
    """
    name, view, crops = extractor.name, extractor.view, extractor.crops
    if view not in get_args(View):
        raise ParameterError(f"{name}: view must be one of {', '.join(get_args(View))}, got {view!r}")
    if view == "resize" and crops not in (1, 3):
        raise ParameterError(f"{name}: crops must be 1 or 3, got {crops}")
    if view == "tiles" and crops != 1:
        raise ParameterError(f"{name}: view=tiles has no crops, got crops={crops}; give tiles instead")
    if view != "tiles" and extractor.tiles != type(extractor).tiles:
        raise ParameterError(f"{name}: tiles applies to view=tiles, so give view as well")
    check_words(extractor, "across", Spread)
    if "std" in extractor.across and (extractor.tiles if view == "tiles" else crops) == 1:
        raise ParameterError(f"{name}: across=std needs several inputs of a frame: more crops, or view=tiles")
    if len(set(extractor.scales)) < len(extractor.scales):
        raise ParameterError(f"{name}: scales must differ, got {'+'.join(map(str, extractor.scales))}")
    if view != "resize" or extractor.scales:
        inputs_of(extractor)


def check_words(extractor: DeepExtractor, name: str, allowed: Any) -> None:
    """Raise ParameterError unless every part of a parameter is a word of a Literal, and there is one.

    Parameters
    ----------
    extractor : DeepExtractor
        With its parameters.
    name : str
        Name of the parameter, a tuple.
    allowed : Literal
        Words.
    """
    words, value = get_args(allowed), getattr(extractor, name)
    wrong = [one for one in value if one not in words]
    if wrong or not value:
        got = repr(wrong[0]) if wrong else "none"
        raise ParameterError(f"{extractor.name}: {name} must be of {', '.join(words)}, got {got}")
