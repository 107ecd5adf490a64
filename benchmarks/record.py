"""Where and with what a benchmark ran: written beside its figures."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("numpy", "scipy", "numba", "opencv-python-headless", "av", "scikit-learn", "torch")


def surroundings() -> dict[str, Any]:
    """Return machine, versions, commit, date, and how busy the machine is."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": _versions(),
        "load": os.getloadavg()[0],
    }


def write(path: Path, figures: dict[str, Any]) -> None:
    """Write figures as JSON, with `surroundings` before them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"surroundings": surroundings(), **figures}, indent=1) + "\n")


def sentence() -> str:
    """Return the surroundings in one sentence."""
    found = surroundings()
    packages = ", ".join(f"{name} {number}" for name, number in found["packages"].items())
    return (
        f"{found['date'][:10]}, commit {found['commit']}, {found['processor']}, {found['cores']} cores, "
        f"load {found['load']:.1f}, Python {found['python']}, {packages}"
    )


def _commit() -> str:
    try:
        return _git("rev-parse", "--short", "HEAD") + ("+" if _git("status", "--porcelain") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.strip()


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").is_file() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
