"""Explanations of predictions: of models, of rows of tables, and of real videos."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skops.io
from noisy_clips import EXTRACTORS, SAMPLING, features, made_up, make_clips, noisy
from sklearn.exceptions import NotFittedError
from small_videos import LOSSLESS_H264, encode

import vqa_features as vf
from vqa_features.comparison.notices import ValidityNotice
from vqa_features.errors import DecodeError, ParameterError, TableError
from vqa_features.models.explanation import Explanation
from vqa_features.models.model_file import read_model, sealed

pytestmark = pytest.mark.filterwarnings("ignore::vqa_features.comparison.notices.ValidityNotice")
REGRESSORS = ["svr-rbf", "svr-linear", "ridge", "kernel-ridge", "mean", "sklearn.tree.DecisionTreeRegressor"]


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.Series, pd.DataFrame]:
    folder = tmp_path_factory.mktemp("explained") / "clips"
    mos = make_clips(folder)
    return folder, mos, features(folder)


@pytest.fixture(scope="module")
def of_clips(clips: Any) -> Iterator[vf.QualityModel]:
    _, mos, table = clips
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityNotice)
        yield vf.QualityModel("svr-rbf", repetitions=1).fit(table, mos)


@functools.cache
def made(regressor: str) -> tuple[vf.QualityModel, pd.DataFrame]:
    table, mos = made_up(60)
    return vf.QualityModel(regressor, repetitions=1, search="random10").fit(table, mos), table


@pytest.mark.parametrize("regressor", REGRESSORS)
def test_contributions_sum_to_the_mos_minus_the_mean(regressor: str) -> None:
    model, table = made(regressor)
    for place in (3, 41):
        found = model.explain(table.iloc[[place]])
        assert found.score.mos == pytest.approx(model.predict(table).iloc[place], abs=1e-12)
        total = found.score.mean + found.table["contribution"].sum()
        assert total == pytest.approx(found.score.mos, abs=1e-6)
        assert found.by_extractor["contribution"].sum() == pytest.approx(found.table["contribution"].sum())
        assert found.method == ("exact" if regressor in ("ridge", "svr-linear") else "sampled")


def test_of_a_linear_model_they_are_coefficients_times_distances_times_the_slope_of_the_map() -> None:
    model, table = made("ridge")
    row, mean = table.iloc[5], table.mean()
    raw = [
        float(np.diff(model.pipeline_.predict(np.stack([mean, mean.where(mean.index != name, row)])))[0])
        for name in table.columns
    ]
    ends = model.pipeline_.predict(np.stack([mean, row]))
    slope = np.diff(model.card_.curve(ends))[0] / np.diff(ends)[0]
    found = model.explain(row)
    assert found.table.loc[table.columns, "contribution"].to_numpy() == pytest.approx(
        slope * np.array(raw), abs=1e-9
    )
    assert (found.table["error"] == 0).all()


@pytest.mark.parametrize("regressor", ["ridge", "svr-rbf", "sklearn.tree.DecisionTreeRegressor"])
def test_a_column_that_is_constant_in_training_pulls_nothing(regressor: str) -> None:
    table, mos = made_up(60)
    model = vf.QualityModel(regressor, repetitions=1, search="random10").fit(table.assign(same=2.0), mos)
    found = model.explain(table.assign(same=7.0).iloc[[0]])
    assert found.table.loc["same", "contribution"] == 0
    assert found.table.loc["same", "percentile"] == 100


@pytest.mark.parametrize("regressor", ["ridge", "svr-rbf"])
def test_equal_columns_share_equally(regressor: str) -> None:
    table, mos = made_up(60)
    twice = table.assign(again=table["f0"])
    model = vf.QualityModel(regressor, repetitions=1, search="random10").fit(twice, mos)
    for place in (0, 9):
        pulls = model.explain(twice.iloc[[place]]).table
        margin = 5 * pulls.loc[["f0", "again"], "error"].sum() + 1e-9
        first, again = pulls.loc[["f0", "again"], "contribution"]
        assert first == pytest.approx(again, abs=margin)


def test_medians_and_percentiles_are_those_of_the_training_videos() -> None:
    model, table = made("svr-rbf")  # all of the 60 rows are kept
    place = int(np.argsort(table["f2"].to_numpy())[45])
    found = model.explain(table.iloc[[place]]).table
    assert found.loc["f2", "median"] == pytest.approx(table["f2"].median())
    assert found.loc["f2", "percentile"] == pytest.approx(100 * 45.5 / 60)
    assert found.loc["f2", "value"] == table["f2"].iloc[place]


def test_tables_and_extractors_are_groups() -> None:
    table, mos = made_up(60)
    names = ["brisque.score.mean", "brisque.score.std", "siti.ti.mean", "r3d-18.e0.mean"]
    parts = {"known": table.iloc[:, :4].set_axis(names, axis=1), "other": table[["f4", "f5"]]}
    found = (
        vf.QualityModel("ridge", repetitions=1).fit(parts, mos).explain({k: v[:1] for k, v in parts.items()})
    )
    by = found.by_extractor
    assert set(by.index) == {"brisque", "siti", "r3d-18", "other"}
    assert by.loc["brisque", ["family", "columns"]].tolist() == ["handcrafted", 2]
    assert by.loc["r3d-18", "family"] == "deep"
    assert by.loc["other", ["family", "columns"]].tolist() == ["unknown", 2]
    assert by["contribution"].abs().is_monotonic_decreasing
    assert by.loc["brisque", "contribution"] == pytest.approx(
        found.table.loc[names[:2], "contribution"].sum()
    )


def test_a_row_is_taken_as_series_frame_array_or_mapping() -> None:
    model, table = made("svr-rbf")
    first = model.explain(table.iloc[[7]])
    assert first.name == "video0007"
    for given in (table.iloc[7], {"features": table.iloc[[7]]}):
        assert model.explain(given).table.equals(first.table)
    by_place = vf.QualityModel("ridge", repetitions=1).fit(table.to_numpy(), made_up(60)[1].to_numpy())
    assert (
        by_place.explain(table.iloc[7].to_numpy()).score.mos
        == by_place.predict(table.iloc[[7]].to_numpy())[0]
    )


def test_a_missing_value_is_told_and_counts_as_the_mean() -> None:
    model, table = made("ridge")
    row = table.iloc[[4]].copy()
    row.loc[:, "f3"] = np.nan
    found = model.explain(row)
    assert found.table.loc["f3", "contribution"] == pytest.approx(0, abs=1e-12)
    assert np.isnan(found.table.loc["f3", "percentile"])
    assert "missing values, replaced by the mean" in repr(found)


def test_what_limits_an_explanation_is_told() -> None:
    table, mos = made_up(60, noise=0.1)
    model = vf.QualityModel("ridge", repetitions=1, scale=(1, 5), direction="lower").fit(table, mos)
    found = model.explain(table.iloc[[0]] * 0 + 9)
    assert found.score.mos == 5
    assert found.score.extrapolates
    text = repr(found)
    assert "held to the scale: the contributions sum to" in text
    assert "lower is better on this scale" in text
    assert "outside the training range" in text
    assert found.score.mean + found.table["contribution"].sum() > 5
    noise = pd.DataFrame(np.random.default_rng(3).normal(size=(60, 4)), index=mos.index).add_prefix("f")
    nothing = vf.QualityModel("mean", repetitions=1).fit(noise, mos).explain(noise.iloc[[0]])
    assert (nothing.table["contribution"] == 0).all()
    assert "nothing pulls" in repr(nothing)


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        (lambda table: table[:2], ParameterError, "one video is explained at a time: give one row, not 2"),
        (lambda table: table[:0], TableError, "has no rows"),
        (lambda table: table[:1].drop(columns="f1"), TableError, "1 of the 6 columns .* missing: f1"),
        (lambda table: table[:1] * np.nan, TableError, "video0000 has no features"),
        (lambda table: "no-such-file.mp4", TableError, "which extract did not write"),
        (lambda table: np.ones((2, 2, 2)), ParameterError, "features must"),
    ],
)
def test_what_cannot_be_explained_is_one_sentence(change: Any, error: type[Exception], match: str) -> None:
    model, table = made("ridge")
    with pytest.raises(error, match=match) as told:
        model.explain(change(table))
    assert "\n" not in str(told.value)


def test_a_model_that_is_not_fitted_explains_nothing() -> None:
    with pytest.raises(NotFittedError):
        vf.QualityModel("ridge").explain(made_up(10)[0][:1])
    with pytest.raises(NotFittedError):
        vf.QualityModel("ridge").predict_over_time("clip.mp4")


def test_text_and_html_are_short_and_show_hostile_names_harmlessly() -> None:
    table, mos = made_up(60)
    names = ["<script>alert(1)</script>", "a\nb", "$x$", "f3", "f4", "f5"]
    hostile = table.set_axis(names, axis=1).rename(index={"video0000": "<b>clip</b>\x1b[31m"})
    labels = mos.rename(index={"video0000": "<b>clip</b>\x1b[31m"})
    found = vf.QualityModel("ridge", repetitions=1).fit(hostile, labels).explain(hostile.iloc[[0]])
    text, page = repr(found), found._repr_html_()
    assert len(text.splitlines()) <= 12
    assert all("\n" not in line and "\x1b" not in line for line in text.splitlines())
    assert "<script>" not in page
    assert "<b>" not in page
    assert "\x1b" not in page
    assert page.count("<table") == 3


@pytest.mark.parametrize("regressor", ["ridge", "svr-rbf"])
def test_a_saved_model_explains_the_same(regressor: str, tmp_path: Path) -> None:
    model, table = made(regressor)
    again = vf.QualityModel.load(model.save(tmp_path / "model.skops"))
    before, after = (one.explain(table.iloc[[2]]) for one in (model, again))
    pd.testing.assert_frame_equal(before.table, after.table, rtol=0, atol=1e-12)


def test_a_file_of_an_earlier_version_says_what_is_missing(tmp_path: Path) -> None:
    for regressor in ("ridge", "svr-rbf"):
        model, table = made(regressor)
        file = tmp_path / f"{regressor}.skops"
        claimed = model.pipeline_.predict(_probes(model))
        held = {"card": model.card_.to_json(), "claimed": claimed, "pipeline": model.pipeline_}
        file.write_bytes(sealed(skops.io.dumps(held)))
        old = vf.QualityModel.load(file)
        assert old.background_ is None
        assert old.predict(table).equals(model.predict(table))
        if regressor == "svr-rbf":
            with pytest.raises(TableError, match=r"without a sample .* needs: train and save it again"):
                old.explain(table.iloc[[0]])
            continue
        found = old.explain(table.iloc[[0]])
        assert found.table["median"].isna().all()
        assert found.table["contribution"].equals(model.explain(table.iloc[[0]]).table["contribution"])
        assert "medians and percentiles are not known" in repr(found)
        assert read_model(old.save(file)).background is None


def test_forged_training_rows_are_refused(tmp_path: Path) -> None:
    model, _ = made("ridge")
    held = {"card": model.card_.to_json(), "claimed": model.pipeline_.predict(_probes(model))}
    for rows in (np.ones((3, 2)), np.ones((200, 6)), "rows"):
        file = tmp_path / "forged.skops"
        content = skops.io.dumps({**held, "pipeline": model.pipeline_, "background": rows})
        file.write_bytes(sealed(content))
        with pytest.raises(TableError, match="training rows"):
            vf.QualityModel.load(file)


def test_a_video_is_explained_as_its_row_is(clips: Any, of_clips: vf.QualityModel) -> None:
    folder, _, table = clips
    of_row = of_clips.explain(table.loc[["clip09"]])
    of_video = of_clips.explain(folder / "clip09.mp4")
    assert of_video.name == of_row.name == "clip09"
    pd.testing.assert_frame_equal(of_video.table, of_row.table, rtol=0, atol=1e-9)
    assert of_row.seconds is None
    assert of_video.seconds is not None
    of_series = of_clips.explain(
        vf.extract(folder / "clip09.mp4", list(EXTRACTORS), pool=["mean", "std"], every=SAMPLING.every)
    )
    assert of_series.score.mos == pytest.approx(of_row.score.mos, abs=1e-9)
    best, worst = of_clips.explain(table.loc[["clip00"]]), of_clips.explain(table.loc[["clip11"]])
    assert (
        best.by_extractor.loc["brisque", "contribution"]
        > 0
        > worst.by_extractor.loc["brisque", "contribution"]
    )


def test_a_path_that_is_no_single_good_video_is_one_sentence(
    clips: Any, of_clips: vf.QualityModel, tmp_path: Path
) -> None:
    folder, _, _ = clips
    with pytest.raises(ParameterError, match="names 12 videos, one is needed"):
        of_clips.explain(folder)
    (tmp_path / "broken.mp4").write_bytes(b"no video")
    with pytest.raises(DecodeError, match=r"broken\.mp4.*has no prediction: failed"):
        of_clips.explain(tmp_path / "broken.mp4")
    encode(tmp_path / "short.mp4", noisy(3, frames=1), options=LOSSLESS_H264)
    found = of_clips.explain(tmp_path / "short.mp4")
    assert isinstance(found, Explanation)
    assert any("one frame" in note for note in found.notes)


def _probes(model: vf.QualityModel) -> Any:
    from vqa_features.models.model_file import probes

    return probes(model.card_)
