"""Imports go down and never in a circle; docs/architecture.md shows them as they are."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def module_map() -> object:
    """The script that writes the diagram and the module table."""
    pytest.importorskip("grimp", reason="import-linter is in the extra [test]")
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        import module_map
    finally:
        sys.path.remove(str(ROOT / "docs"))
    return module_map


def check_imports(package: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter over a package in the layout in which it is installed."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    options = [str(ROOT / "pyproject.toml"), "--no-cache", "--no-logo"]
    return subprocess.run(
        [*command, *options], cwd=package.parent, capture_output=True, text=True, check=False
    )


def test_every_import_goes_down_and_none_in_a_circle(module_map, tmp_path: Path) -> None:
    done = check_imports(module_map.installed_layout(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_an_upward_import_inside_a_function_is_found(module_map, tmp_path: Path) -> None:
    package = module_map.installed_layout(tmp_path)
    with (package / "kernels" / "planes.py").open("a") as file:
        file.write("\n\ndef draw() -> None:\n    from ..report import page\n\n    page.render\n")
    done = check_imports(package)
    assert done.returncode == 1
    assert "vqa_features.kernels is not allowed to import vqa_features.report" in done.stdout


def test_a_circle_inside_a_package_is_found(module_map, tmp_path: Path) -> None:
    package = module_map.installed_layout(tmp_path)
    with (package / "kernels" / "planes.py").open("a") as file:
        file.write("\n\ndef resize() -> None:\n    from .resize import imresize\n\n    imresize\n")
    done = check_imports(package)
    assert done.returncode == 1
    assert "No cycles are allowed in vqa_features.kernels" in done.stdout


def test_the_architecture_page_shows_the_imports_and_modules_as_they_are() -> None:
    pytest.importorskip("grimp", reason="import-linter is in the extra [test]")
    command = [sys.executable, str(ROOT / "docs" / "module_map.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr or "run make architecture"


@pytest.mark.parametrize("module", ["torch", "transformers", "pandas", "numba", "matplotlib", "cv2", "av"])
def test_listing_extractors_does_not_import(module: str) -> None:
    code = (
        "import sys; from vqa_features.cli import main\n"
        "try: main(['list'])\n"
        f"except SystemExit: pass\nsys.exit({module!r} in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
