"""Tables and labels joined by id: what is kept, in which order, and every count that is told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from vqa_features.batch.inputs import find_inputs
from vqa_features.comparison import compare
from vqa_features.comparison.blocks import Prepared, Videos
from vqa_features.comparison.checks import ValidityWarnings
from vqa_features.comparison.options import InputOptions
from vqa_features.comparison.preparation import prepare
from vqa_features.errors import ParameterError, TableError
from vqa_features.tables.feature_table import feature_tables
from vqa_features.tables.labels import Labels

IDS = [f"clip{number:02}" for number in range(60)]
RANDOM = np.random.default_rng(0)
MOS = pd.Series(RANDOM.uniform(1, 5, 60), IDS)


def features(rows: int = 60, columns: int = 2, seed: int = 1) -> pd.DataFrame:
    values = np.random.default_rng(seed).normal(size=(rows, columns))
    return pd.DataFrame(values, IDS[:rows], [f"siti.x{number}.mean" for number in range(columns)])


def joined(tables, labels=None, **settings):
    """Return blocks, videos and notes."""
    warnings = ValidityWarnings()
    labels = Labels(MOS) if labels is None else labels
    blocks, videos = prepare(feature_tables(tables), labels, warnings, InputOptions(**settings))
    return blocks, videos, warnings.all()


def test_equal_ids_are_joined_in_the_order_of_the_labels_without_a_word():
    table = features()
    (block,), videos, notes = joined({"a": table.iloc[::-1]})
    assert notes == ()
    assert videos.ids == IDS
    np.testing.assert_array_equal(videos.mos, MOS)
    assert (videos.groups, videos.std, videos.counts) == (None, None, None)
    assert (block.name, block.family, block.columns) == ("a", "handcrafted", list(table.columns))
    np.testing.assert_array_equal(block.values, table)


def test_no_table_is_an_error():
    with pytest.raises(ParameterError, match="no feature table was given"):
        joined({})


def test_videos_without_mos_are_counted_and_left_out():
    mos = MOS.copy()
    mos.iloc[[3, 5]] = [np.nan, np.inf]
    (block,), videos, notes = joined({"a": features()}, Labels(mos))
    assert notes == ("2 video(s) have no MOS and are left out",)
    assert len(videos.ids) == len(block.values) == 58
    assert not {"clip03", "clip05"} & set(videos.ids)


def test_rows_on_one_side_only_are_counted_and_listed():
    _, videos, notes = joined({"a": features().iloc[1:]}, Labels(MOS.iloc[:-2]))
    assert notes == (
        "a: 2 video(s) have no row in the MOS: clip58, clip59",
        "a: 1 video(s) with MOS have no features: clip00",
    )
    assert videos.ids == IDS[1:-2]


def test_rows_on_one_side_only_are_listed_in_the_order_of_their_file():
    order = IDS[::-1]
    _, _, notes = joined({"a": features().loc[order[2:]]}, Labels(MOS.loc[order]))
    assert notes == ("a: 2 video(s) with MOS have no features: clip59, clip58",)
    _, _, notes = joined({"a": features().loc[order]}, Labels(MOS.loc[order[2:]]))
    assert notes == ("a: 2 video(s) have no row in the MOS: clip59, clip58",)


def test_only_videos_of_every_table_are_compared_and_counted():
    tables = {"a": features(), "b": features(seed=2).iloc[4:]}
    blocks, videos, notes = joined(tables)
    assert videos.ids == IDS[4:]
    assert [len(block.values) for block in blocks] == [56, 56]
    assert notes[-1] == "56 video(s) are in every table and in the MOS; only these are compared"


def test_tables_of_the_same_videos_need_no_count():
    _, _, notes = joined({"a": features(), "b": features(seed=2)})
    assert notes == ()
    _, _, notes = joined({"a": features().iloc[1:], "b": features(seed=2).iloc[1:]})
    assert not any("only these are compared" in note for note in notes)


def test_one_table_with_more_videos_than_the_mos_has_no_count_of_common_videos():
    _, _, notes = joined({"a": features()}, Labels(MOS.iloc[:55]))
    assert notes == ("a: 5 video(s) have no row in the MOS: clip55, clip56, clip57, clip58, clip59",)


def test_ids_that_never_match_show_three_of_each_side():
    other = features().rename(lambda name: name.replace("clip", "other"))
    message = r"the MOS has clip00, clip01, clip02, a has other00, other01, other02$"
    with pytest.raises(TableError, match=message):
        joined({"a": other})


def test_ten_videos_are_needed():
    with pytest.raises(TableError, match=r"9 video\(s\) have features and MOS; at least 10"):
        joined({"a": features(9)}, Labels(MOS.iloc[:9]))
    _, _, notes = joined({"a": features(10)}, Labels(MOS.iloc[:10]))
    assert notes == ("only 10 videos: intervals are wide and medians move by chance",)


def test_equal_mos_are_refused_and_mos_one_apart_are_not():
    with pytest.raises(TableError, match="all 60 MOS are 3: there is nothing to predict"):
        joined({"a": features()}, Labels(MOS * 0 + 3))
    two = pd.Series(np.tile([2.0, 3.0], 30), IDS)
    assert len(joined({"a": features()}, Labels(two))[1].ids) == 60


def test_infinite_cells_become_missing_ones():
    table = features()
    table.iloc[0, 0], table.iloc[1, 1] = np.inf, np.nan
    (block,), _, notes = joined({"a": table})
    assert notes == (
        "a: 1 cell(s) are infinite and count as missing: 1 in 'siti.x0.mean' (first 'inf' in row clip00)",
        "a: 2 non-finite cell(s) in 2 column(s) are replaced by the mean of the training part",
    )
    expected = table.replace(np.inf, np.nan).to_numpy()
    np.testing.assert_array_equal(block.values, expected)


def test_a_column_that_is_the_mos_is_refused_by_its_name():
    with pytest.raises(TableError, match=r"a: the column 'siti.y.mean' is the MOS"):
        joined({"a": features().assign(**{"siti.y.mean": MOS})})


def test_the_family_is_told_or_read_and_an_unknown_one_is_noted():
    plain = features().set_axis(["x", "y"], axis=1)
    (block,), _, notes = joined({"a": plain})
    assert block.family == "unknown"
    assert notes == ("a: the column names do not show the family; write a:handcrafted or a:deep",)
    (block,), _, notes = joined({"a": (plain, "deep")})
    assert (block.family, notes) == ("deep", ())
    (block,), _, _ = joined({"a": (features(), None)})
    assert block.family == "handcrafted"


def test_metadata_are_named_except_those_every_table_of_ours_has():
    own = {"frames_decoded": 5.0, "frames_expected": 5.0, "mos": 1.0}
    (block,), _, notes = joined({"a": features().assign(**own)})
    assert (len(block.columns), notes) == (2, ())
    (block,), _, notes = joined({"a": features().assign(bitrate=5.0, fps=25.0, **own)})
    assert len(block.columns) == 2
    assert notes == ("a: bitrate, fps describe the video and are not used as features",)
    (block,), _, _ = joined({"a": features().assign(bitrate=np.arange(60.0))}, use_metadata=True)
    assert block.columns[-1] == "bitrate"


def test_a_table_without_features_is_refused_with_its_columns():
    with pytest.raises(TableError, match="a holds no feature columns but path, error"):
        joined({"a": pd.DataFrame({"path": IDS, "error": ""}, IDS)})


def test_videos_that_failed_or_ended_early_are_left_out_and_suspects_kept():
    status = ["ok"] * 60
    status[0:4] = ["failed(decode)", "partial", "suspect", "failed(timeout)"]
    _, videos, notes = joined({"a": features().assign(status=status)})
    assert videos.ids == ["clip02", *IDS[4:]]
    assert notes[:2] == (
        "a: 3 video(s) were not extracted in full and are left out: "
        "clip00 (failed(decode)), clip01 (partial), clip03 (failed(timeout))",
        "a: 1 video(s) are suspect but used: clip02",
    )
    assert joined({"a": features().assign(status="ok")})[2] == ()


def test_groups_deviations_and_counts_follow_the_videos():
    groups = pd.Series(np.repeat(np.arange(12), 5), IDS)
    std, counts = pd.Series(np.arange(60.0), IDS), pd.Series(range(60), IDS)
    labels = Labels(MOS, groups, std, counts)
    _, videos, _ = joined({"a": features().iloc[10:]}, labels)
    assert list(videos.groups) == [str(group) for group in groups.iloc[10:]]
    assert videos.groups.dtype.kind == "U"
    np.testing.assert_array_equal(videos.std, np.arange(10.0, 60))
    np.testing.assert_array_equal(videos.counts, np.arange(10.0, 60))
    assert videos.std.dtype == videos.counts.dtype == np.float64


@pytest.mark.parametrize(("name", "told"), [("scene", "scene"), (None, "groups")])
def test_a_video_without_a_group_is_named(name, told):
    groups = pd.Series(["x"] * 58 + [None, None], IDS, name=name)
    with pytest.raises(TableError, match=rf"2 video\(s\) have no value in {told}: clip58, clip59"):
        joined({"a": features()}, Labels(MOS, groups))
    assert len(joined({"a": features(58)}, Labels(MOS, groups))[1].ids) == 58  # they are not compared


def without_ids(seed: int = 0) -> pd.DataFrame:
    noise = np.random.default_rng(seed).normal(0, 0.3, (60, 2))
    table = pd.DataFrame(MOS.to_numpy()[:, None] * [1, -1] + noise, columns=["siti.a.mean", "siti.b.mean"])
    table.attrs["without_ids"] = True
    return table


def test_a_table_without_ids_takes_those_of_the_labels_and_says_so():
    (block,), videos, notes = joined({"a": without_ids()}, Labels(MOS, source="mos.csv"))
    assert videos.ids == IDS
    np.testing.assert_array_equal(block.values, without_ids())
    assert any("a has no ids: its rows are taken to be in the order of mos.csv" in note for note in notes)
    _, _, notes = joined({"a": without_ids()})
    assert any("in the order of the MOS;" in note for note in notes)


def test_a_table_without_ids_of_another_length_names_both():
    for source, told in (("mos.csv", r"mos\.csv"), ("", "the MOS")):
        with pytest.raises(TableError, match=f"the table has 60 rows but {told} has 59"):
            joined({"a": without_ids()}, Labels(MOS.iloc[1:], source=source))


def test_a_table_without_ids_in_another_order_is_refused():
    shuffled = without_ids().sample(frac=1, random_state=0).reset_index(drop=True)
    shuffled.attrs["without_ids"] = True
    with pytest.raises(TableError, match=r"a has no ids, and in the row order of mos\.csv"):
        joined({"a": shuffled}, Labels(MOS, source="mos.csv"))


def test_a_list_beside_the_table_in_another_order_contradicts(tmp_path):
    pd.DataFrame({"file": IDS[::-1]}).to_csv(tmp_path / "list.csv", index=False)
    table = without_ids()
    table.attrs["source"] = str(tmp_path / "features.mat")
    for given in (table, (table, "deep")):
        with pytest.raises(TableError, match=r"beside it list\.csv lists the same videos in another order"):
            joined({"a": given})


def test_an_id_of_the_same_text_is_joined_before_one_that_needs_its_folder_dropped():
    twice = pd.concat([features(), features().iloc[:1].rename(lambda name: f"folder/{name}.mp4")])
    (block,), videos, notes = joined({"a": twice})
    assert videos.ids == IDS
    np.testing.assert_array_equal(block.values, features())
    assert notes == ("a: 1 video(s) have no row in the MOS: folder/clip00.mp4",)


def test_the_same_id_twice_is_refused():
    with pytest.raises(TableError, match=r"a: id\(s\) clip00 occur more than once"):
        joined({"a": pd.concat([features(), features().iloc[:1]])})


def lsvq(suffix: str = "") -> list[str]:
    """Return ids as LSVQ's published labels have them: names repeat in two folders, some have a suffix."""
    plain = [f"ia-batch{15 + 9 * (number % 2)}/clip{number // 2}{suffix}" for number in range(40)]
    return plain + [f"yfcc-batch1/film{number}.mov{suffix}" for number in range(20)]


