"""Feature tables and MOS files: written tables are read back, faults are named."""

from __future__ import annotations

import json

import h5py
import numpy as np
import pandas as pd
import pytest
import scipy.io

from vqa_features.errors import TableError
from vqa_features.files.names import video_id
from vqa_features.tables.columns import family_of, feature_columns, split_families
from vqa_features.tables.labels import Labels, give_ids, read_labels
from vqa_features.tables.reading import has_ids, parse_spec, read_table
from vqa_features.tables.writing import write_table

SETTINGS = {"extractors": ["brisque"], "versions": {"vqa_features": "0"}}


def extracted() -> pd.DataFrame:
    """Return a table as `extract` makes it."""
    table = pd.DataFrame(
        {
            "path": ["v/a.mp4", "v/b.mp4"],
            "status": ["ok", "failed(decode)"],
            "error": ["", "no video stream"],
            "frames_decoded": [10, 0],
            "seconds.brisque": [0.5, 0.1],
            "brisque.mscn_alpha_s1.mean": [2.25, np.nan],
            "brisque[scales=3].mscn_alpha_s1.std": [0.5, np.nan],
        },
        index=pd.Index(["a", "b"], name="id"),
    )
    table.attrs["settings"] = SETTINGS
    return table


@pytest.mark.parametrize("ending", ["parquet", "csv", "npz", "mat"])
def test_a_table_is_read_back_with_its_settings(tmp_path, ending):
    table = extracted()
    back = read_table(write_table(table, tmp_path / f"t.{ending}"))
    assert has_ids(back)
    assert back.attrs["settings"] == SETTINGS
    features = feature_columns(table).names
    assert feature_columns(back).names == features
    pd.testing.assert_frame_equal(back[features], table[features])
    assert list(back["status"]) == list(table["status"])
    np.testing.assert_array_equal(back["seconds.brisque"], table["seconds.brisque"])
    assert {path.name for path in tmp_path.iterdir()} <= {f"t.{ending}", "t.csv.settings.json"}


def test_settings_lie_where_other_tools_look_for_them(tmp_path):
    import pyarrow.parquet as pq

    table = extracted()
    stored = pq.read_schema(write_table(table, tmp_path / "t.parquet")).metadata[b"vqa_features"]
    assert json.loads(stored) == SETTINGS
    mat = scipy.io.loadmat(write_table(table, tmp_path / "t.mat"))
    assert json.loads(str(mat["settings"][0])) == SETTINGS
    assert mat["feats_mat"].shape == (2, 2)
    assert [str(cell[0]) for cell in mat["id"].ravel()] == ["a", "b"]


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path):
    target = write_table(extracted(), tmp_path / "t.npz")
    before = target.read_bytes()
    with pytest.raises(TypeError):
        write_table(
            extracted().assign(odd=[{"a"}, object()]).rename(index={"a": object()}), target, {1: {(2,): 3}}
        )
    assert target.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["t.npz"]


def test_an_index_that_is_set_gives_ids_to_a_table_without_them(tmp_path):
    np.savez(tmp_path / "net.npz", feats_mat=np.arange(12.0).reshape(4, 3))
    table = read_table(tmp_path / "net.npz")
    assert not has_ids(table)
    assert not has_ids(table.iloc[[2, 0, 1]])
    assert has_ids(table.set_index(pd.Index(["d", "b", "a", "c"])))


def test_matlab_tables_without_ids_are_numbered(tmp_path):
    scipy.io.savemat(tmp_path / "f.mat", {"feats_mat": np.arange(12.0).reshape(4, 3)})
    table = read_table(tmp_path / "f.mat")
    assert not has_ids(table)
    named = give_ids(table, ["v/1.mp4", "2", "3", "4"], "x.csv")
    assert list(named.index) == ["v/1.mp4", "2", "3", "4"]
    with pytest.raises(TableError, match=r"4 rows but x\.csv has 3"):
        give_ids(table, ["1", "2", "3"], "x.csv")


def test_matlab_v73_is_read_in_matlabs_orientation(tmp_path):
    values = np.arange(12.0).reshape(4, 3)
    with h5py.File(tmp_path / "f.mat", "w") as file:
        file["feats_mat"] = values.T  # MATLAB stores columns first
    np.testing.assert_array_equal(read_table(tmp_path / "f.mat").to_numpy(), values)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a/b/c.mp4", "c"),
        ("c.MKV", "c"),
        ("v1.2", "v1.2"),
        (r"d\e.avi", "e"),
        (3339962845, "3339962845"),
        (3.0, "3"),
    ],
)
def test_an_id_is_the_name_without_folder_and_video_extension(name, expected):
    assert video_id(name) == expected


def test_specs_are_taken_apart(tmp_path):
    assert parse_spec("a/f.mat:videval:handcrafted")[1:] == ("videval", "handcrafted")
    assert parse_spec("a/f.parquet")[1:] == ("f", None)
    assert parse_spec("f.csv:net:deep").family == "deep"
    odd = tmp_path / "a:b.csv"
    odd.write_text("id,x\na,1\n")
    assert parse_spec(str(odd)).path == odd
    with pytest.raises(TableError, match="must end in"):
        parse_spec("features.xlsx")


