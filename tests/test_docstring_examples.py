"""The examples in docstrings run and print what they say."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path
from typing import Any

import pytest

import vqa_features as vf

#: What users call first has an example.
WITH_EXAMPLE = (
    "VideoFeatures build_backbone compare extract extract_frames extract_many list_extractors make score"
)
NEEDS = {"vqa_features.backbones": ("torch",)}
ROOT = Path(__file__).resolve().parent.parent


def modules_with_examples() -> list[Any]:
    """Names of our modules whose source holds an example, with the packages that it needs."""
    found = []
    for top, prefix in (
        (ROOT / "vqa_features", "vqa_features"),
        (ROOT / "extractors", "vqa_features.extractors"),
    ):
        for path in sorted(top.rglob("*.py")):
            if ">>> " in path.read_text(encoding="utf-8"):
                parts = path.relative_to(top).with_suffix("").parts
                name = ".".join((prefix, *parts)).removesuffix(".__init__")
                found.append(pytest.param(name, marks=pytest.mark.needs(*NEEDS.get(name, ()))))
    return found


@pytest.mark.parametrize("name", modules_with_examples())
def test_examples_print_what_they_say(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    result = doctest.testmod(importlib.import_module(name), optionflags=flags)
    assert result.failed == 0


@pytest.mark.parametrize("name", WITH_EXAMPLE.split())
def test_what_users_call_first_has_an_example(name: str) -> None:
    assert ">>> " in (getattr(vf, name).__doc__ or "")
