"""Joint statistics of gradient magnitude and Laplacian of Gaussian (GM-LOG).

One pass over the rows computes both responses, their local energy and the joint histogram, in float64,
because a histogram shows every pixel that rounding puts into another bin. No field is stored.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .gradients import laplacian_of_gaussian
from .jit import SUMMING, jit
from .nss import gaussian
from .planes import as_plane

Values = NDArray[np.float64]
Counts = NDArray[np.int64]

SIGMA = 0.5
#: Average ratio of gradient magnitude to Laplacian response on the LIVE images.
RATIO = 2.5
#: Added to the local energy, in units of the responses (4 * 0.05 in the release).
STABILISER = 0.2
#: Width and number of the bins of the normalised responses; the last bin holds all that lies above.
STEP, BINS = 0.2, 10
#: Histograms that neighbouring pixels go to in turn: one more to a count waits for the last one to it.
LANES = 4
#: Added to a marginal probability before dividing by it.
EPSILON = 0.0001


def gm_log_features(luma: NDArray[Any]) -> Values:
    """The 40 GM-LOG features of a luma plane.

    Parameters
    ----------
    luma : (h, w)
        8-bit code units, any real dtype; read as float32.

    Returns
    -------
    (40,) float64
        Marginal distributions of the normalised gradient magnitude (10) and Laplacian response
        (10), then their dependency measures, (10) and (10). Each ten sum to one. nan for a picture
        with a side below five pixels.

    References
    ----------
    W. Xue, X. Mou, L. Zhang, A. C. Bovik and X. Feng, "Blind image quality assessment using joint
    statistics of gradient magnitude and Laplacian features", IEEE TIP 23(11), 2014, equations 4-9.
    """
    counts = joint_histogram(luma)
    if not counts.any():
        return np.full(4 * BINS, np.nan)
    joint = counts / counts.sum()
    by_gradient, by_laplacian = joint.sum(axis=1), joint.sum(axis=0)
    given_laplacian = (joint / (by_laplacian + EPSILON)).sum(axis=1)
    given_gradient = (joint / (by_gradient[:, None] + EPSILON)).sum(axis=0)
    return np.concatenate(
        [
            by_gradient,
            by_laplacian,
            given_laplacian / given_laplacian.sum(),
            given_gradient / given_gradient.sum(),
        ]
    )


def joint_histogram(luma: NDArray[Any]) -> Counts:
    """Number of pixels by their bins of gradient magnitude (rows) and Laplacian response, (BINS, BINS)."""
    counts = np.zeros((LANES, BINS * BINS), np.int64)
    taps = np.stack([*gradient_taps(), _laplacian_weights()])
    _stream(as_plane(np.asarray(luma, np.float32)), taps, gaussian(7, 2 * SIGMA)[3:].copy(), counts)
    return counts.sum(axis=0).reshape(BINS, BINS)


@functools.cache
def gradient_taps() -> tuple[Values, Values]:
    """Forward difference of a Gaussian, and the Gaussian: their product's absolute values sum to one.

    The difference does not quite sum to zero: the tail that is cut off on one side is missing.
    """
    bell = gaussian(2 * math.ceil(3 * SIGMA) + 3, SIGMA)
    slope = bell[1:-1] - bell[2:]
    return slope / np.abs(slope).sum(), bell[1:-1] / bell[1:-1].sum()


@functools.cache
def _laplacian_weights() -> Values:
    """Weights of the 5 x 5 kernel at squared distances 1, 2, 4, 5 and 8; that of 0 makes the sum zero."""
    quarter = laplacian_of_gaussian(5, SIGMA)[2:, 2:]
    return np.array([quarter[0, 1], quarter[1, 1], quarter[0, 2], quarter[1, 2], quarter[2, 2]])


# The stream computes the responses of row y, then the bins of row y - 3, whose energy is complete:
#
#   image     five rows y - 2 .. y + 2, padded by two pixels     at row number mod 5
#   columns   sums of these down each column                     see `_down_columns`
#   energy    seven rows y - 6 .. y, padded by three pixels      at row number mod 7
#   kept      gradient magnitude and Laplacian response          at row number mod 4, and 4 further


@jit(**SUMMING)
def _stream(plane: NDArray[np.float32], taps: Values, bell: Values, counts: Counts) -> None:
    """Add the pixels of `plane` to `counts`, (lanes, bins of gradient x bins of Laplacian).

    `taps` are slope, bell and Laplacian weights, (3, 5); `bell` is half the window of the energy, (4,).
    """
    height, width = plane.shape
    image = np.zeros((5, width + 4))
    columns = np.empty((4, width + 4))
    energy = np.zeros((7, width + 6))
    kept = np.empty((8, width))
    smooth = np.empty(width + 6)
    bins = np.empty(width, np.uint8)
    for y in range(-2, height + 3):
        for x in range(width):
            image[(y + 7) % 5, x + 2] = plane[y + 2, x] if y + 2 < height else 0.0
        if 0 <= y < height:
            _down_columns(image, y, taps, columns)
            _responses(image, y, columns, taps, energy, kept)
        elif y >= 0:  # beyond the picture
            for x in range(width):
                energy[y % 7, x + 3] = 0.0
        if 2 <= y - 3 < height - 2:
            _bins(energy, y - 3, bell, kept, smooth, bins)
            for x in range(2, width - 2):
                counts[x % LANES, bins[x]] += 1


@jit(**SUMMING)
def _down_columns(image: Values, y: int, taps: Values, columns: Values) -> None:
    """Of each column: the sums of its rows 1 and 2 away from row `y`, its bell and its slope."""
    above_2, above_1, here, below_1, below_2 = (y + 3) % 5, (y + 4) % 5, y % 5, (y + 1) % 5, (y + 2) % 5
    for x in range(image.shape[1]):
        near = image[above_1, x] + image[below_1, x]
        far = image[above_2, x] + image[below_2, x]
        columns[0, x] = near
        columns[1, x] = far
        columns[2, x] = taps[1, 2] * image[here, x] + taps[1, 1] * near + taps[1, 0] * far
        columns[3, x] = (
            taps[0, 0] * image[above_2, x]
            + taps[0, 1] * image[above_1, x]
            + taps[0, 2] * image[here, x]
            + taps[0, 3] * image[below_1, x]
            + taps[0, 4] * image[below_2, x]
        )


@jit(**SUMMING)
def _responses(image: Values, y: int, columns: Values, taps: Values, energy: Values, kept: Values) -> None:
    """Gradient magnitude, Laplacian response and their mean energy of row `y`.

    Pixels of one distance from the centre are summed before the centre is subtracted. Sums of codes are
    exact, so the Laplacian of a flat window is exactly zero (the rule of `nss`).
    """
    here = y % 5
    for x in range(kept.shape[1]):
        across = (
            taps[0, 0] * columns[2, x]
            + taps[0, 1] * columns[2, x + 1]
            + taps[0, 2] * columns[2, x + 2]
            + taps[0, 3] * columns[2, x + 3]
            + taps[0, 4] * columns[2, x + 4]
        )
        down = (
            taps[1, 2] * columns[3, x + 2]
            + taps[1, 1] * (columns[3, x + 1] + columns[3, x + 3])
            + taps[1, 0] * (columns[3, x] + columns[3, x + 4])
        )
        four = 4.0 * image[here, x + 2]
        beside = image[here, x + 1] + image[here, x + 3]
        beyond = image[here, x] + image[here, x + 4]
        laplacian = taps[2, 0] * (columns[0, x + 2] + beside - four)
        laplacian += taps[2, 1] * (columns[0, x + 1] + columns[0, x + 3] - four)
        laplacian += taps[2, 2] * (columns[1, x + 2] + beyond - four)
        knights = columns[0, x] + columns[0, x + 4] + columns[1, x + 1] + columns[1, x + 3]
        laplacian += taps[2, 3] * (knights - 2.0 * four)
        laplacian += taps[2, 4] * (columns[1, x] + columns[1, x + 4] - four)
        squares = (across * across + down * down) * (1.0 / (RATIO * RATIO))
        kept[y % 4, x] = np.sqrt(squares)
        kept[4 + y % 4, x] = abs(laplacian)
        energy[y % 7, x + 3] = (squares + laplacian * laplacian) * 0.5


@jit(**SUMMING)
def _bins(
    energy: Values, y: int, bell: Values, kept: Values, smooth: Values, bins: NDArray[np.uint8]
) -> None:
    """Number of the joint bin of each pixel of row `y`, whose energy is smoothed about it."""
    above_3, above_2, above_1, here = (y + 4) % 7, (y + 5) % 7, (y + 6) % 7, y % 7
    below_1, below_2, below_3 = (y + 1) % 7, (y + 2) % 7, (y + 3) % 7
    for x in range(smooth.size):
        smooth[x] = (
            bell[0] * energy[here, x]
            + bell[1] * (energy[above_1, x] + energy[below_1, x])
            + bell[2] * (energy[above_2, x] + energy[below_2, x])
            + bell[3] * (energy[above_3, x] + energy[below_3, x])
        )
    for x in range(bins.size):
        local = (
            bell[0] * smooth[x + 3]
            + bell[1] * (smooth[x + 2] + smooth[x + 4])
            + bell[2] * (smooth[x + 1] + smooth[x + 5])
            + bell[3] * (smooth[x] + smooth[x + 6])
        )
        steps = 1.0 / ((np.sqrt(local) + STABILISER) * STEP)
        row = min(max(np.ceil(kept[y % 4, x] * steps), 1.0), float(BINS))
        column = min(max(np.ceil(kept[4 + y % 4, x] * steps), 1.0), float(BINS))
        bins[x] = np.int32(BINS * row + column) - (BINS + 1)
