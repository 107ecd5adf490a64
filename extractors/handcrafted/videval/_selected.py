"""The frame features VIDEVAL selected from BRISQUE, GM-LOG, HIGRADE, FRIQUEE and TLVQM.

Z. Tu, Y. Wang, N. Birkbeck, B. Adsumilli and A. C. Bovik, "UGC-VQA: Benchmarking blind video quality
assessment for user generated content", IEEE TIP 30, 2021. The numbers are those of the release's
calc_VIDEVAL_feats.m, including its errors; a comment names each of them.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels import lab8
from vqa_features.kernels.cones import rgb_to_lms, ycbcr8_to_rgb8
from vqa_features.kernels.field_statistics import DERIVATIVES
from vqa_features.kernels.fits import aggd_from_sums, ggd_from_sums
from vqa_features.kernels.gradients import sobel_magnitude_float32
from vqa_features.kernels.limited_lab import edge_energies, ycbcr_to_lab
from vqa_features.kernels.log_statistics import map_sums
from vqa_features.kernels.resize import halve

from ..tlvqm import _low_complexity
from ..tlvqm._filters import corners
from ..tlvqm._high_complexity import chroma_strength
from ..tlvqm._low_complexity import HalfFrame, Middle
from ..tlvqm._sharpness import sharpness
from ._bands import difference_of_gaussians, laplacian
from ._fields import (
    Single,
    around,
    ggd_of,
    moments,
    normalise,
    products,
    root_mean_square,
)

Image = NDArray[np.float64]
Values = NDArray[np.float64]
Plane = NDArray[Any]

#: Positions (from 1) among GM-LOG's forty features.
GM_LOG_CHOSEN = (2, 4, 8, 18, 20, 23, 34, 40)
#: Names of TLVQM's low-complexity features, in order.
MOTION_CHOSEN = (
    "motion_intensity",
    "egomotion_intensity_std",
    "spatial_activity",
    "jerkiness",
    "temporal_activity",
    "motion_vertical",
    "static_flicker_std",
)


def still_features(luma: Plane, u: Image, v: Image, gm_log: Values) -> Values:
    """Features 1 to 43: those of one frame alone.

    Parameters
    ----------
    luma, u, v : (h, w)
        Planes of one size in 8-bit code units, limited range.
    gm_log : (40,)
        GM-LOG's features of `luma`.
    """
    plane = np.ascontiguousarray(luma, np.float32)
    rgb = ycbcr8_to_rgb8(luma, u, v)
    full, half = normalise(plane), normalise(halve(plane))
    of_full, of_half = products(full), products(half)
    fit, coarse = (aggd_from_sums(f.deviation.size, p.sums) for f, p in ((full, of_full), (half, of_half)))
    left = np.square(fit.left)
    return np.concatenate(
        [
            [left[0], left[1], np.square(coarse.left[0]), coarse.shape[2]],
            gm_log[np.array(GM_LOG_CHOSEN) - 1],
            _higrade(sobel_magnitude_float32(plane)),
            # the shape is meant for half size: the release does not renew the coefficients
            [of_full.skewness[0], fit.mean[1], cv2.mean(full.deviation)[0], fit.shape[0]],
            [cv2.mean(half.deviation)[0], moments(half.coefficients).skewness],
            _friquee_luma(plane, full.deviation),
            _friquee_chroma(lab8.chroma_map(rgb, "d50")),
            [_friquee_cones(rgb)],
        ]
    )


def half_frame(half: Image) -> HalfFrame:
    """The view ``half_unit_luma`` and its Sobel responses, summed as MATLAB's run of the release shows."""
    return _low_complexity.half_frame(half, last_first=True)


def middle_frame(half: HalfFrame, width: int) -> Middle:
    """What a frame of `width` pixels has of its own for `moving_features`."""
    contrast = corners(half.luma, last_first=True).contrast
    return _low_complexity.middle_frame(half, contrast, _low_complexity.search_radius(width))


def moving_features(previous: HalfFrame, this: Middle, following: HalfFrame, width: int) -> Values:
    """Features 44 to 50: those of a frame of `width` pixels and its neighbours."""
    radius = _low_complexity.search_radius(width)
    found = _low_complexity.motion_features(previous, this, following, radius)
    return np.array([found[name] for name in MOTION_CHOSEN])


def costly_features(luma: Plane, u: Image, v: Image) -> Values:
    """The six features of one frame per second: edges, chroma and sharpness in CIELAB."""
    lab = ycbcr_to_lab(luma, u, v)
    vertical, horizontal = edge_energies(lab)
    edges = np.sqrt(vertical + horizontal)
    sharp = sharpness(edges)
    return np.array(
        [
            edges.mean(),
            edges.std(ddof=1),
            chroma_strength(lab),
            sharp["edge_width"],
            sharp["edge_width_nearest"],
            sharp["blurred_contrast"],
        ]
    )


def _higrade(gradient: Single) -> list[Any]:
    """Of the gradient; at half size the release leaves out the logarithm."""
    sums = map_sums(gradient)[1][[0, 1 + DERIVATIVES.index("mix"), 1 + DERIVATIVES.index("lap")]]
    fine = ggd_from_sums(gradient.size, sums[:, 0], sums[:, 1])
    field = normalise(halve(gradient)).coefficients
    diagonals = [field - np.roll(field, shift, axis=(0, 1)) for shift in ((1, 1), (-1, 1))]
    return [
        *np.sqrt(fine.variance[:2]),
        *fine.shape[1:],
        np.sqrt(ggd_of(field, True).variance),
        *(ggd_of(difference, True).shape for difference in diagonals),
        np.sqrt(ggd_of(around(field), True).variance),
    ]


def _friquee_luma(plane: Single, deviation: Single) -> list[Any]:
    """Of the bands of luma and of its deviation."""
    band = normalise(difference_of_gaussians(deviation))
    fit = laplacian(plane).fit
    return [
        root_mean_square(band.coefficients),
        moments(band.coefficients).kurtosis,
        moments(normalise(band.deviation).coefficients).kurtosis,
        fit.shape,
        np.sqrt(fit.variance),
    ]


def _friquee_chroma(exact: Image) -> list[Any]:
    chroma = exact.astype(np.float32)
    # in double precision: the codes are no whole numbers, and the variances turn on the signs of products
    full = normalise(exact)
    of_full, deviation = products(full), full.deviation.astype(np.float32)
    half = normalise(halve(chroma))
    fit = aggd_from_sums(chroma.size, of_full.sums)
    half_deviation = moments(half.deviation)
    band = normalise(difference_of_gaussians(deviation)).coefficients
    return [
        np.square(fit.right[0]),
        fit.shape[1],
        np.square(fit.left[2]),
        of_full.kurtosis[3],
        moments(deviation).skewness,
        products(half).kurtosis[1],
        half_deviation.kurtosis,
        half_deviation.mean,
        root_mean_square(band),
        moments(band).skewness,
        laplacian(chroma).skewness,
    ]


def _friquee_cones(rgb: NDArray[np.uint8]) -> float:
    short = halve(rgb_to_lms(rgb, "S")[0].astype(np.float32))
    return root_mean_square(normalise(normalise(short).deviation).coefficients)
