"""Splits at the edges: smallest input, defaults, range checks of given splits and of permutation files."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vqa_features.errors import ParameterError
from vqa_features.evaluation.splits import (
    Split,
    fold_tests,
    given_splits,
    literature_splits,
    shared_groups,
    splits_from_index,
    strict_splits,
)

GROUPS = np.repeat(["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"], 5)


def listed(splits: list[Split]) -> list[tuple[list[int], list[int]]]:
    return [(split.train.tolist(), split.test.tolist()) for split in splits]


def test_literature_splits_are_100_hold_outs_of_a_fifth_by_default() -> None:
    assert listed(literature_splits(20)) == listed(literature_splits(20, 100, 0.2))
    assert len(literature_splits(20)) == 100
    assert len(literature_splits(20, 1)) == 1


@pytest.mark.parametrize("groups", [None, GROUPS], ids=["no groups", "groups"])
@pytest.mark.parametrize("scheme", ["holdout", "kfold"])
def test_strict_splits_are_100_of_a_fifth_in_five_folds_of_seed_0_by_default(groups, scheme) -> None:
    found = strict_splits(50, groups, scheme=scheme)
    assert len(found) == 100
    assert {len(split.test) for split in found} == {10}
    same = strict_splits(50, groups, 100, 0.2, 0, scheme, 5)
    assert listed(found) == listed(same)
    assert listed(found) != listed(strict_splits(50, groups, 100, 0.2, 1, scheme, 5))


def test_holdout_is_the_default_scheme() -> None:
    assert listed(strict_splits(50, None, 3)) == listed(strict_splits(50, None, 3, scheme="holdout"))


def test_the_share_of_tested_rows_or_groups_is_kept() -> None:
    assert {len(split.test) for split in strict_splits(50, None, 4, test_size=0.1)} == {5}
    assert {len(set(GROUPS[split.test])) for split in strict_splits(50, GROUPS, 4, test_size=0.3)} == {3}


@pytest.mark.parametrize("test_size", [0, 1, -0.1, 1.1])
def test_a_share_outside_0_to_1_is_refused(test_size) -> None:
    with pytest.raises(ParameterError, match="0 < test_size < 1"):
        strict_splits(50, test_size=test_size)


def test_no_splits_are_refused_and_one_is_allowed() -> None:
    with pytest.raises(ParameterError, match="splits <= 100000"):
        strict_splits(50, splits=0)
    assert len(strict_splits(50, splits=1)) == 1


@pytest.mark.parametrize("scheme", ["holdout", "kfold", "leave-one-group-out"])
def test_two_groups_are_enough_to_keep_apart(scheme) -> None:
    groups = np.array(["a", "a", "b", "b", "b"])
    for train, test in strict_splits(5, groups, 2, scheme=scheme, test_size=0.5):
        assert {len(set(groups[train])), len(set(groups[test]))} == {1}


def test_one_group_and_leaving_out_no_groups_are_named() -> None:
    with pytest.raises(ParameterError, match="all videos are in one group"):
        strict_splits(3, ["a", "a", "a"])
    with pytest.raises(ParameterError, match="leave-one-group-out needs groups"):
        strict_splits(3, scheme="leave-one-group-out")
    with pytest.raises(ParameterError, match=r"scheme must be one of .*, got 'loo'"):
        strict_splits(3, scheme="loo")  # type: ignore[arg-type]


@pytest.mark.parametrize("splits", [1, 5, 6, 12])
def test_kfold_gives_as_many_test_parts_as_asked_for(splits) -> None:
    assert len(strict_splits(20, None, splits, scheme="kfold")) == splits


def test_kfold_repetitions_take_the_following_seeds() -> None:
    found = strict_splits(20, None, 10, seed=3, scheme="kfold")
    expected = [*fold_tests(20, None, 5, 3), *fold_tests(20, None, 5, 4)]
    assert [split.test.tolist() for split in found] == [test.tolist() for test in expected]
    for split in found:
        assert sorted([*split.train, *split.test]) == list(range(20))


def test_folds_are_shuffled() -> None:
    assert [test.tolist() for test in fold_tests(6, None, 3, 0)] != [[0, 1], [2, 3], [4, 5]]
    first, second = (fold_tests(50, GROUPS, 5, seed) for seed in (0, 1))
    assert [test.tolist() for test in first] != [test.tolist() for test in second]


def test_there_are_never_more_folds_than_rows_or_groups() -> None:
    assert sorted(test.tolist() for test in fold_tests(3, None, 5, 0)) == [[0], [1], [2]]
    assert sorted(test.tolist() for test in fold_tests(2, None, 5, 0)) == [[0], [1]]
    two = fold_tests(4, ["a", "b", "a", "b"], 5, 0)
    assert sorted(test.tolist() for test in two) == [[0, 2], [1, 3]]


def test_one_row_makes_no_folds_and_one_group_is_split_by_rows() -> None:
    with pytest.raises(ParameterError, match=r"cannot make folds of 1 row"):
        fold_tests(1, None, 5, 0)
    single, rows = fold_tests(6, ["a"] * 6, 3, 0), fold_tests(6, None, 3, 0)
    assert [test.tolist() for test in single] == [test.tolist() for test in rows]


def test_given_splits_may_name_the_first_and_the_last_row() -> None:
    assert listed(given_splits([([0, 1], [2]), ([2], [0])], 3)) == [([0, 1], [2]), ([2], [0])]


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        (([-1], [1]), "split 1: the training part must name each row at most once, from 0 to 2"),
        (([0], [3]), "split 1: the test part must name each row at most once, from 0 to 2"),
        (([0], [1, 1]), "split 1: the test part must name"),
        (([0, 0], [1]), "split 1: the training part must name"),
        (([], [1]), "split 1: the training part is empty"),
        (([0], []), "split 1: the test part is empty"),
        (([0, 1], [1, 2]), r"split 1: row\(s\) 1 are in the training and the test part"),
    ],
    ids=repr,
)
def test_a_given_split_out_of_range_is_named_by_its_number_and_part(pair, message) -> None:
    with pytest.raises(ParameterError, match=message):
        given_splits([([0], [1]), pair], 3)


def test_no_given_split_is_an_error() -> None:
    with pytest.raises(ParameterError, match="no split was given"):
        given_splits([], 3)


@pytest.mark.parametrize(("rows", "text"), [(5, r"0, 1, 2, 3, 4 are"), (7, r"0, 1, 2, 3, 4 and 2 more are")])
def test_five_rows_on_both_sides_are_listed_and_the_others_counted(rows, text) -> None:
    with pytest.raises(ParameterError, match=text):
        given_splits([(np.arange(rows), np.arange(rows))], rows)


def test_groups_on_both_sides_are_listed_by_split() -> None:
    splits = given_splits([([0, 1], [2, 3]), ([0, 2], [1, 3])], 4)
    assert shared_groups(splits, ["x", "x", "y", "y"]) == {1: ["x", "y"]}
    assert shared_groups(splits, [1, 2, 3, 2]) == {0: ["2"]}


@pytest.mark.parametrize("references", [4, 5, 7, 10, 15, 49])
def test_the_last_fifth_of_a_permutation_is_tested(references) -> None:
    order = np.random.default_rng(0).permutation(references) + 1
    (found,) = splits_from_index(order[:, None], np.arange(references) + 1)
    tested = order[math.ceil(references * 4 / 5) :]
    assert sorted(found.test + 1) == sorted(tested)
    assert sorted([*found.train, *found.test]) == list(range(references))


def test_the_tested_share_of_a_permutation_can_be_chosen() -> None:
    (found,) = splits_from_index([[1], [2], [3], [4]], [1, 2, 3, 4], test_size=0.5)
    assert (found.train.tolist(), found.test.tolist()) == ([0, 1], [2, 3])


def test_a_permutation_may_lie_in_a_row_and_hold_references_without_videos() -> None:
    (found,) = splits_from_index([[5, 1, 2, 3, 4]], [1, 1, 3, 4, 2])
    assert (found.train.tolist(), found.test.tolist()) == ([0, 1, 2, 4], [3])
    (found,) = splits_from_index([[5], [1], [2], [3], [4]], [1, 4])
    assert (found.train.tolist(), found.test.tolist()) == ([0], [1])


@pytest.mark.parametrize(
    ("index", "references", "message"),
    [
        ([1, 2, 3], [1, 2, 3], r"index of shape \(3,\) does not permute 3 references"),
        ([[[1]], [[2]]], [1, 2], r"index of shape \(2, 1, 1\) does not permute"),
        ([[1], [2]], [1, 2, 3], r"index of shape \(2, 1\) does not permute 3 references"),
        ([[1], [2], [2]], [1, 2], "no permutations"),
        ([[1], [2], [3]], [1, 2, 4], "no permutations"),
    ],
)
def test_an_index_that_permutes_no_references_is_refused(index, references, message) -> None:
    with pytest.raises(ParameterError, match=message):
        splits_from_index(index, references)
