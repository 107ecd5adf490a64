"""Fields and statistics of ChipQA: what one frame, and five frames, contribute.

J. P. Ebenezer et al., "ChipQA: No-reference video quality prediction via space-time chips", IEEE TIP
30, 2021; the numbers are those of its release (NumPy, SciPy and OpenCV).
"""

from __future__ import annotations

import functools
from typing import Literal, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from vqa_features.kernels.brisque_niqe import niqe_distance
from vqa_features.kernels.field_statistics import moments, neighbour_products
from vqa_features.kernels.fits import Aggd, aggd_from_sums, grid

from ._chips import Grid, most_natural_chips

Image = NDArray[np.float32]
Field = NDArray[np.float64]
Values = NDArray[np.float64]
Mode = Literal["constant", "nearest"]

#: Shapes of the release: its grid ends one step before 10.
SHAPES = (0.2, 0.001, 9.999)
#: Added to the squared mean absolute value under a ratio of moments.
FLOOR = 1e-6
#: Side of NIQE's blocks, and what it adds to the local deviation (1 elsewhere).
BLOCK, NIQE_CONSTANT = 96, 1e-3
#: Fields of which chips are cut: luma and gradient magnitude, at full and at half size.
N_CHIP_FIELDS = 4


class FrameFields(NamedTuple):
    """Gray plane (h, w), and MSCN of luma, half luma, gradient and half gradient."""

    gray: Image
    chip_fields: tuple[Image, Image, Image, Image]


def half_size(shape: tuple[int, int]) -> tuple[int, int]:
    """Height and width of half-size luma; a portrait frame is squeezed to landscape, as released."""
    short, long = sorted(shape)
    return short // 2, long // 2


def frame_fields(rgb: NDArray[np.uint8]) -> tuple[FrameFields, Values]:
    """Fields of one frame (h, w, 3) and its 56 features.

    Features: of chroma 16 (shape, deviation, skewness and excess kurtosis of MSCN at both sizes,
    then of the MSCN of its local deviation at both), of gradients 32 (shape, mean, left and right
    variance of four products at both sizes), of the local deviation of luma 8.
    """
    gray = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.float32)
    height, width = half_size((gray.shape[0], gray.shape[1]))
    half = _resize(gray, height, width)
    mscn, deviations, gradients = [], [], []
    for plane in (gray, half):
        coefficients, deviation = _normalise(plane)
        mscn.append(coefficients)
        deviations.append(deviation)
        gradients.append(_normalise(_gradient(plane))[0])
    features = [
        _chroma_features(rgb),
        *(_product_features(field.astype(np.float64)) for field in gradients),
        *(_distribution(_normalise(deviation)[0]) for deviation in deviations),
    ]
    return FrameFields(gray, (mscn[0], mscn[1], gradients[0], gradients[1])), np.concatenate(features)


def chip_features(patches: list[Values], grid_of: Grid) -> Values:
    """BRISQUE-like features (18,) of the chips of five frames' patches, each (n, 5, 5)."""
    if not patches[0].size:
        return np.full(18, np.nan)
    field = grid_of.tile(most_natural_chips(np.stack(patches)))
    return np.concatenate([_shape_and_deviation(field), _product_features(field)])


