from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from noisy_clips import EXTRACTORS, POOLS, features, made_up, make_clips, scenes_of
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline

import vqa_features as vf
from vqa_features.comparison.notices import ValidityNotice
from vqa_features.errors import ParameterError, TableError, UnknownName
from vqa_features.evaluation.model_search import fit_predict
from vqa_features.evaluation.splits import Split, fold_tests
from vqa_features.models.monotone_map import fit_map

pytestmark = pytest.mark.filterwarnings("ignore::vqa_features.comparison.notices.ValidityNotice")


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.Series, pd.DataFrame]:
    folder = tmp_path_factory.mktemp("trained") / "clips"
    mos = make_clips(folder)
    return folder, mos, features(folder)


@pytest.fixture(scope="module")
def model(clips: Any) -> Iterator[vf.QualityModel]:
    _, mos, table = clips
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityNotice)
        yield vf.QualityModel("ridge").fit(table, mos, scenes_of(mos))


def test_a_video_a_table_and_a_pipeline_give_the_same_mos(clips: Any, model: vf.QualityModel) -> None:
    folder, _, table = clips
    paths = [str(folder / f"{name}.mp4") for name in table.index]
    of_table = model.predict(table)
    of_videos = model.predict_videos(paths)["mos"]
    step = vf.VideoFeatures(list(EXTRACTORS), pool=list(POOLS), every=2).set_output(transform="pandas")
    of_pipeline = make_pipeline(step, model).predict(paths)
    assert of_table.index.tolist() == of_videos.index.tolist() == table.index.tolist()
    assert np.abs(of_videos - of_table).max() < 1e-9
    assert np.abs(np.asarray(of_pipeline) - of_table.to_numpy()).max() < 1e-9


