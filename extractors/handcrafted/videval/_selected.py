"""The frame features VIDEVAL selected from BRISQUE, GM-LOG, HIGRADE, FRIQUEE and TLVQM.

Z. Tu, Y. Wang, N. Birkbeck, B. Adsumilli and A. C. Bovik, "UGC-VQA: Benchmarking blind video quality
assessment for user generated content", IEEE TIP 30, 2021. The numbers are those of the release's
calc_VIDEVAL_feats.m, including its errors; a comment names each of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels import lab8
from vqa_features.kernels.colour import rgb_to_lab, ycbcr_to_rgb
from vqa_features.kernels.cones import rgb_to_lms, ycbcr8_to_rgb8
from vqa_features.kernels.field_statistics import log_derivatives, moments, neighbour_products
from vqa_features.kernels.fits import Aggd, Ggd, aggd_from_sums, ggd_from_sums
from vqa_features.kernels.gradients import sobel_magnitude
from vqa_features.kernels.resize import imresize

from .._gm_log import gm_log_features
from ..friquee import _maps
from ..friquee._maps import Normalised, difference_of_gaussians, laplacian_band, normalise
from ..tlvqm import _low_complexity
from ..tlvqm._high_complexity import lab_sobel
from ..tlvqm._low_complexity import HalfFrame
from ..tlvqm._sharpness import sharpness

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


def still_features(luma: Plane, u: Image, v: Image) -> Values:
    """Features 1 to 43: those of one frame alone.

    Parameters
    ----------
    luma, u, v : (h, w)
        Planes of one size in 8-bit code units, limited range.
    """
    plane = np.asarray(luma, np.float64)
    rgb = ycbcr8_to_rgb8(plane, u, v)
    full, half = normalise(plane), normalise(imresize(plane, 0.5))
    return np.concatenate(
        [
            _brisque(full, half),
            gm_log_features(plane)[np.array(GM_LOG_CHOSEN) - 1],
            _higrade(sobel_magnitude(plane)),
            _friquee_luma(plane, full, half),
            _friquee_chroma(lab8.chroma_map(rgb, "d50")),
            [_friquee_cones(rgb)],
        ]
    )


def half_frame(luma: Plane) -> HalfFrame:
    """Half-size luma and its Sobel responses, filters summed as MATLAB's run of the release shows."""
    return _low_complexity.half_frame(luma, last_first=True)


def moving_features(previous: HalfFrame, this: HalfFrame, following: HalfFrame, width: int) -> Values:
    """Features 44 to 50: those of a frame of `width` pixels and its neighbours."""
    found = _low_complexity.motion_features(
        previous, this, following, _low_complexity.search_radius(width), last_first=True
    )
    return np.array([found[name] for name in MOTION_CHOSEN])


def costly_features(luma: Plane, u: Image, v: Image) -> Values:
    """The six features of one frame per second: edges, chroma and sharpness in CIELAB."""
    lab = rgb_to_lab(ycbcr_to_rgb(luma, u, v))
    vertical, horizontal = lab_sobel(lab)
    edges = np.sqrt(vertical + horizontal)
    sharp = sharpness(edges)
    return np.array(
        [
            edges.mean(),
            edges.std(ddof=1),
            np.sqrt(np.square(lab[..., 1:] / 50).sum(axis=2).mean()),
            sharp["edge_width"],
            sharp["edge_width_nearest"],
            sharp["blurred_contrast"],
        ]
    )


def _products(of: Normalised) -> tuple[Aggd, Values, Values]:
    """AGGD, skewness and kurtosis of the products with the four neighbours H, V, D1, D2."""
    products = neighbour_products(of.coefficients, of.level)
    return aggd_from_sums(of.level.size, products.sums), products.skewness, products.kurtosis


def _brisque(full: Normalised, half: Normalised) -> list[Any]:
    left = np.square(_products(full)[0].left)
    coarse = _products(half)[0]
    return [left[0], left[1], np.square(coarse.left[0]), coarse.shape[2]]


def _centred_fit(field: Image) -> Ggd:
    centred = field - field.mean()
    return ggd_from_sums(field.size, np.abs(centred).sum(), np.square(centred).sum())


def _higrade(gradient: Image) -> list[Any]:
    """Of the gradient; at half size the release leaves out the logarithm."""
    field = normalise(gradient).coefficients
    sums = log_derivatives(field, "zero", centred=True)
    mixed, lap = (ggd_from_sums(field.size, *sums[k]) for k in (4, 5))
    fine = [np.sqrt(_centred_fit(field).variance), np.sqrt(mixed.variance), mixed.shape, lap.shape]
    field = normalise(imresize(gradient, 0.5)).coefficients
    diagonals = [field - np.roll(field, shift, axis=(0, 1)) for shift in ((1, 1), (-1, 1))]
    padded = np.pad(field, 1)
    second = (padded[:-2, 1:-1] - padded[1:-1, :-2]) + (padded[2:, 1:-1] - padded[1:-1, 2:])
    return [
        *fine,
        np.sqrt(_centred_fit(field).variance),
        *(_centred_fit(difference).shape for difference in diagonals),
        np.sqrt(_centred_fit(second).variance),
    ]


def _friquee_luma(plane: Image, full: Normalised, half: Normalised) -> list[Any]:
    fit, skewness, _ = _products(full)
    band = normalise(difference_of_gaussians(full.deviation))
    laplacian = _maps.laplacian_features(plane)
    return [
        skewness[0],
        fit.mean[1],
        full.deviation.mean(),
        fit.shape[0],  # meant for half size: the release does not renew the coefficients
        half.deviation.mean(),
        moments(half.coefficients).skewness,
        np.sqrt(np.square(band.coefficients).mean()),
        moments(band.coefficients).kurtosis,
        moments(normalise(band.deviation).coefficients).kurtosis,
        laplacian[0],
        laplacian[1],
    ]


def _friquee_chroma(chroma: Image) -> list[Any]:
    full, half = normalise(chroma), normalise(imresize(chroma, 0.5))
    fit, _, kurtosis = _products(full)
    half_deviation = moments(half.deviation)
    band = normalise(difference_of_gaussians(full.deviation)).coefficients
    return [
        np.square(fit.right[0]),
        fit.shape[1],
        np.square(fit.left[2]),
        kurtosis[3],
        moments(full.deviation).skewness,
        _products(half)[2][1],
        half_deviation.kurtosis,
        half_deviation.mean,
        np.sqrt(np.square(band).mean()),
        moments(band).skewness,
        moments(laplacian_band(chroma)).skewness,
    ]


def _friquee_cones(rgb: NDArray[np.uint8]) -> float:
    short = imresize(rgb_to_lms(rgb, "S")[0], 0.5)
    return float(np.sqrt(np.square(normalise(normalise(short).deviation).coefficients).mean()))
