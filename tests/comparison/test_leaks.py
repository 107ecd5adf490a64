"""Leaks of several columns, of missing cells and of bins; honest columns let through by name."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made_up_videos import made_up

from vqa_features.comparison import compare
from vqa_features.comparison.checks import ValidityWarnings, check_leak
from vqa_features.comparison.leaks import check_bins, check_fitted, check_missing, check_selected
from vqa_features.errors import ParameterError, TableError
from vqa_features.tables.labels import Labels

QUICK = {"splits": 5, "regressors": ["ridge"], "bootstrap": 10}
BETTER = "better than is plausible"


def videos(rows=300, seed=0) -> pd.Series:
    random = np.random.default_rng(seed)
    return pd.Series(random.uniform(1, 5, rows), index=[f"v{row:04d}" for row in range(rows)], name="mos")


def table(values, mos) -> dict[str, tuple[pd.DataFrame, str]]:
    return {"t": (pd.DataFrame(values, index=mos.index).add_prefix("f"), "deep")}


def told(tables, mos, text, **options) -> bool:
    return any(text in one for one in compare(tables, mos, **(QUICK | options)).warnings)


@pytest.mark.parametrize("columns", [2, 3, 9])
def test_a_mos_divided_into_summands_is_warned_of(columns):
    mos = videos()
    values = np.random.default_rng(1).normal(0, 2, (300, columns))
    values[:, -1] = mos - values[:, :-1].sum(axis=1)
    assert told(table(values, mos), mos, f"t predicts the MOS {BETTER} (strict: median SRCC 1.0")


def test_components_fitted_on_all_mos_are_warned_of():
    from sklearn.cross_decomposition import PLSRegression

    mos = videos()
    noise = np.random.default_rng(1).normal(size=(300, 2000))
    values = PLSRegression(5).fit(noise, mos).transform(noise)
    assert told(table(values, mos), mos, BETTER)


def test_the_noise_of_opinions_lowers_what_is_plausible():
    mos = videos()
    values = mos.to_numpy()[:, None] + np.random.default_rng(1).normal(0, 1.0, (300, 6))
    noisy = Labels(mos, std=mos * 0 + 2.0, counts=mos * 0 + 8)
    assert not told(table(values, mos), mos, BETTER)
    assert told(table(values, mos), noisy, "the noise of the opinions allows 0.8")
    assert not told(table(values, mos), Labels(mos, std=mos * 0 + 0.5, counts=mos * 0 + 30), BETTER)


@pytest.mark.parametrize("kind", ["where low", "where high", "share"])
def test_missing_cells_that_follow_the_mos_are_warned_of(kind):
    mos = videos()
    random = np.random.default_rng(1)
    values = random.normal(size=(300, 10))
    rank = mos.rank(pct=True).to_numpy()
    if kind == "share":
        values[random.random(values.shape) < 0.5 * rank[:, None]] = np.nan
    else:
        values[rank < 0.3 if kind == "where low" else rank > 0.8, 4] = np.nan
    assert told(table(values, mos), mos, "t: missing cells of ")


def test_missing_cells_by_chance_are_not_warned_of():
    alarms = 0
    for seed in range(200):
        mos = videos(seed=seed).to_numpy()
        random = np.random.default_rng(seed)
        values = random.normal(size=(300, 20))
        values[random.random(values.shape) < random.uniform(0.02, 0.5, 20)] = np.nan
        values[random.random(300) < 0.1] = np.nan
        notes = ValidityWarnings()
        check_missing("t", [str(number) for number in range(20)], values, mos, notes)
        alarms += len(notes.all())
    assert alarms <= 2


@pytest.mark.parametrize("bins", [2, 3, 10])
def test_a_binned_mos_is_an_error(bins):
    mos = videos()
    values = np.random.default_rng(1).normal(size=(300, 3))
    values[:, 1] = -pd.qcut(mos, bins, labels=False)
    with pytest.raises(TableError, match=f"'f1' is the MOS in {bins} bins"):
        compare(table(values, mos), mos, **QUICK)


def test_flags_of_few_videos_are_no_bins():
    mos = videos()
    values = np.random.default_rng(1).normal(size=(300, 3))
    values[:, 1] = mos >= mos.nlargest(4).min()
    values[:, 2] = np.random.default_rng(2).integers(0, 3, 300)
    compare(table(values, mos), mos, **QUICK)


@pytest.mark.parametrize(("bins", "noise"), [(2, 0.1), (2, 0.33), (3, 0.1), (5, 0.33)])
def test_a_nearly_binned_mos_is_warned_of(bins, noise):
    mos = videos(1200)
    values = np.random.default_rng(1).normal(size=(1200, 3))
    values[:, 1] = -pd.qcut(mos + mos.std() * noise * values[:, 2], bins, labels=False)
    notes = ValidityWarnings()
    check_bins("t", ["a", "b", "c"], values, mos.to_numpy(), notes)
    check_leak("t", ["a", "b", "c"], values, mos.to_numpy(), notes)
    (text,) = notes.all()
    assert "'b' is nearly the MOS in" in text or "'b' ranks videos like the MOS" in text


@pytest.mark.parametrize("noise", [0.1, 0.33, 0.45])
def test_a_mos_with_noise_is_warned_of(noise):
    mos = videos(1200)
    values = np.random.default_rng(1).normal(size=(1200, 3))
    values[:, 1] = mos + mos.std() * noise * values[:, 2]
    assert told(table(values[:, :2], mos), mos, "t: the column 'f1' ranks videos like the MOS")


@pytest.mark.parametrize("kind", ["classes", "few classes", "least squares", "four digits", "forest"])
def test_predictions_fitted_on_all_videos_are_warned_of(kind):
    mos = videos(600)
    random = np.random.default_rng(1)
    values = random.normal(size=(600, 40))
    classes = random.integers(0, 8 if kind == "few classes" else 150, 600)
    if "classes" in kind:
        values[:, 3] = mos.groupby(classes).transform("mean")
    elif kind == "forest":
        from sklearn.tree import DecisionTreeRegressor

        values[:, 3] = DecisionTreeRegressor(max_leaf_nodes=30).fit(values, mos).predict(values)
    else:
        x = np.column_stack([values, np.ones(600)])
        values[:, 3] = x @ np.linalg.lstsq(x, mos.to_numpy(), rcond=None)[0]
    values = values.round(4) if kind == "four digits" else values
    assert told(table(values, mos), mos, "t: the column 'f3' has the mean of the MOS")
    assert not told(table(values, mos), mos, "has the mean of the MOS", trusted=["f3"])


def test_honest_predictions_of_the_right_scale_are_not_taken_for_fitted():
    alarms = 0
    for seed in range(300):
        random = np.random.default_rng(seed)
        mos = random.normal(3, 1, 500)
        predictions = 3 + 0.6 * (mos[:, None] - 3) + random.normal(0, 0.49, (500, 40))  # slope 1 on average
        notes = ValidityWarnings()
        check_fitted("t", [str(number) for number in range(40)], predictions, mos, notes)
        alarms += len(notes.all())
    assert alarms <= 1


def test_an_honest_column_is_let_through_by_its_name():
    tables, mos = made_up()
    frame = tables["good"][0].assign(oracle=np.exp(mos), score=mos * 2, mos_std=1 / mos)
    with pytest.raises(TableError, match=r"'oracle' is the MOS .* trust it by its name"):
        compare({"t": (frame, "deep")}, mos, **QUICK)
    found = compare({"t": (frame, "deep")}, mos, trusted=["oracle"], **QUICK)
    assert found.settings["tables"]["t"]["columns"] == 7
    assert found.settings["trusted"] == ["oracle"]
    assert not any(BETTER in text for text in found.warnings)
    found = compare({"t": (frame.drop(columns="oracle"), "deep")}, mos, trusted=["score"], **QUICK)
    assert found.settings["tables"]["t"]["columns"] == 7
    with pytest.raises(ParameterError, match="trusted must be a list"):
        compare({"t": (frame, "deep")}, mos, trusted="oracle", **QUICK)


def test_a_table_with_only_a_score_says_how_it_is_used():
    tables, mos = made_up()
    frame = pd.DataFrame({"score": tables["good"][0]["g0"]})
    with pytest.raises(TableError, match=r"no feature columns but score; .*--trust"):
        compare({"t": (frame, "deep")}, mos, **QUICK)


def chosen(mos, columns=2000, kept=60, seed=1):
    noise = np.random.default_rng(seed).normal(size=(len(mos), columns))
    correlation = np.abs(np.corrcoef(noise.T, mos)[-1, :-1])
    return noise[:, np.argsort(-correlation)[:kept]]


@pytest.mark.parametrize(("rows", "columns", "kept"), [(1200, 2000, 60), (300, 2000, 60), (1200, 500, 25)])
def test_noise_chosen_by_the_mos_of_all_videos_is_warned_of(rows, columns, kept):
    mos = videos(rows)
    values = np.hstack([chosen(mos, columns, kept), np.ones((rows, 1))])
    found = compare(table(values, mos), mos, **QUICK)
    assert any(
        f"t: all {kept} columns correlate with the MOS about equally" in text for text in found.warnings
    )


@pytest.mark.parametrize("effect", [0.0, 0.05, 0.1, 0.3])
def test_columns_of_equal_effect_are_not_taken_for_chosen(effect):
    alarms = 0
    for seed in range(100):
        random = np.random.default_rng(seed)
        mos = random.normal(size=600)
        values = effect * mos[:, None] + random.normal(size=(600, 24)) + random.normal(size=(600, 1)) * effect
        notes = ValidityWarnings()
        check_selected("t", values, mos, notes)
        alarms += len(notes.all())
    assert alarms <= 3
