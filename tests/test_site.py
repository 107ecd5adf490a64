"""The documentation site: navigation, links, generated reference. `make docs` builds the whole of it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from vqa_features.cli import COMMANDS
from vqa_features.registry import make, registry

pytest.importorskip("sphinx", reason="sphinx is in the extra [docs]")
pytest.importorskip("sphinx_click", reason="sphinx-click is in the extra [docs]")

DOCS = Path(__file__).resolve().parent.parent / "docs"


@pytest.fixture(scope="module", autouse=True)
def extensions() -> object:
    """Let the modules of docs/ be imported."""
    sys.path.insert(0, str(DOCS))
    yield
    sys.path.remove(str(DOCS))


@pytest.fixture(scope="module")
def reference(extensions: object) -> dict[str, str]:
    import reference_pages

    return reference_pages.pages()


def test_every_extractor_has_a_page_with_every_column(reference: dict[str, str]) -> None:
    for name in registry():
        page = reference[f"reference/extractors/{name.rstrip(':')}.md"]
        if name.endswith(":"):
            continue
        features = make(name).features
        shown = features if len(features) < 40 or features[0].name[:2] != "e0" else features[:1]
        for feature in shown:
            assert f"| `{feature.name}` | {feature.description}".replace("<", "&lt;") in page
        for line in make(name).references:
            assert " ".join(line.split()).replace("|", "\\|").replace("<", "&lt;") in page


def test_a_range_and_a_unit_stand_beside_their_column(reference: dict[str, str]) -> None:
    page = reference["reference/extractors/siti.md"].replace("\u00a0", " ")
    assert re.search(r"\| `si` \| .* \| 8-bit codes \| 0 … ∞ \|", page)


def test_every_command_and_public_name_has_a_page(reference: dict[str, str]) -> None:
    import vqa_features as vf

    assert {f"reference/commands/{name}.md" for name in COMMANDS} <= set(reference)
    assert {f"reference/python/{name}.md" for name in (*vf.__all__, "testing")} <= set(reference)


def test_links_out_of_the_docs_lead_to_pages_or_are_named() -> None:
    import site_pages

    text = "[a](../SECURITY.md#videos) [b](comparing.md#ids) [c](../pyproject.toml) ![d](images/report.png)"
    assert site_pages.relinked(text, DOCS / "models.md", "models.md") == (
        "[a](project/security.md#videos) [b](comparing.md#ids) c (`pyproject.toml`) ![d](images/report.png)"
    )
    readme = DOCS.parent / "benchmarks" / "README.md"
    assert site_pages.relinked("[a](../docs/deep.md)", readme, "project/benchmarks.md") == "[a](../deep.md)"


def test_a_diagram_becomes_a_table_of_its_arrows() -> None:
    import site_pages

    table = site_pages.arrows_table(
        'flowchart TD\n    a["a/"]\n    a --> b\n    a --> c\n    b -. by name .-> c\n'
    )
    assert table.splitlines()[2:] == ["| `a` | `b`, `c` |"]


def test_every_page_is_in_the_navigation_once() -> None:
    import site_pages

    index = (DOCS / "index.md").read_text(encoding="utf-8")
    pages = {path.relative_to(DOCS).with_suffix("").as_posix() for path in DOCS.glob("*.md")} | {"a-new-page"}
    text = site_pages.navigation(index, pages)
    listed = [line for line in text.splitlines() if line and line[0] not in ":`"]
    assert sorted(set(listed)) == sorted(listed)
    assert pages - {"index"} <= set(listed)
    assert "a-new-page" in text.partition(":caption: Further pages")[2].split()


@pytest.mark.parametrize(
    ("links", "told"),
    [
        ("[x](other.md#not-there) [x](absent.md)", ("not-there", "absent.md")),
        ("[x](other.md#there) [x](https://example.org/not-opened)", ()),
    ],
)
def test_a_dead_link_fails_the_build(links: str, told: tuple[str, ...], tmp_path: Path) -> None:
    for name in ("conf.py", "site_pages.py", "reference_pages.py", "site.css"):
        shutil.copy(DOCS / name, tmp_path / name)
    with (tmp_path / "conf.py").open("a") as file:  # without the reference, which takes long
        file.write("\nimport reference_pages, site_pages\nreference_pages.pages = dict\n")
        file.write("site_pages.PROJECT_PAGES.clear()\n")
    (tmp_path / "index.md").write_text(f"# Index\n\n## Pages\n\n[other](other.md)\n\n{links}\n")
    (tmp_path / "other.md").write_text("# Other\n\n## There\n\nText.\n")
    options = ["-b", "html", "-W", "--keep-going", "-q"]
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *options, str(tmp_path), str(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) == (not told), done.stderr
    assert all(text in done.stderr for text in told)
    if not told:
        assert (tmp_path / "out" / "outside-links.txt").read_text() == "https://example.org/not-opened\n"
