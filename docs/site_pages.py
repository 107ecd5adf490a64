"""Sphinx extension: writes the reference pages, and fits links of the repository to the site.

The pages of docs/ are plain Markdown with links between files, so that they can be read on a code host. On
the site, a link to a file that has a page leads to the page; any other file of the repository is named as
text. The navigation is made from the links of docs/index.md; a page that it does not link comes under
"Further pages".
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import reference_pages
from docutils import nodes
from sphinx.application import Sphinx

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
#: Files outside docs/ that have a page, and the page.
PROJECT_PAGES = {
    "CHANGELOG.md": "project/changelog.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "SECURITY.md": "project/security.md",
    "benchmarks/README.md": "project/benchmarks.md",
    "examples/plugin/README.md": "project/plugin.md",
    "vqa_features/resources/demo/README.md": "project/demo-clips.md",
    "vqa_features/resources/ut_live/README.md": "project/ut-live.md",
}
#: Folders of docs/ that are written here and not committed.
WRITTEN = ("project", "reference")
_LINK = re.compile(r"(?<!!)\[(?P<text>[^\]\[]*)\]\((?P<target>[^)\s#:]+)(?P<anchor>#[^)\s]*)?\)")
#: A diagram of Mermaid, which code hosts draw; the site loads no script for it.
_DIAGRAM = re.compile(r"^```mermaid\n(?P<lines>.*?)^```$", re.DOTALL | re.MULTILINE)
_ARROW = re.compile(r"^ *(\w+) --> (\w+)$", re.MULTILINE)


def arrows_table(diagram: str) -> str:
    """Return the arrows of a Mermaid diagram as a table: from where, and to what."""
    arrows: dict[str, list[str]] = {}
    for start, end in _ARROW.findall(diagram):
        arrows.setdefault(start, []).append(end)
    rows = [f"| `{start}` | {', '.join(f'`{end}`' for end in ends)} |" for start, ends in arrows.items()]
    return "\n".join(["| from | arrows to |", "|---|---|", *rows])


def relinked(text: str, source: Path, page: str) -> str:
    """Return Markdown with its relative links fitted to the site.

    Parameters
    ----------
    text : str
        Content of `source`.
    source : Path
        The file in the repository.
    page : str
        Path of its page below docs/.

    Returns
    -------
    str
    """

    def replaced(link: re.Match[str]) -> str:
        target = Path(os.path.normpath(source.parent / link["target"]))
        inside = target.relative_to(ROOT).as_posix() if target.is_relative_to(ROOT) else ""
        place = PROJECT_PAGES.get(inside) or ("index.md" if inside == "README.md" else None)
        if place is None and target.is_relative_to(DOCS):
            place = target.relative_to(DOCS).as_posix()
        if place is None:
            return f"{link['text']} (`{inside}`)" if target.exists() else link[0]
        return f"[{link['text']}]({os.path.relpath(place, Path(page).parent)}{link['anchor'] or ''})"

    return _LINK.sub(replaced, text)


def navigation(index: str, pages: set[str]) -> str:
    """Return hidden tables of contents: one for each section of the index, and one for unlinked pages.

    Parameters
    ----------
    index : str
        Content of docs/index.md.
    pages : set of str
        Names of all pages, without suffix.

    Returns
    -------
    str
        Markdown to be put at the end of the index.
    """
    sections = []
    known = {"index"}
    for section in re.split(r"^## ", index, flags=re.MULTILINE)[1:]:
        linked = dict.fromkeys(link["target"].rpartition(".")[0] for link in _LINK.finditer(section))
        sections.append((section.partition("\n")[0], [page for page in linked if page not in known]))
        known |= set(linked)
    further = sorted(page for page in pages - known if page.partition("/")[0] not in WRITTEN)
    sections.append(("Further pages", further))
    return "\n".join(
        "\n".join(["```{toctree}", ":hidden:", f":caption: {caption}", "", *linked, "```"])
        for caption, linked in sections
        if linked
    )


def write_pages(app: Sphinx) -> None:
    """Write the pages of the reference, and those of files outside docs/; drop pages of what is gone."""
    pages = reference_pages.pages()
    for name, page in PROJECT_PAGES.items():
        pages[page] = relinked((ROOT / name).read_text(encoding="utf-8"), ROOT / name, page)
    for folder in WRITTEN:
        for old in (DOCS / folder).rglob("*.md"):
            if old.relative_to(DOCS).as_posix() not in pages:
                old.unlink()
    for page, text in pages.items():
        file = DOCS / page
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")


def fit_page(app: Sphinx, page: str, content: list[str]) -> None:
    """Fit the links of a page that is read, show diagrams as tables, and add the navigation to the index."""
    if page.partition("/")[0] in WRITTEN or page.startswith("notebooks/"):
        return
    text = relinked(content[0], DOCS / f"{page}.md", f"{page}.md")
    text = _DIAGRAM.sub(lambda block: arrows_table(block["lines"]), text)
    if page == "index":
        text += "\n\n" + navigation(text, app.env.found_docs)
    content[0] = text


def drop_mail_links(app: Sphinx, document: nodes.document) -> None:
    """Turn labels such as ``r3d-18@random``, taken for mail addresses, into text."""
    for link in list(document.findall(nodes.reference)):
        if link.get("refuri", "").startswith("mailto:"):
            link.replace_self(nodes.Text(link.astext()))


def skip_member(app: Sphinx, what: str, name: str, *_: object) -> bool | None:
    """Leave out the methods that scikit-learn writes for metadata routing."""
    return True if re.fullmatch(r"set_\w+_request|get_metadata_routing", name) else None


def list_outside_links(app: Sphinx, error: Exception | None) -> None:
    """Write the addresses outside the site, which are not opened, into outside-links.txt beside the pages."""
    if error is None:
        pages = [app.env.get_doctree(page) for page in sorted(app.env.found_docs)]
        found = {
            str(link["refuri"])
            for page in pages
            for link in page.findall(nodes.reference)
            if "refuri" in link
        }
        outside = sorted(address for address in found if "://" in address)
        (Path(app.outdir) / "outside-links.txt").write_text("\n".join(outside) + "\n", encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to Sphinx."""
    app.connect("builder-inited", write_pages)
    app.connect("source-read", fit_page)
    app.connect("doctree-read", drop_mail_links)
    app.connect("autodoc-skip-member", skip_member)
    app.connect("build-finished", list_outside_links)
    return {"parallel_read_safe": True}
