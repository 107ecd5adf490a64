"""The wheel, the sdist and the list of packages hold everything the tree does."""

from __future__ import annotations

import configparser
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DISTRIBUTION = ROOT / "setup.cfg"


def packages_in_tree() -> set[str]:
    found = {
        ".".join(init.parent.relative_to(ROOT).parts)
        for top in ("vqa_features", "extractors")
        for init in (ROOT / top).rglob("__init__.py")
    }
    return {f"vqa_features.{name}" if name.partition(".")[0] == "extractors" else name for name in found}


def test_setup_cfg_lists_every_package_of_the_tree() -> None:
    config = configparser.ConfigParser(interpolation=None)
    config.read(DISTRIBUTION)
    listed = set(config["options"]["packages"].split())
    assert listed == packages_in_tree()
    mapped = {line.partition("=")[0].strip() for line in config["options"]["package_dir"].split("\n") if line}
    assert {name for name in listed if ".extractors" in name} <= mapped


def test_the_oldest_versions_that_are_tested_are_the_lower_bounds() -> None:
    config = configparser.ConfigParser(interpolation=None)
    config.read(DISTRIBUTION)
    extras = config["options.extras_require"]
    needed = "\n".join((config["options"]["install_requires"], extras["report"], extras["io"])).split()
    pinned = [
        line
        for line in (ROOT / "constraints-oldest.txt").read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    ]
    assert all(requirement.count(">=") == 1 for requirement in needed), "one lower bound each, no upper one"
    assert pinned == sorted(requirement.replace(">=", "==") for requirement in needed)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel and an sdist, built from a copy of the tracked files."""
    out = tmp_path_factory.mktemp("dist")
    copy = out / "tree"
    ignore = {
        ".git",
        "build",
        "dist",
        "demo-out",
        "out",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
    }

    def skip(folder: str, names: list[str]) -> list[str]:
        left_out = {*ignore, "__pycache__"}
        return [n for n in names if n in left_out or n.startswith(".venv") or n.endswith(".egg-info")]

    import shutil

    shutil.copytree(ROOT, copy, ignore=skip)
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out / "dist"), str(copy)],
        check=True,
        capture_output=True,
    )
    return out / "dist"


def test_wheel_holds_code_and_data_and_runs(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for path in [*ROOT.glob("extractors/**/*.py"), *ROOT.glob("vqa_features/**/*.py")]:
        inside = path.relative_to(ROOT).as_posix()
        inside = f"vqa_features/{inside}" if inside.startswith("extractors/") else inside
        assert inside in names
    assert "vqa_features/py.typed" in names
    assert "vqa_features/resources/demo/bikes_square.mp4" in names
    assert not any(name.startswith(("extractors/", "tests/", "benchmarks/")) for name in names)

    site = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*install, "--target", str(site), str(wheel)], check=True)
    run = subprocess.run(
        [sys.executable, "-c", "import vqa_features, sys; print(vqa_features.__file__)"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.startswith(str(site))
    listed = subprocess.run(
        [sys.executable, "-m", "vqa_features", "list"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "brisque" in listed.stdout


def test_sdist_holds_tests_and_benchmarks(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for needed in (
        "tests/test_packaging.py",
        "benchmarks/__init__.py",
        "extractors/__init__.py",
        "vqa_features/resources/demo/README.md",
        "Makefile",
        "constraints.txt",
        "constraints-oldest.txt",
        "LICENSE",
    ):
        assert needed in names
