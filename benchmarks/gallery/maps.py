"""What features are computed from, as pictures: one array for each panel of the gallery."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vqa_features.extractors.deep import _fragments
from vqa_features.extractors.deep._base import DeepExtractor
from vqa_features.extractors.handcrafted._dct_energy import BLOCK as DCT_BLOCK
from vqa_features.extractors.handcrafted._dct_energy import coefficients
from vqa_features.extractors.handcrafted._piqe import piqe
from vqa_features.extractors.handcrafted.flow._field import Motion, motion_between, working
from vqa_features.frame import Frame
from vqa_features.kernels.brisque_niqe import BLOCK as NIQE_BLOCK
from vqa_features.kernels.gradients import gaussian_derivative_magnitude, laplacian_of_gaussian
from vqa_features.kernels.nss import mscn
from vqa_features.plots import QualityMapDisplay
from vqa_features.registry import make

from .clips import Clip

Array = NDArray[Any]
#: Scale of GM-LOG's filters, in pixels.
SIGMA = 0.5


@dataclass(frozen=True)
class Panel:
    """One picture of a row.

    Attributes
    ----------
    title : str
        What it shows.
    of : callable
        From a clip to a picture (h, w, 3) uint8, or to an array (h, w) that is drawn in colours.
    colours : str
        Colour map of matplotlib.
    limits : (float, float), optional
        Values of the first and the last colour; by default the 1st and 99th percentile of both clips.
    """

    title: str
    of: Callable[[Clip], Array]
    colours: str = "viridis"
    limits: tuple[float, float] | None = None


def picture(clip: Clip) -> Array:
    """Return the frame."""
    return clip.shown.view("rgb")


def luma(frame: Frame) -> Array:
    """Return luma in 8-bit codes."""
    return np.asarray(frame.view("luma"), np.float64)


def piqe_marks(clip: Clip) -> Array:
    """Return 0 for blocks that are not active, 1 for active ones, 2 with calm edges, 3 with noise."""
    found = piqe(clip.shown.view("luma"))
    return np.select([found.noise, found.artefacts, found.active], [3.0, 2.0, 1.0], 0.0)


def steps(clip: Clip) -> Array:
    """Return the difference of neighbours across borders of columns, less that of the columns beside them."""
    plane = luma(clip.shown)
    across = np.abs(np.diff(plane, axis=1))
    beside = (across[:, :-2] + across[:, 2:]) / 2
    return cv2.blur(np.maximum(across[:, 1:-1] - beside, 0), (1, 5))


def opponent_distance(clip: Clip) -> Array:
    """Return the distance from gray in the plane of R - G and (R + G) / 2 - B, as in colourfulness."""
    red, green, blue = np.moveaxis(clip.shown.view("rgb").astype(float), 2, 0)
    return np.hypot(red - green, (red + green) / 2 - blue)


def darkest(clip: Clip) -> Array:
    """Return luma, where the lowest codes stand out."""
    return luma(clip.shown)


def gradient(clip: Clip) -> Array:
    """Return the gradient magnitude of GM-LOG."""
    return gaussian_derivative_magnitude(luma(clip.shown), SIGMA)


def bend(clip: Clip) -> Array:
    """Return the Laplacian of Gaussian of GM-LOG."""
    return cv2.filter2D(luma(clip.shown), cv2.CV_64F, laplacian_of_gaussian(5, SIGMA))


def normalised(clip: Clip) -> Array:
    """Return luma less its local mean, over its local deviation: the MSCN coefficients."""
    return mscn(luma(clip.shown))


def block_distance(clip: Clip) -> Array:
    """Return NIQE's distance of each block from pristine pictures."""
    plane = clip.shown.view("luma")
    return _spread(QualityMapDisplay.from_frame(plane).distances, NIQE_BLOCK, plane.shape)


def dct_energy(clip: Clip) -> Array:
    """Return the logarithm of the sum of the AC coefficients of each block."""
    found = np.log10(_blocks(clip).sum(axis=(1, 3)) + 1)
    return _spread(found, DCT_BLOCK, clip.shown.view("luma").shape)


def high_share(clip: Clip) -> Array:
    """Return the share of each block's AC coefficients in the upper half of both frequencies together."""
    blocks = _blocks(clip)
    order = np.add.outer(np.arange(DCT_BLOCK), np.arange(DCT_BLOCK))[None, :, None, :]
    total = blocks.sum(axis=(1, 3))
    found = (blocks * (order >= DCT_BLOCK)).sum(axis=(1, 3)) / np.maximum(total, 1)
    return _spread(found, DCT_BLOCK, clip.shown.view("luma").shape)


def _blocks(clip: Clip) -> Array:
    blocks = np.abs(coefficients(clip.shown.view("luma")))
    blocks[:, 0, :, 0] = 0
    return blocks


def _spread(values: Array, side: int, shape: tuple[int, ...]) -> Array:
    """Return values of blocks at the size of the frame, nan where no block is."""
    whole = np.full(shape, np.nan)
    large = np.kron(values, np.ones((side, side)))[: shape[0], : shape[1]]
    whole[: large.shape[0], : large.shape[1]] = large
    return whole


def slice_of_time(clip: Clip) -> Array:
    """Return the middle line of every frame, one below the other."""
    lines = [luma(frame)[frame.view("luma").shape[0] // 2] for frame in clip.frames]
    return np.repeat(np.array(lines), round(len(lines[0]) * 0.42 / len(lines)), axis=0)


def difference(clip: Clip) -> Array:
    """Return the difference from the frame before, in codes."""
    return luma(clip.shown) - luma(clip.before)


def fragments(clip: Clip) -> Array:
    """Return what FAST-VQA sees of the frame: mini-patches of 32 x 32 pixels."""
    rgb = clip.shown.view("rgb")
    return _fragments.cut(_fragments.enlarge(rgb), _fragments.offsets(*rgb.shape[:2]))


def seen_by(name: str) -> Callable[[Clip], Array]:
    """Return a function that gives what a network sees of the frame: scaled and cropped RGB."""

    def seen(clip: Clip) -> Array:
        extractor = make(name)
        assert isinstance(extractor, DeepExtractor)
        recipe = extractor.preprocess
        (planes,) = recipe(clip.shown.view("rgb"))[:1]
        rgb = (np.moveaxis(planes, 0, 2) * recipe.std + recipe.mean) * 255
        return np.rint(rgb).clip(0, 255).astype(np.uint8)

    return seen


def motion_length(clip: Clip) -> Array:
    """Return the length of the motion from the frame before in pixels, nan where it is not determined."""
    found = _motion(clip)
    return np.where(found.determined, np.hypot(found.motion[..., 0], found.motion[..., 1]), np.nan)


def residual(clip: Clip) -> Array:
    """Return what is left of the frame after the frame before was moved, in codes."""
    return np.abs(_motion(clip).residual)


def _motion(clip: Clip) -> Motion:
    return motion_between(working(clip.before.view("luma")), working(clip.shown.view("luma")))
