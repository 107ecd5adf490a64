"""docs/weights.md lists every set of published weights, docs/deep-uses.md every network."""

import sys
from pathlib import Path

from vqa_features import weights
from vqa_features.registry import registry

DOCS = Path(__file__).resolve().parent.parent / "docs"


def test_the_table_of_the_page_is_the_one_of_the_registry(monkeypatch):
    monkeypatch.syspath_prepend(str(DOCS))
    import weights_table

    page = (DOCS / "weights.md").read_text(encoding="utf-8")
    assert weights_table.rewritten(page) == page, "run: python docs/weights_table.py"
    assert page.count("\n| ") > len(weights.table())
    sys.modules.pop("weights_table")


def test_every_network_is_in_the_page_of_uses():
    page = (DOCS / "deep-uses.md").read_text(encoding="utf-8")
    for name, cls in registry().items():
        if cls.family == "deep":
            assert f"`{name}`" in page, f"{name}: say in docs/deep-uses.md what the field uses it for"
