"""The table of regressors, estimators of the caller, and grids."""

from __future__ import annotations

import json
import sys
from functools import partial

import numpy as np
import pytest
from made_up_videos import made_up
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import ExtraTreesRegressor, RandomForestRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import RobustScaler
from sklearn.svm import SVR

from vqa_features.comparison import compare
from vqa_features.comparison.options import ModelOptions
from vqa_features.errors import ParameterError, TableError, UnknownName
from vqa_features.evaluation import regressors
from vqa_features.evaluation.estimators import built
from vqa_features.evaluation.grids import as_cell, describe, edges, parsed, read_grids
from vqa_features.evaluation.model_search import chosen_pipeline, fit_predict
from vqa_features.evaluation.regressors import Regressor
from vqa_features.evaluation.splits import Split, fold_tests, strict_splits
from vqa_features.evaluation.training_part import INNER_FOLDS

TABLES, MOS = made_up()
X, Y = TABLES["good"][0].to_numpy(), MOS.to_numpy()
SPLIT = strict_splits(60, splits=1)[0]
QUICK = {"splits": 2, "bootstrap": 10}
#: Two double-precision ways through one computation.
ROUNDING = 1e-9


def note_of(comparison, word: str) -> list[str]:
    return [text for text in comparison.warnings if word in text]


def test_one_more_line_in_the_table_is_one_more_regressor(monkeypatch):
    near = partial(built, "sklearn.neighbors:KNeighborsRegressor")
    line = Regressor("knn", near, "minmax", {"n_neighbors": (3, 5, 9)}, "grid")
    monkeypatch.setattr(regressors, "TABLE", (*regressors.TABLE, line))
    found = compare(TABLES, MOS, regressors=["knn"], **QUICK)
    assert found.settings["searched"] == {"strict": {"knn": "grid of 3 points, all"}}
    assert set(found.scores["chosen"]) <= {'{"n_neighbors": 3}', '{"n_neighbors": 5}', '{"n_neighbors": 9}'}
    assert not note_of(found, "not searched")


def test_regressors_without_a_search_are_named():
    given = ["gradient-boosting", "ridge", "mean", "sklearn.linear_model.BayesianRidge", SVR()]
    models = ModelOptions.of(given)
    assert [text.split(" runs with ")[0] for text in models.notes()] == [
        "gradient-boosting",
        "sklearn.linear_model.BayesianRidge",
        "SVR",
    ]
    assert models.searched("strict") == {
        "gradient-boosting": "not searched: defaults",
        "ridge": "full, in closed form",
        "mean": "nothing to search",
        "sklearn.linear_model.BayesianRidge": "not searched: defaults",
        "SVR": "not searched: hyperparameters as given",
    }
    assert ModelOptions.of(["svr-rbf"]).searched("literature") == {"svr-rbf": "random10"}
    assert note_of(compare(TABLES, MOS, regressors=["gradient-boosting"], **QUICK), "which are not searched")


def test_estimators_are_copied_seeded_and_named_by_their_class():
    given = ExtraTreesRegressor(n_estimators=5)
    found = compare(TABLES, MOS, regressors=[given, "mean"], **QUICK)
    assert set(found.scores["regressor"]) == {"ExtraTreesRegressor", "mean"}
    assert given.random_state is None
    assert not hasattr(given, "estimators_")
    again = compare(TABLES, MOS, regressors=[given, "mean"], **QUICK)
    np.testing.assert_array_equal(found.predictions["predicted"], again.predictions["predicted"])
    fixed = regressors.make(ExtraTreesRegressor(random_state=7), seed=3)["regress"].regressor
    assert fixed.random_state == 7


def test_an_estimator_predicts_as_by_hand():
    from sklearn.preprocessing import StandardScaler

    fit = fit_predict(Ridge(alpha=3.0), X, Y, SPLIT)
    scaler, (mean, unit) = StandardScaler().fit(X[SPLIT.train]), (Y[SPLIT.train].mean(), Y[SPLIT.train].std())
    by_hand = Ridge(alpha=3.0).fit(scaler.transform(X[SPLIT.train]), (Y[SPLIT.train] - mean) / unit)
    expected = by_hand.predict(scaler.transform(X[SPLIT.test])) * unit + mean
    np.testing.assert_allclose(fit.predicted, expected, rtol=ROUNDING)


