"""VideoFeatures is a plain scikit-learn transformer over paths."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import vqa_features as vf
from vqa_features.batch.many_videos import VideoFailed


def test_rows_are_those_of_extract_in_the_order_of_the_paths(scenes: list[Path]) -> None:
    paths = [scenes[2], scenes[0], scenes[2]]
    transformer = vf.VideoFeatures(["brisque", "siti"], frames=3)
    rows = transformer.fit_transform(paths)
    names = list(transformer.get_feature_names_out())
    for path, row in zip(paths, rows, strict=True):
        expected = vf.extract(path, ["brisque", "siti"], frames=3)
        assert list(expected.index) == names
        np.testing.assert_array_equal(row, expected.to_numpy())


def test_set_output_gives_named_columns(scenes: list[Path]) -> None:
    table = vf.VideoFeatures("siti", frames=2).set_output(transform="pandas").fit_transform(scenes[:1])
    assert list(table.columns) == ["siti.si.mean", "siti.ti.mean"]


def test_pipeline_fits_predicts_and_clones(scenes: list[Path]) -> None:
    model = make_pipeline(vf.VideoFeatures("colorfulness", frames=2), StandardScaler(), Ridge(1e-6))
    target = np.arange(4.0)
    predicted = clone(model).fit(scenes[:4], target).predict(scenes[:4])
    assert predicted.shape == (4,)
    assert np.corrcoef(predicted, target)[0, 1] > 0


def test_failed_video_raises_or_gives_nan(scenes: list[Path], tmp_path: Path) -> None:
    bad = tmp_path / "text.mp4"
    bad.write_text("no video")
    with pytest.raises(VideoFailed, match=r"text\.mp4"):
        vf.VideoFeatures("siti", frames=2).fit_transform([scenes[0], bad])
    with pytest.warns(UserWarning, match="1 videos failed"):
        rows = vf.VideoFeatures("siti", frames=2, on_error="nan").fit_transform([scenes[0], bad])
    assert np.isfinite(rows[0]).all()
    assert np.isnan(rows[1]).all()


@pytest.mark.parametrize("none", [[], np.array([], dtype=object), pd.Series([], dtype=object)])
def test_no_paths_give_no_rows(none: object) -> None:
    assert vf.VideoFeatures("siti").fit(none).transform(none).shape == (0, 2)


@pytest.mark.parametrize("shape", ["list", "column", "frame", "series"])
def test_paths_come_in_every_form_of_one_column(scenes: list[Path], shape: str) -> None:
    paths = [str(scenes[0]), str(scenes[1])]
    given = {
        "list": paths,
        "column": np.array(paths)[:, None],
        "frame": pd.DataFrame({"path": paths}),
        "series": pd.Series(paths, index=["b", "a"]),
    }[shape]
    features = vf.VideoFeatures("siti", frames=2)
    assert np.array_equal(features.fit_transform(given), features.fit_transform(scenes[:2]))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (pd.DataFrame({"a": ["x.mp4"] * 3, "b": ["y.mp4"] * 3}), r"one column of paths, got .* \(3, 2\)"),
        (["x.mp4", float("nan")], "row 1 of X must be a path, got nan"),
        (["x.mp4", None], "row 1 of X must be a path, got None"),
        (["", "x.mp4"], "row 0 of X must be a path, got ''"),
        ([3], "row 0 of X must be a path, got 3"),
        ("x.mp4", "must be a sequence of paths, got the one path 'x.mp4'"),
    ],
)
def test_what_is_no_column_of_paths_is_refused(given: object, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        vf.VideoFeatures("siti").fit(given).transform(given)


def test_videos_that_are_not_whole_are_told(tmp_path: Path, scenes: list[Path]) -> None:
    cut = tmp_path / "cut.mkv"
    with av.open(str(scenes[0])) as source, av.open(str(cut), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])
    with pytest.warns(UserWarning, match=r"1 videos are partial or suspect: cut\.mkv"):
        assert np.isfinite(vf.VideoFeatures("siti").fit_transform([cut])).all()
