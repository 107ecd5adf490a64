"""Two lists of ids are matched: exactly first, then by as much of the path as both have, never wrongly."""

from __future__ import annotations

import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vqa_features.tables.ids import aligned, match

SUFFIXES = ("", ".mov", ".mp4")
#: Files of a made-up dataset: names repeat in folders, and some names hold a suffix of their own.
FILES = st.lists(
    st.tuples(st.sampled_from("ABC"), st.sampled_from(["a", "b", "c_d"]), st.sampled_from(SUFFIXES)),
    min_size=1,
    max_size=12,
    unique=True,
)
WAYS = {
    "published": lambda folder, name: f"{folder}/{name}",
    "file": lambda folder, name: f"{folder}/{name}.mp4",
    "path": lambda folder, name: f"/data/set/{folder}/{name}.mkv",
    "windows": lambda folder, name: f"D:\\set\\{folder}\\{name}.avi",
    "earlier": lambda folder, name: f"{folder}__{name}",
    "bare": lambda folder, name: name,
    "bare file": lambda folder, name: f"{name}.mp4",
}


@pytest.mark.parametrize("one", WAYS)
@pytest.mark.parametrize("other", WAYS)
@settings(max_examples=30, deadline=None)  # for each pair of ways
@given(files=FILES, seed=st.integers(0, 99))
def test_no_id_is_ever_matched_to_another_video(one, other, files, seed) -> None:
    """Both lists name the same files, each in one way; where a name occurs once both ways find it."""
    files = [(folder, name + suffix) for folder, name, suffix in files]
    if any("bare" in way for way in (one, other)):
        files = list({name: (folder, name) for folder, name in files}.values())
    shuffled = random.Random(seed).sample(files, len(files))
    rows = match([WAYS[one](*file) for file in files], [WAYS[other](*file) for file in shuffled]).rows
    assert all(row < 0 or shuffled[row] == file for file, row in zip(files, rows, strict=True))
    if "earlier" not in (one, other) or one == other:
        assert (rows >= 0).all()


@settings(deadline=None)
@given(files=FILES, kept=st.integers(0, 2**12))
def test_nor_where_one_list_lacks_some(files, kept) -> None:
    # with both x and x.mp4 nothing shows whether /set/x.mp4 is the one or the other
    files = [(folder, name + suffix) for folder, name, suffix in files if suffix != ".mp4"]
    here = [file for number, file in enumerate(files) if kept >> number & 1]
    rows = match([f"{a}/{b}" for a, b in files], [f"/set/{a}/{b}.mp4" for a, b in here]).rows
    assert all(row < 0 or here[row] == file for file, row in zip(files, rows, strict=True))
    assert set(rows) - {-1} == set(range(len(here)))


@pytest.mark.parametrize(
    ("wanted", "given", "rows"),
    [
        (["001", "1", "10e1", "1e5"], ["1e5", "1", "001"], [2, 1, -1, 0]),
        (["NaN", "None", "NA", "null", "nan"], ["null", "NA", "None", "NaN", "nan"], [3, 2, 1, 0, 4]),
        ([5115335471.0, "7.0"], ["7", "5115335471"], [1, 0]),
        (["b2/x.mov", "b2/x", "b5/x"], ["b2/x", "b5/x", "x.mov"], [2, 0, 1]),
        (["b2/x.mov", "b5/x"], ["x", "x.mov"], [1, 0]),
        (["x.mp4", "x.mp4.mp4", "y.mp4"], ["x", "x.mp4", "y"], [0, 1, 2]),
        (["x.mp4", "y.mp4", "z.mp4"], ["x", "x.mp4", "y", "z"], [1, 2, 3]),
        (["/d/x.mp4", "/d/x.m4v", "/d/y.mp4", "/d/z.mp4"], ["x.mp4", "x.m4v", "y", "z"], [0, 1, 2, 3]),
        (["x.mp4", "x.mov.mp4"], ["x.mov", "x"], [1, 0]),
        (["a.mp4", "a.m4v"], ["a.m4v", "a.mp4"], [1, 0]),
        (["e\u0301.mp4", "\u00e9"], ["\u00e9"], [-1, 0]),
        (["e\u0301.mp4"], ["v/\u00e9"], [0]),
        (["Clip", "other"], ["clip", "other"], [-1, 1]),
        (["take.1", "take"], ["take.1"], [0, -1]),
        (["take"], ["take.1"], [-1]),
        ([r"v/caf\xE9"], [r"caf\xE9.mp4"], [0]),
        (["s/f/a", "s/g/a"], ["f/a", "g/a"], [0, 1]),
    ],
)
def test_what_matches_what(wanted, given, rows) -> None:
    assert match(wanted, given).rows.tolist() == rows


@pytest.mark.parametrize(
    ("wanted", "given", "ambiguous"),
    [
        (["clip"], ["f/clip", "g/clip"], {"clip": ("f/clip", "g/clip")}),
        (["a"], ["a.mp4", "a.m4v"], {"a": ("a.mp4", "a.m4v")}),
        (["f/clip", "g/clip"], ["f/clip", "clip"], {"clip": ("f/clip", "g/clip")}),
        (["f/clip"], ["clip", "f/clip.mp4"], {"f/clip": ("clip", "f/clip.mp4")}),
    ],
)
def test_what_could_be_several_is_matched_to_none(wanted, given, ambiguous) -> None:
    found = match(wanted, given)
    assert found.ambiguous == ambiguous
    assert not any(one in ambiguous for one, row in zip(wanted, found.rows, strict=True) if row >= 0)
    assert not any(given[row] in ambiguous for row in found.rows if row >= 0)


def test_folders_count_where_any_of_them_agrees() -> None:
    assert match(["f/a", "f/b"], ["v/a", "v/b"]).moved == (("f/a", "v/a"), ("f/b", "v/b"))
    found = match(["f/a", "f/b"], ["f/a", "v/b"])
    assert (found.rows.tolist(), found.moved) == ([0, -1], ())


def test_case_is_ignored_on_request() -> None:
    found = match(["Clip.MP4", "B"], ["b", "clip", "B"], ignore_case=True)
    assert found.rows.tolist() == [1, 2]


def test_many_names_in_as_many_folders_take_little_time() -> None:
    number = range(3000)
    files = [f"s{i}/video/clip.mp4" for i in number]
    np.testing.assert_array_equal(match(files, [f"/set/{name}" for name in files]).rows, number)
    assert not match(files, [f"t{i}/film/clip" for i in number]).found.any()


def test_values_are_looked_up_under_the_ids_asked_for() -> None:
    values = pd.Series([1.0, 2.0], ["v/a.mp4", "b"])
    found = aligned(values, ["b", "a", "c"])
    assert list(found.index) == ["b", "a", "c"]
    np.testing.assert_array_equal(found, [2.0, 1.0, np.nan])
    assert aligned(values.to_frame("x"), ["a"])["x"].to_dict() == {"a": 1.0}
