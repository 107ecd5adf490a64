"""A broken plug-in is named and left out; everything else goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pandas as pd
import pytest
from small_videos import moving

GOOD = """
    from dataclasses import dataclass
    import numpy as np
    from vqa_features.extractor import Extractor, Session
    from vqa_features.specs import Feature

    class _MeanSession(Session):
        def push(self, window):
            return np.array([window[0].luma.mean()])

    @dataclass(frozen=True)
    class Mean(Extractor):
        \"\"\"Mean luma.\"\"\"
        name = "{name}"
        group = "{group}"

        @property
        def features(self):
            return (Feature("luma", "mean luma"),)

        def open(self, info):
            return _MeanSession()

    def helper():
        pass
"""
MODULES = {
    "good": GOOD.format(name="mean-luma", group="artefact"),
    "wrong": GOOD.format(name="wrong-luma", group=""),
    "clash": GOOD.format(name="siti", group="artefact"),
    "absent": "import a_library_that_is_not_installed",
    "exits": "raise SystemExit('no licence')",
    "needy": GOOD.format(name="needy", group="artefact").replace("return (", "return 1 / 0, ("),
    "empty": "",
}
ENTRIES = {
    "mean-luma": "shaky.good:Mean",
    "wrong-luma": "shaky.wrong:Mean",
    "clash": "shaky.clash",
    "absent": "shaky.absent",
    "exits": "shaky.exits",
    "needy": "shaky.needy",
    "empty": "shaky.empty",
    "function": "shaky.good:helper",
    "again": "shaky.good:Mean",
}
#: What is said of each broken entry.
REASONS = {
    "wrong-luma": "shaky.wrong.Mean.group must be a text such as nss or motion, got ''",
    "clash": "shaky.clash.Mean is called 'siti', the name of vqa_features.extractors.handcrafted.siti.SiTi",
    "absent": "ModuleNotFoundError: No module named 'a_library_that_is_not_installed'",
    "exits": "SystemExit: no licence",
    "needy": "ZeroDivisionError: division by zero",
    "empty": "the module shaky.empty defines no extractor",
    "function": "shaky.good:helper must be a module or an Extractor class with a name",
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an installed distribution, shaky 2.1, as pip would leave it there."""
    site = tmp_path_factory.mktemp("site")
    (site / "shaky").mkdir()
    (site / "shaky/__init__.py").touch()
    for name, text in MODULES.items():
        (site / f"shaky/{name}.py").write_text(dedent(text))
    info = site / "shaky-2.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shaky\nVersion: 2.1\n")
    lines = [f"{name} = {value}" for name, value in ENTRIES.items()]
    (info / "entry_points.txt").write_text("\n".join(["[vqa_features.extractors]", *lines, ""]))
    return site


def run(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "vqa_features", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def told(entry: str) -> str:
    return f"the plug-in {entry!r} of shaky 2.1 is left out: {REASONS[entry]}"


def test_list_shows_the_others_and_warns_once_of_each(installed: Path) -> None:
    done = run(installed, "list", "--json")
    assert done.returncode == 0
    names = {row["name"] for row in json.loads(done.stdout)}
    assert {"mean-luma", "siti", "brisque", "r3d-18"} <= names
    assert not {"wrong-luma", "needy"} & names
    assert sorted(done.stderr.splitlines()) == sorted(f"warning: {told(entry)}" for entry in REASONS)


def test_doctor_names_them(installed: Path) -> None:
    done = run(installed, "doctor")
    assert done.returncode == 0
    assert [line for line in done.stdout.splitlines() if "plug-in" in line] == [
        f"problem: {told(entry)}" for entry in sorted(REASONS)
    ]


def test_extract_of_other_extractors_goes_on(installed: Path, tmp_path: Path) -> None:
    clip, out = moving(tmp_path / "clip.mp4", 3), tmp_path / "out.csv"
    done = run(installed, "extract", str(clip), "-e", "mean-luma,siti", "-o", str(out))
    assert done.returncode == 0, done.stderr
    row = pd.read_csv(out).iloc[0]
    assert row["status"] == "ok"
    assert 100 < row["mean-luma.luma.mean"] < 150
    assert row["siti.si.mean"] > 0


@pytest.mark.parametrize("entry", ["wrong-luma", "needy"])
def test_asking_for_an_extractor_of_a_broken_plug_in_says_so(installed: Path, entry: str) -> None:
    done = run(installed, "describe", entry)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: unknown extractor {entry!r}")
    assert told(entry) in done.stderr
    assert "a_library_that_is_not_installed" not in done.stderr


def test_an_unknown_name_lists_every_broken_plug_in(installed: Path) -> None:
    done = run(installed, "describe", "something-else")
    assert all(told(entry) in done.stderr for entry in REASONS)