def made_from(files: list[str]) -> list[str]:
    """Return the ids that extraction gives these files."""
    return [one.id for one in find_inputs([f"/data/lsvq/{name}" for name in files])]


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    "ids",
    [
        lsvq(),
        made_from(lsvq(".mp4")),
        [f"/data/lsvq/{name}" for name in lsvq(".mp4")],
        [name.replace("/", "__") for name in lsvq()],
        [name.replace("/", "_") for name in lsvq()],
        [name.replace("/", "\\") for name in lsvq(".MP4")],
    ],
    ids=["published", "extracted", "paths", "earlier clashes", "earlier dataset", "windows"],
)
def test_names_that_repeat_in_two_folders_join_however_they_are_written(ids, order):
    mos = pd.Series(MOS.to_numpy(), lsvq())
    table = features().set_axis(ids, axis=0).iloc[::order]
    (block,), videos, notes = joined({"a": table}, Labels(mos))
    assert videos.ids == lsvq()
    np.testing.assert_array_equal(block.values, features())
    assert notes == ()


def test_an_id_that_could_be_two_videos_is_left_out_by_name():
    mos = pd.Series(MOS.to_numpy(), lsvq())
    table = features().set_axis(["clip3", *lsvq()[:6], *lsvq()[8:], "x"], axis=0)
    _, videos, notes = joined({"a": table}, Labels(mos))
    assert not {"ia-batch15/clip3", "ia-batch24/clip3"} & set(videos.ids)
    assert len(videos.ids) == 58
    assert not any("upper and lower case" in note for note in notes)
    told = "clip3 (ia-batch15/clip3 or ia-batch24/clip3)"
    assert f"a: 1 id(s) could be several videos and are not joined: {told}" in notes


