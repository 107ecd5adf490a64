"""The current folder may come from a stranger: no file in it is run because of its name."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from made_up_videos import made_up

#: As the installed script: no entry of the import path is the current folder.
SCRIPT = "import sys; sys.path.pop(0); from vqa_features.cli import main; main(sys.argv[1:])"
SHADOWED = ("json", "numpy", "joblib", "psutil", "pickle", "sklearn", "own_models")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_no_process_of_a_comparison_imports_from_the_current_folder(tmp_path: Path, jobs: str) -> None:
    tables, mos = made_up()
    tables["good"][0].rename_axis("id").to_csv(tmp_path / "good.csv")
    mos.rename_axis("id").to_csv(tmp_path / "mos.csv")
    for name in SHADOWED:
        (tmp_path / f"{name}.py").write_text(f"open('ran-{name}', 'w').close()\n")
    options = ["--splits", "2", "--regressors", "ridge", "--jobs", jobs, "-o", "out"]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, "compare", "--features", "good.csv", "--mos", "mos.csv", *options],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        env={key: value for key, value in os.environ.items() if key != "PYTHONSAFEPATH"},
    )
    assert done.returncode == 0, done.stderr
    assert not list(tmp_path.glob("ran-*"))
