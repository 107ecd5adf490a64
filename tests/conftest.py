"""Fixtures shared by all tests."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from shared_data import ROOT, SHARED, VARIABLE, is_present

#: Modules outside tests/extractors/deep/ that need torch to be imported.
WITH_TORCH = ("test_checkpoints",)

#: Seconds that one test may take on a busy machine.
LIMIT_S = 900

#: Beginning of the reason with which tests are skipped that need the shared reference data.
SHARED_ABSENT = "the folder of shared reference data is not at"

#: Packages whose versions stand at the head of a run.
SHOWN = "av numpy scipy pandas scikit-learn scikit-image opencv-python-headless numba pyarrow torch".split()


def skip_without(package: str, node: pytest.Item | pytest.Collector) -> None:
    """Skip a test, or a module that is being collected, where `package` is not installed."""
    if find_spec(package) is None:
        reason = f"{node.name} needs {package}, which is not installed (extras deep and demo)"
        pytest.skip(reason, allow_module_level=True)


class DeepModule(pytest.Module):
    """A test module that needs torch to be imported."""

    def collect(self) -> Any:
        skip_without("torch", self)
        return super().collect()


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    if module_path.parent.name != "deep" and module_path.stem not in WITH_TORCH:
        return None
    return DeepModule.from_parent(parent, path=module_path)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        for package in marker.args:
            skip_without(package, item)


def pytest_report_header() -> str:
    installed = {d.name.lower(): d.version for d in metadata.distributions() if d.name}
    return "packages: " + ", ".join(f"{name} {installed.get(name, '(absent)')}" for name in SHOWN)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Fail a test that waits for ever."""

    def give_up(*_: object) -> None:
        raise TimeoutError(f"{item.name} took more than {LIMIT_S} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(LIMIT_S)
    try:
        return (yield)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of reference outputs, tables and clips; skips where it is absent."""
    if not is_present():
        pytest.skip(f"{SHARED_ABSENT} {SHARED} (set {VARIABLE})")
    return SHARED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end which modules skipped tests because the shared reference data are absent."""
    skipped = [
        report.nodeid.split("::")[0]
        for report in terminalreporter.stats.get("skipped", [])
        if SHARED_ABSENT in str(report.longrepr)
    ]
    if not skipped:
        return
    terminalreporter.section("SHARED REFERENCE DATA ABSENT", sep="=", red=True, bold=True)
    terminalreporter.line(
        f"{len(skipped)} tests were skipped. They compare with original programs, published tables and real "
        f"clips; tests/extractors/test_parity_fixture.py covers part of that. Set {VARIABLE} to run them."
    )
    for module, number in sorted(Counter(skipped).items()):
        terminalreporter.line(f"{number:5d}  {module}")


@pytest.fixture(scope="session")
def scenes() -> list[Path]:
    """The eight bundled clips, sorted."""
    return sorted((ROOT / "vqa_features" / "resources" / "demo").glob("*.mp4"))
