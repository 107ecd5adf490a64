"""Names of opinions, studies and files are metadata; names of features are not."""

from __future__ import annotations

import pandas as pd
import pytest

from vqa_features.tables.columns import feature_columns
from vqa_features.tables.metadata_names import names_metadata

METADATA = (
    "mos_std mosStd MOS-SD std_mos score Score label num_ratings n_ratings ratings fold cv_fold qp "
    "QP file_size fileSize filesize bitrate video_bitrate target_bitrate crf votes num_votes "
    "vote_count mos_count mos_ci mean_score opinion_score quality_score rating rater_12 subject3 "
    "frame_count nb_frames fps framerate frameRate width height duration video_length ci95 is_test "
    "split target groundtruth ground_truth sos z_score preset bit_rate bit_depth MOS_raw dmos_std "
    "avg_rating views"
).split()
FEATURES = (
    "sharpness contrast noise f0 f12 score_7 g1 blur motion niqe brisque_1 colorfulness x SI TI "
    "si_mean temporal_std mean_luma entropy edge_width vmaf psnr score_blur 0 17 "
    "brisque.mscn_alpha_s1.mean"
).split()


#: Names of datasets, label files and encoders.
GATHERED = (
    "SD std_dev mos_stdev stdMOS MOS_std_dev Std_MOS mos_sd mos_var mos_variance mos_se mos_sem mos_err "
    "mos_ci95 ci_low ci_high ci_lower ci_upper lower_ci upper_ci conf_int confidence_interval mos_lower "
    "mos_upper n_raters num_raters nRatings n_votes vote_num rating_count ratings_count ratingCount "
    "number_of_ratings num_subjects n_subjects subject_count num_observers num_opinions n_opinions "
    "num_scores scores_count mean_mos avg_mos mos_avg mos_mean mean_rating mean_opinion_score "
    "mean_opinion opinion_mean video_score score_std score_avg user_score final_score overall_score "
    "overall_quality subjective_score subjective_quality human_score mos_raw raw_mos mos_norm "
    "mos_zscore mos_scaled mos_original mos_train mos_test z_mos zmos norm_mos normalized_mos "
    "scaled_mos pmos crowd_mos lab_mos true_mos gt_mos gt_score gt y_true ytrue label_id labels "
    "class_label class_id quality_label is_train is_val train val test train_test set subset split_id "
    "fold_id fold_idx kfold k_fold split_0 fold_1 split1 fold3 group_id scene_id content_id video_id "
    "vid_id clip_id source_id src_id ref_id frame_id user_id subject_id rater_id session_id worker_id "
    "hit_id row row_id row_number rownum idx cq qscale q_scale quantizer qp_mean avg_qp mean_qp QP_avg "
    "qp_value bitrate_kbps kbps avg_bitrate video_bit_rate max_bitrate bytes num_bytes size_bytes "
    "sizeMB size_mb file_size_mb filesize_bytes file_bytes file_length frame_width video_width "
    "img_width image_height res spatial_resolution aspect_ratio aspect dar sar pixel_count num_pixels "
    "n_pixels pixels megapixels avg_fps r_frame_rate avg_frame_rate num_frames nframes n_frames "
    "frames_total total_frames framenum frame_num duration_s duration_sec length length_sec len_s "
    "video_len seconds time bits_per_pixel bpp codec profile gop gop_size hrc hrc_id pvs src distortion "
    "distortion_id distortion_type distortion_level dist_type dist_level impairment condition "
    "condition_id test_condition year upload_year publish_date timestamp upload_time date view_count "
    "viewCount likes like_count dislikes num_comments comment_count category_id channel_id license age "
    "gender device_id device camera camera_id exp_id experiment batch batch_id session study rater_1 "
    "rater1 subject_01 obs_1 observer3 annotator_2 user12 vote_3 rating_5 score_user_1 opinion_7 subj_1 "
    "subj01 participant_9 worker_4 outlier_ratio num_outliers rejected sos_alpha elo elo_score rank "
    "ranking bt_score jod jnd_level win_rate mos_mu mos_sigma ACR acr_mean dcr dsis pc_score srocc "
).split()
#: Words of metadata in names of features, and letters that are both: a column of that name is a feature.
MUST_STAY = (
    "brisque.alpha score_map_mean std_contrast fold_energy label_entropy niqe_score brisque_score "
    "brisque blur_score vmaf_score vmaf_mean psnr_y ssim ms_ssim ssim_mean luma_mean luma_std std_luma "
    "std_mean mean_std contrast_std si ti ti_max si_std TI_std colourfulness saturation brightness "
    "exposure edge_length edge_density motion_length run_length mean_edge_length blockiness "
    "blocking_score ringing flicker jerkiness freeze_count freezes freeze_duration stall_count "
    "num_edges num_corners n_keypoints corner_count keypoint_count frame_diff frame_difference "
    "frame_diff_mean inter_frame_diff temporal_index spatial_index temporal_mean spatial_information "
    "temporal_information motion_mean motion_std flow_std flow_mean mean max min var kurtosis skewness "
    "skew kurt median q25 q75 iqr p95 energy feat_3 feature_17 feat17 x0 x1 dim_5 d7 v12 pc1 PC3 pca_0 "
    "emb_12 embedding_3 conv5_12 layer4_7 logit_3 fc_2047 resnet50_1 clip_3 clip_512 vgg_score_1 "
    "patch_score patch_score_mean patch_scores_std global_score local_score mean_patch_score paq2piq "
    "paq2piq_score aesthetic_score technical_score clip_score clipiqa musiq dover fastvqa "
    "fast_vqa_score alpha beta sigma_l sigma_r nu lambda shape scale shape_param variance_h std_h std_v "
    "std_d alpha_s1 sigma_s2 mscn_std mscn_var mscn_mean std_mscn grad_mean gradient_std laplacian_var "
    "var_laplacian sobel_std noise_std noise_level noise_sigma noise_variance blur_level blur_type_prob "
    "texture_level depth_mean depth_std mean_depth bit_plane_entropy rate_of_change hue_mean hue_std "
    "width_map edge_height max_run bandwidth band_3 rank_entropy target_contrast camera_motion "
    "camera_shake camera_jitter object_class_prob class_prob_3 class_12 scene_change_rate shot_count "
    "scene_cuts scene_complexity content_complexity compression_artifacts compressibility "
    "size_of_blocks block_size_effect index_of_blur colour_index quality_map_std category_prob_2 "
    "view_angle date_like device_noise user_motion face_count face_size text_area sky_fraction "
    "dark_pixels bright_pixels clipped_pixels saturated_pixels dead_pixels dark_frames black_frames "
    "duplicate_frames frame_energy frame_entropy frame_contrast motion_level level_mean zcr "
    "sample_entropy total_variation mean_absolute_difference split_energy partition_depth truth_table "
    "distortion_energy batch_norm_3 year_ring count_edges session_energy y unnamed w h W H time_s level "
    "lab S1 r1 Score1 percentile mu sigma plcc krcc rmse "
).split()


@pytest.mark.parametrize("name", GATHERED)
def test_a_gathered_name_of_metadata_is_told(name):
    assert names_metadata(name)


@pytest.mark.parametrize("name", MUST_STAY)
def test_a_name_with_words_of_metadata_stays_a_feature(name):
    assert not names_metadata(name)


@pytest.mark.parametrize("name", METADATA)
def test_names_of_metadata_are_features_only_when_asked_for(name):
    table = pd.DataFrame({name: [1.0, 2.0], "sharpness": [3.0, 4.0]})
    found = feature_columns(table)
    assert (found.names, found.metadata) == (["sharpness"], [name])
    assert feature_columns(table, trusted=[name]).names == ["sharpness", name]


@pytest.mark.parametrize("name", FEATURES)
def test_names_of_features_are_features(name):
    assert not names_metadata(name)
    assert feature_columns(pd.DataFrame({name: [1.0, 2.0]})).names == [name]


def test_columns_of_published_label_files_are_no_features(shared):
    files = sorted((shared / "tables").rglob("*.csv"))
    assert files
    for file in files:
        assert feature_columns(pd.read_csv(file)).names == []