def test_an_ambiguous_id_is_told_apart_by_the_path_it_was_made_from():
    mos = pd.Series(MOS.to_numpy(), lsvq())
    ids = [name.rpartition("/")[2] for name in lsvq()[1::2]]  # names repeat in the MOS, not in the table
    table = features().iloc[1::2].set_axis(ids, axis=0)
    (block,), videos, _ = joined(
        {"a": table.assign(path=[f"/set/{name}.mp4" for name in lsvq()[1::2]])}, Labels(mos)
    )
    assert videos.ids == lsvq()[1::2]
    np.testing.assert_array_equal(block.values, features().iloc[1::2])
    own = table.assign(path=[f"/set/ia-batch15/{number}.mp4" for number in range(30)])  # ids of a list
    _, videos, notes = joined({"a": own}, Labels(mos))
    assert len(videos.ids) == 10
    assert any("20 id(s) could be several videos" in note for note in notes)


def test_a_video_of_another_folder_is_not_taken_for_it_where_folders_mean_something():
    mos = pd.Series(MOS.to_numpy(), lsvq())
    table = features().set_axis(["ia-batch99/clip0", *lsvq()[1:40], "Film/film0.mov", *lsvq()[41:]], axis=0)
    _, videos, notes = joined({"a": table}, Labels(mos))
    assert videos.ids == [*lsvq()[1:40], *lsvq()[41:]]
    told = (
        "a: 2 id(s) agree in name but not in folder and are not joined: ia-batch99/clip0 = ia-batch15/clip0, "
    )
    assert any(note.startswith(told) for note in notes)
    assert "a: 2 video(s) have no row in the MOS: ia-batch99/clip0, Film/film0.mov" in notes
    assert not any("upper and lower case" in note for note in notes)


