"""`predict` rates a part of a video as `predict_videos` does."""

from __future__ import annotations

import json
from pathlib import Path

from commands import one_error, run, run_here

import vqa_features as vf


def test_a_part_is_rated_as_in_python(scenes: list[Path], tmp_path: Path) -> None:
    model = vf.QualityModel.load("brisque-konvid-1k")
    expected = model.predict_videos(scenes[:1], start_s=0.2, duration_s=0.3)["mos"].item()
    options = ("--model", "brisque-konvid-1k", "--start", "0.2", "--duration", "0.3", "--json")
    done = run("predict", scenes[0], *options)
    assert done.returncode == 0, done.stderr
    assert f"{expected:.4f}" in done.stdout or str(expected) in json.dumps(json.loads(done.stdout))


def test_a_feature_table_has_no_parts(scenes: list[Path], tmp_path: Path) -> None:
    vf.write_table(vf.extract_many(scenes[:1], "brisque", frames=1), tmp_path / "t.csv")
    done = run_here("predict", "t.csv", "--model", "brisque-konvid-1k", "--start", "1", cwd=tmp_path)
    assert "--start and --duration are for videos" in one_error(done)
