"""Feature vectors of BRISQUE and NIQE from a luma plane, and their two published scores' formulas.

Flat areas: see `nss`. A field without negative or without positive samples (a black, white or
constant plane) has no asymmetric fit; its features are nan, its variance is 0.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .fits import aggd_from_sums, ggd_from_sums
from .mscn_sums import neighbour_sums
from .nan_mean import nan_mean
from .nss import local_moments
from .resize import halve

Values = NDArray[np.float64]

#: Side of NIQE's blocks, in pixels.
BLOCK = 96


def brisque_features(plane: NDArray[Any], scales: int = 2) -> Values:
    """BRISQUE's features of a luma plane, (18 * scales,).

    Per scale: shape and variance of the GGD of the MSCN coefficients, then shape, mean, left and
    right variance of the AGGD of each of the four products of neighbours (H, V, D1, D2). Each
    further scale is the last one halved.

    Parameters
    ----------
    plane : (h, w) uint8 or float32
        In 8-bit code units.
    scales : int
        Number of scales, at least 1.

    References
    ----------
    A. Mittal, A. K. Moorthy and A. C. Bovik, "No-reference image quality assessment in the spatial
    domain", IEEE TIP 21(12), 2012; the LIVE release (zero border, circular neighbours).
    """
    return statistics_from_sums(*scale_sums(plane, scales))


def scale_sums(plane: NDArray[Any], scales: int = 2) -> tuple[Values, Values]:
    """Sums of each scale of a plane, (scales, 5, 5), and the number of samples, (scales, 1).

    As `brisque_features`, before the fit: `statistics_from_sums` of several planes together takes as long
    as of one.
    """
    sums = np.empty((scales, 5, 5))
    sizes = np.empty((scales, 1))
    for scale in range(scales):
        if scale:
            plane = halve(plane)
        sums[scale] = neighbour_sums(plane)[0, 0]
        sizes[scale] = plane.size
    return sums, sizes


def brisque_statistics(planes: NDArray[np.float32], border: Literal["zero", "replicate"] = "zero") -> Values:
    """BRISQUE's 18 statistics of one scale, of several planes of one size taken together, (18,).

    Parameters
    ----------
    planes : (n, h, w)
        The samples of all are put into one fit; neighbours do not reach from plane to plane.
    border : {"zero", "replicate"}
        What lies outside a plane. BRISQUE's is zero; in a plane of few rows it enters most windows.
    """
    sums = np.sum([neighbour_sums(plane, border=border)[0, 0] for plane in planes], axis=0)
    return statistics_from_sums(sums[None], np.array([[planes.size]]))


def statistics_from_sums(sums: Values, sizes: NDArray[Any]) -> Values:
    """BRISQUE's statistics from sums (n, 5, 5) over `sizes` (n, 1) samples, (18 * n,)."""
    own = ggd_from_sums(sizes, sums[:, :1, 0], sums[:, :1, 1])
    fit = aggd_from_sums(sizes, sums[:, 1:])
    products = np.stack([fit.shape, fit.mean, np.square(fit.left), np.square(fit.right)], axis=2)
    columns = [own.shape, own.variance, products.reshape(len(sums), 16)]
    return np.concatenate(columns, axis=1).ravel()


