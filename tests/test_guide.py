"""docs/add-an-extractor.md, followed to the letter in a copy of the repository."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest
from small_videos import moving

ROOT = Path(__file__).resolve().parent.parent
#: "... in `path/of/the/file.py`:" and the code block below it.
FILE = re.compile(r"[Ii]n `(?P<path>[\w/]+\.py)`:\n\n```python\n(?P<text>.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository with the guide's files added where the guide says."""
    folder = tmp_path_factory.mktemp("guide")
    ignore = shutil.ignore_patterns("__pycache__")
    for name in ("vqa_features", "extractors"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignore)
    (folder / "vqa_features/extractors").symlink_to(folder / "extractors")
    for name in ("pyproject.toml", "tests/extractors/test_contract.py", "tests/data/baselines.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "tests/support", folder / "tests/support", ignore=ignore)
    for path, text in guide_files().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def guide_files() -> dict[str, str]:
    text = (ROOT / "docs/add-an-extractor.md").read_text(encoding="utf-8")
    return {match["path"]: match["text"] for match in FILE.finditer(text)}


def python(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the copy, whose package comes before the installed one."""
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)


def test_the_guide_has_a_method_its_kernel_and_a_test() -> None:
    assert list(guide_files()) == [
        "extractors/handcrafted/laplacian.py",
        "extractors/handcrafted/_laplacian.py",
        "tests/extractors/handcrafted/test_laplacian.py",
    ]


def test_the_commands_of_the_guide_run(copy: Path, tmp_path: Path) -> None:
    listed = python(copy, "-m", "vqa_features", "list", "sharpness", "--json")
    assert "laplacian" in [row["name"] for row in json.loads(listed.stdout)]
    described = python(copy, "-m", "vqa_features", "describe", "laplacian")
    assert "mean absolute Laplacian of luma" in described.stdout
    clip, out = moving(tmp_path / "clip.mp4", 3), tmp_path / "features.csv"
    done = python(copy, "-m", "vqa_features", "extract", str(clip), "-e", "laplacian[size=3]", "-o", str(out))
    assert done.returncode == 0, done.stderr
    row = pd.read_csv(out).iloc[0]
    assert row["status"] == "ok"
    assert row["laplacian[size=3].energy.mean"] > 0


def test_listing_does_not_import_the_kernel(copy: Path) -> None:
    code = (
        "import sys; from vqa_features.registry import catalogue; catalogue(); sys.exit('cv2' in sys.modules)"
    )
    assert python(copy, "-c", code).returncode == 0


def test_the_guide_s_tests_the_baseline_and_the_contract_pass(copy: Path) -> None:
    before = json.loads((ROOT / "tests/data/baselines.json").read_text())
    arguments = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/extractors", "-k", "laplacian")
    without = python(copy, *arguments)
    assert "laplacian has no baseline: run python tests/extractors/test_contract.py" in without.stdout
    written = python(copy, "tests/extractors/test_contract.py")
    assert written.stdout == "laplacian: version 1, 1 values\n", written.stderr
    after = json.loads((copy / "tests/data/baselines.json").read_text())
    assert after.pop("laplacian")["version"] == 1
    assert after == before
    done = python(copy, *arguments)
    assert done.returncode == 0, done.stdout


@pytest.mark.skipif(find_spec("ruff") is None, reason="ruff is not installed (pip install -e '.[dev]')")
@pytest.mark.parametrize("command", [("check",), ("format", "--check")])
def test_the_guide_s_files_pass_our_lint(copy: Path, command: tuple[str, ...]) -> None:
    done = python(copy, "-m", "ruff", *command, "--no-cache", *guide_files())
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
@pytest.mark.skipif(find_spec("mypy") is None, reason="mypy is not installed (pip install -e '.[dev]')")
def test_the_guide_s_files_pass_our_type_check(copy: Path) -> None:
    modules = (
        "vqa_features.extractors.handcrafted.laplacian",
        "vqa_features.extractors.handcrafted._laplacian",
    )
    done = python(copy, "-m", "mypy", *(part for module in modules for part in ("-m", module)))
    assert done.returncode == 0, done.stdout
