"""Text files as people save them: what is recognised, what is told, what is refused by its line."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from vqa_features.errors import TableError
from vqa_features.tables.columns import feature_columns
from vqa_features.tables.labels import read_labels
from vqa_features.tables.reading import has_ids, read_table
from vqa_features.tables.text import read_numeric_text, read_text

MOS = "name,mos\nclip é,3.5\n001,2.25\nNA,1\n"
ROWS = {"clip é": 3.5, "001": 2.25, "NA": 1.0}


def saved(folder, text, encoding="utf-8", name="m.csv"):
    file = folder / name
    file.write_bytes(text.encode(encoding))
    return file


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16-LE"),
        ("utf-16-be", "UTF-16-BE"),
        ("utf-32", "UTF-32"),
        ("cp1252", "Windows-1252"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_are_recognised_and_told(tmp_path, encoding, told, newline):
    file = saved(tmp_path, MOS.replace("\n", newline), encoding)
    labels = read_labels(file)
    assert labels.mos.to_dict() == ROWS
    assert labels.notes == (() if told is None else (f"read with the encoding {told}",))
    table = read_table(saved(tmp_path, MOS.replace("mos", "f0").replace("\n", newline), encoding, "f.csv"))
    assert table["f0"].to_dict() == ROWS


def test_utf_16_with_the_other_byte_order_mark_is_read(tmp_path):
    file = tmp_path / "m.csv"
    file.write_bytes(b"\xfe\xff" + MOS.encode("utf-16-be"))
    assert read_labels(file).mos.to_dict() == ROWS


@pytest.mark.parametrize(("mark", "told"), [(",", ()), (";", "semicolon"), ("\t", "tab"), ("|", "bar")])
@pytest.mark.parametrize("first", ["", "sep={}\n", "# saved by hand\n\n"])
def test_separators_and_first_lines_are_recognised_and_told(tmp_path, mark, told, first):
    text = first.format(mark) + MOS.replace(",", mark)
    labels = read_labels(saved(tmp_path, text))
    assert labels.mos.to_dict() == ROWS
    notes = " ".join(labels.notes)
    assert ("between cells" in notes) == bool(told)
    assert not told or f"a {told} between cells" in notes
    assert ("before the header skipped" in notes) == ("#" in first)
    table = read_table(saved(tmp_path, text.replace("mos", "f0"), name="f.csv"))
    assert table["f0"].to_dict() == ROWS


@pytest.mark.parametrize("suffix", [".tsv", ".txt"])
def test_tab_separated_files_need_no_other_suffix(tmp_path, suffix):
    labels = read_labels(saved(tmp_path, MOS.replace(",", "\t"), name="m" + suffix))
    assert labels.mos.to_dict() == ROWS
    table = read_table(saved(tmp_path, MOS.replace(",", "\t").replace("mos", "f0"), name="f" + suffix))
    assert table["f0"].to_dict() == ROWS


@pytest.mark.parametrize(
    "text",
    [
        "name,mos\nclip é,3.5\n001,2.25\nNA,1\n\n\n",
        "name,mos\nclip é,3.5\n,\n001,2.25\nNA,1\n,,\n , \n",
        "name,mos,,\nclip é,3.5,,\n001,2.25,,\nNA,1,,\n",
        "name,mos\nclip é,3.5,\n001,2.25,\nNA,1,\n",
        "name, mos\nclip é, 3.5\n001, 2.25\nNA, 1\n",
        ' name ,mos\n"clip é","3.5"\n"001", "2.25"\nNA, 1',
    ],
)
def test_blank_rows_empty_columns_and_blanks_do_not_matter(tmp_path, text):
    assert read_labels(saved(tmp_path, text)).mos.to_dict() == ROWS
    table = read_table(saved(tmp_path, text.replace("mos", "f0"), name="f.csv"))
    assert table["f0"].to_dict() == ROWS
    assert list(table.columns) == ["f0"]


def test_a_quoted_cell_keeps_its_line_ends_and_separators(tmp_path):
    text = 'id,note,f0\na,"two\nlines, one cell",1.5\nb,"say ""no""",2\n'
    table = read_table(saved(tmp_path, text))
    assert list(table["note"]) == ["two\nlines, one cell", 'say "no"']
    assert list(table["f0"]) == [1.5, 2.0]
    assert read_text(tmp_path / "m.csv", "a list").frame.index.tolist() == [2, 4]


