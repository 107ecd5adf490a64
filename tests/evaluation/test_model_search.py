"""The searches against the same searches by scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import GridSearchCV, LeaveOneGroupOut, RandomizedSearchCV, cross_val_predict
from sklearn.preprocessing import MinMaxScaler
from sklearn.svm import SVR

from vqa_features.errors import ParameterError, UnknownName
from vqa_features.evaluation import regressors
from vqa_features.evaluation.kernel_solvers import Decomposition, squared_distances
from vqa_features.evaluation.model_search import chosen_pipeline, fit_predict
from vqa_features.evaluation.splits import Split, fold_tests, strict_splits
from vqa_features.evaluation.svr_search import choose
from vqa_features.evaluation.training_part import INNER_FOLDS

#: libsvm stops at a gap of 1e-3 of the z-scored target; kernels that differ in the last bit stop apart.
SOLVER = 2e-3
#: Two double-precision ways through one linear system.
ROUNDING = 1e-8


def made_up(rows: int = 90, columns: int = 8) -> tuple[np.ndarray, np.ndarray, Split]:
    random = np.random.default_rng(11)
    y = random.uniform(20, 80, rows)
    X = np.sin(y / 15)[:, None] * random.normal(1, 0.3, columns) + random.normal(0, 0.5, (rows, columns))
    X[3, 2] = np.nan
    return X, y, strict_splits(rows, splits=1)[0]


def grid_search(name: str, X: np.ndarray, y: np.ndarray, split: Split) -> GridSearchCV:
    rows = np.arange(len(split.train))
    folds = [(np.setdiff1d(rows, test), test) for test in fold_tests(len(rows), None, INNER_FOLDS, 0)]
    names = {f"regress__regressor__{k}": list(v) for k, v in regressors.grid(name, X.shape[1]).items()}
    return GridSearchCV(regressors.make(name), names, scoring="r2", cv=folds).fit(
        X[split.train], y[split.train]
    )


@pytest.mark.parametrize("name", ["svr-rbf", "svr-linear"])
def test_the_full_search_chooses_and_predicts_as_gridsearchcv_over_the_pipeline(name):
    X, y, split = made_up()
    theirs = grid_search(name, X, y, split)
    ours = fit_predict(name, X, y, split, search="full")
    for parameter, value in ours.chosen.items():
        assert value == pytest.approx(theirs.best_params_[f"regress__regressor__{parameter}"])
    np.testing.assert_allclose(ours.predicted, theirs.predict(X[split.test]), atol=SOLVER * y.std())


def test_literature_mode_searches_as_the_public_script_does():
    X, y, split = made_up()
    X = np.nan_to_num(X)
    space = {"C": np.logspace(1, 10, 10, base=2), "gamma": np.logspace(-8, 1, 10, base=2)}
    scaler = MinMaxScaler().fit(X[split.train])
    theirs = RandomizedSearchCV(SVR(), space, cv=3, random_state=7)
    theirs.fit(scaler.transform(X[split.train]), y[split.train])
    ours = fit_predict("svr-rbf", X, y, split, protocol="literature", seed=7)
    assert ours.chosen == theirs.best_params_
    expected = theirs.predict(scaler.transform(X[split.test]))
    np.testing.assert_allclose(ours.predicted, expected, atol=SOLVER * y.std())


def test_the_refined_search_finds_the_maximum_of_a_smooth_score():
    costs, gammas = regressors.COSTS, regressors.GAMMAS
    visited = []

    def score(cost: float, gamma: float) -> float:
        visited.append((cost, gamma))
        return -((np.log2(cost) - 9) ** 2) - (np.log2(gamma) + 7) ** 2

    assert choose(score, costs, gammas, "refine", 0) == (2.0**9, 2.0**-7)
    assert len(visited) < 60


def test_ridge_leaves_one_out_as_ridgecv_does():
    X, y, split = made_up()
    X = np.nan_to_num(X)
    model = regressors.make("ridge").fit(X[split.train], y[split.train])
    ours = fit_predict("ridge", X, y, split)
    assert ours.chosen["alpha"] == model["regress"].regressor_.alpha_
    np.testing.assert_allclose(ours.predicted, model.predict(X[split.test]), atol=ROUNDING * y.std())


@pytest.mark.parametrize("shape", [(40, 6), (30, 50)])
def test_closed_form_group_predictions_equal_refitting_without_the_group(shape):
    random = np.random.default_rng(2)
    Z, y = random.normal(size=shape), random.normal(size=shape[0])
    groups = np.arange(shape[0]) // 5
    solved = Decomposition.of_features(Z, y)
    blocks = [np.flatnonzero(groups == g) for g in np.unique(groups)]
    slow = cross_val_predict(RidgeCV(alphas=[3.0]), Z, y, groups=groups, cv=LeaveOneGroupOut())
    np.testing.assert_allclose(solved.out_of_block(3.0, blocks), slow, atol=ROUNDING)
    singles = [np.array([i]) for i in range(shape[0])]
    np.testing.assert_allclose(solved.out_of_block(3.0), solved.out_of_block(3.0, singles), atol=ROUNDING)


def test_kernel_ridge_leaves_out_in_closed_form():
    from sklearn.kernel_ridge import KernelRidge

    random = np.random.default_rng(3)
    Z, y = random.normal(size=(25, 4)), random.normal(size=25)
    y -= y.mean()
    solved = Decomposition.of_kernel(np.exp(-0.3 * squared_distances(Z, Z)), y)
    slow = [
        KernelRidge(alpha=0.2, kernel="rbf", gamma=0.3)
        .fit(np.delete(Z, i, 0), np.delete(y, i))
        .predict(Z[i : i + 1])[0]
        for i in range(25)
    ]
    np.testing.assert_allclose(solved.out_of_block(0.2), slow, atol=ROUNDING)


@pytest.mark.parametrize("name", [*regressors.NAMES, "sklearn.linear_model.BayesianRidge"])
def test_every_regressor_gives_finite_predictions_of_unseen_and_out_of_fold_rows(name):
    X, y, split = made_up(60, 4)
    fit = fit_predict(name, X, y, split)
    assert fit.predicted.shape == split.test.shape
    assert fit.out_of_fold.shape == split.train.shape
    assert np.isfinite(fit.predicted).all()
    assert np.isfinite(fit.out_of_fold).all()


@pytest.mark.parametrize("name", ["svr-rbf", "svr-linear", "ridge", "kernel-ridge"])
def test_the_chosen_pipeline_predicts_what_was_scored(name):
    X, y, split = made_up()
    fit = fit_predict(name, X, y, split)
    model = chosen_pipeline(name, fit.chosen).fit(X[split.train], y[split.train])
    np.testing.assert_allclose(model.predict(X[split.test]), fit.predicted, atol=SOLVER * y.std())


def test_the_test_part_does_not_change_the_fit():
    X, y, split = made_up()
    altered = X.copy(), y.copy()
    altered[0][split.test[1:]] *= 100
    altered[1][split.test] = 0
    for name in ("svr-rbf", "ridge", "kernel-ridge"):
        a = fit_predict(name, X, y, split).predicted[0]
        b = fit_predict(name, *altered, split).predicted[0]
        assert a == pytest.approx(b, rel=ROUNDING), name


def test_predictions_follow_the_scale_of_the_mos():
    X, y, split = made_up()
    for name in ("svr-rbf", "ridge", "kernel-ridge"):
        a, b = fit_predict(name, X, y, split), fit_predict(name, X, 1 + y / 25, split)
        np.testing.assert_allclose(b.predicted, 1 + a.predicted / 25, atol=SOLVER)


def test_components_and_blocks_enter_the_pipeline():
    X, y, split = made_up()
    assert fit_predict("ridge", X, y, split, components=2).predicted.shape == split.test.shape
    joined = fit_predict("svr-rbf", np.hstack([X, X * 1000]), y, split, blocks=(8, 8))
    # The same columns twice, each block weighted alike, are the same kernel.
    alone = fit_predict("svr-rbf", X, y, split)
    np.testing.assert_allclose(joined.predicted, alone.predicted, atol=SOLVER * y.std())
    with pytest.raises(ParameterError, match="components"):
        regressors.make("ridge", blocks=(4, 4), components=2)


def test_an_unknown_regressor_gets_the_closest_name():
    with pytest.raises(UnknownName, match="did you mean 'svr-rbf'"):
        regressors.make("svr-rfb")
    with pytest.raises(UnknownName, match="cannot be imported"):
        regressors.make("sklearn.svm.NoSuchRegressor")
