"""Each check at its threshold: the value itself, just below and just above."""

from __future__ import annotations

import numpy as np
import pytest

from vqa_features.comparison.checks import (
    ValidityWarnings,
    check_cells,
    check_chance,
    check_duplicates,
    check_leak,
    check_rows,
    check_splits,
)
from vqa_features.comparison.near_duplicates import standardised
from vqa_features.errors import ParameterError, TableError, first_few
from vqa_features.evaluation.metrics import plcc, srcc
from vqa_features.evaluation.splits import Split


def noted(check, *arguments) -> tuple[str, ...]:
    notes = ValidityWarnings()
    check(*arguments, notes)
    return notes.all()


@pytest.mark.parametrize(
    ("count", "text"),
    [(1, "0"), (5, "0, 1, 2, 3, 4"), (6, "0, 1, 2, 3, 4 and 1 more"), (9, "0, 1, 2, 3, 4 and 4 more")],
)
def test_five_items_are_listed_and_the_others_counted(count, text):
    assert first_few(range(count)) == text


def test_a_note_is_kept_once_in_the_order_found():
    notes = ValidityWarnings()
    for text in ("b", "a", "b"):
        notes.add(text)
    assert notes.all() == ("b", "a")


@pytest.mark.parametrize(("rows", "expected"), [(10, 1), (49, 1), (50, 0), (51, 0)])
def test_ten_videos_are_enough_and_fewer_than_fifty_are_warned_of(rows, expected):
    assert len(noted(check_rows, rows)) == expected


@pytest.mark.parametrize("rows", [0, 9])
def test_fewer_than_ten_videos_are_refused(rows):
    with pytest.raises(TableError, match=rf"{rows} video\(s\) have features and MOS; at least 10"):
        check_rows(rows, ValidityWarnings())


def test_missing_cells_and_constant_columns_are_counted():
    values = np.array(
        [[1, np.nan, 3, np.nan, 5], [2, np.inf, 3, np.nan, 6], [3, 7, np.nan, np.nan, 5]], dtype=float
    )
    assert noted(check_cells, "t", values) == (
        "t: 6 non-finite cell(s) in 3 column(s) are replaced by the mean of the training part",
        "t: 3 constant or empty column(s) are dropped inside the fold",
    )
    assert noted(check_cells, "t", values[:, [0, 4]]) == ()
    one = np.array([[1, np.nan], [2, np.nan], [3, 1], [4, 2]])
    assert noted(check_cells, "t", one) == (
        "t: 2 non-finite cell(s) in 1 column(s) are replaced by the mean of the training part",
    )
    assert noted(check_cells, "t", np.array([[1.0, 2.0], [2.0, 2.0]])) == (
        "t: 1 constant or empty column(s) are dropped inside the fold",
    )


@pytest.mark.parametrize("cells", [[[2, 2], [2, 2]], [[np.nan, 1], [np.nan, 1]]])
def test_a_table_of_constant_and_empty_columns_is_refused(cells):
    with pytest.raises(TableError, match="t: every feature column is constant or empty"):
        check_cells("t", np.array(cells, dtype=float), ValidityWarnings())


def leak(column, mos) -> tuple[str, ...]:
    values = np.asarray(column, dtype=float)[:, None]
    return noted(check_leak, "t", ["x"], values, np.asarray(mos, dtype=float))


def test_a_column_that_ranks_at_95_percent_is_warned_of_and_below_it_is_not():
    # SRCC = 1 - 6 D / (n (n^2 - 1)); n = 15 and D = 28 give .95
    mos, column = np.arange(15.0), np.arange(15.0)
    column[[0, 2, 5, 7, 9, 11]] = column[[2, 0, 7, 5, 11, 9]]  # D = 8 + 8 + 8
    column[[3, 4, 12, 13]] = column[[4, 3, 13, 12]]  # D = 28
    assert srcc(column, mos) == 0.95
    (text,) = leak(column, mos)
    assert text.startswith("t: the column 'x' ranks videos like the MOS (|SRCC| 0.950): is it made from it?")
    assert len(leak(-column, mos)) == 1


def test_a_rank_just_below_95_percent_is_not_warned_of():
    mos, column = np.arange(15.0), np.arange(15.0)
    column[[0, 2, 5, 7, 9, 11]] = column[[2, 0, 7, 5, 11, 9]]
    column[[3, 4, 12, 13]] = column[[4, 3, 13, 12]]
    column[[6, 8]] = column[[8, 6]]  # D = 36
    assert 0.93 < srcc(column, mos) < 0.95
    assert leak(column, mos) == ()


@pytest.mark.parametrize(("rows", "told"), [(49, False), (50, True)])
def test_fewer_than_50_videos_rank_like_the_mos_by_chance_and_are_told_from_95_percent_on(rows, told):
    mos = np.arange(float(rows))
    column = mos + np.random.default_rng(8).normal(0, 0.13 * rows, rows)
    assert 0.88 < srcc(column, mos) < 0.95
    assert bool(leak(column, mos)) == told


