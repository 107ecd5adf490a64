"""The whole comparison on made-up videos with known quality."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from made_up_videos import made_up

from vqa_features.comparison import compare
from vqa_features.errors import ParameterError, TableError
from vqa_features.tables.labels import Labels

SCORES = [
    "protocol",
    "part",
    "split",
    "table",
    "family",
    "regressor",
    "srcc",
    "krcc",
    "plcc_raw",
    "plcc",
    "plcc_test_mapped",
    "rmse",
    "mae",
    "outlier_ratio",
    "interval",
    "coverage",
    "n_train",
    "n_test",
    "columns",
    "chosen",
    "at_edge",
    "seconds",
]


def test_both_protocols_give_every_documented_column():
    tables, mos = made_up()
    found = compare(tables, mos, protocol="both", splits=4, fusion=True)
    assert list(found.scores.columns) == SCORES
    assert set(found.scores["protocol"]) == {"strict", "literature"}
    assert set(found.scores["table"]) == {"good", "poor", "fusion", "late-fusion"}
    assert np.isfinite(found.scores.drop(columns="outlier_ratio").select_dtypes("number")).all().all()
    assert {"id", "mos", "predicted", "mapped"} <= set(found.predictions.columns)
    assert {"low", "high", "p_holm", "equivalent", "verdict"} <= set(found.significance.columns)


def test_the_better_features_win_and_the_mean_ranks_nothing():
    tables, mos = made_up()
    summary = compare(tables, mos, splits=8).summary.set_index(["table", "regressor"])["srcc"]
    assert summary["good", "ridge"] > summary["poor", "ridge"] > 0.3
    assert summary["good", "mean"] == 0


def test_literature_mode_fits_the_logistic_on_the_test_part():
    tables, mos = made_up()
    scores = compare(tables, mos, protocol="literature", splits=3, regressors=["ridge"]).scores
    assert (scores["plcc"] == scores["plcc_test_mapped"]).all()


def test_shuffled_mos_gives_srcc_about_zero_and_a_warning():
    tables, mos = made_up(120)
    shuffled = pd.Series(np.random.default_rng(3).permutation(mos.to_numpy()), index=mos.index)
    found = compare(tables, shuffled, splits=10, regressors=["svr-rbf", "ridge"], bootstrap=10)
    # Mean of 10 overlapping splits of 24 test videos: one standard error is at most 1 / sqrt(120) = .09.
    assert (found.summary["srcc_mean"].abs() < 0.25).all()


def test_a_column_equal_to_the_mos_is_caught():
    tables, mos = made_up()
    frame, family = tables["good"]
    leaked = {"good": (frame.assign(oracle=100 - 20 * mos), family)}
    with pytest.raises(TableError, match="'oracle' is the MOS"):
        compare(leaked, mos, splits=2)


def test_permuting_rows_changes_nothing():
    tables, mos = made_up()
    order = np.random.default_rng(1).permutation(len(mos))
    turned = {name: (frame.iloc[order[::-1]], family) for name, (frame, family) in tables.items()}
    a = compare(tables, mos, splits=3).scores.drop(columns="seconds")
    b = compare(turned, mos.iloc[order], splits=3).scores.drop(columns="seconds")
    pd.testing.assert_frame_equal(a, b, check_exact=True)


def test_the_same_seed_gives_identical_files_with_any_number_of_jobs(tmp_path):
    tables, mos = made_up()
    for folder, jobs in (("a", 1), ("b", 2)):
        compare(tables, mos, splits=3, jobs=jobs, protocol="both", fusion=True).save(tmp_path / folder)
    for name in ("summary.csv", "significance.csv", "predictions.csv", "settings.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
    a, b = (pd.read_csv(tmp_path / folder / "scores.csv").drop(columns="seconds") for folder in "ab")
    pd.testing.assert_frame_equal(a, b, check_exact=True)


def test_groups_stay_on_one_side():
    tables, mos = made_up()
    groups = pd.Series([f"scene{i // 6}" for i in range(len(mos))], index=mos.index)
    found = compare(tables, mos, groups=groups, splits=5, regressors=["ridge"])
    for _, tested in found.predictions.groupby("split"):
        scenes = set(groups[tested["id"].unique()])
        assert tested["id"].nunique() == 6 * len(scenes)


def test_columns_may_be_numbered():
    tables, mos = made_up()
    numbered = pd.DataFrame(tables["good"][0].to_numpy(), index=mos.index)
    found = compare({"t": (numbered, "deep")}, mos, splits=2, regressors=["ridge"])
    assert found.settings["tables"]["t"]["columns"] == 6


def test_splits_may_be_given_by_id():
    tables, mos = made_up()
    ids = list(mos.index)
    found = compare(tables, mos, splits=[(ids[:40], ids[40:])], regressors=["ridge"])
    assert set(found.predictions["id"]) == set(ids[40:])


def test_opinion_deviations_give_an_outlier_ratio():
    tables, mos = made_up()
    labels = Labels(mos, std=pd.Series(0.5, index=mos.index))
    ratio = compare(tables, labels, splits=2, regressors=["ridge"]).scores["outlier_ratio"]
    assert ratio.between(0, 1).all()


@pytest.mark.parametrize(
    "wrong",
    [{"protocol": "strickt"}, {"splits": 0}, {"regressors": "ridge"}, {"search": "grid"}, {"scheme": "x"}],
)
def test_wrong_parameters_are_named(wrong):
    tables, mos = made_up()
    with pytest.raises(ParameterError, match=next(iter(wrong))):
        compare(tables, mos, **wrong)


def test_importing_the_module_is_quick():
    code = "import sys, vqa_features.comparison\n"
    code += "print([name for name in ('pandas', 'sklearn', 'torch') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("first", ["comparison", "comparison.result", "evaluation.regressors", "report"])
def test_compare_stays_a_function_whatever_is_imported_first(first):
    code = f"import vqa_features.{first}, vqa_features as vf\n"
    code += "print(callable(vf.compare), vf.regressors.NAMES[0])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "svr-rbf"]


def test_the_baseline_alone_can_be_asked_for():
    tables, mos = made_up()
    comparison = compare(tables, mos, splits=2, regressors=["mean"])
    assert set(comparison.summary["regressor"]) == {"mean"}
    assert comparison.significance.empty


def test_videos_joined_and_videos_tested_at_least_once_are_both_given():
    tables, mos = made_up()
    found = compare(tables, mos, splits=1, regressors=["ridge", "mean"], bootstrap=10)
    assert set(found.summary["videos"]) == {60}
    assert set(found.summary["n"]) == {found.predictions["id"].nunique()} == {12}
