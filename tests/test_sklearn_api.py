"""VideoFeatures is a plain scikit-learn transformer over paths."""

from __future__ import annotations

from pathlib import Path

import numpy as np
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
