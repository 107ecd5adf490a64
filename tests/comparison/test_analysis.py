"""Fusion, controls, learning curves, generalisation, costs and failure cases on made-up videos."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made_up_videos import made_up

from vqa_features.comparison import compare, diagnosis, fixed_set
from vqa_features.comparison.ablation import ablation_tables, extractor_groups
from vqa_features.comparison.costs import seconds_per_video
from vqa_features.comparison.cross import Dataset, cross, distinguishability
from vqa_features.comparison.fusion import stack
from vqa_features.comparison.importance import group_importance
from vqa_features.comparison.learning_curve import learning_curve, smaller_part
from vqa_features.errors import ParameterError, TableError
from vqa_features.evaluation.training_part import Fit
from vqa_features.tables.feature_table import feature_tables
from vqa_features.tables.labels import Labels

RIDGE = {"regressors": ["ridge"], "bootstrap": 10}


@pytest.fixture(scope="module")
def comparison():
    tables, mos = made_up(80)
    return compare(tables, mos, splits=5, fusion=True, **RIDGE)


def complementary(rows: int = 120) -> tuple[dict[str, tuple[pd.DataFrame, str]], pd.Series]:
    """Return two tables that each know one half of what makes the MOS."""
    random = np.random.default_rng(4)
    halves = random.normal(size=(rows, 2))
    ids = [f"v{i}" for i in range(rows)]
    frames = [
        pd.DataFrame(halves[:, [i]] + random.normal(0, 0.2, (rows, 3)), index=ids).add_prefix(f"c{i}")
        for i in (0, 1)
    ]
    return {"one": (frames[0], "handcrafted"), "two": (frames[1], "deep")}, pd.Series(
        halves.sum(1), index=ids
    )


def test_both_fusions_gain_where_families_know_different_things():
    tables, mos = complementary()
    found = compare(tables, mos, splits=3, fusion=True, **RIDGE)
    median = found.summary.set_index("table")["srcc"]
    assert min(median["fusion"], median["late-fusion"]) > max(median["one"], median["two"]) + 0.1


def test_stacking_never_weighs_a_family_negatively_and_ignores_noise():
    random = np.random.default_rng(0)
    y = random.normal(size=200)
    good = Fit(y[:50], y + random.normal(0, 0.1, 200), {})
    noise = Fit(random.normal(size=50), random.normal(size=200), {})
    weights = stack([good, noise], y).chosen
    assert weights["weight0"] == pytest.approx(1, abs=0.05)
    assert 0 <= weights["weight1"] < 0.05


def test_fusion_of_one_table_is_refused():
    tables, mos = made_up()
    with pytest.raises(ParameterError, match="at least two"):
        compare({"good": tables["good"]}, mos, fusion=True, splits=2)


def test_the_equal_dimension_control_stands_beside_the_tables():
    tables, mos = made_up()
    found = compare(tables, mos, splits=3, components=3, **RIDGE)
    columns = found.summary.set_index("table")["columns"].to_dict()
    assert columns == {"good": 6, "poor": 12, "good/3d": 3, "poor/3d": 3}
    with pytest.raises(ParameterError, match="from 1 to 6"):
        compare(tables, mos, splits=2, components=7)


def test_learning_curves_rise_with_the_training_part():
    tables, mos = made_up(120)
    curve = learning_curve({"poor": tables["poor"]}, mos, fractions=(0.1, 1.0), splits=8)
    assert list(curve["n_train"]) == [10, 96]
    assert curve["srcc"].iloc[1] > curve["srcc"].iloc[0]
    assert {"protocol", "table", "family", "regressor", "srcc_low", "srcc_high"} <= set(curve.columns)


def test_smaller_training_parts_are_nested_and_hold_whole_groups():
    train = np.arange(60)
    groups = np.repeat(np.arange(12), 5)
    small, large = (smaller_part(train, groups, fraction, seed=1) for fraction in (0.3, 0.6))
    assert set(small) < set(large)
    assert not set(groups[small]) & set(np.delete(groups, small))


def two_datasets() -> dict[str, Dataset]:
    """Return two sets of videos, the second with its MOS on a scale of 0 to 100."""
    a, mos_a = made_up(80, seed=1)
    b, mos_b = made_up(60, seed=2)
    return {
        "a": Dataset({"good": a["good"]}, mos_a, measurements=a["good"][0].mean(axis=1)),
        "b": Dataset({"good": b["good"]}, 20 * mos_b, measurements=b["good"][0].mean(axis=1)),
    }


def test_the_cross_matrix_trains_on_rows_and_tests_on_columns():
    matrix = cross(two_datasets(), regressors=["ridge"]).set_index(["train", "test"])
    assert set(matrix.index) == {("a", "a"), ("a", "b"), ("b", "a"), ("b", "b")}
    assert (matrix["srcc"] > 0.9).all()
    assert matrix.loc[("a", "b"), "n_test"] == 60
    assert np.isnan(matrix.loc[("a", "b"), "rmse"])


def test_aligned_scales_make_errors_comparable():
    matrix = cross(two_datasets(), regressors=["ridge"], reference="a").set_index(["train", "test"])
    # The aligned error is that of the features (.8 / sqrt(6) = .33), not of the scales (about 60).
    assert matrix.loc[("a", "b"), "rmse"] < 0.6


def test_analyses_tell_of_videos_that_are_left_out():
    tables, mos = made_up(60)
    table = tables["good"][0].rename({mos.index[0]: mos.index[0].upper()})
    given = {"good": (table, "handcrafted")}
    told = f"differ in upper and lower case only and are not joined: {mos.index[0].upper()} = {mos.index[0]}"
    settings = {"regressors": ["ridge"]}
    datasets = {"a": Dataset(given, mos), "b": Dataset({"good": tables["good"]}, mos)}
    found = cross(datasets, **settings)
    assert any(text.startswith("a: good: ") and told in text for text in found.attrs["warnings"])
    assert set(found["n_test"]) == {59, 60}
    assert set(cross(datasets, ignore_case=True, **settings)["n_test"]) == {60}
    curve = learning_curve(given, mos, splits=2, fractions=[1.0], **settings)
    assert any(told in text for text in curve.attrs["warnings"])
    groups = {"one": [table.columns[0]], "two": list(table.columns[1:])}
    importance = group_importance(given["good"], mos, groups=groups, splits=2, repeats=1)
    assert any(told in text for text in importance.attrs["warnings"])


def test_cross_refuses_tables_whose_columns_differ():
    datasets = two_datasets()
    frame, family = datasets["b"].tables["good"]
    datasets["b"] = datasets["b"]._replace(tables={"good": (frame.add_suffix("x"), family)})
    with pytest.raises(TableError, match="columns of good differ"):
        cross(datasets)


def test_the_shift_diagnostic_is_a_half_for_one_population_and_one_for_two():
    random = np.random.default_rng(0)
    a, b = random.normal(size=(200, 5)), random.normal(size=(200, 5))
    assert distinguishability(a, b) < 0.6
    assert distinguishability(a, b + 5) > 0.99


def named_features(rows: int = 80) -> tuple[pd.DataFrame, pd.Series]:
    random = np.random.default_rng(5)
    mos = random.uniform(1, 5, rows)
    table = pd.DataFrame(
        {
            "siti.si.mean": mos + random.normal(0, 0.3, rows),
            "siti.ti.mean": mos + random.normal(0, 0.3, rows),
            "brisque.mscn_alpha_s1.mean": random.normal(size=rows),
            "seconds.siti": 0.25,
            "seconds.brisque": np.linspace(0.5, 1.5, rows),
            "seconds.decode": 9.0,
        },
        index=pd.Index([f"v{i}" for i in range(rows)]),
    )
    return table, pd.Series(mos, index=table.index)


def test_ablation_takes_one_extractor_out_at_a_time():
    table, mos = named_features()
    tables = ablation_tables(table)
    assert list(tables) == ["all", "without siti", "only siti", "without brisque", "only brisque"]
    median = compare(tables, mos, splits=5, **RIDGE).summary.set_index("table")["srcc"]
    assert median["without siti"] < 0.4 < 0.9 < median["without brisque"]


def test_permuting_the_group_that_matters_costs_most():
    table, mos = named_features()
    found = group_importance(table, mos, splits=4)
    assert list(found["group"]) == ["siti", "brisque"]
    assert found["loss"].iloc[0] > 0.7
    assert abs(found["loss"].iloc[1]) < 0.05
    assert extractor_groups(table)["siti"] == ["siti.si.mean", "siti.ti.mean"]


def test_costs_are_the_tables_own_seconds():
    table, mos = named_features()
    # Half a video's 1.0 s median for brisque, .25 s for siti; decoding is shared.
    assert seconds_per_video(feature_tables({"t": table})) == {"t": pytest.approx(1.25)}
    part = table[["siti.si.mean", "seconds.siti", "seconds.brisque"]]
    assert seconds_per_video(feature_tables({"t": part})) == {"t": 0.25}
    found = compare({"t": table}, mos, splits=2, **RIDGE)
    assert found.summary["seconds_per_video"].iloc[0] == pytest.approx(1.25)


def test_failures_are_the_largest_residuals(comparison):
    worst = diagnosis.failures(comparison, pd.DataFrame({"width": 640}, index=["clip000"]), count=3)
    errors = diagnosis.residuals(comparison)["good", "ridge"].abs().sort_values(ascending=False)
    assert list(worst[worst["table"] == "good"]["id"]) == list(errors.index[:3])
    assert "video.width" in worst.columns


def test_residuals_correlate_with_themselves_fully(comparison):
    matrix = diagnosis.residual_correlation(comparison)
    np.testing.assert_allclose(np.diag(matrix), 1)
    assert matrix.loc[("good", "ridge"), ("fusion", "ridge")] > 0.5


def test_errors_are_broken_down_by_a_property(comparison):
    ids = diagnosis.residuals(comparison).index
    halves = pd.Series(np.where(np.arange(len(ids)) % 2, "odd", "even"), index=ids)
    found = diagnosis.error_by(comparison, halves)
    assert found.groupby(["table", "regressor"])["videos"].sum().eq(len(ids)).all()


def test_mean_ranks_put_the_better_table_first(comparison):
    ranks = diagnosis.mean_ranks(comparison)
    assert ranks["table"].iloc[-1] == "poor"
    assert ranks.attrs["critical_difference"] > 0


def test_models_are_distinguished_on_one_test_set(comparison):
    found = fixed_set.significance_on_split(comparison, split=1)
    row = found[(found["table_a"] == "good") & (found["table_b"] == "poor")].iloc[0]
    assert row["z"] > 0
    assert row["p"] <= row["p_holm"]
    with pytest.raises(ParameterError, match="no split 99"):
        fixed_set.significance_on_split(comparison, split=99)


def test_pair_analysis_needs_opinion_counts(comparison):
    _, mos = made_up(80)
    with pytest.raises(ParameterError, match="number of opinions"):
        fixed_set.pair_analysis(comparison, Labels(mos))
    one, thirty = pd.Series(1.0, index=mos.index), pd.Series(30.0, index=mos.index)
    areas = fixed_set.pair_analysis(comparison, Labels(mos, std=one, counts=thirty)).set_index("table")
    assert areas.loc["good", "better_worse"] > areas.loc["poor", "better_worse"] > 0.5


def test_conformal_intervals_cover_test_videos(comparison):
    assert comparison.scores["coverage"].mean() == pytest.approx(0.9, abs=0.08)
