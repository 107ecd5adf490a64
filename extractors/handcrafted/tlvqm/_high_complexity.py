"""The high-complexity level of TLVQM: six groups of spatial features of one frame.

J. Korhonen, "Two-Level Approach for No-Reference Consumer Video Quality Assessment", IEEE TIP
28(12), 2019, section III-B. The numbers are those of the author's MATLAB release, including
its errors; a comment names each of them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from vqa_features.kernels.limited_lab import edge_energies, ycbcr_to_lab
from vqa_features.kernels.resize import imresize

from ._noise import noise, saturation
from ._sharpness import sharpness

Image = NDArray[np.float64]
Mask = NDArray[np.bool_]
Features = dict[str, float]

#: Sobel magnitude below which a pixel has no edge.
EDGE = 0.01
#: Longest period of blockiness, in pixels.
LONGEST_PERIOD = 22


def spatial_features(y: NDArray[np.generic], u: Image, v: Image) -> Features:
    """All thirty features of one frame.

    Parameters
    ----------
    y, u, v : (h, w)
        Planes of one size in 8-bit code units, limited range.
    """
    luma = np.asarray(y, np.float64) / 255
    lab = ycbcr_to_lab(y, u, v)
    vertical, horizontal = edge_energies(lab)
    sobel = np.sqrt(vertical + horizontal)
    bright_share, bright_segment, bright = saturation(luma, bright=True)
    dark_share, dark_segment, dark = saturation(luma, bright=False)
    saturated = bright | dark
    return {
        **spatial_activity(sobel, saturated),
        "bright_share": bright_share,
        "bright_segment": bright_segment,
        "dark_share": dark_share,
        "dark_segment": dark_segment,
        **noise(luma, lab, saturated),
        **blockiness(np.sqrt(vertical), np.sqrt(horizontal)),
        **contrast_chroma(lab, saturated),
        **dct_features(luma),
        **sharpness(sobel),
    }


def spatial_activity(sobel: Image, saturated: Mask) -> Features:
    """Strength of the edges (h, w) and where they lie; pixels without edge count as zero."""
    edges = np.where((sobel < EDGE) & ~saturated, 0.0, sobel)
    rows, columns = np.nonzero((edges > 0) & ~saturated)
    strength = edges[rows, columns]
    if not strength.size:
        return dict.fromkeys(("edge_mean", "edge_std", "edge_offset", "edge_spread"), 0.0)
    h, w = sobel.shape
    y, x = (rows + 1) / h - 0.5, (columns + 1) / w - 0.5
    total = strength.sum()
    # the release calls this a weighted deviation: of distance times weight, not of distance
    weighted = np.hypot(y, x) * strength
    spread = np.sqrt(np.square(weighted - weighted.mean()).sum() / total)
    return {
        "edge_mean": float(edges.mean()),
        "edge_std": float(edges.std(ddof=1)),
        "edge_offset": float(np.hypot(strength @ y, strength @ x) / total),
        "edge_spread": float(spread),
    }


def blockiness(vertical: Image, horizontal: Image) -> Features:
    """Strength and period of the strongest repetition of edges along rows and along columns.

    `vertical` and `horizontal` are Sobel magnitudes (h, w). Profiles of their difference are
    autocorrelated; the peak that rises most above the deepest valley before it counts.
    """
    difference = vertical - horizontal
    profiles = [difference.mean(axis=1), -difference.mean(axis=0)]
    strengths, period, n_peaks = [0.0, 0.0], 0.0, 0
    lags = [_autocorrelation(profile) for profile in profiles]
    valleys = [lag[0] for lag in lags]
    rises, peaks = [0.0, 0.0], [0.0, 0.0]
    for shift in range(1, LONGEST_PERIOD):
        for k, lag in enumerate(lags):  # the release keeps one period for both directions: the last
            before, here, after = lag[shift - 1 : shift + 2]
            n_peaks += int(here > max(before, after))
            if here < min(before, after, valleys[k]):
                valleys[k] = here
            elif here > max(before, after) and here - valleys[k] > rises[k]:
                peaks[k], rises[k], period = here, here - valleys[k], shift / (LONGEST_PERIOD - 1)
    variances = [lag[0] for lag in lags]
    if min(variances) > 0:
        strengths = [
            rise / variance if peak > 0 else 0.0
            for rise, variance, peak in zip(rises, variances, peaks, strict=True)
        ]
    return {
        "block_strength": float(max(strengths)) ** 0.5,
        "block_period": period,
        "block_peaks": n_peaks / (2 * (LONGEST_PERIOD - 1)),
    }


def _autocorrelation(profile: Image) -> Image:
    """Sums of products at shifts 0 .. LONGEST_PERIOD; two samples at each end are left out."""
    inner = profile[2:-2]
    padded = np.concatenate([inner, np.zeros(LONGEST_PERIOD)])
    return np.array([inner @ padded[s : s + inner.size] for s in range(LONGEST_PERIOD + 1)])


def contrast_chroma(lab: Image, saturated: Mask) -> Features:
    """Cumulative-histogram contrast of lightness, strength and deviation of chroma of Lab (3, h, w).

    Where every pixel is saturated the release returns a sum, not a mean, of lightness / 50.
    """
    lightness = np.floor(lab[0][~saturated]).astype(np.int64)
    if lightness.size:
        counts = np.bincount(np.clip(lightness, 0, 101), minlength=102)[:101]
        cumulative = np.cumsum(counts) / lightness.size
        error = float((cumulative - np.arange(1, 102) / 100).sum()) / 100
        contrast = (error + 1) / 2, 0.5 * (1 - error)
    else:
        contrast = 1.0, float(lab[0].sum()) / 50
    deviation = 0.0
    if np.ptp(lab[0]) > 0:
        deviation = 0.01 * float(lab[1].std(ddof=1) + lab[2].std(ddof=1))
    return {
        "darkness": contrast[0],
        "lightness": contrast[1],
        "chroma": chroma_strength(lab),
        "chroma_std": deviation,
    }


def chroma_strength(lab: Image) -> float:
    """Root mean square of a* and b* of Lab (3, h, w), over 50."""
    planes = lab[1:].reshape(-1)
    return float(np.sqrt(2 * (planes @ planes) / planes.size)) / 50


def dct_features(luma: Image) -> Features:
    """Symmetry of the DCT spectrum of `luma` (h, w) in 0..1 and its decay to high frequencies."""
    spectrum = np.sqrt(np.abs(fft.dctn(luma, norm="ortho")))
    h, w = luma.shape[0] // 2, luma.shape[1] // 2
    low, across, down, high = (
        imresize(quarter[:h, :w], 0.25)
        for quarter in (spectrum, spectrum[:, ::-1], spectrum[::-1], spectrum[::-1, ::-1])
    )
    low_mean, across_mean, down_mean, high_mean = (q.mean(axis=0) for q in (low, across, down, high))
    larger, smaller = np.maximum(across_mean, down_mean), np.minimum(across_mean, down_mean)
    return {
        "dct_symmetry": max(0.0, _correlation(low, across), _correlation(low, down)),
        "dct_decay": _row_ratio(high_mean, low_mean),
        "dct_balance": _row_ratio(smaller, larger),
    }


def _correlation(a: Image, b: Image) -> float:
    """Pearson correlation of all samples; 0 where one has no variance."""
    a, b = a - a.mean(), b - b.mean()
    scale = np.sqrt(np.square(a).sum() * np.square(b).sum())
    return float((a * b).sum() / scale) if scale > 0 else 0.0


def _row_ratio(a: Image, b: Image) -> float:
    """Least-squares factor between two rows, MATLAB's ``a / b``; 0 unless all of `b` is positive."""
    return float(a @ b / (b @ b)) if (b > 0).all() else 0.0