def test_folders_of_another_machine_are_dropped_and_it_is_said():
    mos = pd.Series(MOS.to_numpy(), [f"videos/{name}.avi" for name in IDS])
    table = features().set_axis([f"/home/me/konvid/{name}" for name in IDS], axis=0)
    (block,), videos, notes = joined({"a": table}, Labels(mos))
    np.testing.assert_array_equal(block.values, features())
    assert videos.ids[0] == "videos/clip00.avi"
    assert len(notes) == 1
    assert (
        "a: 60 id(s) are joined by name alone, because no folder agrees: /home/me/konvid/clip00 = "
        in notes[0]
    )


def test_upper_case_joins_on_request_only():
    table = features().rename(str.title)
    with pytest.raises(TableError, match=r"60 id\(s\) differ in upper and lower case only .*--ignore-case"):
        joined({"a": table})
    (block,), videos, notes = joined({"a": table}, ignore_case=True)
    assert (videos.ids, notes) == (IDS, ())
    np.testing.assert_array_equal(block.values, features())
    some = features().rename({"clip07": "Clip07"})
    _, _, notes = joined({"a": some})
    assert any(
        "1 id(s) differ in upper and lower case only and are not joined: Clip07 = clip07" in n for n in notes
    )


def test_groups_and_deviations_may_write_ids_in_another_way():
    groups = pd.Series(np.repeat(np.arange(12), 5), [f"v/{name}.mp4" for name in IDS]).iloc[::-1]
    std = pd.Series(np.arange(60.0), [f"{name}.mkv" for name in IDS])
    _, videos, _ = joined({"a": features()}, Labels(MOS, groups, std))
    assert list(videos.groups) == [str(number) for number in np.repeat(np.arange(12), 5)]
    np.testing.assert_array_equal(videos.std, np.arange(60.0))


