"""``compare --score``: scores of a file beside the trained models."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from vqa_features.cli._scores import ScoreFile, parse_score
from vqa_features.errors import TableError

RUN = [sys.executable, "-m", "vqa_features", "compare"]
BASE = [
    "--features",
    "f.csv:f:handcrafted",
    "--mos",
    "mos.csv",
    "--splits",
    "3",
    "--regressors",
    "ridge",
    "--bootstrap",
    "20",
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s.csv:vmaf:higher", ScoreFile("s.csv", "vmaf", True, "vmaf")),
        ("s.csv:niqe.mean:lower:NIQE", ScoreFile("s.csv", "niqe.mean", False, "NIQE")),
        ("C:/a:b.csv:x:lower", ScoreFile("C:/a:b.csv", "x", False, "x")),
        ("s.csv:higher:lower", ScoreFile("s.csv", "higher", False, "higher")),
        ("s.csv:x:higher:lower", ScoreFile("s.csv", "x", True, "lower")),
    ],
)
def test_a_score_is_a_file_a_column_and_a_direction(text: str, expected: ScoreFile) -> None:
    assert parse_score(text) == expected
    assert parse_score(f"{expected.path}:{expected.role}") == expected


def test_a_column_of_a_file_that_is_there_may_hold_colons(tmp_path: Path) -> None:
    path, column = str(tmp_path / "a:b.csv"), "hf:org/model[prompts=clip-iqa].good-photo_bad-photo.mean"
    Path(path).touch()
    for name in (column, "CLIP-IQA"):
        expected = ScoreFile(path, column, True, name)
        assert parse_score(f"{path}:{column}:higher" + f":{name}" * (name != column)) == expected
        assert parse_score(f"{path}:{expected.role}") == expected


@pytest.mark.parametrize(
    "text", ["s.csv", "s.csv:x", "s.csv:x:up", "s.csv::lower", "s.csv:x:lower:a:b", "x:lower"]
)
def test_a_score_without_a_direction_is_refused(text: str) -> None:
    with pytest.raises(TableError, match="--score is FILE:COLUMN:higher or lower"):
        parse_score(text)


def files(folder: Path) -> None:
    """Write a feature table, a MOS file and scores of which one falls with quality."""
    random, ids = np.random.default_rng(8), [f"v{k:02d}.mp4" for k in range(60)]
    mos = random.uniform(1, 5, 60)
    pd.DataFrame({"id": ids, "mos": mos}).to_csv(folder / "mos.csv", index=False)
    pd.DataFrame({"id": ids, "siti.si.mean": mos + random.normal(0, 1, 60)}).to_csv(
        folder / "f.csv", index=False
    )
    scores = {
        "id": ids,
        "vmaf": 20 * mos + random.normal(0, 10, 60),
        "niqe": 9 - mos + random.normal(0, 1, 60),
    }
    pd.DataFrame(scores).sample(frac=1, random_state=1).to_csv(folder / "s.csv", index=False)


def test_scores_of_a_file_are_rows_and_are_repeated_from_the_settings(tmp_path: Path) -> None:
    files(tmp_path)
    given = ["--score", "s.csv:vmaf:higher", "--score", "s.csv:niqe:lower:NIQE"]
    done = subprocess.run(
        [*RUN, *BASE, *given, "-o", "out"], cwd=tmp_path, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    summary = pd.read_csv(tmp_path / "out" / "summary.csv").set_index("table")
    assert set(summary.index) == {"f", "vmaf", "NIQE"}
    assert summary.loc["vmaf", "srcc"] > 0.7
    assert summary.loc["NIQE", "srcc"] > 0.5
    named = ["--features", "f.csv", "--mos", "mos.csv", *given]
    again = subprocess.run(
        [*RUN, "--settings", "out", *named, "-o", "again"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert again.returncode == 0, again.stderr
    assert "splits, scores and predictions are those of the run" in again.stderr


@pytest.mark.parametrize(
    ("score", "told"),
    [
        ("s.csv:vmaff:higher", "column of s.csv"),
        ("nope.csv:x:lower", "nope.csv"),
        ("s.csv:vmaf:better", "--score is FILE:COLUMN:higher or lower"),
        ("s.csv:vmaf:higher:f", "called 'f'"),
    ],
)
def test_a_mistaken_score_is_one_sentence(tmp_path: Path, score: str, told: str) -> None:
    files(tmp_path)
    done = subprocess.run(
        [*RUN, *BASE, "--score", score, "-o", "out"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 2, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
