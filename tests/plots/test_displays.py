"""Figures of videos, tables and predictions: what they show is what the extractors and the model give."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from noisy_clips import features, made_up, make_clips
from scipy.ndimage import gaussian_filter
from scipy.stats import norm

mpl.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.text import Text
from skimage.data import camera

import vqa_features as vf
from vqa_features import plots
from vqa_features.comparison.notices import ValidityNotice
from vqa_features.errors import DecodeError, ParameterError, TableError, UnknownName
from vqa_features.plots.mscn import FIELDS
from vqa_features.plots.palette import DOWN, UP

pytestmark = pytest.mark.filterwarnings("ignore::vqa_features.comparison.notices.ValidityNotice")
CLIP = str(files("vqa_features.resources") / "demo/bikes_square.mp4")
#: Time of the last frame of the clip.
END = float(vf.extract(CLIP, "siti", per_frame=True).index[-1])
#: A few products of 260 000 that are rounding have another sign than in the extractor's own kernel.
SIGNS = 5e-5
LONG = "a_very_long_name_of_a_clip_with_$signs$_and_more_" * 3


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[vf.QualityModel, Path]:
    folder = tmp_path_factory.mktemp("drawn") / "clips"
    mos = make_clips(folder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityNotice)
        return vf.QualityModel("ridge", repetitions=1).fit(features(folder), mos), folder


def everything_fits(display: Any) -> None:
    """No text of a figure reaches beyond it."""
    figure = display.figure_
    figure.canvas.draw()
    renderer, inside = figure.canvas.get_renderer(), figure.bbox.padded(1.5)
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip() and text.axes is not None and text.axes.axison:
            box = text.get_window_extent(renderer)
            assert inside.contains(box.x0, box.y0), text.get_text()
            assert inside.contains(box.x1, box.y1), text.get_text()


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("field", FIELDS)
def test_the_fit_of_the_histogram_is_the_feature_of_brisque(field: str, scale: int) -> None:
    display = plots.MscnHistogramDisplay.from_frame(camera(), field=field, scale=scale)
    row = vf.extract_frames(camera()[None], "brisque")
    name = "mscn" if field == "mscn" else field
    assert display.shape == row[f"brisque.{name}_alpha_s{scale}.mean"]
    if field == "mscn":
        assert display.left**2 == pytest.approx(row[f"brisque.mscn_var_s{scale}.mean"], rel=1e-6)
    else:
        sides = [row[f"brisque.{name}_{side}_var_s{scale}.mean"] for side in ("left", "right")]
        assert [display.left**2, display.right**2] == pytest.approx(sides, rel=SIGNS)
    assert (display.density * np.diff(display.edges)).sum() == pytest.approx(0.999, abs=2e-3)
    x = np.linspace(-30, 30, 600_001)
    assert np.trapezoid(display.fitted(x), x) == pytest.approx(1, abs=2e-3)


def test_a_fit_of_shape_two_is_the_normal_density() -> None:
    display = plots.MscnHistogramDisplay.from_frame(camera())
    display.shape, display.left, display.right = 2.0, 0.7, 0.7
    x = np.linspace(-3, 3, 7)
    assert display.fitted(x) == pytest.approx(norm.pdf(x, scale=0.7), rel=1e-9)
    everything_fits(display.plot())


def test_a_flat_frame_has_a_histogram_and_no_fit() -> None:
    display = plots.MscnHistogramDisplay.from_frame(np.full((64, 64), 90, np.uint8), field="h").plot()
    assert "no fit: the frame is flat" in [text.get_text() for text in display.ax_.get_legend().get_texts()]


def test_the_flow_map_shows_the_motion_of_the_extractor() -> None:
    display = plots.FlowMapDisplay.from_video(CLIP, 0.5).plot()
    frames = vf.extract(CLIP, "flow", per_frame=True)
    length = np.hypot(*display.motion[display.determined].T).mean()
    at = frames["flow.magnitude_mean"][frames.index > 0.5 - 5e-4].iloc[1]
    assert length == pytest.approx(at, rel=1e-6)
    assert f"mean motion {length:.2f} pixels" in display.title
    everything_fits(display)


@pytest.mark.parametrize(("down", "right"), [(0, 4), (6, 0), (-4, 2)])
def test_the_arrows_point_where_the_picture_moves(down: int, right: int) -> None:
    before = camera()[64:-64, 64:-64]
    after = np.roll(camera(), (down, right), axis=(0, 1))[64:-64, 64:-64]
    display = plots.FlowMapDisplay.from_frames(before, after)
    assert np.median(display.motion[display.determined], axis=0) == pytest.approx((right, down), abs=0.05)
    still = plots.FlowMapDisplay.from_frames(before, before).plot()
    assert len(still.ax_.images) == 2  # the picture, and the shade of what is not determined
    assert not still.ax_.collections


def test_a_flow_map_of_flat_frames_says_that_no_motion_is_determined() -> None:
    flat = np.full((96, 96), 90, np.uint8)
    display = plots.FlowMapDisplay.from_frames(flat, flat).plot()
    assert not display.determined.any()
    assert display.title.endswith("motion not determined")


def test_the_quality_map_is_higher_where_the_picture_is_spoilt() -> None:
    clean = camera()[:480, :480]
    spoilt = clean.copy()
    spoilt[:, 288:] = gaussian_filter(clean[:, 288:].astype(float), 4)
    before, display = (plots.QualityMapDisplay.from_frame(one) for one in (clean, spoilt))
    assert display.distances.shape == (5, 5)
    worse = np.nanmean(display.distances - before.distances, axis=0)
    assert worse[3:].min() > 3 * worse[1:3].max()  # the first column is sky without texture
    assert display.score == pytest.approx(vf.score(spoilt, "niqe"))
    everything_fits(display.plot())
    everything_fits(plots.QualityMapDisplay.from_video(CLIP, 0.2).plot())


def test_a_trace_shows_the_rows_of_the_extractor() -> None:
    display = plots.FeatureTraceDisplay.from_video(CLIP, ["siti", "brisque.score"], stills=4, fps=6).plot()
    rows = vf.extract(CLIP, ["siti", "brisque"], per_frame=True, fps=6)
    assert list(display.traces.columns) == ["siti.si", "siti.ti", "brisque.score"]
    assert display.traces.equals(rows[display.traces.columns])
    assert len(display.stills.pictures) == 4
    assert len(display.axes_) == 4
    drawn = display.axes_[2].get_lines()[0].get_ydata()
    assert np.allclose(drawn, rows["siti.ti"].dropna())  # the first frame has none
    everything_fits(display)
    again = plots.FeatureTraceDisplay.from_table(rows[["siti.si"]], title=LONG).plot()
    assert not again.stills.pictures
    everything_fits(again)


def test_the_boxes_of_a_distribution_are_the_quartiles() -> None:
    table, mos = made_up(50)
    table = table.assign(status=["ok", "partial"] * 25)
    table.iloc[0, 1] = np.nan
    display = plots.FeatureDistributionDisplay.from_table(table, ["f1", "f[45]"], by="status").plot()
    assert list(display.values.columns) == ["f1", "f4", "f5"]
    for panel, name in zip(display.axes_, ("f1", "f4", "f5"), strict=True):
        for box, level in zip(panel.patches, ("ok", "partial"), strict=True):
            low, high = table.loc[table["status"] == level, name].quantile([0.25, 0.75])
            assert box.get_x() == pytest.approx(low)
            assert box.get_width() == pytest.approx(high - low)
        dots = sum(len(one.get_offsets()) for one in panel.collections if hasattr(one, "get_sizes"))
        assert dots >= 49
    assert display.axes_[0].get_xlabel() == "1 of 50 missing"
    assert display.axes_[1].get_xlabel() == ""
    everything_fits(display)
    whole = plots.FeatureDistributionDisplay.from_table(table).plot()
    assert len(whole.axes_) == 6
    del mos


def test_a_distribution_of_a_file_and_of_a_folder(trained: Any, tmp_path: Path) -> None:
    _, folder = trained
    table = vf.extract_many([folder], "siti")
    vf.write_table(table, tmp_path / "t.parquet")
    of_file = plots.FeatureDistributionDisplay.from_table(tmp_path / "t.parquet", by="status")
    of_folder = plots.FeatureDistributionDisplay.from_videos(folder, "siti", by="status")
    assert of_file.values.equals(of_folder.values)
    assert set(of_folder.levels) == {"ok"}


def test_the_bars_of_an_explanation_are_its_contributions(trained: Any) -> None:
    model, folder = trained
    explanation = model.explain(folder / "clip10.mp4")
    display = explanation.plot()
    widths = [bar.get_width() for bar in display.ax_.patches]
    assert len(widths) == 11
    assert widths[:10] == pytest.approx(explanation.table["contribution"][:10].tolist())
    assert sum(widths) == pytest.approx(explanation.score.mos - explanation.score.mean, abs=1e-9)
    for bar in display.ax_.patches:
        assert mpl.colors.to_hex(bar.get_facecolor()) == (UP if bar.get_width() > 0 else DOWN)
    everything_fits(display)
    sums = plots.ExplanationDisplay.from_model(model, folder / "clip10.mp4", by="extractor").plot()
    wanted = explanation.by_extractor["contribution"].tolist()
    assert sums.pulls["contribution"].tolist() == pytest.approx(wanted)


def test_sampled_contributions_have_error_bars_where_these_can_be_seen() -> None:
    table, mos = made_up(60)
    table["long_$name$_" + "x" * 90] = table["f0"]
    model = vf.QualityModel("svr-rbf", repetitions=1, search="random10").fit(table, mos)
    explanation = model.explain(table.iloc[[0]].rename(index={"video0000": LONG}))
    everything_fits(explanation.plot())
    shaky = explanation.table.assign(error=0.2)
    object.__setattr__(explanation, "table", shaky)
    assert len(explanation.plot().ax_.containers) == 2


def test_a_timeline_shows_windows_and_pulls(trained: Any) -> None:
    model, folder = trained
    clip = folder / "clip03.mp4"
    display = plots.PredictionTimelineDisplay.from_model(model, clip, window_s=0.04, stills=3)
    seconds = model.predict_over_time(clip, 0.04)

    assert display.seconds.equals(seconds)
    strip, mos, pull = display.plot().axes_
    assert [bar.get_height() for bar in pull.patches] == pytest.approx(seconds["pull"].tolist())
    assert len(strip.artists) == 3
    assert any("has no prediction" in text.get_text() for text in mos.texts)  # std of one frame
    everything_fits(display)


@pytest.mark.parametrize("name", ["trace", "distribution", "timeline", "mscn", "flow"])
def test_figures_are_drawn_into_axes_that_are_given(name: str, trained: Any) -> None:
    model, folder = trained
    display = {
        "trace": lambda: plots.FeatureTraceDisplay.from_video(CLIP, "siti", stills=2, duration_s=0.2),
        "distribution": lambda: plots.FeatureDistributionDisplay.from_table(made_up(20)[0]),
        "timeline": lambda: plots.PredictionTimelineDisplay.from_model(model, folder / "clip03.mp4"),
        "mscn": lambda: plots.MscnHistogramDisplay.from_frame(camera()),
        "flow": lambda: plots.FlowMapDisplay.from_video(CLIP, 0.1),
    }[name]()
    figure, axes = plt.subplots(1, 2, figsize=(12, 5), layout="constrained")
    assert display.plot(axes[1]) is display
    assert display.figure_ is figure
    assert display.ax_ is axes[1]
    assert not axes[0].has_data()
    if name in ("trace", "distribution", "timeline"):
        with pytest.raises(ParameterError, match="axes of a grid"):
            display.plot(plt.figure().add_axes((0, 0, 1, 1)))


@pytest.mark.parametrize(
    ("make", "error", "match"),
    [
        (lambda p, t: p.FeatureTraceDisplay.from_video(CLIP, "siti.tj"), UnknownName, "did you mean 'ti'"),
        (lambda p, t: p.FeatureTraceDisplay.from_video(CLIP, "sitti.ti"), UnknownName, "did you mean 'siti'"),
        (lambda p, t: p.FeatureTraceDisplay.from_video(CLIP, "videval"), ParameterError, "one row per video"),
        (
            lambda p, t: p.FeatureTraceDisplay.from_video(CLIP, "brisque"),
            ParameterError,
            "12 .* 37 are",
        ),
        (lambda p, t: p.FeatureTraceDisplay.from_video(CLIP, []), ParameterError, "0 are meant, none"),
        (lambda p, t: p.FeatureTraceDisplay.from_video(CLIP, "siti", stills=99), ParameterError, "0 to 24"),
        (lambda p, t: p.FeatureTraceDisplay.from_video("no.mp4", "siti"), DecodeError, "No such file"),
        (lambda p, t: p.FeatureDistributionDisplay.from_table(t, "f9"), UnknownName, "unknown column 'f9'"),
        (lambda p, t: p.FeatureDistributionDisplay.from_table(t, by="grup"), UnknownName, "'group'"),
        (lambda p, t: p.FeatureDistributionDisplay.from_table(t, by="name"), ParameterError, "at most 20"),
        (lambda p, t: p.FeatureDistributionDisplay.from_table(t[:0]), TableError, "has no rows"),
        (lambda p, t: p.FeatureDistributionDisplay.from_table("no.csv"), TableError, "no.csv"),
        (lambda p, t: p.MscnHistogramDisplay.from_video(CLIP, field="d3"), UnknownName, "did you mean 'd"),
        (lambda p, t: p.MscnHistogramDisplay.from_video(CLIP, scale=0), ParameterError, "scale must be"),
        (lambda p, t: p.MscnHistogramDisplay.from_video(CLIP, 99.0), DecodeError, "no frame from 99 s"),
        (lambda p, t: p.MscnHistogramDisplay.from_video(CLIP, -1), ParameterError, "a number from 0"),
        (
            lambda p, t: p.FlowMapDisplay.from_frames(np.zeros((8, 8), np.uint8), camera()),
            ParameterError,
            "size",
        ),
        (lambda p, t: p.FlowMapDisplay.from_frames(*[camera()[:20, :20]] * 2), ParameterError, "too small"),
        (lambda p, t: p.QualityMapDisplay.from_frame(camera()[:100, :100]), ParameterError, "two textured"),
        (lambda p, t: p.QualityMapDisplay.from_frame(np.ones((9, 9))), ParameterError, "uint8"),
        (
            lambda p, t: p.ExplanationDisplay.from_explanation(None, by="pool"),
            UnknownName,
            "column or extractor",
        ),
        (lambda p, t: p.ExplanationDisplay.from_explanation(None, count=0), ParameterError, "1 to 40"),
    ],
)
def test_what_cannot_be_drawn_is_one_sentence(make: Any, error: type[Exception], match: str) -> None:
    table = made_up(30)[0]
    table = table.assign(group=["a", "b"] * 15, name=[f"n{number}" for number in range(30)])
    with pytest.raises(error, match=match) as told:
        make(plots, table)
    assert "\n" not in str(told.value)


def test_the_package_is_imported_without_matplotlib_and_decoders() -> None:
    code = "import sys, vqa_features as vf; vf.plots.FlowMapDisplay; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"matplotlib", "av", "torch", "cv2", "numba", "pandas"}
    assert "vqa_features.plots.flow_map" in loaded


def test_a_missing_level_is_named() -> None:
    table = made_up(20)[0].assign(group=[None, "a"] * 10)
    display = plots.FeatureDistributionDisplay.from_table(table, "f0", by="group")
    assert set(display.levels) == {"missing", "a"}
    assert isinstance(display.values, pd.DataFrame)
