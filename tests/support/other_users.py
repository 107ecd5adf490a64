"""Commands as another user, who may read what root can read and write only what is his."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from shared_data import ROOT

#: A user without an entry in passwd.
UNKNOWN = 54321
_CAPABILITY = "+dac_read_search"
_PREFIX = ("setpriv", f"--reuid={UNKNOWN}", f"--regid={UNKNOWN}", "--clear-groups")
_READING = ("--inh-caps", _CAPABILITY, "--ambient-caps", _CAPABILITY)


@cache
def _reason() -> str:
    """Why no command can be run as another user; empty if one can."""
    if os.geteuid() != 0:
        return "only root can become another user"
    if shutil.which("setpriv") is None:
        return "setpriv is not installed"
    command = [*_PREFIX, *_READING, sys.executable, "-c", ""]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.stderr.strip() if done.returncode else ""


def run_as_unknown(
    *arguments: object, cwd: Path, package: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run Python as a user without passwd entry and with no other environment; skip where that is impossible.

    The folder must be open to all; `package` is the folder from which ``vqa_features`` is imported.
    """
    if reason := _reason():
        pytest.skip(reason)
    settings = {"PYTHONPATH": str(package), "OMP_NUM_THREADS": "1", "PATH": "/usr/bin:/bin", **environment}
    return subprocess.run(
        [*_PREFIX, *_READING, sys.executable, *map(str, arguments)],
        cwd=cwd,
        env=settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def install(folder: Path) -> Path:
    """Copy the package as it is installed, without demo clips and compiled code; return its parent folder."""
    without = shutil.ignore_patterns("__pycache__", "*.mp4")
    shutil.copytree(ROOT / "vqa_features", folder / "vqa_features", ignore=without)
    shutil.copytree(ROOT / "extractors", folder / "vqa_features" / "extractors", ignore=without)
    return folder
