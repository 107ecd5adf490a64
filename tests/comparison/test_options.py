"""Options of a comparison: what is allowed, and that the seams of `compare` pass them on."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pandas as pd
import pytest
from made_up_videos import made_up

from vqa_features.comparison.checks import ValidityWarnings
from vqa_features.comparison.joining import join
from vqa_features.comparison.options import InputOptions, ModelOptions, SplitOptions
from vqa_features.comparison.preparation import prepare
from vqa_features.errors import ParameterError, TableError, UnknownName
from vqa_features.tables.feature_table import feature_tables
from vqa_features.tables.labels import Labels


def inputs():
    tables, mos = made_up()
    return feature_tables(tables), Labels.of(mos)


def test_options_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        InputOptions().duplicates = "warn"


def test_both_protocols_run_strict_first():
    assert SplitOptions("both").protocols == ("strict", "literature")
    assert SplitOptions("literature").protocols == ("literature",)


def test_splits_are_counted_or_given():
    assert SplitOptions.of("strict", np.int64(7), "holdout", 0.2, 5).count == 7
    given = SplitOptions.of("strict", iter([(["a"], ["b"])]), "holdout", 0.2, 5)
    assert given.given.pairs == ((["a"], ["b"]),)


@pytest.mark.parametrize("splits", [0, -1, 2.5])
def test_a_wrong_number_of_splits_is_named(splits):
    with pytest.raises(ParameterError, match="splits must be a whole number"):
        SplitOptions.of("strict", splits, "holdout", 0.2, 5)


def test_regressors_default_to_two_and_the_baseline_each_once():
    assert ModelOptions.of(None).regressors == ("svr-rbf", "ridge", "mean")
    assert ModelOptions.of(["ridge", "ridge"]).regressors == ("ridge",)


def test_unknown_regressors_are_refused_before_any_work():
    with pytest.raises(UnknownName, match="did you mean 'ridge'"):
        ModelOptions.of(["rigde"])
    with pytest.raises(ParameterError, match="list of names"):
        ModelOptions.of([])


def test_components_are_limited_by_the_smallest_table():
    tables, labels = inputs()
    prepared = prepare(tables, labels, ValidityWarnings())
    ModelOptions.of(["ridge"], components=6).check(prepared)
    with pytest.raises(ParameterError, match="from 1 to 6"):
        ModelOptions.of(["ridge"], components=7).check(prepared)


def test_joining_finds_no_fault_that_preparing_refuses():
    (table, _), labels = inputs()
    leaked = feature_tables({"t": (table.frame.assign(oracle=labels.mos), table.family)})
    assert join(leaked, labels, ValidityWarnings()).blocks[0].columns[-1] == "oracle"
    with pytest.raises(TableError, match="'oracle' is the MOS"):
        prepare(leaked, labels, ValidityWarnings())


def test_rows_can_be_sorted_by_id_with_all_labels():
    tables, labels = inputs()
    order = np.random.default_rng(2).permutation(len(labels.mos))
    std = pd.Series(np.arange(60.0), index=labels.mos.index)
    shuffled = Labels(labels.mos.iloc[order], std=std)
    blocks, videos = prepare(tables, shuffled, ValidityWarnings()).in_id_order()
    assert videos.ids == sorted(labels.mos.index)
    np.testing.assert_array_equal(videos.std, np.arange(60.0))
    np.testing.assert_array_equal(videos.mos, labels.mos.to_numpy())
    np.testing.assert_array_equal(blocks[0].values, tables[0].frame.to_numpy())
