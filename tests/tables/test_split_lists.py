"""Splits given by id: named test parts, the file that holds them, what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vqa_features.errors import ParameterError, TableError
from vqa_features.tables.split_lists import SplitList, read_split_file


def written(folder: Path, text: str) -> Path:
    """Return a split file with this text."""
    file = folder / "splits.csv"
    file.write_text(text)
    return file


def test_pairs_of_one_training_part_are_parts_of_one_model():
    train = np.array(["a", "b"])
    found = SplitList.of([(train, ["c"]), (["b", "a"], ["d", "e"]), (["a", "c"], ["b"])]).trainings()
    assert [one.tests for one in found] == [{"test": ("c",), "test2": ("d", "e")}, {"test": ("b",)}]


def test_parts_have_the_names_of_the_file(tmp_path):
    text = "id,s\na,train\nb,test\nc,test-1080p\nd,test2\ne,lsvq-test\nf,\n"
    (one,) = read_split_file(written(tmp_path, text)).trainings()
    assert one.tests == {"test": ("b",), "test-1080p": ("c",), "test2": ("d",), "lsvq-test": ("e",)}


@pytest.mark.parametrize("word", ["val", "Validation", " VALID "])
def test_validation_videos_are_in_the_training_part_and_known(tmp_path, word):
    found = read_split_file(written(tmp_path, f"id,s,t\na,train,test\nb,{word},train\nc,test,train\n"))
    assert [one.train for one in found.trainings()] == [("a", "b"), ("b", "c")]
    assert [one.validation for one in found.trainings()] == [("b",), ()]
    assert found.first(1, 2).trainings()[0].validation == ("b",)


@pytest.mark.parametrize("word", ["tset", "trian", "testt", "1", "lsvq", "testing"])
def test_a_slip_is_no_test_part(tmp_path, word):
    with pytest.raises(TableError, match=rf"line 3 of .*: column 's' must hold train, .* got '{word}'"):
        read_split_file(written(tmp_path, f"id,s\na,train\nb,{word}\nc,test\n"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("id,s\na,train\nb,test\na,test\n", r"lists the id 'a' in lines 2, 4"),
        ("id,s\na,train\nb,val\n", "column 's' of .* has no test videos"),
        ("id;\na;\n", "needs a column of ids and at least one column"),
    ],
)
def test_a_file_that_is_no_split_is_one_sentence(tmp_path, text, reason):
    with pytest.raises(TableError, match=reason):
        read_split_file(written(tmp_path, text))


def test_the_first_splits_are_taken_and_told():
    pairs = [([str(k)], ["x"]) for k in range(7)]
    found = SplitList.of(pairs).first(3, 5)
    assert len(found) == 3
    assert found.notes == ("the first 3 of 7 splits are used",)
    assert len(SplitList.of(pairs).first(None, 5)) == 5
    assert SplitList.of(pairs).first(7, 5).notes == ()
    with pytest.raises(ParameterError, match="9 splits were asked for, and there are 7"):
        SplitList.of(pairs).first(9, 5)


def test_a_split_of_several_parts_counts_once():
    found = SplitList((("ab", "c"), ("ab", "d"), ("cd", "a")), ("test", "big-test", "test"))
    assert len(found.first(1, 5)) == 2


@pytest.mark.parametrize(("parts", "reason"), [(("a",), "names of test parts"), (("a", "a"), "called 'a'")])
def test_names_fit_the_parts(parts, reason):
    with pytest.raises(ParameterError, match=reason):
        SplitList(((["x"], ["y"]), (["x"], ["z"])), parts).trainings()
