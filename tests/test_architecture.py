"""The house keeps its floors: an import never goes up, and on one floor never in a circle."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

#: Floor of each room; docs/architecture.md has the same table in words.
FLOORS = {
    "errors": 0,
    "specs": 0,
    "progress": 0,
    "resources": 0,
    "files": 0,
    "frame": 1,
    "video": 1,
    "kernels": 1,
    "declaration": 2,
    "extractor": 2,
    "parameters": 2,
    "plugins": 2,
    "registry": 2,
    "pooling": 2,
    "checkpoints": 2,
    "backbones": 2,
    "weights": 2,
    "tables": 2,
    "extractors": 2,
    "extraction": 3,
    "batch": 3,
    "sklearn_api": 4,
    "evaluation": 4,
    "datasets": 4,
    "comparison": 5,
    "report": 5,
    "demo": 6,
    "cli": 7,
    "__main__": 7,
}


def modules() -> dict[str, Path]:
    found = {}
    for path in (ROOT / "vqa_features").rglob("*.py"):
        found[".".join(("vqa_features", *path.relative_to(ROOT / "vqa_features").with_suffix("").parts))] = (
            path
        )
    for path in (ROOT / "extractors").rglob("*.py"):
        name = ".".join(("vqa_features", *path.relative_to(ROOT).with_suffix("").parts))
        found[name] = path
    return {name.removesuffix(".__init__"): path for name, path in found.items()}


def imports_of(name: str, path: Path, known: set[str], *, everywhere: bool) -> set[str]:
    """Names of our modules that `path` imports (at the top, or anywhere)."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    nodes = ast.walk(tree) if everywhere else iter(tree.body)
    found: set[str] = set()
    for node in nodes:
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".")
                base = ".".join(parts[: len(parts) - node.level + 1] + ([base] if base else []))
            for alias in node.names:
                full = f"{base}.{alias.name}"
                found.add(full if full in known else base)
    return {one for one in found if one in known}


def room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "vqa_features"


def test_every_room_has_a_floor() -> None:
    rooms = {room(name) for name in modules()} - {"vqa_features"}
    assert rooms - set(FLOORS) == set()


def test_no_import_goes_up() -> None:
    found = modules()
    wrong = [
        f"{name} (floor {FLOORS[room(name)]}) imports {target} (floor {FLOORS[room(target)]})"
        for name, path in found.items()
        if name != "vqa_features"
        for target in imports_of(name, path, set(found), everywhere=True)
        if target != "vqa_features" and FLOORS[room(target)] > FLOORS[room(name)]
    ]
    assert wrong == []


def test_no_circle_of_imports_at_the_top_of_modules() -> None:
    found = modules()
    graph = {
        name: imports_of(name, path, set(found), everywhere=False) - {name} for name, path in found.items()
    }
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("module", ["torch", "transformers", "pandas", "numba", "matplotlib", "cv2", "av"])
def test_listing_extractors_does_not_import(module: str) -> None:
    code = (
        "import sys; from vqa_features.cli import main\n"
        "try: main(['list'])\n"
        f"except SystemExit: pass\nsys.exit({module!r} in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
