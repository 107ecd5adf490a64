"""Every check, on input with the fault it looks for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made_up_videos import made_up

from vqa_features.comparison import compare
from vqa_features.errors import ParameterError, TableError
from vqa_features.tables.labels import Labels, give_ids, read_ids, read_labels
from vqa_features.tables.reading import read_table

QUICK = {"splits": 2, "regressors": ["ridge"], "bootstrap": 10}


def one_table():
    tables, mos = made_up()
    frame, family = tables["good"]
    return frame.copy(), family, mos


def test_a_column_made_from_the_mos_is_warned_of():
    frame, family, mos = one_table()
    frame["oracle"] = mos + np.random.default_rng(0).normal(0, 0.1, len(mos))
    found = compare({"t": (frame, family)}, mos, **QUICK)
    assert any("ranks videos like the MOS" in text for text in found.warnings)


def test_a_monotone_copy_of_the_mos_is_an_error():
    frame, family, mos = one_table()
    frame["oracle"] = np.exp(-mos)
    with pytest.raises(TableError, match="is the MOS"):
        compare({"t": (frame, family)}, mos, **QUICK)


def test_equal_videos_in_no_common_group_are_an_error():
    frame, family, mos = one_table()
    frame.iloc[7] = frame.iloc[3]
    with pytest.raises(TableError, match="clip003 = clip007"):
        compare({"t": (frame, family)}, mos, **QUICK)
    groups = pd.Series([f"g{i}" for i in range(len(mos))], index=mos.index)
    groups.iloc[7] = groups.iloc[3]
    assert compare({"t": (frame, family)}, mos, groups, **QUICK).settings["groups"] == len(mos) - 1


def test_equal_videos_can_be_grouped_or_warned_of():
    frame, family, mos = one_table()
    frame.iloc[7] = frame.iloc[3]
    grouped = compare({"t": (frame, family)}, mos, duplicates="group", **(QUICK | {"splits": 10}))
    for _, tested in grouped.predictions.groupby("split"):
        assert tested["id"].isin(["clip003", "clip007"]).sum() in (0, 2)
    warned = compare({"t": (frame, family)}, mos, duplicates="warn", **QUICK)
    assert any("both sides" in text for text in warned.warnings)


def test_nearly_equal_videos_are_warned_of():
    frame, family, mos = one_table()
    frame.iloc[7] = frame.iloc[3] + 1e-4
    found = compare({"t": (frame, family)}, mos, **QUICK)
    assert any("nearly equal" in text for text in found.warnings)


def test_nearly_equal_videos_are_found_among_many_columns():
    random = np.random.default_rng(0)
    mos = pd.Series(random.uniform(1, 5, 60), index=[f"clip{i:03d}" for i in range(60)])
    wide = pd.DataFrame(mos.to_numpy()[:, None] + random.normal(0, 1, (60, 300)), index=mos.index)
    wide.iloc[7] = wide.iloc[3] + 1e-4
    texts = compare({"t": (wide, "deep")}, mos, **QUICK).warnings
    assert any(
        "1 pair(s) of videos are nearly equal" in text and "clip003 ~ clip007" in text for text in texts
    )


def test_a_group_on_both_sides_of_a_given_split_is_an_error_in_strict_mode():
    frame, family, mos = one_table()
    groups = pd.Series([f"g{i // 2}" for i in range(len(mos))], index=mos.index)
    ids = list(mos.index)
    straddling = [(ids[:41], ids[41:])]
    with pytest.raises(ParameterError, match="group on both sides"):
        compare({"t": (frame, family)}, mos, groups, **(QUICK | {"splits": straddling}))


def test_literature_mode_says_that_it_ignores_groups():
    frame, family, mos = one_table()
    groups = pd.Series([f"g{i // 6}" for i in range(len(mos))], index=mos.index)
    found = compare({"t": (frame, family)}, mos, groups, protocol="literature", **QUICK)
    assert any("ignore groups" in text for text in found.warnings)


def test_a_row_on_both_sides_is_an_error():
    frame, family, mos = one_table()
    ids = list(mos.index)
    with pytest.raises(ParameterError, match="training and the test part"):
        compare({"t": (frame, family)}, mos, **(QUICK | {"splits": [(ids[:40], ids[39:])]}))


def test_metadata_are_features_only_on_request():
    frame, family, mos = one_table()
    frame["bitrate"], frame["seconds.x"] = np.arange(60.0), 1.5
    found = compare({"t": (frame, family)}, mos, **QUICK)
    assert found.settings["tables"]["t"]["columns"] == 6
    assert any("bitrate" in text for text in found.warnings)
    asked = compare({"t": (frame, family)}, mos, use_metadata=True, **QUICK)
    assert asked.settings["tables"]["t"]["columns"] == 7


def test_non_finite_and_constant_columns_are_counted():
    frame, family, mos = one_table()
    frame.iloc[2, 0], frame.iloc[3, 1], frame["flat"] = np.inf, np.nan, 3.0
    texts = compare({"t": (frame, family)}, mos, **QUICK).warnings
    assert any("2 non-finite cell(s) in 2 column(s)" in text for text in texts)
    assert any("1 constant or empty column(s)" in text for text in texts)


def test_a_table_of_constants_is_an_error():
    frame, family, mos = one_table()
    with pytest.raises(TableError, match="nothing to learn from"):
        compare({"t": (frame * 0, family)}, mos, **QUICK)


def test_too_few_videos_are_an_error_and_few_a_warning():
    frame, family, mos = one_table()
    with pytest.raises(TableError, match="at least 10"):
        compare({"t": (frame.iloc[:8], family)}, mos, **QUICK)
    found = compare({"t": (frame.iloc[:30], family)}, mos, **QUICK)
    assert any("only 30 videos" in text for text in found.warnings)


def test_unmatched_rows_are_counted_and_listed():
    frame, family, mos = one_table()
    found = compare({"t": (frame.iloc[2:], family)}, mos.iloc[:-1], **QUICK)
    assert any("2 video(s) with MOS have no features: clip000, clip001" in text for text in found.warnings)
    assert any("1 video(s) have no row in the MOS: clip059" in text for text in found.warnings)
    assert found.settings["videos"] == 57


def test_ids_that_do_not_match_at_all_are_an_error_showing_both():
    frame, family, mos = one_table()
    with pytest.raises(TableError, match=r"clip000.*other000"):
        compare({"t": (frame.rename(lambda name: name.replace("clip", "other")), family)}, mos, **QUICK)


def test_ids_match_without_folder_and_extension():
    frame, family, mos = one_table()
    renamed = frame.rename(lambda name: f"videos/{name}.mp4")
    assert compare({"t": (renamed, family)}, mos, **QUICK).settings["videos"] == 60


def test_the_same_id_twice_is_an_error():
    frame, family, mos = one_table()
    with pytest.raises(TableError, match="clip000 occur more than once"):
        compare({"t": (pd.concat([frame, frame.iloc[:1]]), family)}, mos, **QUICK)


def test_videos_not_extracted_in_full_are_left_out_with_a_count():
    frame, family, mos = one_table()
    frame["status"] = "ok"
    frame.iloc[0, -1], frame.iloc[1, -1], frame.iloc[2, -1] = "failed(timeout)", "partial", "suspect"
    found = compare({"t": (frame, family)}, mos, **QUICK)
    assert found.settings["videos"] == 58
    assert any("2 video(s) were not extracted in full" in text for text in found.warnings)
    assert any("1 video(s) are suspect" in text for text in found.warnings)


def test_one_mos_for_all_is_an_error():
    frame, family, mos = one_table()
    with pytest.raises(TableError, match="nothing to predict"):
        compare({"t": (frame, family)}, mos * 0 + 3, **QUICK)


def test_a_table_at_chance_level_is_warned_of():
    frame, family, mos = one_table()
    frame[:] = np.random.default_rng(1).normal(size=frame.shape)
    found = compare({"t": (frame, family)}, mos, **(QUICK | {"splits": 10}))
    assert any("ranks at chance" in text for text in found.warnings)


def test_a_published_table_in_another_row_order_is_refused(shared):
    tables = shared / "tables"
    paq = read_table(tables / "sts_bvqa" / "KoNVid_PAQ2PIQ_STS_resize_feats.mat")
    labels = read_labels(tables / "videval" / "KONVID_1K_metadata.csv", mos_column="mos")
    with pytest.raises(
        TableError, match=r"beside it KoNVid_metadata\.csv lists the same videos in another order"
    ):
        compare({"paq2piq": (paq, "deep")}, labels, **QUICK)
    del paq.attrs["source"]
    with pytest.raises(TableError, match="do not predict the MOS"):
        compare({"paq2piq": (paq, "deep")}, labels, **QUICK)
    order = read_ids(tables / "sts_bvqa" / "KoNVid_metadata.csv", "Filename")
    joined = give_ids(paq, order, "KoNVid_metadata.csv")
    assert compare({"paq2piq": (joined, "deep")}, labels, **QUICK).summary["srcc"].iloc[0] > 0.5


def test_a_table_in_the_mos_files_order_says_what_was_assumed():
    frame, family, mos = one_table()
    frame = frame.reset_index(drop=True)
    frame.attrs["without_ids"] = True
    found = compare({"t": (frame, family)}, Labels(mos, source="mos.csv"), **QUICK)
    assert any("has no ids" in text and "mos.csv" in text for text in found.warnings)


def test_a_table_of_unknown_family_is_named():
    frame, _, mos = one_table()
    assert any("do not show the family" in text for text in compare({"t": frame}, mos, **QUICK).warnings)
