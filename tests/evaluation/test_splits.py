"""Seeded, group-aware train/test splits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from vqa_features.errors import ParameterError
from vqa_features.evaluation.splits import (
    fold_tests,
    given_splits,
    literature_splits,
    shared_groups,
    splits_from_index,
    strict_splits,
)

GROUPS = np.repeat([f"scene{i}" for i in range(10)], 5)


def test_literature_splits_are_the_published_ones():
    for i, split in enumerate(literature_splits(50, 3), start=1):
        train, test = train_test_split(np.arange(50), test_size=0.2, random_state=math.ceil(8.8 * i))
        np.testing.assert_array_equal(split.train, train)
        np.testing.assert_array_equal(split.test, test)


def test_there_are_as_many_literature_splits_as_asked_for():
    assert len(literature_splits(50, 100)) == 100


@pytest.mark.parametrize("scheme", ["holdout", "kfold", "leave-one-group-out"])
def test_no_strict_split_has_a_group_on_both_sides(scheme):
    found = strict_splits(50, GROUPS, 12, scheme=scheme)
    assert shared_groups(found, GROUPS) == {}
    for split in found:
        assert len(np.intersect1d(split.train, split.test)) == 0
        assert len(split.train) + len(split.test) == 50


def test_every_row_is_tested_once_in_each_repetition_of_kfold():
    found = strict_splits(50, None, 10, scheme="kfold")
    for repetition in (found[:5], found[5:]):
        np.testing.assert_array_equal(np.sort(np.concatenate([s.test for s in repetition])), np.arange(50))
    assert not np.array_equal(found[0].test, found[5].test)


def test_leave_one_group_out_tests_each_group_once():
    assert [set(GROUPS[split.test]) for split in strict_splits(50, GROUPS, scheme="leave-one-group-out")] == [
        {name} for name in np.unique(GROUPS)
    ]


def test_a_seed_decides_splits():
    same = [strict_splits(50, GROUPS, 3, seed=4)[2].test for _ in range(2)]
    np.testing.assert_array_equal(*same)
    assert not np.array_equal(same[0], strict_splits(50, GROUPS, 3, seed=5)[2].test)


def test_inner_folds_keep_groups_together():
    for test in fold_tests(50, GROUPS, 3, 0):
        assert not set(GROUPS[test]) & set(np.delete(GROUPS, test))


@pytest.mark.parametrize("turn", [False, True])
def test_permutation_files_test_the_last_fifth_of_the_references(turn):
    index = np.array([[3, 1, 2, 5, 4], [5, 4, 3, 2, 1]]).T
    references = np.array([1, 1, 2, 3, 4, 5])
    first, second = splits_from_index(index.T if turn else index, references)
    np.testing.assert_array_equal(first.test, [4])
    np.testing.assert_array_equal(second.test, [0, 1])


@pytest.mark.parametrize(
    "wrong",
    [
        {"scheme": "leave-one-group-out"},
        {"scheme": "loo"},
        {"splits": 0},
        {"test_size": 1.5},
        {"groups": np.zeros(50)},
    ],
)
def test_what_cannot_be_split_is_refused(wrong):
    with pytest.raises(ParameterError):
        strict_splits(50, **wrong)


@pytest.mark.parametrize(
    "pairs", [[], [([0, 1], [1])], [([0], [])], [([0], [99])], [([0, 0], [1])]], ids=repr
)
def test_given_splits_are_checked(pairs):
    with pytest.raises(ParameterError):
        given_splits(pairs, 5)