def niqe_block_features(plane: NDArray[Any], block: int = BLOCK) -> Values:
    """NIQE's features of every whole block, (n_blocks, 36), blocks row by row.

    Per scale (full, half): shape and mean beta of the AGGD of the MSCN coefficients, then shape,
    mean, left and right beta of each of the four products of neighbours.

    Parameters
    ----------
    plane : (h, w) uint8 or float32
        In 8-bit code units. What is left at the right and the bottom is cropped; a plane smaller
        than one block gives no row.
    block : int
        Side of the blocks, even, in pixels.

    References
    ----------
    A. Mittal, R. Soundararajan and A. C. Bovik, "Making a 'completely blind' image quality
    analyzer", IEEE SPL 20(3), 2013; the LIVE release (replicated border).
    """
    down, across = plane.shape[0] // block, plane.shape[1] // block
    if down == 0 or across == 0:
        return np.empty((0, 36))
    plane = plane[: down * block, : across * block]
    sums = np.empty((down * across, 2, 5, 5))
    for scale, picture in enumerate((plane, halve(plane))):
        side = block >> scale
        sums[:, scale] = neighbour_sums(picture, (side, side), border="replicate").reshape(-1, 5, 5)
    fit = aggd_from_sums(np.array([[block * block], [block // 2 * (block // 2)]]), sums)
    features = np.empty((len(sums), 2, 18))
    features[..., 0] = fit.shape[..., 0]
    features[..., 1] = (fit.beta_left[..., 0] + fit.beta_right[..., 0]) / 2
    for k, column in enumerate((fit.shape, fit.mean, fit.beta_left, fit.beta_right)):
        features[..., 2 + k :: 4] = column[..., 1:]
    return features.reshape(-1, 36)


def sharp_blocks(plane: NDArray[Any], share: float = 0.75, block: int = BLOCK) -> NDArray[np.bool_]:
    """Which whole blocks are sharp, (n_blocks,) in the order of `niqe_block_features`.

    A block's sharpness is the mean of its local deviation (`nss.local_moments`); sharp are those
    above `share` of the sharpest. The training of a pristine model uses only them.
    """
    down, across = plane.shape[0] // block, plane.shape[1] // block
    _, deviation = local_moments(plane[: down * block, : across * block])
    sharpness = deviation.reshape(down, block, across, block).mean(axis=(1, 3)).ravel()
    return sharpness > share * sharpness.max(initial=0.0)


def niqe_distance(blocks: Values, mean: Values, covariance: Values) -> float:
    """Distance of an image's blocks from a pristine model: NIQE's score, 0 or more, lower is better.

    sqrt((m - mean)' ((C + covariance) / 2)^-1 (m - mean)) with m the mean over blocks and C the
    covariance of the blocks whose features are all defined; nan with fewer than two such blocks.
    """
    whole = blocks[~np.isnan(blocks).any(axis=1)]
    if len(whole) < 2:
        return float("nan")
    difference = mean - nan_mean(blocks)
    pooled = (np.cov(whole, rowvar=False) + covariance) / 2
    return float(np.sqrt(difference @ np.linalg.solve(pooled, difference)))


def niqe_features(plane: NDArray[Any], mean: Values, covariance: Values) -> Values:
    """NIQE's 36 features, averaged over blocks, and the score against a pristine model, (37,).

    Parameters
    ----------
    plane : (h, w) uint8 or float32
        In 8-bit code units.
    mean, covariance : (36,) and (36, 36) float64
        The pristine model.

    Returns
    -------
    (37,) float64
        nan for a plane smaller than one block; the score: see `niqe_distance`.
    """
    blocks = niqe_block_features(plane)
    return np.append(nan_mean(blocks), niqe_distance(blocks, mean, covariance))


def svr_score(features: Values, model: dict[str, Values]) -> float:
    """BRISQUE's published score: the epsilon-SVR of the LIVE release, lower is better.

    The release writes the features as text with ``%f`` and the scaled features with ``%g``, and so
    does this function; in full precision the score differs by up to 6e-4. nan where a feature is nan.

    Parameters
    ----------
    features : (36,) float64
        Of `brisque_features` with two scales.
    model : dict
        ``support_vectors`` (n, 36), ``coefficients`` (n,), ``rho``, ``gamma`` and ``ranges`` (36, 2).
    """
    if np.isnan(features).any():
        return float("nan")
    low, high = model["ranges"].T
    scaled = _as_text(-1 + 2 * (_as_text(features, "%f") - low) / (high - low), "%g")
    vectors = model["support_vectors"]
    distance = np.einsum("ij,ij->i", vectors, vectors) - 2 * (vectors @ scaled) + scaled @ scaled
    return float(model["coefficients"] @ np.exp(-model["gamma"] * distance) - model["rho"])


def _as_text(values: Values, form: str) -> Values:
    text = " ".join([form] * values.size) % tuple(values.tolist())
    return np.array(text.split(), dtype=np.float64)