def niqe_features(gray: Image, mean: Values, covariance: Values) -> Values:
    """36 statistics averaged over blocks and their distance from a pristine model, (37,).

    The second scale is the frame resized to half its *width* in height and half its height in width:
    the release hands OpenCV its size the wrong way round.
    """
    down, across = gray.shape[0] // BLOCK, gray.shape[1] // BLOCK
    if down == 0 or across == 0:
        return np.full(37, np.nan)
    whole = gray[: down * BLOCK, : across * BLOCK]
    half = _resize(whole, whole.shape[1] // 2, whole.shape[0] // 2)
    blocks = np.concatenate(
        [_niqe_block_features(plane, side) for plane, side in ((whole, BLOCK), (half, BLOCK // 2))], axis=1
    )
    return np.append(blocks.mean(axis=0), niqe_distance(blocks, mean, covariance))


def _resize(plane: Image, height: int, width: int) -> Image:
    return np.asarray(cv2.resize(plane, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def _normalise(plane: Image, constant: float = 1.0, mode: Mode = "constant") -> tuple[Image, Image]:
    """MSCN coefficients and local deviation, all in single precision.

    The release rounds to single precision after every pass. The variance is a difference of two large
    numbers, so that the rounding shows where the constant is 1e-3; `nss.mscn` would give other numbers.
    """
    mean = _smooth(plane, mode)
    deviation = np.sqrt(np.abs(_smooth(np.square(plane), mode) - np.square(mean)))
    coefficients = (plane - mean) / (deviation + np.float32(constant))
    return np.asarray(coefficients, np.float32), np.asarray(deviation, np.float32)


def _smooth(plane: Image, mode: Mode) -> Image:
    down, across = np.empty_like(plane), np.empty_like(plane)
    ndimage.correlate1d(plane, _window(), axis=0, output=down, mode=mode)
    ndimage.correlate1d(down, _window(), axis=1, output=across, mode=mode)
    return across


@functools.cache
def _window() -> Image:
    """Seven Gaussian weights of deviation 7/6, computed in single precision throughout.

    This is how NumPy 2 evaluates the release; NumPy 1 rounds differently. The sum of the weights is
    not exactly 1, so that flat areas are not exactly zero.
    """
    sigma = np.float32(7 / 6)
    sides = [np.exp(np.float32(-0.5) * np.float32(x * x) / (sigma * sigma)) for x in (1, 2, 3)]
    total = np.float32(1)
    for side in sides:
        total += np.float32(2) * side
    return np.array([*sides[::-1], np.float32(1), *sides], np.float32) / total


def _gradient(plane: Image) -> Image:
    """Sobel magnitude, the border mirrored."""
    x, y = (cv2.Sobel(plane, -1, dx, dy) for dx, dy in ((1, 0), (0, 1)))
    return np.asarray(np.sqrt(np.square(x) + np.square(y)), np.float32)


def _chroma_features(rgb: NDArray[np.uint8]) -> Values:
    """Of the length of (a, b) in OpenCV's 8-bit CIELAB, whose neutral is (128, 128)."""
    lab = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB), np.float32)
    chroma = np.sqrt(np.square(lab[..., 1]) + np.square(lab[..., 2]))
    half = np.asarray(cv2.resize(chroma, (0, 0), fx=0.5, fy=0.5, interpolation=cv2.INTER_CUBIC), np.float32)
    both = [_normalise(plane) for plane in (chroma, half)]
    own = [_distribution(coefficients) for coefficients, _ in both]
    return np.concatenate([*own, *(_distribution(_normalise(deviation)[0]) for _, deviation in both)])


def _distribution(coefficients: Image) -> Values:
    """Shape, deviation, skewness and excess kurtosis."""
    field = coefficients.astype(np.float64)
    of = moments(field)
    return np.append(_shape_and_deviation(field), [of.skewness, of.kurtosis - 3])


def _shape_and_deviation(field: Field) -> Values:
    """Shape of a generalised Gaussian of mean zero and the root of the mean square, (2,)."""
    square, absolute = float(np.square(field).mean()), float(np.abs(field).mean())
    shape = grid(*SHAPES).from_inverse_ratio(square / (absolute * absolute + FLOOR))
    return np.array([float(shape), np.sqrt(square)])


def _product_features(field: Field) -> Values:
    """Shape, mean, left and right variance of the products with four neighbours, (16,)."""
    fit = _fit(field.size, neighbour_products(field).sums)
    columns = (fit.shape, fit.mean, np.square(fit.left), np.square(fit.right))
    return np.stack(columns, axis=1).ravel()


def _fit(n: int, sums: Values) -> Aggd:
    """Asymmetric fits from sums (k, 5) over `n` samples, of which zeros count as positive."""
    negative = sums[:, 3]
    counts = np.stack([np.maximum(negative, 1), n - negative], axis=1)
    return aggd_from_sums(n, np.concatenate([sums[:, :3], counts], axis=1), grid(*SHAPES))


def _niqe_block_features(plane: Image, side: int) -> Values:
    field = _normalise(plane, NIQE_CONSTANT, "nearest")[0].astype(np.float64)
    down, across = plane.shape[0] // side, plane.shape[1] // side
    blocks = field.reshape(down, side, across, side).swapaxes(1, 2).reshape(-1, side, side)
    return np.array([_niqe_features_of(block) for block in blocks])


def _niqe_features_of(block: Field) -> Values:
    """Shape and mean beta of a block's coefficients, then four columns per product, (18,)."""
    absolute = np.abs(block)
    own_sums = [absolute.sum(), np.square(block).sum(), (block * absolute).sum(), (block < 0).sum(), 0]
    fit = _fit(block.size, np.concatenate([[own_sums], neighbour_products(block).sums]))
    products = np.stack([fit.shape, fit.mean, fit.beta_left, fit.beta_right], axis=1)[1:]
    return np.array([fit.shape[0], (fit.beta_left[0] + fit.beta_right[0]) / 2, *products.ravel()])
