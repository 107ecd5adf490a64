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
flag: bool = len(__name__) > 3
reveal_type(vf.extract("a.mp4", "siti"))
reveal_type(vf.extract("a.mp4", "siti", per_frame=True, start_s=1.0))
reveal_type(vf.extract("a.mp4", "siti", per_frame=flag))
reveal_type(vf.extract_frames([], "siti", layout="HWC"))
reveal_type(vf.extract_frames([], "siti", per_frame=True))
reveal_type(vf.score([], "niqe", data_range=1))
reveal_type(vf.join_tables(vf.extract_many("clips", "siti", fps=2)))
vf.extract("a.mp4", "siti", per_frame="yes")
"""
#: What the calls above return.
RETURNED = (
    "pandas.Series[float]",
    "pandas.DataFrame",
    "pandas.Series[float] | pandas.DataFrame",
    "pandas.Series[float]",
    "pandas.DataFrame",
    "float",
    "pandas.DataFrame",
)
#: The types of pandas that the functions above name: the real stubs take mypy most of a minute.
PANDAS = """\
from typing import Any, Generic, TypeVar
T = TypeVar("T")
class Series(Generic[T]): ...
class DataFrame: ...
def __getattr__(name: str) -> Any: ...
"""
#: Other libraries are not followed, which takes mypy a few seconds instead of a minute.
CONFIGURATION = """\
[mypy]
follow_imports = silent
ignore_missing_imports = True
""" + "\n".join(
    f"[mypy-{library}.*]\nfollow_imports = skip\nfollow_imports_for_stubs = True"
    for library in ("numpy", "scipy", "sklearn", "torch", "numba", "cv2", "av", "click", "rich")
)


def test_mypy_rejects_unknown_names_and_knows_what_overloaded_functions_return(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    (tmp_path / "snippet.py").write_text(SNIPPET)
    (tmp_path / "mypy.ini").write_text(CONFIGURATION)
    (tmp_path / "stubs").mkdir()
    (tmp_path / "stubs" / "pandas.pyi").write_text(PANDAS)
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
        command, cwd=tmp_path, env={"MYPYPATH": f"stubs:{ROOT}"}, capture_output=True, text=True, check=False
    )
    errors = [line for line in found.stdout.splitlines() if ": error:" in line]
    assert [line.split(":")[1] for line in errors] == ["6", "7", "16"], found
    revealed = [
        line.split("Revealed type is ")[1] for line in found.stdout.splitlines() if "Revealed" in line
    ]
    assert [text.strip('"').replace("builtins.", "") for text in revealed] == list(RETURNED)
    assert '"extrct"' in errors[0]
    assert '"mscnnn"' in errors[1]


@pytest.mark.parametrize("name", vqa_features.__all__)
def test_every_public_name_can_be_imported(name: str) -> None:
    assert getattr(importlib.import_module("vqa_features"), name) is not None


def test_an_unknown_public_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'extrct'"):
        vqa_features.extrct  # type: ignore[attr-defined]  # noqa: B018
