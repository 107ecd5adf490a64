"""Kernel methods on more training rows than a search visits: subsample, exact fit, what is said.

The thresholds are lowered (`few`), so that small sizes take the way of large ones.
"""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.kernel_ridge import KernelRidge
from sklearn.svm import SVR

import vqa_features as vf
from vqa_features.evaluation import regressors, training_part
from vqa_features.evaluation.kernel_solvers import squared_distances
from vqa_features.evaluation.many_rows import fit_svr_on_all
from vqa_features.evaluation.model_search import chosen_pipeline, fit_predict
from vqa_features.evaluation.smo import TOLERANCE, fit_dual
from vqa_features.evaluation.splits import Split, fold_tests, strict_splits
from vqa_features.evaluation.subsample import subsample
from vqa_features.evaluation.training_part import INNER_FOLDS

#: Both solvers stop within this gap of the z-scored target, at points that may lie several of it apart.
SOLVER = 5 * TOLERANCE
#: Two double-precision ways through one linear system.
ROUNDING = 1e-8
KERNEL_METHODS = ["svr-rbf", "svr-linear", "kernel-ridge"]


def made_up(rows: int = 240, columns: int = 6, group: int = 4) -> tuple[np.ndarray, ...]:
    random = np.random.default_rng(5)
    groups = np.array([f"content{number // group}" for number in range(rows)])
    y = random.uniform(20, 80, rows)
    X = np.sin(y / 15)[:, None] * random.normal(1, 0.3, columns) + random.normal(0, 0.5, (rows, columns))
    X[3, 2] = np.nan
    return X, y, groups


@pytest.mark.parametrize("cost", [0.5, 8.0, 256.0])
@pytest.mark.parametrize("kind", ["rbf", "linear"])
@pytest.mark.parametrize("rows", [2, 41, 300])
def test_the_solver_agrees_with_libsvm(rows, kind, cost):
    random = np.random.default_rng(rows)
    Z = random.random((rows, 5)) if kind == "rbf" else random.normal(size=(rows, 3)) / 10
    y = np.sin(4 * Z[:, 0]) + random.normal(0, 0.3, rows)
    kernel = Z @ Z.T if kind == "linear" else np.exp(-0.7 * squared_distances(Z, Z))
    ours = fit_dual(kernel.astype(np.float32), y, cost, 0.1)
    theirs = SVR(kernel="precomputed", C=cost, epsilon=0.1).fit(kernel, y)
    np.testing.assert_allclose(kernel @ ours.coefficients + ours.offset, theirs.predict(kernel), atol=SOLVER)
    assert abs(ours.coefficients.sum()) < 1e-9 * cost * rows
    assert np.abs(ours.coefficients).max() <= cost


def test_the_solver_finds_the_optimum_where_no_coefficient_is_needed_or_all_are_bounded():
    kernel = np.eye(6, dtype=np.float32)
    flat = fit_dual(kernel, np.full(6, 3.0), 1.0, 0.1)
    assert not flat.coefficients.any()
    assert flat.offset == pytest.approx(3.0)
    apart = fit_dual(kernel, np.array([-9.0, -9, -9, 9, 9, 9]), 0.5, 0.1)
    np.testing.assert_array_equal(apart.coefficients, [-0.5, -0.5, -0.5, 0.5, 0.5, 0.5])
    assert apart.offset == pytest.approx(0.0)


def test_a_first_compilation_keeps_no_gram_matrix_alive(tmp_path):
    script = """
import gc, weakref
import numpy as np
from vqa_features.evaluation.smo import compile_solver, fit_dual
gc.disable()
def fit():
    compile_solver()
    gram = np.eye(50, dtype=np.float32)
    fit_dual(gram, np.arange(50.0), 1.0, 0.1)
    return weakref.ref(gram)
assert fit()() is None
"""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True, timeout=300)


@pytest.mark.parametrize("sizes", [[1] * 500, [4] * 125, [7, 1, 30] * 13, [2] * 50 + [60] * 4])
def test_a_subsample_keeps_groups_whole_and_is_seeded(sizes):
    groups = np.repeat(np.arange(len(sizes)), sizes)
    groups = np.random.default_rng(0).permutation(groups)
    kept = subsample(len(groups), groups, 240, 3)
    assert 180 < len(kept) <= 240
    assert (np.diff(kept) > 0).all()
    names, counts = np.unique(groups[kept], return_counts=True)
    np.testing.assert_array_equal(counts, [np.sum(groups == name) for name in names])
    assert set(kept) != set(subsample(len(groups), groups, 240, 4))
    np.testing.assert_array_equal(kept, subsample(len(groups), groups, 240, 3))


