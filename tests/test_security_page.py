"""Every line of SECURITY.md's threat tables names tests that exist, and the pages lead to it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
_NAMED = re.compile(r"`((?:\w+/)*test_\w+\.py)(?:::(\w+))?`")


def page() -> str:
    file = ROOT / "SECURITY.md"
    if not file.is_file():
        pytest.skip("the suite runs without the repository's pages")
    return file.read_text(encoding="utf-8")


def test_the_tests_that_hold_the_promises_exist() -> None:
    named = set(_NAMED.findall(page()))
    assert len(named) > 60
    for file, test in sorted(named):
        tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
        defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert not test or test in defined, f"{file} has no {test}"


def test_every_threat_has_a_test() -> None:
    lines = [line for line in page().splitlines() if line.startswith("|")]
    threats = [
        line for line in lines if line.count("|") == 4 and not re.match(r"\| (threat|---|package)", line)
    ]
    held = [line for line in threats if "test_" in line]
    bounds = [line for line in threats if re.match(r"\| [\w.]+ \| [\d.]+ \|", line)]
    assert len(held) > 40
    assert [line for line in threats if line not in held and line not in bounds and "---" not in line] == []
