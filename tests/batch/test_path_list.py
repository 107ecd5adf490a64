"""Lists of videos: what a row says, what is told before the work, what is refused by its line."""

from __future__ import annotations

import math

import pytest

from vqa_features.batch.inputs import find_inputs
from vqa_features.batch.path_list import read_list
from vqa_features.errors import TableError


def listed(folder, text, encoding="utf-8", name="list.csv"):
    file = folder / name
    file.write_bytes(text.encode(encoding))
    return read_list(file)


def test_every_column_of_a_row_is_read(tmp_path):
    text = "path,id,mos,group,fps,every,frames,start_s\nv/a.mp4,001,3.5, street ,2.5,,8.0,0\n/b.mp4,,,,,,,\n"
    (a, b), notes = listed(tmp_path, text)
    assert a == (str(tmp_path / "v/a.mp4"), "001", {"fps": 2.5, "frames": 8, "start_s": 0.0}, a.extra)
    assert a.extra == {"group": "street", "mos": 3.5}
    assert b == ("/b.mp4", "", {}, {})
    assert notes == []
    assert isinstance(a.sampling["frames"], int)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("name", ["list.csv", "list.tsv", "list.txt"])
def test_lists_are_read_as_people_save_them(tmp_path, encoding, mark, name):
    text = f"sep={mark}\r\nPath{mark} MOS\r\nclip é.mp4{mark} 3.5\r\n\r\n{mark}\r\n"
    (row,), _ = listed(tmp_path, text, encoding, name)
    assert row.path == str(tmp_path / "clip é.mp4")
    assert row.extra == {"mos": 3.5}


@pytest.mark.parametrize("cell", ["n/a", "-", "error", "1.#QNAN", "#DIV/0!"])
def test_a_mos_that_is_no_number_is_missing_and_told_before_the_work(tmp_path, cell):
    rows, notes = listed(tmp_path, f"path,mos\na.mp4,3.5\nb.mp4,{cell}\nc.mp4,\n")
    assert [row.extra for row in rows] == [{"mos": 3.5}, {}, {}]
    told = f"1 cell(s) are no numbers and count as missing: 1 in 'mos' (first {cell!r} in line 3)"
    assert notes == [f"{tmp_path / 'list.csv'}: {told}"]


@pytest.mark.parametrize("mark", [",", ";"])
def test_decimal_commas_are_read_and_told(tmp_path, mark):
    rows, notes = listed(tmp_path, f'path{mark}mos{mark}fps\na.mp4{mark}"3,5"{mark}"2,5"\n')
    assert rows[0].extra == {"mos": 3.5}
    assert rows[0].sampling == {"fps": 2.5}
    assert any("the column 'mos' has decimal commas" in note for note in notes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file,mos\na.mp4,1\n", r"has no column 'path'; it has file, mos"),
        ("path\n", "has a header but no rows"),
        ("path,mos\na.mp4,1\n,2\n", r"line 3 of .* has no path"),
        ("path,mos\na.mp4,1\n\nb.mp4\n", r"line 4 of .* has 1 cell"),
        ("path,mos\na.mp4,good\n", r"the column 'mos' holds no numbers"),
        ('path,mos\na.mp4,"1,234"\n', r"'1,234' in row 2: digits in groups"),
        ("path,fps\na.mp4,\nb.mp4,fast\n", r"line 3 of .*: fps must be a number, got 'fast'"),
        ("path,fps\na.mp4,nan\n", r"line 2 of .*: fps must be a number, got 'nan'"),
        ("path,fps\na.mp4,inf\n", r"line 2 of .*: fps must be a number, got 'inf'"),
        ("path,every\na.mp4,2.5\n", r"line 2 of .*: every must be a whole number, got '2.5'"),
        ("path,frames\na.mp4,1_0\n", r"line 2 of .*: frames must be a whole number, got '1_0'"),
        ("path,Path\na.mp4,b.mp4\n", "differ in upper and lower case only: path, Path"),
    ],
)
def test_a_wrong_list_is_refused_by_its_line(tmp_path, text, message):
    with pytest.raises(TableError, match=message):
        listed(tmp_path, text)


def test_infinite_mos_and_unused_columns_are_told(tmp_path):
    rows, notes = listed(tmp_path, "path,mos,codec\na.mp4,Inf,h264\nb.mp4,1,vp9\n")
    assert [row.extra for row in rows] == [{}, {"mos": 1.0}]
    assert [note.removeprefix(f"{tmp_path / 'list.csv'}: ") for note in notes] == [
        "1 column(s) are not used: codec",
        "1 cell(s) are infinite and count as missing: 1 in 'mos' (first 'Inf' in line 2)",
    ]


def test_inputs_tell_what_lists_tell(tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("path,mos\na.mp4,3.5\nb.mp4,n/a\n")
    notes: list[str] = []
    inputs = find_inputs([file], notes.append)
    assert [one.extra for one in inputs] == [{"mos": 3.5}, {}]
    assert len(notes) == 1
    with pytest.warns(UserWarning, match="1 in 'mos'"):
        find_inputs([file])
    assert math.isfinite(inputs[0].extra["mos"])
