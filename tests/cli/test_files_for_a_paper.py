"""`compare` writes the files for a paper beside the page, and never over an input."""

from __future__ import annotations

from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pandas as pd
import pytest
from commands import one_error, run_here

from vqa_features.report.paper import FILES


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    ids = [f"clip{k}" for k in range(50)]
    mos = rng.normal(3, 1, 50)
    pd.DataFrame({"id": ids, "mos": mos}).to_csv(tmp_path / "mos.csv", index=False)
    features = pd.DataFrame(rng.normal(0, 1, (50, 4)) + mos[:, None], index=pd.Index(ids, name="id"))
    features.add_prefix("f").to_csv(tmp_path / "good.csv")
    return tmp_path


def run(
    folder: Path, output: str, *more: str, mos: str = "mos.csv", regressors: str = "ridge,mean"
) -> CompletedProcess[str]:
    named = ("--features", "good.csv:good:handcrafted", "--mos", mos, "--regressors", regressors)
    return run_here("compare", *named, "-o", output, "--quiet", *more, cwd=folder)


def test_the_files_lie_beside_the_page(inputs: Path) -> None:
    assert run(inputs, "out", "--splits", "3").returncode == 0
    for name in FILES:
        assert (inputs / "out" / name).stat().st_size > 0
    text = (inputs / "out" / "methods.txt").read_text(encoding="utf-8")
    assert "The opinion scores are those of mos.csv." in text
    assert (inputs / "out" / "report_figures" / "boxes.csv").exists()
    assert "The opinion scores are those of mos.csv." in (inputs / "out" / "report.html").read_text()


def test_both_protocols_and_a_single_split(inputs: Path) -> None:
    assert run(inputs, "both", "--splits", "3", "--protocol", "both").returncode == 0
    assert (inputs / "both" / "summary.tex").read_text().count(r"\begin{tabular}") == 2
    splits = pd.read_csv(inputs / "mos.csv", usecols=["id"])
    splits["split"] = ["train"] * 30 + ["test"] * 20
    splits.to_csv(inputs / "splits.csv", index=False)
    assert run(inputs, "one", "--split-file", "splits.csv", regressors="ridge").returncode == 0
    assert "Scores on one test part" in (inputs / "one" / "summary.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FILES)
def test_an_input_of_that_name_is_not_replaced(inputs: Path, name: str) -> None:
    text = (inputs / "mos.csv").read_bytes()
    (inputs / name).write_bytes(text)
    assert f"the result {name} would replace the input" in one_error(run(inputs, ".", mos=name))
    assert (inputs / name).read_bytes() == text
    assert not (inputs / "report.html").exists()
