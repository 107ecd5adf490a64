"""Columns of VIDEVAL."""

from __future__ import annotations

import math
from dataclasses import replace

from vqa_features.specs import Feature

from .._nss_columns import CODES, SIGNS

_INF = math.inf
# name, description, low and high of the 50 frame features, in the release's order
_FRAME_FEATURES = (
    ("brisque_H_left_variance_s1", "BRISQUE: left variance of horizontal products", 0, _INF),
    ("brisque_V_left_variance_s1", "BRISQUE: left variance of vertical products", 0, _INF),
    ("brisque_H_left_variance_s2", "BRISQUE: left variance of horizontal products at half size", 0, _INF),
    ("brisque_D1_alpha_s2", "BRISQUE: AGGD shape of diagonal products at half size", 0.2, 10),
    ("gm_log_gm_2", "GM-LOG: share of gradient magnitudes in bin 2", 0, 1),
    ("gm_log_gm_4", "GM-LOG: share of gradient magnitudes in bin 4", 0, 1),
    ("gm_log_gm_8", "GM-LOG: share of gradient magnitudes in bin 8", 0, 1),
    ("gm_log_log_8", "GM-LOG: share of Laplacian responses in bin 8", 0, 1),
    ("gm_log_log_10", "GM-LOG: share of Laplacian responses in bin 10", 0, 1),
    ("gm_log_gm_given_log_3", "GM-LOG: dependency of gradient bin 3", 0, 1),
    ("gm_log_log_given_gm_4", "GM-LOG: dependency of Laplacian bin 4", 0, 1),
    ("gm_log_log_given_gm_10", "GM-LOG: dependency of Laplacian bin 10", 0, 1),
    ("higrade_mscn_std_s1", "HIGRADE: deviation of the gradient's MSCN coefficients", 0, _INF),
    ("higrade_log_mix_std_s1", "HIGRADE: deviation of the gradient's mixed log-derivative", 0, _INF),
    ("higrade_log_mix_gamma_s1", "HIGRADE: GGD shape of the gradient's mixed log-derivative", 0.2, 10),
    ("higrade_log_lap_gamma_s1", "HIGRADE: GGD shape of the gradient's second log-derivative", 0.2, 10),
    ("higrade_mscn_std_s2", "HIGRADE: deviation of the gradient's MSCN coefficients at half size", 0, _INF),
    ("higrade_D1_gamma_s2", "HIGRADE: GGD shape of their diagonal difference at half size", 0.2, 10),
    ("higrade_D2_gamma_s2", "HIGRADE: GGD shape of their other diagonal difference at half size", 0.2, 10),
    ("higrade_lap_std_s2", "HIGRADE: deviation of their second difference at half size", 0, _INF),
    ("friquee_luma_H_skewness", "FRIQUEE luma: skewness of horizontal products", -_INF, _INF),
    ("friquee_luma_V_mean", "FRIQUEE luma: AGGD mean of vertical products", -_INF, _INF),
    ("friquee_luma_sigma_mean_s1", "FRIQUEE luma: mean local deviation", 0, _INF),
    ("friquee_luma_H_alpha", "FRIQUEE luma: AGGD shape of horizontal products", 0.2, 10),
    ("friquee_luma_sigma_mean_s2", "FRIQUEE luma: mean local deviation at half size", 0, _INF),
    (
        "friquee_luma_mscn_skewness_s2",
        "FRIQUEE luma: skewness of MSCN coefficients at half size",
        -_INF,
        _INF,
    ),
    ("friquee_luma_dog_std", "FRIQUEE luma: deviation of the band-passed deviation field", 0, _INF),
    ("friquee_luma_dog_kurtosis", "FRIQUEE luma: kurtosis of the band-passed deviation field", 1, _INF),
    (
        "friquee_luma_dog_sigma_kurtosis",
        "FRIQUEE luma: kurtosis of that field's own deviation field",
        1,
        _INF,
    ),
    ("friquee_luma_laplacian_alpha", "FRIQUEE luma: GGD shape of the finest Laplacian band", 0.2, 10),
    ("friquee_luma_laplacian_std", "FRIQUEE luma: deviation of the finest Laplacian band", 0, _INF),
    ("friquee_chroma_H_right_variance", "FRIQUEE chroma: right variance of horizontal products", 0, _INF),
    ("friquee_chroma_V_alpha", "FRIQUEE chroma: AGGD shape of vertical products", 0.2, 10),
    ("friquee_chroma_D1_left_variance", "FRIQUEE chroma: left variance of diagonal products", 0, _INF),
    ("friquee_chroma_D2_kurtosis", "FRIQUEE chroma: kurtosis of the other diagonal products", 1, _INF),
    ("friquee_chroma_sigma_skewness_s1", "FRIQUEE chroma: skewness of the local deviation", -_INF, _INF),
    ("friquee_chroma_V_kurtosis_s2", "FRIQUEE chroma: kurtosis of vertical products at half size", 1, _INF),
    (
        "friquee_chroma_sigma_kurtosis_s2",
        "FRIQUEE chroma: kurtosis of the local deviation at half size",
        1,
        _INF,
    ),
    ("friquee_chroma_sigma_mean_s2", "FRIQUEE chroma: mean local deviation at half size", 0, _INF),
    ("friquee_chroma_dog_std", "FRIQUEE chroma: deviation of the band-passed deviation field", 0, _INF),
    (
        "friquee_chroma_dog_skewness",
        "FRIQUEE chroma: skewness of the band-passed deviation field",
        -_INF,
        _INF,
    ),
    (
        "friquee_chroma_laplacian_skewness",
        "FRIQUEE chroma: skewness of the finest Laplacian band",
        -_INF,
        _INF,
    ),
    ("friquee_S_sigma_mscn_std_s2", "FRIQUEE S cones: deviation of the normalised deviation field", 0, _INF),
    ("tlvqm_motion_intensity", "TLVQM: fourth root of total displacement over the frame", 0, 2),
    ("tlvqm_egomotion_intensity_std", "TLVQM: deviation of displacement over the camera's points", 0, 2),
    ("tlvqm_spatial_activity", "TLVQM: fourth root of the deviation of Sobel magnitude", 0, 1.5),
    ("tlvqm_jerkiness", "TLVQM: mean root of the change of motion", 0, 2),
    ("tlvqm_temporal_activity", "TLVQM: fourth root of the mean luma change", 0, 1),
    ("tlvqm_motion_vertical", "TLVQM: mean vertical motion; 0.5 is none", 0, 1),
    ("tlvqm_static_flicker_std", "TLVQM: deviation of luma change where nothing moves", 0, 1),
)
_COSTLY_FEATURES = (
    ("tlvqm_edge_mean", "TLVQM: mean CIELAB Sobel magnitude", 0, _INF),
    ("tlvqm_edge_std", "TLVQM: deviation of CIELAB Sobel magnitude", 0, _INF),
    ("tlvqm_chroma", "TLVQM: root mean square of a* and b* over 50", 0, _INF),
    ("tlvqm_edge_width", "TLVQM: mean autocorrelation of edges at shifts 2 to 6 over that at 1", -_INF, _INF),
    ("tlvqm_edge_width_nearest", "TLVQM: autocorrelation of edges at shift 2 over that at 1", -_INF, _INF),
    ("tlvqm_blurred_contrast", "TLVQM: mean edge contrast of the blurred blocks", 0, _INF),
)
#: Numbers (from 1) of the frame features whose window means, and whose window deviations, are taken.
MEANS = (2, 3, 4, 7, 9, 10, *range(12, 21), 25, 27, 29, 30, 32, *range(34, 49))
DEVIATIONS = (1, 5, 6, 8, 11, 12, 17, 21, 22, 23, 24, 26, 28, 29, 31, 33, 45, 49, 50)
_STILL = "every second frame, in windows of a second"
_MOVING = "every second frame with its neighbours, in windows of a second"
_EDGE_SIZE = "full size, half size where wider than 1280"
_REPEATED = "below 0: edges repeat with the opposite sign"
_SIGNS = {
    **SIGNS,
    "vertical": "above 0.5: content moves down",
    "width": _REPEATED,
    "nearest": _REPEATED,
}