def test_a_pipeline_keeps_its_own_scaling_and_seeds_its_steps():
    own = make_pipeline(RobustScaler(), RandomForestRegressor(n_estimators=3))
    made = regressors.make(own, seed=5)
    assert [name for name, _ in made.steps] == ["impute", "constant", "regress"]
    assert made["regress"].regressor[-1].random_state == 5
    missing = X.copy()
    missing[3, 1] = np.nan
    assert np.isfinite(fit_predict(own, missing, Y, SPLIT).predicted).all()


def test_a_mapping_names_the_regressors():
    given = {"near": KNeighborsRegressor(3), "far": KNeighborsRegressor(15), "ridge": "ridge"}
    found = compare(TABLES, MOS, regressors=given, **QUICK)
    assert list(found.scores["regressor"].unique()) == ["near", "far", "ridge"]
    with pytest.raises(ParameterError, match="two regressors are called 'KNeighborsRegressor'"):
        ModelOptions.of([KNeighborsRegressor(3), KNeighborsRegressor(15)])
    with pytest.raises(ParameterError, match="'ridge' is not free"):
        ModelOptions.of({"ridge": Ridge()})


class NoParameters:
    def fit(self, X, y):
        return self

    def predict(self, X):
        return np.zeros(len(X))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (SVR, r"SVR is a class: give an instance, SVR\(\)"),
        (KNeighborsClassifier(), "it predicts classes, not MOS"),
        (NoParameters(), "no method 'get_params'"),
        (None, "no scikit-learn regressor"),
        (RobustScaler(), "no method 'predict'"),
        ("sklearn.svm.SVC", "it predicts classes, not MOS"),
        ("sklearn.multioutput.MultiOutputRegressor", "cannot be made without arguments"),
        ("sklearn.metrics.r2_score", "it is no class"),
    ],
)
def test_what_is_no_regressor_is_refused_before_any_work(given, told):
    with pytest.raises(ParameterError, match=told):
        ModelOptions.of([given])


class Wrong(DummyRegressor):
    def predict(self, X):
        return np.full((len(X), 2), 1.0)


class Infinite(DummyRegressor):
    def predict(self, X):
        return np.full(len(X), np.inf)


class Failing(DummyRegressor):
    def fit(self, X, y, sample_weight=None):
        raise RuntimeError("no luck")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (Wrong(), "one finite number"),
        (Infinite(), "nan or infinity"),
        (Failing(), "Failing failed: RuntimeError: no luck"),
    ],
)
def test_an_estimator_that_fails_is_named(given, told):
    with pytest.raises(ParameterError, match=told):
        fit_predict(given, X, Y, SPLIT, protocol="literature")


def test_the_current_folder_is_looked_in_for_the_form_with_a_colon_only(tmp_path, monkeypatch):
    code = "from sklearn.linear_model import Ridge\nclass Mine(Ridge):\n    pass\n"
    (tmp_path / "own_models.py").write_text(code)
    (tmp_path / "json.py").write_text("raise SystemExit")  # never in place of what is installed
    (tmp_path / "broken_models.py").write_text("1 +")
    compare(TABLES, MOS, regressors=["ridge"], jobs=2, **QUICK)  # starts workers in another folder
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry not in ("", str(tmp_path))])
    with pytest.raises(UnknownName, match="cannot be imported"):
        regressors.make("own_models.Mine")
    before = list(sys.path)
    try:
        assert type(regressors.make("own_models:Mine")["regress"].regressor).__name__ == "Mine"
        with pytest.raises(ParameterError, match="broken_models:Mine cannot be imported"):
            regressors.make("broken_models:Mine")
        with pytest.raises(UnknownName, match="cannot be imported"):
            regressors.make("json:JSONDecoders")
        (tmp_path / "json.py").unlink()  # an interpreter that starts here would import it
        found = compare(TABLES, MOS, regressors=["own_models:Mine"], jobs=2, **QUICK)
        assert set(found.scores["regressor"]) == {"own_models:Mine"}
    finally:
        sys.modules.pop("own_models", None)
    assert sys.path == before