def test_the_mos_is_found_by_its_values_where_near_ties_exchange_ranks():
    mos = np.repeat(np.arange(10.0), 2) + np.tile([0, 1e-6], 10)
    column = np.repeat(np.arange(10.0), 2) + np.tile([1e-6, 0], 10)
    assert plcc(column, mos) > 0.9999 > srcc(column, mos) > 0.95
    with pytest.raises(TableError, match=r"t: the column 'x' is the MOS \(\|SRCC\| 0\.98"):
        leak(column, mos)
    with pytest.raises(TableError, match="is the MOS"):
        leak(-column, mos)


def test_the_mos_is_found_by_its_ranks_where_the_scale_is_bent():
    mos = np.arange(20.0)
    assert plcc(np.exp(mos), mos) < 0.9
    with pytest.raises(TableError, match=r"is the MOS \(\|SRCC\| 1\.0000\)"):
        leak(np.exp(mos), mos)


def test_a_linear_correlation_just_below_9999_in_10000_is_only_warned_of():
    mos = np.arange(40.0)
    column = mos.copy()
    column[:6] = [1, 0, 3, 2, 5, 4]
    assert 0.9994 < plcc(column, mos) < 0.9999
    (text,) = leak(column, mos)
    assert "ranks videos like the MOS (|SRCC| 0.999)" in text


@pytest.mark.parametrize(("finite", "refused"), [(9, False), (10, True)])
def test_a_column_is_compared_with_the_mos_from_ten_values_on(finite, refused):
    mos = np.arange(30.0)
    column = np.where(mos < finite, mos, np.nan)
    if refused:
        with pytest.raises(TableError, match="is the MOS"):
            leak(column, mos)
    else:
        assert leak(column, mos) == ()


def test_missing_cells_are_left_out_of_the_comparison_with_the_mos():
    mos = np.arange(30.0)
    column = np.where(mos % 3 == 0, np.nan, mos)
    with pytest.raises(TableError, match="is the MOS"):
        leak(column, mos)


def test_a_constant_column_is_passed_over_and_the_columns_after_it_are_checked():
    mos = np.arange(20.0)
    values = np.column_stack([np.ones(20), mos])
    with pytest.raises(TableError, match="the column 'b' is the MOS"):
        check_leak("t", ["a", "b"], values, mos, ValidityWarnings())
    binary = np.column_stack([np.tile([0.0, 1.0], 10), np.full(20, np.nan), -mos])
    with pytest.raises(TableError, match="the column 'c' is the MOS"):
        check_leak("t", ["a", "b", "c"], binary, mos, ValidityWarnings())
    # a column whose values are 0 and 1 is checked too
    (text,) = leak(mos >= 10, [*np.zeros(9), 0.1, 1.1, *np.ones(9)])
    assert "ranks videos like the MOS" in text or "is the MOS" in text


def test_every_column_needs_a_name():
    mos = np.arange(20.0)
    with pytest.raises(ValueError, match="longer than argument 1"):
        check_leak("t", ["a"], np.random.default_rng(0).normal(size=(20, 2)), mos, ValidityWarnings())


def test_a_column_whose_deviation_underflows_counts_as_constant():
    np.testing.assert_array_equal(standardised(np.array([[1e-200], [-1e-200]])), [[0], [0]])


def test_columns_are_centred_and_scaled_and_what_cannot_be_is_0():
    values = np.array([[1, 5, np.nan, 2], [3, 5, np.nan, np.inf], [np.nan, 5, np.nan, 6]], dtype=float)
    expected = [[-1, 0, 0, -1], [1, 0, 0, 0], [0, 0, 0, 1]]
    np.testing.assert_array_equal(standardised(values), expected)


IDS = [f"v{number}" for number in range(12)]


def tables(distance: float = 0.0, columns: int = 8, pairs: int = 1) -> dict[str, np.ndarray]:
    """Return one standardised table whose first videos have a copy at this distance of z-scores."""
    values = np.random.default_rng(3).normal(size=(12, columns))
    for pair in range(pairs):
        values[2 * pair + 1] = values[2 * pair]
    scale = values.std(axis=0)
    values[1, 0] += distance * scale[0]
    return {"t": values}


def test_videos_without_copies_change_no_groups():
    notes = ValidityWarnings()
    values = {"t": np.random.default_rng(3).normal(size=(12, 8))}
    groups = np.array(["a", "b"] * 6)
    assert check_duplicates(values, IDS, None, "error", notes) is None
    assert check_duplicates(values, IDS, groups, "group", notes) is groups
    assert notes.all() == ()