def test_the_family_is_read_from_the_columns():
    table = extracted()
    assert family_of(table) == "handcrafted"
    both = table.assign(**{"r3d-18.e000.mean": 0.0})
    assert family_of(both) == "fusion"
    parts = split_families(both)
    assert set(parts) == {"handcrafted", "deep"}
    assert "status" in parts["deep"].columns
    assert family_of(pd.DataFrame({"x": [1.0]})) == "unknown"


def test_a_mos_file_needs_no_options_when_it_is_plain(tmp_path):
    file = tmp_path / "m.csv"
    file.write_text("scene,name,MOS,std\ns1,v/a.mp4,3.5,1\ns1,v/b.mp4,2,1\n")
    labels = read_labels(file, group_column="scene", std_column="std")
    assert labels.mos.to_dict() == {"v/a.mp4": 3.5, "v/b.mp4": 2.0}
    assert labels.groups is not None
    assert list(labels.groups) == ["s1", "s1"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,score\na,1\n", "no column called MOS: .* --mos-column; the columns are name, score"),
        ("name,DMOS\na,1\n", "no column called MOS: .* the columns are name, DMOS"),
        ("name,MOS,MOSFull\na,1,2\n", "has MOS and MOSFull: name the MOS column with --mos-column"),
        ("name,mos,MOS\na,1,2\n", "mos and MOS"),
        ("name,mos\na,x\n", "holds no numbers"),
        ("mos\n1\n1\n", "--id"),
        ("name,mos,x\nv/a.mp4,1,1\nv/a.mp4,2,1\n", "--id"),
        ("", "cannot be read"),
    ],
)
def test_a_wrong_mos_file_says_what_to_do(tmp_path, text, message):
    file = tmp_path / "m.csv"
    file.write_text(text)
    with pytest.raises(TableError, match=message):
        read_labels(file)


@pytest.mark.parametrize(
    "name", ["mos", "MOS", "Mos", "MOSFull", "MOS full", "mean_opinion_score", "video_score", "score_mean"]
)
def test_published_spellings_of_the_mos_are_found(tmp_path, name):
    file = tmp_path / "m.csv"
    file.write_text(f"{name},video,MOSChunk00,DMOS\n3.5,a,1,9\n2,b,1,9\n")
    assert read_labels(file).mos.to_dict() == {"a": 3.5, "b": 2.0}


def test_ids_are_looked_for_in_columns_of_usual_names_first(tmp_path):
    file = tmp_path / "m.csv"
    file.write_text("std,mos,clip,Filename\n0.5,3.5,x,a.mp4\n0.7,2,y,b.mp4\n")
    assert [video_id(name) for name in read_labels(file).mos.index] == ["a", "b"]


@pytest.mark.parametrize("name", ["group", "Content", "scene", "reference"])
def test_an_unused_column_of_contents_is_told(tmp_path, name):
    file = tmp_path / "m.csv"
    file.write_text(f"video,{name},mos\na, s1,3\nb,s1 ,2\nc,,1\nd,2,1\n")
    (note,) = read_labels(file).notes
    assert note.startswith(f"the column '{name}' may hold the source content, and is not used")
    assert f"--group {name}" in note
    labels = read_labels(file, group_column=name)
    assert labels.notes == ()
    assert labels.groups.fillna("").tolist() == ["s1", "s1", "", "2"]
    for useless in ("video,scene,mos\na,x,3\nb,y,2\n", "video,scene,mos\na,x,3\nb,x,2\n"):
        file.write_text(useless)
        assert read_labels(file).notes == ()


@pytest.mark.parametrize("column", ["mos", "std", "votes"])
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_label_that_is_no_number_is_missing_and_told(tmp_path, column, ending):
    table = pd.DataFrame({"id": ["a", "b", "c"], "mos": "1.5", "std": "0.5", "votes": "20"})
    table.loc[1, column] = "n/a"
    file = tmp_path / f"m.{ending}"
    table.to_csv(file, index=False) if ending == "csv" else table.to_parquet(file)
    labels = read_labels(file, std_column="std", count_column="votes")
    told = f"1 cell(s) are no numbers and count as missing: 1 in {column!r} (first 'n/a' in row b)"
    assert labels.notes == (told,)
    found = {"mos": labels.mos, "std": labels.std, "votes": labels.counts}
    assert found[column].isna().tolist() == [False, True, False]
    assert sum(series.notna().sum() for series in found.values()) == 8


def test_complex_and_infinite_mos_are_named(tmp_path):
    with pytest.raises(TableError, match="the MOS: the column 'mos' holds complex numbers"):
        Labels.of(pd.Series([1 + 2j, 2], index=["a", "b"]))
    with pytest.raises(TableError, match="the MOS: the column 'mos' holds no numbers"):
        Labels.of({"a": "x", "b": "y"})
    labels = Labels.of({"a": 1.0, "b": np.inf})
    assert labels.notes == ("1 cell(s) are infinite and count as missing: 1 in 'mos' (first 'inf' in row b)",)


def test_missing_and_unreadable_files_are_named(tmp_path):
    with pytest.raises(TableError, match="there is no feature table"):
        read_table(tmp_path / "none.mat")
    bad = tmp_path / "bad.parquet"
    bad.write_text("not parquet")
    with pytest.raises(TableError, match=r"bad\.parquet cannot be read"):
        read_table(bad)
    scipy.io.savemat(tmp_path / "odd.mat", {"a": np.eye(3), "b": np.eye(4)})
    with pytest.raises(TableError, match="no matrix feats_mat but a, b"):
        read_table(tmp_path / "odd.mat")
