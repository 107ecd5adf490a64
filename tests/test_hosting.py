"""Files for hosts (hosted checks, container, citation) name what the repository has."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import vqa_features as vf

yaml = pytest.importorskip("yaml", reason="PyYAML comes with the extras docs and deep")

ROOT = Path(__file__).resolve().parent.parent
WORKFLOW = ROOT / ".github" / "workflows" / "checks.yml"


def make_targets(text: str) -> set[str]:
    """Names after `make` in a text, options left out."""
    found = re.findall(r"\bmake ([^\n&;]+)", text)
    return {word for line in found for word in line.split() if not word.startswith("-")}


def test_the_hosted_checks_run_what_the_checks_of_a_change_run() -> None:
    jobs: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text())["jobs"]
    steps = [step["run"] for step in jobs["checks"]["steps"] if "run" in step]
    assert make_targets("\n".join(steps)) == make_targets(
        (ROOT / ".ci" / "run").read_text().split("set -", 1)[1]
    )


def test_every_target_that_is_named_is_in_the_makefile() -> None:
    targets = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[0].split()
    jobs: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text())["jobs"]
    matrix = {one["target"] for one in jobs["versions"]["strategy"]["matrix"]["include"]}
    assert make_targets(WORKFLOW.read_text().replace("${{ matrix.target }}", "")) | matrix <= set(targets)


def test_the_container_installs_an_extra_that_exists() -> None:
    from configparser import ConfigParser

    config = ConfigParser(interpolation=None)
    config.read(ROOT / "setup.cfg")
    (stamp,) = make_targets(
        re.sub(r"^(#|RUN apt).*$", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    )
    assert re.fullmatch(r"\.venv/(\w+)\.stamp", stamp)
    assert Path(stamp).stem in config["options.extras_require"]


def test_the_citation_has_what_its_format_requires() -> None:
    cited: dict[str, Any] = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert {"cff-version", "message", "title", "authors"} <= set(cited)
    assert cited["version"] == vf.__version__
    assert all("name" in author for author in cited["authors"])
    assert cited["license"] == "BSD-3-Clause"
