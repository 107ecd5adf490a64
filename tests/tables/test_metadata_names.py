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