def test_the_scores_are_those_of_folds_that_keep_groups_whole() -> None:
    table, mos = made_up(80)
    groups = pd.Series(np.arange(80) // 4, index=mos.index).astype(str)
    model = vf.QualityModel("ridge", repetitions=2, seed=5).fit(table, mos, groups)
    X, y, labels = table.to_numpy(), mos.to_numpy(), groups.to_numpy()
    ranks, errors, widths = [], [], []
    for repetition in range(2):
        tests = fold_tests(80, labels, 5, 5 + repetition)
        found, mapped = np.empty(80), np.empty(80)
        for test in tests:
            train = np.setdiff1d(np.arange(80), test)
            assert not set(labels[train]) & set(labels[test])
            found[test] = fit_predict("ridge", X, y, Split(train, test), labels, seed=5).predicted
        for test in tests:
            train = np.setdiff1d(np.arange(80), test)
            mapped[test] = fit_map(found[train], y[train])(found[test])
        ranks.append(vf.metrics.srcc(found, y))
        errors.append(vf.metrics.rmse(mapped, y))
        widths.append(np.sort(np.abs(mapped - y))[72])  # ceil(81 * 0.9) = 73rd smallest
    scores = model.card_.performance
    assert scores.srcc == pytest.approx(np.mean(ranks), abs=1e-12)
    assert (scores.srcc_lowest, scores.srcc_highest) == pytest.approx((min(ranks), max(ranks)))
    assert scores.rmse == pytest.approx(np.mean(errors), abs=1e-12)
    assert scores.half_width == pytest.approx(np.mean(widths), abs=1e-12)
    assert model.card_.data.groups == 20


@pytest.mark.parametrize("regressor", ["svr-rbf", "ridge", "kernel-ridge"])
def test_the_pipeline_is_the_one_that_the_strict_search_chooses(regressor: str) -> None:
    table, mos = made_up(60)
    model = vf.QualityModel(regressor, repetitions=1).fit(table, mos)
    rows = np.arange(60)
    fit = fit_predict(regressor, table.to_numpy(), mos.to_numpy(), Split(rows, rows))
    assert model.card_.chosen == fit.chosen
    assert np.abs(model.pipeline_.predict(table.to_numpy()) - fit.predicted).max() < 2e-3


@pytest.mark.parametrize("level", [0.8, 0.9])
def test_the_interval_covers_the_mos_of_new_videos(level: float) -> None:
    """Mean coverage over training sets; one set of 60 has a standard deviation of some 4 %."""
    covered = []
    for seed in range(16):
        table, mos = made_up(260, seed=seed)
        model = vf.QualityModel("ridge", level=level, repetitions=1).fit(table[:60], mos[:60])
        found = model.predict_interval(table[60:])
        covered.append(((found["low"] <= mos[60:]) & (mos[60:] <= found["high"])).mean())
    assert level - 0.03 < np.mean(covered) < level + 0.04


def test_new_videos_have_the_error_that_the_card_tells() -> None:
    told, seen = [], []
    for seed in range(16):
        table, mos = made_up(400, seed=seed)
        model = vf.QualityModel("ridge", repetitions=1).fit(table[:100], mos[:100])
        told.append(model.card_.performance.rmse)
        seen.append(np.sqrt(np.mean((model.predict(table[100:]) - mos[100:]) ** 2)))
    assert np.mean(told) == pytest.approx(np.mean(seen), rel=0.05)


def test_several_tables_are_blocks_of_equal_weight() -> None:
    table, mos = made_up(60, columns=8)
    parts = {"a": table[["f0", "f1"]], "b": table[[f"f{number}" for number in range(2, 8)]]}
    model = vf.QualityModel("ridge", repetitions=1).fit(parts, mos)
    whole = vf.QualityModel("ridge", repetitions=1).fit(table, mos)
    assert model.card_.columns == list(table.columns)
    assert np.abs(model.predict(table) - model.predict(parts)).max() == 0
    assert np.abs(model.predict(table) - whole.predict(table)).max() > 1e-6
    scaled = model.pipeline_[0].transform(table.to_numpy())
    assert scaled[:, :2].var(axis=0).sum() == pytest.approx(scaled[:, 2:].var(axis=0).sum())


def test_the_order_of_rows_and_columns_does_not_matter() -> None:
    table, mos = made_up(60)
    before = vf.QualityModel("ridge", repetitions=1).fit(table, mos).predict(table)
    turned = table.iloc[::-1]
    model = vf.QualityModel("ridge", repetitions=1).fit(turned, mos.sample(frac=1, random_state=0))
    after = model.predict(turned[turned.columns[::-1]])
    assert np.abs(after[before.index] - before).max() == 0


def test_it_is_a_scikit_learn_estimator() -> None:
    table, mos = made_up(40)
    model = vf.QualityModel("ridge", seed=3, level=0.8, repetitions=1, scale=(0, 6))
    copy = clone(model)
    assert copy.get_params() == model.get_params()
    assert copy.set_params(level=0.7).level == 0.7
    with pytest.raises(NotFittedError):
        copy.predict(table)
    by_hand = cross_val_predict(model, table, mos, cv=4)
    assert vf.metrics.srcc(by_hand, mos) > 0.5
    fitted = model.fit(table, mos)
    assert fitted is model
    assert fitted.n_features_in_ == 6
    assert fitted.feature_names_in_.tolist() == list(table.columns)
    assert fitted.score(table, mos) > 0.5


def test_arrays_are_joined_by_position() -> None:
    table, mos = made_up(40)
    by_position = vf.QualityModel("ridge", repetitions=1)
    by_position.fit(table.to_numpy(), mos.to_numpy(), np.arange(40) // 2)
    assert by_position.feature_names_in_[0] == "x0"
    assert by_position.predict(table.to_numpy()).shape == (40,)
    by_list = vf.QualityModel("ridge", repetitions=1).fit(table, list(mos))
    by_id = vf.QualityModel("ridge", repetitions=1).fit(table, mos)
    assert np.abs(by_list.predict(table) - by_id.predict(table)).max() == 0


def test_one_row_and_no_row() -> None:
    table, mos = made_up(40)
    model = vf.QualityModel("ridge", repetitions=1).fit(table, mos)
    all_rows = model.predict_interval(table)
    one = model.predict_interval(table.iloc[[7]])
    pd.testing.assert_frame_equal(one, all_rows.iloc[[7]])
    with pytest.raises(TableError, match="has no rows"):
        model.predict(table[:0])
    with pytest.raises(TableError, match="has no rows"):
        vf.QualityModel("ridge").fit(table[:0], mos)
    with pytest.raises(TableError, match="at least 10 are needed"):
        vf.QualityModel("ridge").fit(table[:1], mos)


def test_missing_columns_are_named() -> None:
    table, mos = made_up(40)
    model = vf.QualityModel("ridge", repetitions=1).fit(table, mos)
    with pytest.raises(TableError, match=r"2 of the 6 columns that the model needs are missing: f1, f4"):
        model.predict(table.drop(columns=["f1", "f4"]))
    twice = pd.concat([table, table[["f2"]]], axis=1)
    with pytest.raises(TableError, match="occur more than once: f2"):
        model.predict(twice)


def test_missing_values_are_told_and_a_video_without_any_has_no_prediction() -> None:
    table, mos = made_up(40)
    model = vf.QualityModel("ridge", repetitions=1).fit(table, mos)
    holed = table.copy()
    holed.iloc[0, 1] = np.nan
    holed.iloc[1] = np.nan
    holed.iloc[2, 3] = np.inf
    with pytest.warns(ValidityNotice) as told:
        found = model.predict_interval(holed)
    texts = " ".join(str(one.message) for one in told)
    assert "1 video(s) have no features and no prediction: video0001" in texts
    assert "2 video(s) have missing values" in texts
    assert found["mos"].isna().tolist() == [False, True, *[False] * 38]
    assert not found.loc["video0001", "extrapolates"]


def test_a_scale_holds_predictions_and_intervals() -> None:
    table, mos = made_up(60, noise=0.2)
    model = vf.QualityModel("ridge", repetitions=1, scale=(1, 5)).fit(table, mos)
    found = model.predict_interval(table * 3)
    assert found[["mos", "low", "high"]].min().min() >= 1
    assert found[["mos", "low", "high"]].max().max() <= 5
    assert found["extrapolates"].any()


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"seed": -1}, "seed must be"),
        ({"repetitions": 0}, "repetitions must be"),
        ({"level": 1.0}, "level must be"),
        ({"level": 0.99}, "level 0.99 needs 99 videos, and there are 40"),
        ({"direction": "up"}, "direction must be one of higher, lower"),
        ({"scale": (1, 3)}, "outside the scale 1 to 3"),
        ({"scale": (5, 1)}, "must rise"),
        ({"scale": 5}, "two numbers"),
        ({"search": "all"}, "search must be"),
        ({"regressor": "svm"}, "unknown regressor 'svm'"),
        ({"jobs": 0}, "jobs must be"),
    ],
)
def test_a_wrong_parameter_is_one_sentence(options: dict[str, Any], match: str) -> None:
    table, mos = made_up(40)
    with pytest.raises((ParameterError, TableError, UnknownName), match=match) as error:
        vf.QualityModel(**{"regressor": "ridge", "repetitions": 1, **options}).fit(table, mos)
    assert "\n" not in str(error.value)


