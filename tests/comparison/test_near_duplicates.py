"""Equal and nearly equal videos: found in tables with known copies, and not where there are none."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.io

from vqa_features.comparison.checks import ValidityWarnings, check_duplicates
from vqa_features.comparison.near_duplicates import (
    BY_CHANCE,
    GAP,
    Standardised,
    equal_pairs,
    equal_rows,
    gap_limit,
    near_pairs,
)
from vqa_features.errors import TableError
from vqa_features.tables.reading import read_table


def features(rows=300, columns=40, dimension=12, seed=0) -> np.ndarray:
    """Return a table of a few causes, as features of real videos are."""
    random = np.random.default_rng(seed)
    causes = random.normal(size=(rows, dimension))
    return causes @ random.normal(size=(dimension, columns)) + 0.3 * random.normal(size=(rows, columns))


def with_copies(values, noise, copies=1, seed=1) -> np.ndarray:
    """Return a table followed by copies of it, with noise in standard deviations of each column."""
    random = np.random.default_rng(seed)
    scale = np.nanstd(values, axis=0)
    made = [values + random.normal(0, noise, values.shape) * scale for _ in range(copies)]
    return np.vstack([values, *made])


def found(values) -> list[tuple[int, int]]:
    return near_pairs([Standardised.of(values)])


def check(tables, policy="error", groups=None):
    notes = ValidityWarnings()
    ids = [f"v{row}" for row in range(len(next(iter(tables.values()))))]
    return check_duplicates(tables, ids, groups, policy, notes), notes.all()


@pytest.mark.parametrize("copies", [1, 2, 5, 7])
@pytest.mark.parametrize("noise", [0.005, 0.05])
def test_every_version_of_a_video_is_found(noise, copies):
    values = features()
    pairs = found(with_copies(values, noise, copies))
    assert len(pairs) == len(values) * copies * (copies + 1) / 2
    assert all(a % len(values) == b % len(values) for a, b in pairs)


@pytest.mark.parametrize("columns", [4, 12, 64, 65, 300])
def test_different_videos_are_not_nearly_equal(columns):
    values = features(columns=columns)
    assert len(found(values)) <= BY_CHANCE / 2 * len(values)


@pytest.mark.parametrize(("shape", "most"), [("normal", 4), ("even", 4), ("heavy tail", 8)])
@pytest.mark.parametrize("columns", [4, 5, 6, 8])
def test_few_random_tables_of_few_columns_have_a_pair(columns, shape, most):
    alarms = 0
    for seed in range(20):
        random = np.random.default_rng(seed)
        values = random.normal(size=(500, columns))
        if shape == "even":
            values = random.uniform(size=values.shape)
        if shape == "heavy tail":
            values = values * np.exp(random.normal(size=(500, 1)))
        alarms += bool(found(values))
    assert alarms <= most


@pytest.mark.parametrize("copies", [1, 5, 20])
@pytest.mark.parametrize("columns", [4, 6, 40])
def test_a_few_close_copies_are_found_beside_many_videos(columns, copies):
    values = np.random.default_rng(3).normal(size=(800, columns))
    near = values[:copies] + np.random.default_rng(4).normal(0, 1e-3, (copies, columns))
    pairs = found(np.vstack([values, near]))
    assert {(row, 800 + row) for row in range(copies)} <= set(pairs)
    assert len(pairs) <= copies + 8


@pytest.mark.parametrize("columns", [64, 65, 300])
def test_copies_are_found_among_many_columns_and_few_videos(columns):
    values = features(rows=30, columns=columns)
    assert found(with_copies(values, 0.02)) == [(row, row + 30) for row in range(30)]


@pytest.mark.parametrize("shape", ["normal", "rounded", "heavy tail", "grid", "few values"])
@pytest.mark.parametrize("columns", [1, 2, 3])
def test_few_columns_raise_no_alarm(columns, shape):
    random = np.random.default_rng(0)
    values = random.normal(size=(1200, columns))
    values = {
        "normal": values,
        "rounded": values.round(2),
        "heavy tail": np.exp(3 * values),
        "grid": np.tile(np.arange(1200.0)[:, None], columns),
        "few values": random.integers(0, 5, (1200, columns)).astype(float),
    }[shape]
    for policy in ("error", "group"):
        groups, notes = check({"t": values}, policy)
        assert groups is None
        assert all("do not tell whether these are copies" in text for text in notes)
        assert bool(notes) == (len(np.unique(values, axis=0)) < 1200)


def test_one_column_beside_a_table_raises_no_alarm_of_its_own():
    one = np.random.default_rng(0).normal(size=(300, 1))
    assert check({"t": features(), "niqe": one.round(2)}) == (None, ())


def test_many_columns_that_follow_one_line_raise_no_alarm():
    random = np.random.default_rng(0)
    line = random.uniform(0, 1, (1200, 1))
    values = np.hstack([line * factor + factor for factor in range(1, 21)])
    assert len(found(values + 0 * line)) <= BY_CHANCE / 2 * len(values) * 1.5


def test_missing_cells_and_constant_columns_do_not_hide_a_copy():
    random = np.random.default_rng(2)
    values = with_copies(features(), 0.01)
    values[random.random(values.shape) < 0.1] = np.nan
    values = np.hstack([values, np.full((600, 3), 7.0), np.full((600, 2), np.nan)])
    assert found(values) == [(row, row + 300) for row in range(300)]


def test_videos_without_most_of_their_cells_are_no_copies():
    values = features()
    values[:20, 3:] = np.nan
    values[20:40] = np.nan
    assert found(values) == []


def test_a_huge_value_in_a_column_does_not_make_the_others_equal():
    values = features()
    values[5, :] = 1e6
    assert len(found(values)) <= BY_CHANCE / 2 * len(values)


def test_a_copy_in_one_table_is_found_beside_a_table_that_differs():
    deep = np.random.default_rng(5).normal(size=(600, 200))
    with pytest.raises(TableError, match=r"300 pair\(s\) of videos are nearly equal in t, .*v0 ~ v300"):
        check({"t": with_copies(features(), 0.01), "deep": deep})


def test_near_copies_follow_the_treatment_of_duplicates():
    tables = {"t": with_copies(features(), 0.01)}
    with pytest.raises(TableError, match=r'300 pair\(s\) of videos are nearly equal in every table.*"group"'):
        check(tables)
    groups, (text,) = check(tables, "warn")
    assert groups is None
    assert "they may lie on both sides" in text
    groups, (text,) = check(tables, "group")
    assert "kept on one side" in text
    np.testing.assert_array_equal(groups[:300], groups[300:])
    assert len(np.unique(groups)) == 300


def test_a_few_near_copies_are_a_warning_and_many_an_error():
    for copies, refused in ((10, False), (16, True)):  # of 310 and 316 videos, 5 % are 15.5 and 15.8
        values = np.vstack([features(), features()[:copies] + 1e-3])
        if refused:
            with pytest.raises(TableError, match="nearly equal"):
                check({"t": values})
        else:
            _, (text,) = check({"t": values})
            assert text.startswith("10 pair(s)")


def test_near_copies_join_the_groups_they_are_in():
    labels = np.array([f"g{row // 3}" for row in range(300)] + [f"h{row // 2}" for row in range(300)])
    groups, _ = check({"t": with_copies(features(), 0.01)}, "group", labels)
    assert len(np.unique(groups)) == 50  # runs of 2 and of 3 share an end every 6 videos
    for row in range(300):
        assert groups[row] == groups[row + 300] == groups[row // 6 * 6]


def test_the_order_of_videos_does_not_change_what_is_found():
    values = with_copies(features(columns=100), 0.1)
    order = np.random.default_rng(3).permutation(len(values))
    again = {tuple(sorted((int(order[a]), int(order[b])))) for a, b in found(values[order])}
    assert len(again ^ set(found(values))) <= 3


def test_equal_rows_are_paired_with_the_first_in_every_table():
    values = features(rows=20)
    values[[7, 9]] = values[2]
    assert equal_pairs([Standardised.of(values)]) == [(2, 7), (2, 9)]
    assert equal_pairs([Standardised.of(values), Standardised.of(features(20, seed=5))]) == []


def test_rows_that_repeat_because_their_cells_do_are_no_copies():
    flags = np.random.default_rng(0).integers(0, 2, (300, 5)).astype(float)
    assert equal_rows(Standardised.of(flags)) == []


@pytest.mark.parametrize("dimension", [1, 2, 3, 6, 20])
def test_the_gap_is_as_rare_as_stated_in_any_dimension(dimension):
    random = np.random.default_rng(0)
    # distances to the k-th neighbour of a uniform density: volumes are sums of exponentials
    distances = random.exponential(size=(20_000, 10)).cumsum(axis=1) ** (1 / dimension)
    limit = gap_limit(distances)
    share = np.mean(distances[:, 0] < limit * distances[:, 1])
    assert limit <= GAP
    assert share == pytest.approx(min(BY_CHANCE, GAP**dimension), abs=0.006)


#: Near pairs in each published table; none is known to be a copy.
FALSE_ALARMS = {
    "KONVID_1K_VIDEVAL_feats": 0,
    "LIVE_VQC_VIDEVAL_feats": 1,
    "LIVE_VQA_VIDEVAL_feats": 0,
    "KONVID_1K_NIQE_scores": 0,
    "LIVE_VQC_NIQE_scores": 0,
    "KONVID_1K_BRISQUE_feats": 0,
    "LIVE_VQC_BRISQUE_feats": 0,
    "KoNVid_GM-LOG_STS_resize_feats": 0,
    "KoNVid_PAQ2PIQ_STS_resize_feats": 1,
    "LIVE_VQC_PAQ2PIQ_STS_resize_feats": 0,
}


def published(file) -> np.ndarray:
    if "NIQE" in file.name:
        return scipy.io.loadmat(file)["y_pred"].reshape(-1, 1).astype(float)
    return read_table(file).to_numpy(float)


def test_false_alarms_on_every_published_table(shared):
    files = [file for file in (shared / "tables").rglob("*.mat") if file.parent.name != "splits"]
    assert {file.stem: len(found(published(file))) for file in files} == FALSE_ALARMS


@pytest.mark.parametrize(
    ("noise", "least", "most"), [(0.005, 600, 600), (0.05, 600, 600), (0.15, 580, 600), (0.3, 140, 180)]
)
def test_copies_of_600_published_videos(shared, noise, least, most):
    values = published(shared / "tables" / "videval" / "KONVID_1K_VIDEVAL_feats.mat")
    chosen = values[np.random.default_rng(0).permutation(len(values))[:600]]
    pairs = found(with_copies(chosen, noise))
    assert all(b - a == 600 for a, b in pairs)
    assert least <= len(pairs) <= most
