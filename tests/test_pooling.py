"""Pooling of rows to columns, and column names read back."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from vqa_features.errors import ParameterError
from vqa_features.pooling import Column, check_pools, columns, parse_column, pool_rows, pool_values
from vqa_features.registry import make
from vqa_features.specs import Rows

#: Two rows with two undefined cells; the third column has no value at all.
VALUES = np.array([[1.0, 2.0, np.nan], [3.0, np.nan, np.nan], [8.0, 4.0, np.nan]])


def rows(values: np.ndarray) -> Rows:
    return Rows(np.arange(len(values)) / 25, np.arange(len(values)), values)


@pytest.mark.parametrize(
    ("pool", "expected"),
    [
        ("mean", [4, 3]),
        ("std", [np.sqrt(26 / 3), 1]),
        ("min", [1, 2]),
        ("max", [8, 4]),
        ("median", [3, 3]),
        ("p0", [1, 2]),
        ("p50", [3, 3]),
        ("p75", [5.5, 3.5]),
        ("p100", [8, 4]),
    ],
)
def test_undefined_cells_are_left_out_and_a_column_of_none_is_undefined(
    pool: str, expected: list[float]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pooled = pool_values(VALUES, pool)
    np.testing.assert_allclose(pooled, [*expected, np.nan], rtol=1e-15)


@pytest.mark.parametrize("pool", ["mean", "std", "min", "p10"])
def test_no_rows_give_undefined_columns_and_one_row_gives_itself(pool: str) -> None:
    np.testing.assert_array_equal(pool_values(np.empty((0, 2)), pool), [np.nan, np.nan])
    expected = [0, 0] if pool == "std" else [1.5, -2]
    np.testing.assert_array_equal(pool_values(np.array([[1.5, -2.0]]), pool), expected)


def test_the_columns_of_a_frame_extractor_are_named_pool_by_pool() -> None:
    siti = make("siti")
    names = ["siti.si.mean", "siti.ti.mean", "siti.si.p90", "siti.ti.p90"]
    assert columns(siti, ("mean", "p90")) == names
    pooled = pool_rows(siti, rows(np.array([[1.0, 10.0], [3.0, 20.0]])), ("mean", "p90"))
    np.testing.assert_allclose(pooled, [2, 15, 2.8, 19], rtol=1e-15)


def test_the_features_of_a_whole_video_are_not_pooled() -> None:
    videval = make("videval")
    names = columns(videval, ("mean", "std"))
    assert len(names) == len(set(names)) == 60
    assert {name.rpartition(".")[2] for name in names} == {"video"}
    values = np.arange(60.0)
    np.testing.assert_array_equal(pool_rows(videval, rows(values[None]), ("mean", "std")), values)
    np.testing.assert_array_equal(pool_rows(videval, rows(np.empty((0, 60))), ("mean",)), [np.nan] * 60)


@pytest.mark.parametrize(
    ("name", "label", "feature", "pool", "extractor"),
    [
        ("siti.si.mean", "siti", "si", "mean", "siti"),
        ("brisque[scales=3].mscn_alpha_s1.p5", "brisque[scales=3]", "mscn_alpha_s1", "p5", "brisque"),
        ("hf:a/b[fps=0.5].e000.std", "hf:a/b[fps=0.5]", "e000", "std", "hf:a/b"),
        ("r3d-18@random.e000.mean", "r3d-18@random", "e000", "mean", "r3d-18"),
        ("my.extractor.x.mean", "my.extractor", "x", "mean", "my.extractor"),
    ],
)
def test_a_column_name_is_read_back(name: str, label: str, feature: str, pool: str, extractor: str) -> None:
    column = parse_column(name)
    assert column == Column(label, feature, pool)
    assert str(column) == name
    assert column.extractor == extractor
    assert {column, Column(label, feature, pool)} == {column}


@pytest.mark.parametrize("name", ["mos", "siti.si", "seconds.siti.mean", "a[b].c", "siti.si.mean]", ""])
def test_other_names_are_no_feature_columns(name: str) -> None:
    assert parse_column(name) is None


def test_known_pools_are_returned_once_each_in_their_order() -> None:
    assert check_pools(["std", "mean", "std", "p0", "p7", "p100"]) == ("std", "mean", "p0", "p7", "p100")


@pytest.mark.parametrize("pool", ["mode", "p101", "p", "p-1", "p1000", "Mean"])
def test_an_unknown_pool_is_named(pool: str) -> None:
    with pytest.raises(ParameterError, match=f"unknown pool {pool!r}; allowed are mean, std"):
        check_pools(["mean", pool])


def test_no_pool_is_an_error() -> None:
    with pytest.raises(ParameterError, match="at least one pool is needed"):
        check_pools([])