def test_a_giant_group_is_thinned_so_that_others_remain():
    groups = np.array(["giant"] * 900 + [f"small{number}" for number in range(100)])
    kept = subsample(1000, groups, 240, 0)
    assert np.sum(groups[kept] == "giant") in (0, 60)
    assert len(np.unique(groups[kept])) > 3


def test_few_rows_are_all_taken_and_ungrouped_rows_are_exactly_as_many_as_asked():
    np.testing.assert_array_equal(subsample(50, None, 60, 0), np.arange(50))
    kept = subsample(500, None, 60, 0)
    assert len(np.unique(kept)) == 60
    # Each row has the same chance.
    drawn = np.bincount(np.concatenate([subsample(40, None, 10, seed) for seed in range(400)]), minlength=40)
    assert drawn.min() > 60
    assert drawn.max() < 145


@pytest.mark.parametrize("name", KERNEL_METHODS)
def test_the_final_fit_uses_all_rows_with_the_choice_of_the_subsample(name, few):
    X, y, groups = made_up()
    split = strict_splits(len(y), groups, splits=1)[0]
    fit = fit_predict(name, X, y, split, groups, seed=2)
    searched = split.train[subsample(len(split.train), groups[split.train], 60, 2)]
    assert not set(groups[searched]) & set(groups[np.setdiff1d(split.train, searched)])
    model = chosen_pipeline(name, fit.chosen).fit(X[split.train], y[split.train])
    np.testing.assert_allclose(fit.predicted, model.predict(X[split.test]), atol=SOLVER * y.std())
    part = chosen_pipeline(name, fit.chosen).fit(X[searched], y[searched])
    assert np.abs(fit.predicted - part.predict(X[split.test])).max() > 0.1
    for (parameter, value), values in zip(
        fit.chosen.items(), regressors.grid(name, 6, further=1).values(), strict=True
    ):
        assert value in values, parameter


@pytest.mark.parametrize("name", ["svr-rbf", "svr-linear"])
def test_the_choice_is_that_of_a_search_on_the_subsample_alone(name, few):
    X, y, groups = made_up(200)
    train, test = np.arange(150), np.arange(150, 200)
    rows = subsample(150, groups[:150], 60, 1)
    alone = fit_predict(name, X, y, Split(rows, test), groups, seed=1)
    many = fit_predict(name, X, y, Split(train, test), groups, seed=1)
    # The best gamma is inside the published grid, so the further ones change nothing.
    assert alone.chosen.get("gamma", 0) < max(regressors.grid("svr-rbf", 6)["gamma"])
    assert many.chosen == alone.chosen


@pytest.mark.parametrize("protocol", ["strict", "literature"])
def test_each_row_is_predicted_out_of_fold_by_a_model_without_its_fold(protocol, few):
    X, y, groups = made_up()
    split = strict_splits(len(y), groups, splits=1)[0]
    fit = fit_predict("svr-rbf", X, y, split, groups, protocol=protocol, seed=2)
    train_y = y[split.train]
    if protocol == "literature":
        folds = np.array_split(np.arange(len(train_y)), INNER_FOLDS)
        prepare = regressors.make("svr-rbf")[:-1].fit(X[split.train])
    else:
        folds = fold_tests(len(train_y), groups[split.train], INNER_FOLDS, 2)
    for rows in folds:
        kept = np.setdiff1d(np.arange(len(train_y)), rows)
        if protocol == "strict":
            model = chosen_pipeline("svr-rbf", fit.chosen).fit(X[split.train[kept]], train_y[kept])
            expected = model.predict(X[split.train[rows]])
        else:
            Z = prepare.transform(X[split.train])
            expected = SVR(**fit.chosen, epsilon=0.1).fit(Z[kept], train_y[kept]).predict(Z[rows])
        np.testing.assert_allclose(fit.out_of_fold[rows], expected, atol=SOLVER * y.std())


