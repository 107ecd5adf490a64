"""Pooling of rows to columns, and column names read back."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

import vqa_features as vf
from vqa_features.errors import ParameterError
from vqa_features.pooling import (
    Column,
    check_pools,
    columns,
    parse_column,
    pool_rows,
    pool_values,
    pool_warnings,
)
from vqa_features.pools import POOL_NAMES, pool_of
from vqa_features.registry import make
from vqa_features.video_task import Rows

#: Two rows with two undefined cells; the third column has no value at all.
VALUES = np.array([[1.0, 2.0, np.nan], [3.0, np.nan, np.nan], [8.0, 4.0, np.nan]])


#: Pools weighted by display time.
SHOWN = ("mean@time", "std@time", "median@time", "p2_5@time", "harmonic@time", "minkowski3@time")
CLIP = np.random.default_rng(0).integers(0, 255, (6, 48, 64), dtype=np.uint8)


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


@pytest.mark.parametrize(
    ("written", "names"),
    [
        (["p05"], ("p5",)),
        (["p5", "p05", "p5"], ("p5",)),
        (["p00", "p05_5", "p00_5@time"], ("p0", "p5_5", "p0_5@time")),
        (["p05@time", "p5", "p5@time"], ("p5@time", "p5")),
        (["p100", "p10", "p2_05", "lowest0_5s"], ("p100", "p10", "p2_05", "lowest0_5s")),
    ],
)
def test_a_pool_has_one_name(written: list[str], names: tuple[str, ...]) -> None:
    assert check_pools(written) == names


def test_a_pool_written_in_two_ways_gives_one_column() -> None:
    found = vf.extract_frames(CLIP, "siti", pool=["p05", "p5"], fps=25)
    assert list(found.index) == ["siti.si.p5", "siti.ti.p5"]
    assert list(vf.VideoFeatures("siti", pool=["p05", "p5"]).fit([]).get_feature_names_out()) == list(
        found.index
    )


def test_a_sum_counts_the_rows_of_a_flag() -> None:
    flags = np.array([[0, np.nan], [1, np.nan], [np.nan, np.nan], [1, np.nan]])
    np.testing.assert_array_equal(pool_values(flags, "sum"), [2, np.nan])


@pytest.mark.parametrize("pool", ["min@time", "max@time", "sum@time", "lowest2s@time", "hysteresis@time"])
def test_a_pool_that_durations_cannot_weigh_says_which_ones_they_can(pool: str) -> None:
    with pytest.raises(ParameterError, match="@time goes with mean, std, median, pN, harmonic, minkowskiP"):
        check_pools([pool])


@pytest.mark.parametrize("pool", ["mean@", "mean@Time", "mean@time@time", "@time", "mode@time"])
def test_other_endings_are_no_pools(pool: str) -> None:
    with pytest.raises(ParameterError, match="unknown pool"):
        check_pools([pool])


@pytest.mark.parametrize("pool", SHOWN)
def test_a_constant_rate_gives_the_plain_pool_and_order_does_not_matter(pool: str) -> None:
    values, times = np.random.default_rng(0).gamma(2, 3, (90, 4)), np.arange(90) / 23.976
    values[::5, 2] = np.nan
    expected = pool_values(values, pool.removesuffix("@time"), times)
    np.testing.assert_allclose(pool_values(values, pool, times), expected, rtol=1e-12)
    order = np.random.default_rng(1).permutation(90)
    stall = times + 1.1 * (times > 2)
    np.testing.assert_array_equal(
        pool_values(values[order], pool, stall[order]), pool_values(values, pool, stall)
    )
    assert not np.allclose(pool_values(values, pool, stall), expected, rtol=1e-3)


def test_no_pool_is_an_error() -> None:
    with pytest.raises(ParameterError, match="at least one pool is needed"):
        check_pools([])


#: A name of each form with a number in it.
EXAMPLES = ("p2_5", "harmonic", "minkowski3", "lowest2s", "highest0_5s", "minmean1s", "maxmean1_25s")
LINGERING = ("hysteresis", "hysteresis_high")


def test_every_pool_reads_back_from_the_name_of_a_column() -> None:
    niqe = make("niqe")
    pools = check_pools(["mean", "std", "sum", "min", "max", "median", *EXAMPLES, *LINGERING, *SHOWN])
    assert {pool_of(name)[0].form for name in pools} == set(POOL_NAMES)
    for name, pool in zip(columns(niqe, pools), np.repeat(pools, len(niqe.features)), strict=True):
        column = parse_column(name)
        assert (column.label, column.pool) == ("niqe", pool)


@pytest.mark.parametrize(
    "pool",
    [
        *("lowest0s", "lowest-1s", "lowest10", "lowests", "lowest1_50s", "lowest00s", "lowestKs", "LOWEST1s"),
        *(
            "minkowski",
            "minkowski0",
            "minmean1e3s",
            "p100_5",
            "p2_",
            "hysteresis2s",
            "harmonic2",
            "",
            "mean\n",
        ),
    ],
)
def test_other_names_are_no_pools(pool: str) -> None:
    with pytest.raises(ParameterError, match="unknown pool"):
        check_pools([pool])


@pytest.mark.parametrize(("written", "meant"), [("p2.5", "p2_5"), ("lowest0.5s", "lowest0_5s")])
def test_a_decimal_point_is_answered_with_the_name(written: str, meant: str) -> None:
    with pytest.raises(ParameterError, match=f"write {meant} for {written}"):
        check_pools([written])


@pytest.mark.parametrize("pool", ["lowest2s", "highest2s", "minmean2s", "maxmean2s", *LINGERING])
def test_timed_pools_take_rows_in_any_order_and_mirror_at_zero(pool: str) -> None:
    random = np.random.default_rng(1)
    times, values = np.cumsum(random.uniform(0.1, 1, 20)), random.normal(5, 1, (20, 2))
    order = random.permutation(20)
    found = pool_values(values, pool, times)
    np.testing.assert_array_equal(pool_values(values[order], pool, times[order]), found)
    mirror = {"lowest2s": "highest2s", "minmean2s": "maxmean2s", "hysteresis": "hysteresis_high"}
    other = {**mirror, **{high: low for low, high in mirror.items()}}[pool]
    np.testing.assert_allclose(pool_values(-values, other, times), -found, rtol=1e-14)


@pytest.mark.parametrize("pool", [*EXAMPLES, *LINGERING, *SHOWN[2:], "mean@time", "sum"])
def test_no_rows_one_row_and_a_constant_in_every_pool(pool: str) -> None:
    assert np.isnan(pool_values(np.empty((0, 1)), pool, np.empty(0))).all()
    assert pool_values(np.array([[1.7]]), pool, np.array([np.nan])) == 1.7
    constant, times = np.full((9, 1), 0.1), np.arange(9) / 25
    expected = 0.9 if pool == "sum" else 0.1
    assert pool_values(constant, pool, times) == pytest.approx(expected, rel=1e-15)


def test_pools_of_times_need_times() -> None:
    with pytest.raises(
        ParameterError, match="lowest2s needs the time of every frame: give their rate as fps"
    ):
        pool_values(np.ones((3, 1)), "lowest2s", np.full(3, np.nan))
    frames = np.random.default_rng(0).integers(0, 255, (6, 48, 64), dtype=np.uint8)
    with pytest.raises(ParameterError, match="hysteresis needs the time of every frame"):
        vf.extract_frames(frames, "siti", pool="hysteresis")
    assert vf.extract_frames(frames, "siti", pool="hysteresis", fps=2).notna().all()


def test_a_power_mean_that_is_not_defined_is_told_by_name() -> None:
    siti = make("siti")
    pooled = {"siti.si.mean": -1.0, "siti.ti.mean": 1.0, "siti.si.harmonic": np.nan, "siti.ti.harmonic": 1.0}
    assert pool_warnings(siti, pooled, ("mean", "harmonic")) == [
        "siti: no harmonic of 1 of 2 features (si): it is defined for values of 0 and above"
    ]
    assert pool_warnings(make("videval"), {}, ("harmonic",)) == []


def test_the_page_on_pools_names_every_pool() -> None:
    page = (Path(__file__).parents[1] / "docs" / "pooling.md").read_text()
    assert [form for form in POOL_NAMES if f"`{form}`" not in page] == []
