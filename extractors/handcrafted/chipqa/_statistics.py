"""Fields and statistics of ChipQA: what one frame, and five frames, contribute.

J. P. Ebenezer et al., "ChipQA: No-reference video quality prediction via space-time chips", IEEE TIP
30, 2021; the numbers are those of its release (NumPy, SciPy and OpenCV).
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.brisque_niqe import niqe_distance
from vqa_features.kernels.fits import Aggd, aggd_from_sums, grid

from ._chips import Grid, most_natural_chips
from ._fields import Field, Image, Values, block_sums, normalise

#: Shapes of the release: its grid ends one step before 10.
SHAPES = (0.2, 0.001, 9.999)
#: Added to the squared mean absolute value under a ratio of moments.
FLOOR = 1e-6
#: Share of the mean square below which a variance is rounding.
EQUAL = 1e-14
#: Side of NIQE's blocks, and what it adds to the local deviation (1 elsewhere).
BLOCK, NIQE_CONSTANT = 96, 1e-3
#: Fields of which chips are cut: luma and gradient magnitude, at full and at half size.
N_CHIP_FIELDS = 4


class FrameFields(NamedTuple):
    """Gray plane (h, w), and MSCN of luma, half luma, gradient and half gradient."""

    gray: Image
    chip_fields: tuple[Field, Field, Field, Field]


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
    mscn, gradients, products, deviations = [], [], [], []
    for plane in (gray, half):
        own = normalise(plane, field=True, deviation=True)
        mscn.append(own.coefficients)
        gradients.append(normalise(_gradient(plane), field=True).coefficients)
        products.append(_product_features(gradients[-1]))
        deviations.append(_distribution(own.deviation))
    features = np.concatenate([_chroma_features(rgb), *products, *deviations])
    return FrameFields(gray, (mscn[0], mscn[1], gradients[0], gradients[1])), features


def chip_features(patches: list[Values], grid_of: Grid) -> Values:
    """BRISQUE-like features (18,) of the chips of five frames' patches, each (n, 5, 5)."""
    if not patches[0].size:
        return np.full(18, np.nan)
    field = np.ascontiguousarray(grid_of.tile(most_natural_chips(np.stack(patches))))
    sums = block_sums(field, *field.shape)[0, 0]
    own = _shape_and_deviation(field.size, sums[0, 0], sums[0, 1])
    return np.concatenate([own, _products_of(field.size, sums)])


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


def _gradient(plane: Image) -> Image:
    """Sobel magnitude, the border mirrored."""
    x, y = (np.asarray(cv2.Sobel(plane, -1, dx, dy), np.float32) for dx, dy in ((1, 0), (0, 1)))
    x *= x
    y *= y
    x += y
    return np.sqrt(x, out=x)


def _chroma_features(rgb: NDArray[np.uint8]) -> Values:
    """Of the length of (a, b) in OpenCV's 8-bit CIELAB, whose neutral is (128, 128)."""
    _, *ab = cv2.split(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB))
    a, b = (codes.astype(np.float32) for codes in ab)
    chroma = np.sqrt(np.square(a) + np.square(b))
    half = np.asarray(cv2.resize(chroma, (0, 0), fx=0.5, fy=0.5, interpolation=cv2.INTER_CUBIC), np.float32)
    both = [normalise(plane, deviation=True) for plane in (chroma, half)]
    sizes = (chroma.size, half.size)
    own = [_distribution_of(n, of.sums) for n, of in zip(sizes, both, strict=True)]
    return np.concatenate([*own, *(_distribution(of.deviation) for of in both)])


def _distribution(plane: Image) -> Values:
    """Of the MSCN of a plane: `_distribution_of`."""
    return _distribution_of(plane.size, normalise(plane).sums)


def _distribution_of(n: int, sums: Values) -> Values:
    """Shape, deviation, skewness and excess kurtosis of `n` samples with these sums of `Normalised`."""
    mean, second, third, fourth = sums[:4] / n
    variance = second - mean * mean
    # rounding leaves a little variance where all samples are equal
    variance = variance if variance > EQUAL * second else np.nan
    skewness = (third - 3 * mean * second + 2 * mean**3) / variance**1.5
    kurtosis = (fourth - 4 * mean * third + 6 * mean**2 * second - 3 * mean**4) / variance**2
    return np.append(_shape_and_deviation(n, sums[4], sums[1]), [skewness, kurtosis - 3])


def _shape_and_deviation(n: int, absolute: float, squares: float) -> Values:
    """Shape of a generalised Gaussian of mean zero and the root of the mean square, (2,)."""
    square, absolute = squares / n, absolute / n
    shape = grid(*SHAPES).from_inverse_ratio(square / (absolute * absolute + FLOOR))
    return np.array([float(shape), np.sqrt(square)])


def _product_features(field: Field) -> Values:
    """Shape, mean, left and right variance of the products with four neighbours, (16,)."""
    return _products_of(field.size, block_sums(field, *field.shape)[0, 0])


def _products_of(n: int, sums: Values) -> Values:
    """The 16 features of `_product_features` from the sums (5, 4) of `block_sums`."""
    fit = _fit(n, sums[1:])
    columns = (fit.shape, fit.mean, np.square(fit.left), np.square(fit.right))
    return np.stack(columns, axis=1).ravel()


def _fit(n: int, sums: Values) -> Aggd:
    """Asymmetric fits from sums (..., 4) over `n` samples, of which zeros count as positive."""
    negative = sums[..., 3]
    counts = np.stack([np.maximum(negative, 1), n - negative], axis=-1)
    return aggd_from_sums(n, np.concatenate([sums[..., :3], counts], axis=-1), grid(*SHAPES))


def _niqe_block_features(plane: Image, side: int) -> Values:
    """Shape and mean beta of each block's coefficients, then four columns per product, (n, 18)."""
    field = normalise(plane, field=True, constant=NIQE_CONSTANT, border="replicate").coefficients
    fit = _fit(side * side, block_sums(field, side, side).reshape(-1, 5, 4))
    left, right = fit.beta_left, fit.beta_right
    own = np.stack([fit.shape[:, 0], (left[:, 0] + right[:, 0]) / 2], axis=1)
    products = np.stack([fit.shape, fit.mean, left, right], axis=2)[:, 1:]
    return np.concatenate([own, products.reshape(-1, 16)], axis=1)
