"""What a command writes into its report: its command line, and stills of the videos in the tables."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pandas as pd
import pytest
from commands import run_here
from noisy_clips import features, make_clips, scenes_of

import vqa_features as vf


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("a folder")
    mos = make_clips(place / "clips")
    vf.write_table(features(place / "clips"), place / "features.csv")
    pd.DataFrame({"mos": mos, "scene": scenes_of(mos)}).to_csv(place / "mos.csv", index_label="id")
    return place


@pytest.mark.filterwarnings("ignore")
def test_the_report_has_the_command_line_that_repeats_it_and_stills(folder: Path) -> None:
    done = run_here(
        *("compare", "--features", "features.csv:noisy clips:handcrafted", "--mos", "mos.csv"),
        *("--group", "scene", "--splits", "3", "--regressors", "ridge", "-o", "first", "--quiet"),
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    page = (folder / "first" / "report.html").read_text()
    line = json.loads((folder / "first" / "settings.json").read_text())["command_line"]
    words = shlex.split(line)
    assert words[:4] == ["vqa-features", "compare", "--features", "features.csv:noisy clips:handcrafted"]
    assert "--splits 3 --regressors ridge --output first --quiet" in line
    assert "--seed" not in words  # only what was typed
    assert page.count("data:image/jpeg;base64,") >= 6
    again = [*words[1:-2], "without", "--quiet", "--no-stills"]
    assert run_here(*again, cwd=folder).returncode == 0
    assert (folder / "without" / "summary.csv").read_text() == (folder / "first" / "summary.csv").read_text()
    assert "data:image/jpeg" not in (folder / "without" / "report.html").read_text()
    settings = json.loads((folder / "without" / "settings.json").read_text())
    assert settings["command_line"].endswith("--no-stills --output without --quiet")