@pytest.mark.parametrize("name", ["gradient-boosting", "svr-rbf"])
def test_a_grid_is_searched_as_by_gridsearchcv(name):
    grid = {"max_iter": [5, 40], "max_depth": [2, 3]} if name != "svr-rbf" else {"C": [0.5, 2.0, 64.0]}
    record = regressors.find(name, grid)
    rows = np.arange(len(SPLIT.train))
    folds = [(np.setdiff1d(rows, test), test) for test in fold_tests(len(rows), None, INNER_FOLDS, 0)]
    theirs = GridSearchCV(regressors.make(name), regressors.param_grid(record, 6), scoring="r2", cv=folds)
    theirs.fit(X[SPLIT.train], Y[SPLIT.train])
    ours = fit_predict(record, X, Y, SPLIT)
    assert {f"regress__regressor__{key}": value for key, value in ours.chosen.items()} == theirs.best_params_
    np.testing.assert_allclose(ours.predicted, theirs.predict(X[SPLIT.test]), rtol=ROUNDING)


def test_ten_points_are_drawn_of_a_grid():
    record = regressors.find(KNeighborsRegressor(), {"n_neighbors": list(range(1, 31))})
    drawn = {
        fit_predict(record, X, Y, SPLIT, search="random10", seed=seed).chosen["n_neighbors"]
        for seed in range(4)
    }
    assert len(drawn) > 1
    assert record.searched("random10") == "grid of 30 points, 10 drawn"


@pytest.mark.parametrize("name", ["svr-rbf", "svr-linear", "ridge", "kernel-ridge"])
@pytest.mark.parametrize("scaled", [True, False])
def test_the_keys_of_param_grid_are_parameters_of_the_pipeline(name, scaled):
    model = regressors.make(name, scale_target=scaled)
    grid = regressors.param_grid(name, 60, scale_target=scaled)
    assert set(grid) <= set(model.get_params())
    model.set_params(**{key: values[0] for key, values in grid.items()})
    assert [len(values) for values in grid.values()] == [len(v) for v in regressors.grid(name, 60).values()]


@pytest.mark.parametrize(
    ("grid", "told"),
    [
        ({"max_itr": [1]}, "did you mean 'max_iter'"),
        ({}, "must name hyperparameters"),
        ([1], "must name hyperparameters"),
        ({"max_iter": 3}, "must be a list of values"),
        ({"max_iter": "abc"}, "must be a list of values"),
        ({"max_iter": []}, "at least one value"),
        ({"max_iter": [3, 3]}, "each once"),
        ({"max_iter": [float("inf")]}, "finite"),
        ({"max_iter": [[1]]}, "numbers, texts or truth values"),
        ({"max_iter": list(range(1, 102)), "max_depth": list(range(1, 12))}, "1111 points, at most 1000"),
    ],
)  # fmt: skip
def test_a_wrong_grid_is_refused_before_any_work(grid, told):
    with pytest.raises((ParameterError, UnknownName), match=told):
        ModelOptions.of(["gradient-boosting"], grids={"gradient-boosting": grid})


def test_a_grid_of_no_regressor_is_refused():
    with pytest.raises(UnknownName, match="unknown regressor in the grid 'ridg'; did you mean 'ridge'"):
        ModelOptions.of(["ridge"], grids={"ridg": {"alpha": [1]}})
    with pytest.raises(ParameterError, match="grids must be a mapping"):
        ModelOptions.of(["ridge"], grids=[1])


def test_grids_of_a_toml_file(tmp_path):
    file = tmp_path / "grid.toml"
    file.write_text('[gradient-boosting]\nmax_iter = [50, 100]\n["a.b:C"]\nkind = ["x", "y"]\n')
    assert read_grids(file) == {"gradient-boosting": {"max_iter": [50, 100]}, "a.b:C": {"kind": ["x", "y"]}}
    for text, told in [
        ("[a\n", "cannot be read as a file of grids"),
        ("a = 3\n", r"a must be a table, \[a\]"),
    ]:
        file.write_text(text)
        with pytest.raises(TableError, match=told):
            read_grids(file)
    file.write_bytes(b"\xff\xfe[a]")
    with pytest.raises(TableError, match="cannot be read"):
        read_grids(file)
    file.write_text("#" * (2 << 20))
    with pytest.raises(TableError, match="more than 1048576 bytes"):
        read_grids(file)


