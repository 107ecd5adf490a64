"""A task whose packages are not installed says what to install, before it begins."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import pytest

from vqa_features.errors import VqaError
from vqa_features.extras import EXTRAS, require


def test_installed_packages_are_enough() -> None:
    require("this test", ["numpy", "pytest"])


def test_what_is_missing_is_named_with_the_command_that_brings_it() -> None:
    wanted = re.escape(
        "the map needs no_such_package_a and no_such_package_b: pip install 'vqa-features[io]'"
    )
    with pytest.raises(VqaError, match=wanted):
        require("the map", ["numpy", "no_such_package_a", "no_such_package_b"], "io")
    with pytest.raises(ImportError):
        require("the map", ["no_such_package_a"], "io")


def test_extras_are_those_of_the_distribution() -> None:
    offered = metadata.metadata("vqa-features").get_all("Provides-Extra") or []
    assert set(EXTRAS) <= set(offered)
    needed = "\n".join(metadata.requires("vqa-features") or [])
    for extra in ("deep", "report", "io"):
        for package in EXTRAS[extra]:
            assert re.search(rf'^{package}\b.*extra == "{extra}"', needed, re.MULTILINE), package


@pytest.mark.slow
def test_the_demo_asks_for_its_packages_before_it_makes_a_video(tmp_path: Path) -> None:
    import os
    import subprocess
    import sys

    hide = (
        "import sys, importlib.util as u; found = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'jinja2' else found(name, *rest)\n"
        "from vqa_features.cli import main; sys.exit(main(['demo', '-o', sys.argv[1]]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", hide, str(tmp_path / "out")],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "COLUMNS": "200"},
    )
    assert done.returncode == 2, done.stderr
    assert "pip install 'vqa-features[demo]'" in done.stderr
    assert "jinja2" in done.stderr
    assert not (tmp_path / "out").exists()