def _sign(name: str, low: float) -> str:
    kind = name.removesuffix("_s1").removesuffix("_s2").rpartition("_")[2]
    return _SIGNS[kind] if low < 0 or kind == "vertical" else ""


def _frame_feature(number: int) -> Feature:
    """Return the feature of a number (from 1) as a column of its window means."""
    name, text, low, high = _FRAME_FEATURES[number - 1]
    moving = number > N_STILL
    halved = name.endswith("_s2") or moving
    return Feature(
        f"{name}_mean",
        f"{text}; mean",
        CODES if "sigma_mean" in name or name.endswith("laplacian_std") else "1",
        low,
        high,
        sign=_sign(name, low),
        frame=_MOVING if moving else _STILL,
        resolution="half size" if halved else "full size",
    )


def _deviation(number: int) -> Feature:
    """Return the feature of a number (from 1) as a column of its window deviations."""
    name, text, *_ = _FRAME_FEATURES[number - 1]
    one, what = _frame_feature(number), f"{text}; deviation over time"
    return replace(one, name=f"{name}_std", description=what, low=0.0, high=_INF, sign="")


#: Frame features, of which the first come from one frame alone.
N_FRAME_FEATURES, N_STILL = len(_FRAME_FEATURES), 43
FEATURES = (
    *(_frame_feature(number) for number in MEANS),
    *(_deviation(number) for number in DEVIATIONS),
    *(
        Feature(
            name,
            f"{text}; one frame per second",
            low=low,
            high=high,
            sign=_sign(name, low),
            frame="one frame per second",
            resolution=_EDGE_SIZE if "width" in name or "contrast" in name else "full size",
        )
        for name, text, low, high in _COSTLY_FEATURES
    ),
)
