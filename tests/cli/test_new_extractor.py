"""Packages with an extractor: written by `new-extractor`, and examples/plugin/; installed by pip and used."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest
from commands import one_error, run_here
from small_videos import moving

from vqa_features.cli.new_extractor import package_files

ROOT = Path(__file__).resolve().parents[2]
#: A plain name, one whose parts are digits, and one that is a word of Python and a name of our interface.
WRITTEN = ("edge-contrast", "p-3d-2", "none", "session")


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the written packages and a copy of the example."""
    folder = tmp_path_factory.mktemp("packages")
    for name in WRITTEN:
        done = run_here("new-extractor", name, cwd=folder)
        assert done.returncode == 0, done.stderr
        assert sorted(done.stdout.split()) == sorted(f"vqa-features-{name}/{p}" for p in package_files(name))
        assert done.stderr == (
            f"next: pip install -e 'vqa-features-{name}', then vqa-features describe {name}\n"
        )
    ignore = shutil.ignore_patterns("build", "*.egg-info", "__pycache__")
    shutil.copytree(ROOT / "examples" / "plugin", folder / "plugin", ignore=ignore)
    return folder


@pytest.fixture(scope="module")
def installed(packages: Path) -> Path:
    """A folder of installed packages: pip builds them as a user's pip does, without network."""
    site = packages / "site"
    options = ["--no-build-isolation", "--no-deps", "--no-index", "--disable-pip-version-check"]
    sources = [str(path) for path in packages.iterdir()]
    python(packages, "-m", "pip", "install", "--quiet", *options, "--target", str(site), *sources)
    return site


def python(cwd: Path, *arguments: str, site: Path | None = None) -> str:
    """Run Python to its end and return stdout."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(site or "")}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_an_installed_package_is_listed_and_extracts(installed: Path, tmp_path: Path) -> None:
    listed = json.loads(python(tmp_path, "-m", "vqa_features", "list", "sharpness", "--json", site=installed))
    assert {row["name"] for row in listed} >= {*WRITTEN, "tenengrad"}
    clip, out = moving(tmp_path / "clip.mp4", 3), tmp_path / "features.csv"
    labels = ",".join([*WRITTEN, "tenengrad[size=5]", "siti"])
    python(tmp_path, "-m", "vqa_features", "extract", str(clip), "-e", labels, "-o", str(out), site=installed)
    row = pd.read_csv(out).iloc[0]
    assert row["status"] == "ok"
    assert row["none.difference.mean"] == row["edge-contrast.difference.mean"] > 0
    assert row["tenengrad[size=5].energy.mean"] > 0


def test_the_tests_of_the_packages_pass(packages: Path, installed: Path) -> None:
    for folder in ("vqa-features-p-3d-2", "plugin"):
        told = python(packages / folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", site=installed)
        assert " passed" in told
        assert "skipped" not in told


def test_a_broken_package_fails_its_own_contract_tests(
    packages: Path, installed: Path, tmp_path: Path
) -> None:
    shutil.copytree(packages / "vqa-features-none", tmp_path / "broken")
    module = tmp_path / "broken" / "vqa_features_none.py"
    module.write_text(module.read_text().replace("high=255,", "high=0.5,"))
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path / 'broken'}{os.pathsep}{installed}"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "contract"]
    done = subprocess.run(
        command, cwd=tmp_path / "broken", env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "difference must be in [0, 0.5], got" in done.stdout


@pytest.mark.skipif(find_spec("ruff") is None, reason="ruff is not installed (pip install -e '.[dev]')")
@pytest.mark.parametrize("command", [("check", "--select", "E,F,I,B,UP"), ("format", "--check")])
def test_the_written_files_pass_lint(packages: Path, command: tuple[str, ...]) -> None:
    options = ["--isolated", "--no-cache", "--line-length", "110"]
    for name in WRITTEN:
        python(packages / f"vqa-features-{name}", "-m", "ruff", *command, *options, ".")


@pytest.mark.parametrize(
    "name", ["", "Edge", "1st", "edge_contrast", "edge--contrast", "edge-", "-edge", "édge", "a/b", "x" * 65]
)
def test_a_name_that_no_extractor_can_have_is_refused(name: str, tmp_path: Path) -> None:
    told = one_error(run_here("new-extractor", "--", name, cwd=tmp_path))
    assert told.startswith("error: a name has lower-case letters and digits")
    assert told.endswith(f"got {name!r}")
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["siti", "brisque", "r3d-18"])
def test_a_name_that_is_in_use_is_refused(name: str, tmp_path: Path) -> None:
    told = one_error(run_here("new-extractor", name, cwd=tmp_path))
    assert told == f"error: there is an extractor {name!r} already; choose another name"


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep")
    (tmp_path / "file").write_text("keep")
    for place in ("mine", "file"):
        told = one_error(run_here("new-extractor", "edge", "-o", place, cwd=tmp_path))
        assert told == f"error: '{place}' must be new or an empty folder; name another with -o DIR"
    (tmp_path / "empty").mkdir()
    assert run_here("new-extractor", "edge", "-o", ".", cwd=tmp_path / "empty").returncode == 0
    assert (tmp_path / "empty" / "pyproject.toml").is_file()
    assert (tmp_path / "mine" / "notes.txt").read_text() == (tmp_path / "file").read_text() == "keep"