@pytest.mark.parametrize("grouped", [True, False])
def test_kernel_ridge_leaves_rows_or_groups_out_of_all_rows(grouped, few):
    X, y, groups = made_up(150)
    X = np.nan_to_num(X)
    split = strict_splits(150, groups if grouped else None, splits=1)[0]
    fit = fit_predict("kernel-ridge", X, y, split, groups if grouped else None)
    Z = regressors.make("kernel-ridge")[:-1].fit_transform(X[split.train])
    target = y[split.train] - y[split.train].mean()
    for row in (0, 17, 60):
        mine = groups[split.train] == groups[split.train][row] if grouped else np.arange(len(Z)) == row
        model = KernelRidge(kernel="rbf", alpha=fit.chosen["alpha"], gamma=fit.chosen["gamma"])
        model.fit(Z[~mine], target[~mine])
        expected = model.predict(Z[row : row + 1])[0] + y[split.train].mean()
        assert fit.out_of_fold[row] == pytest.approx(expected, rel=ROUNDING)


@pytest.mark.parametrize("name", KERNEL_METHODS)
@pytest.mark.parametrize("rows", [100, 101])
def test_up_to_the_threshold_nothing_changes_by_a_bit(name, rows, few, monkeypatch):
    X, y, groups = made_up(160)
    split = Split(np.arange(rows), np.arange(130, 160))
    below = fit_predict(name, X, y, split, groups, seed=4)
    monkeypatch.setattr(training_part, "MOST_SEARCHED_ROWS", 5000)
    plain = fit_predict(name, X, y, split, groups, seed=4)
    same = np.array_equal(below.predicted, plain.predicted) and below.chosen == plain.chosen
    assert same == (rows == 100)


def test_the_grid_of_gamma_grows_with_the_rows(few):
    for rows, further in ((100, 0), (101, 1), (200, 1), (201, 2), (801, 4)):
        part = training_part.TrainingPart(
            None, np.zeros((rows, 1)), np.zeros(rows), Split(np.arange(rows), np.arange(0)), None, True, 0
        )
        assert part.further_gammas() == further
        assert part._replace(strict=False).further_gammas() == 0  # the published grid
    published, wide = (regressors.grid("svr-rbf", 64, further=n)["gamma"] for n in (0, 3))
    assert published == regressors.GAMMAS
    assert wide == (*published, 4.0, 8.0, 16.0)


def test_a_comparison_says_that_a_subsample_was_searched(few):
    X, y, groups = made_up()
    ids = [f"video{number:03d}" for number in range(len(y))]
    table = pd.DataFrame(X, index=ids).add_prefix("f")
    mos, scenes = pd.Series(y, index=ids), pd.Series(groups, index=ids)

    def run(jobs: int, **options):
        chosen = {"splits": 2, "bootstrap": 10, "regressors": ["svr-rbf", "ridge"], **options}
        return vf.compare({"a": (table, "deep")}, mos, scenes, jobs=jobs, **chosen)

    one = run(1)
    said = "subsample 60 of 192 training rows with 1 more gamma in the grid, then one fit on all rows (memory"
    assert one.settings["searched"]["strict"]["svr-rbf"].startswith(f"refine; {said}")
    assert any(said in text for text in one.warnings)
    linear = run(1, regressors=["svr-linear"]).settings["searched"]["strict"]["svr-linear"]
    assert "subsample 60 of 192 training rows, then" in linear
    published = run(1, protocol="literature").settings["searched"]["literature"]["svr-rbf"]
    assert published.startswith("random10; subsample 60 of 192 training rows, then")
    searched = run(1, regressors=["ridge"]).settings["searched"]
    assert searched == {"strict": {"ridge": "full, in closed form"}}


@pytest.mark.parametrize(("cost", "power"), [(2.0, -2), (64.0, -6), (512.0, 1)])
def test_a_fit_of_many_columns_is_that_of_libsvm(cost, power):
    """Kernels are computed from rows in float32."""
    random = np.random.default_rng(7)
    causes = random.normal(size=(400, 5))
    X = np.tanh(causes @ random.normal(size=(5, 512))) + random.normal(0, 0.3, (400, 512))
    y = 50 + 10 * causes[:, 0] + random.normal(0, 3, 400)
    chosen = {"C": cost, "gamma": 2.0**power * 64 / 512}
    split = Split(np.arange(300), np.arange(300, 400))
    part = training_part.TrainingPart(regressors.make("svr-rbf"), X, y, split, None, True, 0)
    found = fit_svr_on_all(part, "svr-rbf", chosen)
    expected = chosen_pipeline("svr-rbf", chosen).fit(X[:300], y[:300]).predict(X[300:])
    np.testing.assert_allclose(found.predicted, expected, atol=SOLVER * y.std())
