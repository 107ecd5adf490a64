"""``compare --mos-column a,b``: a folder of results for each target, and one matrix."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

RUN = [sys.executable, "-m", "vqa_features", "compare"]
BASE = (
    "--features f.csv:f:handcrafted --mos mos.csv --splits 3 --regressors ridge,mean --bootstrap 20".split()
)


def files(folder: Path) -> None:
    """Write a feature table and a MOS file of two targets."""
    random, ids = np.random.default_rng(8), [f"v{k:02d}.mp4" for k in range(50)]
    blur, noise = random.uniform(1, 5, 50), random.uniform(1, 5, 50)
    pd.DataFrame({"id": ids, "blur": blur, "noise level": noise}).to_csv(folder / "mos.csv", index=False)
    pd.DataFrame({"id": ids, "siti.si.mean": blur + random.normal(0, 0.5, 50)}).to_csv(
        folder / "f.csv", index=False
    )


def test_each_target_has_its_folder_and_the_matrix_has_both(tmp_path: Path) -> None:
    files(tmp_path)
    command = [*RUN, *BASE, "--mos-column", "blur, noise level", "-o", "out"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    matrix = pd.read_csv(tmp_path / "out" / "targets.csv")
    assert list(dict.fromkeys(matrix["target"])) == ["blur", "noise level"]
    for target, folder in (("blur", "blur"), ("noise level", "noise_level")):
        alone = pd.read_csv(tmp_path / "out" / folder / "summary.csv")
        mine = matrix[matrix["target"] == target]
        np.testing.assert_allclose(mine["srcc"], alone["srcc"])
        assert (tmp_path / "out" / folder / "report.html").is_file()
    page = (tmp_path / "out" / "targets.html").read_text()
    assert 'href="noise_level/report.html"' in page
    assert "SRCC by target" in done.stdout
    again = [*RUN, "--settings", "out/blur", "--features", "f.csv", "--mos", "mos.csv", "-o", "again"]
    done = subprocess.run(again, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "splits, scores and predictions are those of the run" in done.stderr


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ("blur,blur", "names a column twice"),
        ("blur,", "names a column twice, or none"),
        ("blur,sharp", "has no column 'sharp'"),
        ("noise level,noise_level", "two targets have the same folder"),
    ],
)
def test_mistaken_targets_are_one_sentence(tmp_path: Path, columns: str, told: str) -> None:
    files(tmp_path)
    command = [*RUN, *BASE, "--mos-column", columns, "-o", "out"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 2, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