def test_a_copy_in_no_common_group_is_an_error_that_says_what_to_do():
    message = r'1 pair\(s\) of videos are equal in every table: v0 = v1; .*pass duplicates="group"'
    with pytest.raises(TableError, match=message):
        check_duplicates(tables(), IDS, None, "error", ValidityWarnings())
    with pytest.raises(TableError, match=r"2 pair\(s\) .*: v0 = v1, v2 = v3"):
        check_duplicates(tables(pairs=2), IDS, None, "error", ValidityWarnings())


def test_copies_in_one_group_are_allowed():
    notes = ValidityWarnings()
    groups = np.array(["a", "a", *"bcdefghijk"])
    assert check_duplicates(tables(), IDS, groups, "error", notes) is groups
    assert notes.all() == ()


def test_copies_are_warned_of_on_request():
    notes = ValidityWarnings()
    groups = np.array(list("abcdefghijkl"))
    assert check_duplicates(tables(), IDS, groups, "warn", notes) is groups
    text = "1 pair(s) of videos are equal in every table: v0 = v1"
    assert notes.all() == (f"{text}: they may lie on both sides of a split",)


def test_copies_are_tied_together_with_the_groups_they_are_in():
    notes = ValidityWarnings()
    groups = np.array(list("abbbccddeeff"))
    found = check_duplicates(tables(), IDS, groups, "group", notes)
    assert len(set(found[:4])) == 1
    assert len(set(found)) == 5
    assert list(groups) == list("abbbccddeeff")
    text = "1 pair(s) of videos are equal in every table: v0 = v1"
    assert notes.all() == (f"{text}: they are kept on one side of every split",)
    alone = check_duplicates(tables(), IDS, None, "group", ValidityWarnings())
    assert alone[0] == alone[1]
    assert len(set(alone)) == 11


def test_three_copies_make_pairs_with_the_first():
    values = tables()["t"]
    values[5] = values[0]
    with pytest.raises(TableError, match=r"2 pair\(s\) .*: v0 = v1, v0 = v5"):
        check_duplicates({"t": values}, IDS, None, "error", ValidityWarnings())


def test_videos_equal_in_one_table_only_are_nearly_equal():
    notes = ValidityWarnings()
    both = {"t": tables()["t"], "u": np.random.default_rng(4).normal(size=(12, 3))}
    assert check_duplicates(both, IDS, None, "error", notes) is None
    (text,) = notes.all()
    assert text.startswith(
        "1 pair(s) of videos are nearly equal in t, as re-encodes of one video are: v0 ~ v1"
    )


def test_an_unknown_treatment_of_duplicates_is_refused():
    with pytest.raises(ParameterError, match="error, warn, group, got 'drop'"):
        check_duplicates(tables(), IDS, None, "drop", ValidityWarnings())


def test_missing_cells_do_not_make_videos_differ_by_a_sign_of_zero():
    values = tables()["t"]
    values[:, 7] = 1.0
    values[0, 7] = np.nan  # a constant column is 0 and a missing cell is 0
    with pytest.raises(TableError, match="v0 = v1"):
        check_duplicates({"t": values}, IDS, None, "error", ValidityWarnings())


def test_videos_equal_to_nine_decimals_of_their_z_scores_are_copies():
    values = tables()["t"]
    values[:, 7] = np.tile([1.0, -1.0], 6)
    values[[0, 1], 7] = [-0.9e-10, 0.9e-10]
    with pytest.raises(TableError, match="v0 = v1"):
        check_duplicates({"t": values}, IDS, None, "error", ValidityWarnings())


def test_nearly_equal_videos_of_one_group_are_not_warned_of():
    notes = ValidityWarnings()
    groups = np.array(["a", "a", *"bcdefghijk"])
    assert check_duplicates(tables(1e-4), IDS, groups, "error", notes) is groups
    assert notes.all() == ()


SPLITS = [Split(np.array([0, 1]), np.array([2, 3])), Split(np.array([0, 2]), np.array([1, 3]))]


def test_strict_splits_keep_groups_apart_and_literature_splits_say_that_they_do_not():
    groups = np.array(["a", "a", "b", "b"])
    with pytest.raises(ParameterError, match=r"1 of 2 splits .* \(split 1: a, b\): a strict comparison"):
        check_splits(SPLITS, groups, "strict", ValidityWarnings())
    (text,) = noted(check_splits, SPLITS, groups, "literature")
    assert text.startswith("literature: 1 of 2 splits have a group on both sides (split 1: a, b)")
    for protocol in ("strict", "literature"):
        assert noted(check_splits, SPLITS, None, protocol) == ()
        assert noted(check_splits, SPLITS[:1], groups, protocol) == ()
        assert noted(check_splits, SPLITS, np.arange(4), protocol) == ()


@pytest.mark.parametrize(("best", "warned"), [(-0.5, True), (0.0999, True), (0.1, False), (0.15, False)])
def test_a_table_below_a_tenth_is_at_chance(best, warned):
    texts = noted(check_chance, {"good": 0.8, "t": best})
    assert len(texts) == warned
    if warned:
        assert texts[0].startswith(f"t ranks at chance (best median SRCC {best:.3f})")