@pytest.mark.parametrize("name", ["svr-rbf", "ridge", "kernel-ridge", "gradient-boosting", "mean"])
@pytest.mark.parametrize("protocol", ["strict", "literature"])
def test_chosen_pipeline_takes_the_cell_of_scores_csv(tmp_path, name, protocol):
    import pandas as pd

    found = compare({"t": TABLES["good"]}, MOS, regressors=[name], protocol=protocol, splits=1, bootstrap=10)
    cell = pd.read_csv(found.save(tmp_path) / "scores.csv", keep_default_na=False)["chosen"].item()
    model = chosen_pipeline(name, cell, protocol=protocol)
    assert isinstance(model, Pipeline)
    (train, test), seed = SPLIT, 0 if protocol == "strict" else 1
    exact = fit_predict(name, X, Y, Split(train, test), protocol=protocol, seed=seed)
    assert parsed(as_cell(exact.chosen)) == json.loads(as_cell(exact.chosen)) == exact.chosen


@pytest.mark.parametrize("text", ["C", "C=", "C=1 gamma", "=3", "C:1", "C=one", '{"C": }', '{"C" 1}', "{1}"])
def test_a_cell_that_is_no_choice_is_refused(text):
    with pytest.raises(ParameterError, match="must be as in"):
        chosen_pipeline("svr-rbf", text)


def test_chosen_values_are_read_back_exactly_and_with_their_type():
    chosen = {"C": 8.0, "gamma": 64 / 60 * 2**-7, "depth": 3, "kind": "a b=1", "flag": True, "none": None}
    back = parsed(describe(chosen))
    assert back == chosen
    assert [type(value) for value in back.values()] == [type(value) for value in chosen.values()]
    assert parsed("") == {}


def test_edges_are_those_of_the_numbers_of_a_grid():
    grid = {"C": (1.0, 2.0, 4.0), "gamma": (0.1, 0.2, 0.4)}
    grid |= {"two": (1, 2), "flag": (True, False), "mixed": (1, "sqrt", 3)}
    chosen = {"C": 4.0, "gamma": 0.1, "two": 1, "flag": True, "mixed": 1}
    assert edges(chosen, grid) == ("C highest", "gamma lowest")
    assert edges({"C": 2.0, "gamma": 0.2}, grid) == ()


def test_a_choice_at_the_edge_is_counted_over_splits():
    found = compare(TABLES, MOS, regressors=["ridge", "svr-rbf"], splits=4, bootstrap=10)
    for name, counted in found.scores.groupby("regressor"):
        cells = counted["at_edge"]
        for end in {part for cell in cells for part in cell.split(", ") if part}:
            (text,) = note_of(
                found, f"strict: {name} chose the {end.split()[1]} {end.split()[0]} of its grid"
            )
            total = sum(
                int(part.split(" of 4 ")[0].split()[-1]) for part in text.split(" on ")[1].split(", ")
            )
            assert total == sum(end in cell.split(", ") for cell in cells)
    assert note_of(found, "of its grid on")


def test_ridge_at_the_end_of_its_alphas_is_at_the_edge():
    noise = np.random.default_rng(4).normal(size=X.shape)
    fit = fit_predict("ridge", noise, Y, SPLIT)
    assert (fit.at_edge == ("alpha highest",)) == (fit.chosen["alpha"] == regressors.ALPHAS[-1])
    smooth = fit_predict("ridge", Y[:, None] * np.ones(3), Y, SPLIT)
    assert smooth.at_edge == ("alpha lowest",)


def test_a_base_estimator_without_the_mixin_is_taken():
    class Plain(BaseEstimator):
        def fit(self, X, y):
            self.mean_ = y.mean()
            return self

        def predict(self, X):
            return np.full(len(X), self.mean_)

    np.testing.assert_allclose(fit_predict(Plain(), X, Y, SPLIT).predicted, Y[SPLIT.train].mean())
