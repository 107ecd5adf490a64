"""The mutation run itself: which faults it makes, and that failing and passing tests are distinguished."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def mutation(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT))
    import benchmarks.mutation_testing

    return benchmarks.mutation_testing


@pytest.mark.parametrize(
    ("source", "changes"),
    [
        ("a < 2", ["a < 2 -> a <= 2", "a < 2 -> a >= 2", "2 -> 3"]),
        ("a == b", ["a == b -> a != b"]),
        ("0 < a < b", ["0 < a < b -> 0 <= a < b", "0 < a < b -> 0 < a <= b", "0 -> 1"]),
        ("a + b or c", ["a + b or c -> a + b and c", "a + b -> a - b"]),
        ("-a * 0.5", ["-a * 0.5 -> -a / 0.5", "-a -> a", "0.5 -> 1.0"]),
        ("f(a, on=True)", ["True -> False"]),
        ("if f(a): b = a", ["if f(a): -> if not f(a):"]),
        ("def f(a: int | None = 1) -> int | str: return a", ["1 -> 2", "return a -> return None"]),
        ("'text'\nif TYPE_CHECKING: a = 1", []),
    ],
)
def test_each_fault_is_one_change_of_code_that_runs(
    mutation: ModuleType, source: str, changes: list[str]
) -> None:
    found = mutation.faults(source)
    assert [fault.change for fault in found] == changes
    assert len({fault.source for fault in found}) == len(changes)


def test_equal_changes_of_one_function_are_numbered(mutation: ModuleType) -> None:
    found = mutation.faults("class A:\n    def f(self, a=1, b=1): pass\nc = 1")
    assert [(fault.function, fault.change) for fault in found] == [
        ("A.f", "1 -> 2"),
        ("A.f", "1 -> 2 (number 2)"),
        ("module", "1 -> 2"),
    ]


def test_every_equivalent_fault_is_given_with_its_reason(mutation: ModuleType) -> None:
    assert all(len(key) == 3 and reason for key, reason in mutation.equivalents().items())


def test_a_failing_and_a_hanging_test_kill_a_fault_and_a_passing_one_does_not(tmp_path: Path) -> None:
    tests = {
        "passes": "def test(): pass",
        "fails": "def test(): assert False",
        "hangs": "def test():\n    while True: pass",
    }
    for name, text in tests.items():
        (tmp_path / f"test_{name}.py").write_text(text)
    code = (
        "from pathlib import Path\nfrom benchmarks.mutation_testing import run_tests\n"
        f"print([run_tests(Path({str(tmp_path)!r}), [f'test_{{name}}.py'], limit) for name, limit in "
        "(('passes', 60), ('fails', 60), ('hangs', 3))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip() == "[True, False, False]"