def test_leaks_stop_the_training_as_in_a_comparison() -> None:
    table, mos = made_up(40)
    with pytest.raises(TableError, match="is the MOS"):
        vf.QualityModel("ridge").fit(table.assign(leak=2 * mos), mos)
    copies = pd.concat([table, table.set_axis([f"copy{row}" for row in range(40)])])
    wide = pd.concat([copies, copies.add_suffix("_squared") ** 2], axis=1)
    with pytest.raises(TableError, match="are equal in every table"):
        vf.QualityModel("ridge").fit(wide, pd.Series([*mos, *mos + 0.01], index=wide.index))


@pytest.mark.parametrize(
    ("mos", "groups", "match"),
    [
        (np.ones((40, 2)), None, "one value per row"),
        (np.ones(39), None, "one value per row"),
        (np.ones(40), None, "nothing to predict"),
        (np.arange(40.0), np.ones(3), "groups must have one value per row"),
        (np.arange(40.0), ["a"] * 40, "all videos are in one group"),
    ],
)
def test_mos_and_groups_that_do_not_fit_are_one_sentence(mos: Any, groups: Any, match: str) -> None:
    table, _ = made_up(40)
    with pytest.raises((ParameterError, TableError), match=match):
        vf.QualityModel("ridge").fit(table, mos, groups)


@pytest.mark.parametrize("given", ["a table", 5, None, np.ones(5), np.ones((4, 2, 2))])
def test_what_is_no_table_is_one_sentence(given: Any) -> None:
    _, mos = made_up(40)
    with pytest.raises(ParameterError, match="features must"):
        vf.QualityModel("ridge").fit(given, mos)


def test_two_tables_of_the_same_columns_are_refused() -> None:
    table, mos = made_up(40)
    with pytest.raises(TableError, match="both have the column"):
        vf.QualityModel("ridge").fit({"a": table, "b": table + 1}, mos)


def test_features_that_say_nothing_give_the_mean_and_a_warning() -> None:
    _, mos = made_up(60)
    noise = pd.DataFrame(np.random.default_rng(3).normal(size=(60, 4)), index=mos.index).add_prefix("f")
    model = vf.QualityModel("mean", repetitions=2).fit(noise, mos)
    assert any("do not rise with the MOS" in text for text in model.card_.warnings)
    assert model.predict(noise).to_numpy() == pytest.approx(np.full(60, mos.mean()))


def test_predictions_out_of_fold_are_kept_until_the_model_is_saved(tmp_path: Path) -> None:
    table, mos = made_up(40)
    model = vf.QualityModel("ridge", repetitions=2).fit(table, mos)
    found = model.out_of_fold_
    assert list(found.columns) == ["mos", "predicted"]
    assert found["mos"].to_dict() == mos.to_dict()
    errors = found["predicted"] - found["mos"]
    # the mean of the repetitions has no greater error than they have
    assert 0 < np.sqrt(np.square(errors).mean()) <= model.card_.performance.rmse + 1e-12
    assert model.predict(table).loc[found.index].corr(found["predicted"]) < 1 - 1e-6
    assert not hasattr(vf.QualityModel.load(model.save(tmp_path / "m.skops")), "out_of_fold_")