@pytest.mark.parametrize("numeric", [False, True])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"id,f0\na,1\nb\nc,3\n", r"line 3 of .*m\.csv has 1 cell\(s\), the header has 2"),
        (b"id,f0\na,1\nb,3,5\n", r"line 3 of .* has 3 cell\(s\), .* 2: quote cells that hold a comma"),
        (b'id,f0\n"a\nb",1\nc\n', r"line 4 of .* has 1 cell"),
        (b'id,f0\na,"1\nb,2\nc,3\n', r"m\.csv cannot be read as a table: line 2"),
        (b"id,f0,f0\na,1,2\n", r"1 name\(s\) of columns occur more than once: f0"),
        (b"", "it is empty"),
        (b"\n\n", "it is empty"),
        (b"id,f0\n", "has a header but no rows"),
        (b"id,f0\n,\n\n", "has a header but no rows"),
        (b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00", "no text file"),
        (b"id,f0\n\x81\xe9,1\n", "cannot be read as a table: it is neither UTF-8 nor Windows-1252"),
        (b"\xff\xfei", "it is not UTF-16"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_line(tmp_path, text, message, numeric):
    file = tmp_path / "m.csv"
    file.write_bytes(text)
    with pytest.raises(TableError, match=message):
        read_numeric_text(file, "a table", lambda name: False) if numeric else read_text(file, "a table")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(TableError, match=r"none\.csv cannot be read as a list: No such file"):
        read_text(tmp_path / "none.csv", "a list")


IDS = ["001", "10e1", "NA", "null", "1_000", "0x10", "2020-01-01", "True", "1.50", "-"]


@pytest.mark.parametrize("column", ["id", "vid", "filename", "", "clip"])
def test_ids_are_never_changed(tmp_path, column):
    values = np.arange(len(IDS)) / 7
    rows = "".join(f"{name},{value!r}\n" for name, value in zip(IDS, values.tolist(), strict=True))
    table = read_table(saved(tmp_path, f"{column},f0\n{rows}"))
    assert list(table.index) == IDS
    np.testing.assert_array_equal(table["f0"], values)
    labels = read_labels(saved(tmp_path, f"{column},mos\n{rows}"))
    assert list(labels.mos.index) == IDS


@pytest.mark.parametrize("column", ["vid", "", "clip"])
def test_ids_of_digits_with_leading_zeros_are_ids(tmp_path, column):
    table = read_table(saved(tmp_path, f"{column},f0\n001,1.5\n002,2.5\n"))
    assert list(table.index) == ["001", "002"]
    assert list(table.columns) == ["f0"]


def test_numbers_of_a_large_table_are_read_back_exactly(tmp_path):
    random = np.random.default_rng(0)
    values = random.normal(size=(1500, 40)) * 10.0 ** random.integers(-300, 300, size=(1500, 40))
    table = pd.DataFrame(values, [f"v{row}" for row in range(1500)], [f"f{i}" for i in range(40)])
    table.to_csv(tmp_path / "t.csv", index_label="id")
    back = read_table(tmp_path / "t.csv")
    assert back.attrs["notes"] == []
    np.testing.assert_array_equal(back, values)
    broken = (tmp_path / "t.csv").read_text().replace("\n", ",\n")  # the slower parser reads the same
    np.testing.assert_array_equal(read_table(saved(tmp_path, broken)), values)


def test_both_parsers_give_the_same_table(tmp_path):
    text = "id,f0,whole,group,note,empty\na,1.5,3,1,x,\nb,-inf,4,2,,\nc,,5,2,y,\n"
    fast = read_table(saved(tmp_path, text))
    slow = read_table(saved(tmp_path, text.replace("\n", ",\n").replace("empty,", "empty"), name="s.csv"))
    pd.testing.assert_frame_equal(fast, slow)
    assert fast["whole"].dtype == np.int64
    assert list(fast["group"]) == ["1", "2", "2"]


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("header", ["", "Unnamed: 0"])
def test_saved_row_numbers_are_neither_ids_nor_features(tmp_path, header, first):
    rows = "".join(f"{row + first},clip{row},{row / 4}\n" for row in range(12))
    table = read_table(saved(tmp_path, f"{header},clip,f0\n{rows}"))
    assert list(table.index) == [f"clip{row}" for row in range(12)]
    assert feature_columns(table, use_metadata=True).names == ["f0"]
    told = "1 column(s) hold text and are no features: unnamed column 1"
    assert table.attrs["notes"] == ([] if header else [told])
    labels = read_labels(saved(tmp_path, f"{header},clip,mos\n{rows}"))
    assert list(labels.mos.index) == list(table.index)


def test_row_numbers_are_the_ids_of_a_mos_file_without_others(tmp_path):
    labels = read_labels(saved(tmp_path, ",mos\n0,3.5\n1,2\n"))
    assert labels.mos.to_dict() == {"0": 3.5, "1": 2.0}
    table = read_table(saved(tmp_path, ",f0\n0,3.5\n1,2\n"))
    assert not has_ids(table)
    assert table.attrs["notes"] == ["1 column(s) hold text and are no features: unnamed column 1"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_header_of_several_lines_after_other_lines_is_read(tmp_path, encoding):
    text = 'sep=;\r\n\r\n# by hand\r\nid;"f0\r\n(mean)";f1\r\na;1,5;2\r\nb;2,5;3\r\n'
    table = read_table(saved(tmp_path, text, encoding))
    assert list(table.columns) == ["f0\r\n(mean)", "f1"]
    np.testing.assert_array_equal(table, [[1.5, 2], [2.5, 3]])
