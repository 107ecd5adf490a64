"""Columns of VIDEVAL."""

from __future__ import annotations

from vqa_features.specs import Feature

# name and description of the 50 frame features, in the release's order
_FRAME_FEATURES = (
    ("brisque_H_left_variance_s1", "BRISQUE: left variance of horizontal products"),
    ("brisque_V_left_variance_s1", "BRISQUE: left variance of vertical products"),
    ("brisque_H_left_variance_s2", "BRISQUE: left variance of horizontal products at half size"),
    ("brisque_D1_alpha_s2", "BRISQUE: AGGD shape of diagonal products at half size"),
    ("gm_log_gm_2", "GM-LOG: share of gradient magnitudes in bin 2"),
    ("gm_log_gm_4", "GM-LOG: share of gradient magnitudes in bin 4"),
    ("gm_log_gm_8", "GM-LOG: share of gradient magnitudes in bin 8"),
    ("gm_log_log_8", "GM-LOG: share of Laplacian responses in bin 8"),
    ("gm_log_log_10", "GM-LOG: share of Laplacian responses in bin 10"),
    ("gm_log_gm_given_log_3", "GM-LOG: dependency of gradient bin 3"),
    ("gm_log_log_given_gm_4", "GM-LOG: dependency of Laplacian bin 4"),
    ("gm_log_log_given_gm_10", "GM-LOG: dependency of Laplacian bin 10"),
    ("higrade_mscn_std_s1", "HIGRADE: deviation of the gradient's MSCN coefficients"),
    ("higrade_log_mix_std_s1", "HIGRADE: deviation of the gradient's mixed log-derivative"),
    ("higrade_log_mix_gamma_s1", "HIGRADE: GGD shape of the gradient's mixed log-derivative"),
    ("higrade_log_lap_gamma_s1", "HIGRADE: GGD shape of the gradient's second log-derivative"),
    ("higrade_mscn_std_s2", "HIGRADE: deviation of the gradient's MSCN coefficients at half size"),
    ("higrade_D1_gamma_s2", "HIGRADE: GGD shape of their diagonal difference at half size"),
    ("higrade_D2_gamma_s2", "HIGRADE: GGD shape of their other diagonal difference at half size"),
    ("higrade_lap_std_s2", "HIGRADE: deviation of their second difference at half size"),
    ("friquee_luma_H_skewness", "FRIQUEE luma: skewness of horizontal products"),
    ("friquee_luma_V_mean", "FRIQUEE luma: AGGD mean of vertical products"),
    ("friquee_luma_sigma_mean_s1", "FRIQUEE luma: mean local deviation"),
    ("friquee_luma_H_alpha", "FRIQUEE luma: AGGD shape of horizontal products"),
    ("friquee_luma_sigma_mean_s2", "FRIQUEE luma: mean local deviation at half size"),
    ("friquee_luma_mscn_skewness_s2", "FRIQUEE luma: skewness of MSCN coefficients at half size"),
    ("friquee_luma_dog_std", "FRIQUEE luma: deviation of the band-passed deviation field"),
    ("friquee_luma_dog_kurtosis", "FRIQUEE luma: kurtosis of the band-passed deviation field"),
    ("friquee_luma_dog_sigma_kurtosis", "FRIQUEE luma: kurtosis of that field's own deviation field"),
    ("friquee_luma_laplacian_alpha", "FRIQUEE luma: GGD shape of the finest Laplacian band"),
    ("friquee_luma_laplacian_std", "FRIQUEE luma: deviation of the finest Laplacian band"),
    ("friquee_chroma_H_right_variance", "FRIQUEE chroma: right variance of horizontal products"),
    ("friquee_chroma_V_alpha", "FRIQUEE chroma: AGGD shape of vertical products"),
    ("friquee_chroma_D1_left_variance", "FRIQUEE chroma: left variance of diagonal products"),
    ("friquee_chroma_D2_kurtosis", "FRIQUEE chroma: kurtosis of the other diagonal products"),
    ("friquee_chroma_sigma_skewness_s1", "FRIQUEE chroma: skewness of the local deviation"),
    ("friquee_chroma_V_kurtosis_s2", "FRIQUEE chroma: kurtosis of vertical products at half size"),
    ("friquee_chroma_sigma_kurtosis_s2", "FRIQUEE chroma: kurtosis of the local deviation at half size"),
    ("friquee_chroma_sigma_mean_s2", "FRIQUEE chroma: mean local deviation at half size"),
    ("friquee_chroma_dog_std", "FRIQUEE chroma: deviation of the band-passed deviation field"),
    ("friquee_chroma_dog_skewness", "FRIQUEE chroma: skewness of the band-passed deviation field"),
    ("friquee_chroma_laplacian_skewness", "FRIQUEE chroma: skewness of the finest Laplacian band"),
    ("friquee_S_sigma_mscn_std_s2", "FRIQUEE S cones: deviation of the normalised deviation field"),
    ("tlvqm_motion_intensity", "TLVQM: fourth root of total displacement over the frame"),
    ("tlvqm_egomotion_intensity_std", "TLVQM: deviation of displacement over the camera's points"),
    ("tlvqm_spatial_activity", "TLVQM: fourth root of the deviation of Sobel magnitude"),
    ("tlvqm_jerkiness", "TLVQM: mean root of the change of motion"),
    ("tlvqm_temporal_activity", "TLVQM: fourth root of the mean luma change"),
    ("tlvqm_motion_vertical", "TLVQM: mean vertical motion; 0.5 is none"),
    ("tlvqm_static_flicker_std", "TLVQM: deviation of luma change where nothing moves"),
)
_COSTLY_FEATURES = (
    ("tlvqm_edge_mean", "TLVQM: mean CIELAB Sobel magnitude"),
    ("tlvqm_edge_std", "TLVQM: deviation of CIELAB Sobel magnitude"),
    ("tlvqm_chroma", "TLVQM: root mean square of a* and b* over 50"),
    ("tlvqm_edge_width", "TLVQM: mean autocorrelation of edges at shifts 2 to 6 over that at 1"),
    ("tlvqm_edge_width_nearest", "TLVQM: autocorrelation of edges at shift 2 over that at 1"),
    ("tlvqm_blurred_contrast", "TLVQM: mean edge contrast of the blurred blocks"),
)
#: Numbers (from 1) of the frame features whose window means, and whose window deviations, are taken.
MEANS = (2, 3, 4, 7, 9, 10, *range(12, 21), 25, 27, 29, 30, 32, *range(34, 49))
DEVIATIONS = (1, 5, 6, 8, 11, 12, 17, 21, 22, 23, 24, 26, 28, 29, 31, 33, 45, 49, 50)
FEATURES = (
    *(Feature(f"{name}_mean", f"{text}; mean") for name, text in (_FRAME_FEATURES[k - 1] for k in MEANS)),
    *(
        Feature(f"{name}_std", f"{text}; deviation over time", low=0.0)
        for name, text in (_FRAME_FEATURES[k - 1] for k in DEVIATIONS)
    ),
    *(Feature(name, f"{text}; one frame per second") for name, text in _COSTLY_FEATURES),
)
#: Frame features, of which the first come from one frame alone.
N_FRAME_FEATURES, N_STILL = len(_FRAME_FEATURES), 43
