"""A type checker sees the lazily imported names: a misspelled one is an error before the code runs."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import vqa_features

ROOT = Path(__file__).resolve().parent.parent

SNIPPET = """\
import vqa_features as vf
from vqa_features.kernels import nss

vf.extract
nss.mscn
vf.extrct
nss.mscnnn(1, 2, 3)
"""
#: Other libraries are not followed, which takes mypy a few seconds instead of a minute.
CONFIGURATION = """\
[mypy]
follow_imports = silent
ignore_missing_imports = True
""" + "\n".join(
    f"[mypy-{library}.*]\nfollow_imports = skip\nfollow_imports_for_stubs = True"
    for library in ("numpy", "scipy", "pandas", "sklearn", "torch", "numba", "cv2", "av", "click", "rich")
)


def test_mypy_rejects_unknown_names_of_the_package_and_of_a_kernel_module(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    (tmp_path / "snippet.py").write_text(SNIPPET)
    (tmp_path / "mypy.ini").write_text(CONFIGURATION)
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--config-file",
        "mypy.ini",
        "--cache-dir",
        "cache",
        "snippet.py",
    ]
    found = subprocess.run(
        command, cwd=tmp_path, env={"MYPYPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    errors = [line for line in found.stdout.splitlines() if ": error:" in line]
    assert [line.split(":")[:2] for line in errors] == [["snippet.py", "6"], ["snippet.py", "7"]], found
    assert '"extrct"' in errors[0]
    assert '"mscnnn"' in errors[1]


@pytest.mark.parametrize("name", vqa_features.__all__)
def test_every_public_name_can_be_imported(name: str) -> None:
    assert getattr(importlib.import_module("vqa_features"), name) is not None


def test_an_unknown_public_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'extrct'"):
        vqa_features.extrct  # type: ignore[attr-defined]  # noqa: B018
