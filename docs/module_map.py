"""Write the diagram and the module table of docs/architecture.md from the imports of the code.

``python docs/module_map.py`` rewrites the text between the markers (``make architecture``); ``--check`` only
compares it. Run it in a process of its own: an imported ``vqa_features`` would be found before the copy.
"""

from __future__ import annotations

import ast
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import grimp
import networkx

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "architecture.md"
PACKAGE = "vqa_features"
BEGIN, END = "<!-- begin: written by docs/module_map.py -->", "<!-- end -->"


def installed_layout(folder: Path) -> Path:
    """Copy the package into `folder` as it is installed, ``extractors/`` inside it; return its path."""
    package = folder / PACKAGE
    python_only = shutil.ignore_patterns("*.mp4", "*.npz", "__pycache__")
    shutil.copytree(ROOT / PACKAGE, package, ignore=python_only)
    shutil.copytree(ROOT / "extractors", package / "extractors", ignore=python_only)
    return package


def import_graph(package: Path) -> grimp.ImportGraph:
    """Return the imports of the package, those inside functions included, those for types only left out."""
    sys.path.insert(0, str(package.parent))
    try:
        return grimp.build_graph(PACKAGE, exclude_type_checking_imports=True, cache_dir=None)
    finally:
        sys.path.remove(str(package.parent))


def layers() -> list[list[str]]:
    """Return the layers of ``pyproject.toml``, the top one first, each a list of names."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    found = next(contract["layers"] for contract in contracts if contract["id"] == "layers")
    return [[name.strip() for name in layer.split("|")] for layer in found]


def package_imports(graph: grimp.ImportGraph) -> networkx.DiGraph:
    """Return which package or module directly below `PACKAGE` imports which."""
    found = networkx.DiGraph()
    for module in graph.modules:
        for target in graph.find_modules_directly_imported_by(module):
            importer, imported = (name.split(".")[1:2] for name in (module, target))
            if importer and imported and importer != imported:
                found.add_edge(importer[0], imported[0])
    return found


def diagram(graph: grimp.ImportGraph) -> Iterator[str]:
    """Yield a Mermaid diagram: an arrow is an import that no longer path of arrows implies."""
    reduced = networkx.transitive_reduction(package_imports(graph))
    yield "```mermaid"
    yield "flowchart TD"
    names = [name for layer in layers() for name in layer if name in reduced]
    for name in names:
        shape = f'{name}["{name}/"]' if (_path(f"{PACKAGE}.{name}") / "__init__.py").is_file() else name
        yield f"    {shape}"
    for importer in names:
        for imported in sorted(reduced.successors(importer), key=names.index):
            yield f"    {importer} --> {imported}"
    yield "    registry -. finds by name .-> extractors"
    yield "```"


def table(graph: grimp.ImportGraph) -> Iterator[str]:
    """Yield one table per layer's package: each module and the first line of its docstring."""
    for top in (name for layer in layers() for name in layer):
        module = f"{PACKAGE}.{top}"
        members = sorted(m for m in graph.modules if m == module or m.startswith(module + "."))
        folders = [m for m in members if (_path(m) / "__init__.py").is_file()]
        if not folders:
            yield f"| `{top}.py` | {_summary(_path(module).with_suffix('.py'))} |"
            continue
        for folder in folders:
            yield f"| **`{_shown(folder)}/`** | **{_summary(_path(folder) / '__init__.py')}** |"
            for member in members:
                if member.rpartition(".")[0] == folder and member not in folders:
                    name = member.rpartition(".")[2]
                    yield f"| `{name}.py` | {_summary(_path(member).with_suffix('.py'))} |"


def generated() -> str:
    """Return the text between the markers."""
    with tempfile.TemporaryDirectory() as folder:
        graph = import_graph(installed_layout(Path(folder)))
    lines = [BEGIN, *diagram(graph), "", "| module | holds |", "|---|---|", *table(graph), END]
    return "\n".join(lines)


def rewritten(page: str) -> str:
    """Return `page` with the text between the markers brought up to date."""
    before, _, rest = page.partition(BEGIN)
    return before + generated() + rest.partition(END)[2]


def _path(module: str) -> Path:
    """Return the path of a module in the tree, without a suffix."""
    inner = module.removeprefix(PACKAGE + ".")
    top = ROOT if inner.split(".")[0] == "extractors" else ROOT / PACKAGE
    return top.joinpath(*inner.split("."))


def _shown(module: str) -> str:
    return str(_path(module).relative_to(ROOT))


def _summary(path: Path) -> str:
    """Return the first paragraph of a module's docstring on one line."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(text.partition("\n\n")[0].split()).rstrip(".").replace("|", "\\|")


if __name__ == "__main__":
    now = PAGE.read_text(encoding="utf-8")
    if "--check" in sys.argv:
        sys.exit(rewritten(now) != now)
    PAGE.write_text(rewritten(now), encoding="utf-8")