def test_rows_sorted_by_id_do_not_depend_on_how_ids_are_written():
    plain = ["b", "a-1", "a", "10", "9"]
    for written in (plain, [f"v/{name}.mp4" for name in plain], [f"{len(name)}/{name}" for name in plain]):
        prepared = Prepared([], Videos(written, np.arange(5.0)))
        assert prepared.in_id_order().videos.mos.tolist() == [3, 4, 2, 1, 0]


def test_given_splits_may_write_ids_in_another_way_and_unknown_ids_are_told():
    train, test = [f"v/{name}.mp4" for name in IDS[:40]], [f"v/{name}.mp4" for name in IDS[40:]]
    settings = {"regressors": ["ridge"], "bootstrap": 10}
    tables = {"a": features(58)}
    plain = compare(tables, MOS, splits=[(IDS[:40], IDS[40:])], **settings)
    other = compare(tables, MOS, splits=[(train, [*test, "v/none.mp4"])], **settings)
    pd.testing.assert_frame_equal(plain.predictions, other.predictions)
    assert "1 id(s) of the splits have no row in the MOS: v/none.mp4" in other.warnings
    assert not any("of the splits" in note for note in plain.warnings)


def test_a_split_id_is_not_taken_for_a_video_of_the_same_name_that_is_compared():
    ids = lsvq()
    table, mos = features().set_axis(ids, axis=0).drop("ia-batch24/clip0"), pd.Series(MOS.to_numpy(), ids)
    split = (["ia-batch24/clip0", *ids[2:40]], ids[40:])
    found = compare({"a": table}, mos, splits=[split], regressors=["ridge"], bootstrap=10)
    assert set(found.scores["n_train"]) == {38}
