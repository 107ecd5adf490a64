"""Mutation run: the share of small faults in a module that the module's own tests notice.

One fault at a time is written into a copy of the tree, and the tests that `pyproject.toml` lists for the
module (`[tool.mutation-testing]`) run against it. A fault is *killed* if a test fails or the run takes too
long. Faults that cannot change any result are named, with the reason, in `mutation_equivalents.txt`; they are
counted apart.

Faults: a comparison moved to its neighbour (``<`` to ``<=``) or negated, an arithmetic or boolean operator
exchanged, a number changed (an integer plus 1, a float doubled, True and False exchanged), a sign or ``not``
removed, a condition negated, a returned value replaced by None. Annotations, texts and ``if TYPE_CHECKING``
blocks are left alone.

Why no library: mutmut 3.8 leaves out decorated functions (properties, cached functions, context managers) and
module constants, which hold the store's retry rules and the sampling tolerances. cosmic-ray 8.7 makes 3177
faults of the same modules, among them every ``X | None`` of an annotation, and starts a new interpreter for
each one: about five seconds of imports per fault. Here a process that has imported the third-party packages
forks for each fault. The package itself is imported anew each time, in worker processes too.
"""

from __future__ import annotations

import ast
import copy
import gc
import importlib
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[1]
EQUIVALENTS = Path(__file__).with_name("mutation_equivalents.txt")
#: Imported once, before the first fork: what costs time and is never mutated.
PRELOADED = (
    "pytest hypothesis numpy scipy.stats scipy.optimize sklearn.neighbors sklearn.model_selection joblib "
    "pandas pyarrow av numba xml.etree.ElementTree"
)
#: A run is stopped after this many times the time of the unchanged module, plus `PATIENCE_S`.
PATIENCE, PATIENCE_S = 5, 10
COMPARISONS: dict[type, tuple[type, ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
OPERATORS: dict[type, type] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.And: ast.Or,
    ast.Or: ast.And,
}


@dataclass(frozen=True)
class Fault:
    """One mutant of a module: the changed source, and what was changed where."""

    function: str
    line: int
    change: str
    source: str


@dataclass
class Outcome:
    """What became of one module's faults."""

    killed: int = 0
    equivalent: int = 0
    survivors: list[Fault] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def counted(self) -> int:
        """Number of faults that are not equivalent."""
        return self.killed + len(self.survivors)

    @property
    def percent(self) -> float:
        """Share of the counted faults that were killed."""
        return 100 * self.killed / self.counted if self.counted else 100.0


def faults(text: str) -> list[Fault]:
    """Return every fault of a module's source text, in the order of its lines."""
    tree = ast.parse(text)
    found: list[Fault] = []
    seen: dict[tuple[str, str], int] = {}
    for path, function in _places(tree, (), "module"):
        node = _at(tree, path)
        for changed in _changes(node):
            mutant = copy.deepcopy(tree)
            parent = _at(mutant, path[:-1])
            name, position = path[-1]
            if position is None:
                setattr(parent, name, changed)
            else:
                getattr(parent, name)[position] = changed
            change = f"{_first_line(node)} -> {_first_line(changed)}"
            number = seen[function, change] = seen.get((function, change), 0) + 1
            label = change if number == 1 else f"{change} (number {number})"
            source = ast.unparse(ast.fix_missing_locations(mutant))
            line = getattr(node, "lineno", None) or changed.ifs[0].operand.lineno  # a comprehension has none
            found.append(Fault(function, line, label, source))
    return sorted(found, key=lambda fault: fault.line)


Path_ = tuple[tuple[str, int | None], ...]


def _places(node: ast.AST, path: Path_, function: str) -> Iterator[tuple[Path_, str]]:
    """Yield the path and the function of every node that runs."""
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        return
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        function = node.name if function == "module" else f"{function}.{node.name}"
    if path:
        yield path, function
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "type_params"):
            continue
        for position, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.AST):
                yield from _places(child, (*path, (name, position)), function)


def _at(tree: ast.AST, path: Path_) -> ast.AST:
    for name, position in path:
        tree = getattr(tree, name) if position is None else getattr(tree, name)[position]
    return tree


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield each changed form of one node."""
    match node:
        case ast.Compare(ops=[operator]):
            for other in COMPARISONS[type(operator)]:
                yield _with(node, ops=[other()])
        case ast.Compare(ops=operators):
            for position, operator in enumerate(operators):
                other = COMPARISONS[type(operator)][0]
                yield _with(node, ops=[*operators[:position], other(), *operators[position + 1 :]])
        case ast.BinOp() | ast.BoolOp() | ast.AugAssign() if type(node.op) in OPERATORS:
            yield _with(node, op=OPERATORS[type(node.op)]())
        case ast.UnaryOp():
            yield copy.deepcopy(node.operand)
        case ast.Constant(value=bool(value)):
            yield _with(node, value=not value)
        case ast.Constant(value=int(value)):
            yield _with(node, value=value + 1)
        case ast.Constant(value=float(value)):
            yield _with(node, value=2 * value or 1.0)
        case ast.If() | ast.While() | ast.IfExp() if not isinstance(node.test, ast.Compare | ast.UnaryOp):
            yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))
        case ast.comprehension(ifs=[test]) if not isinstance(test, ast.Compare | ast.UnaryOp):
            yield _with(node, ifs=[ast.UnaryOp(ast.Not(), test)])
        case ast.Return(value=value) if value is not None and ast.unparse(value) != "None":
            yield _with(node, value=ast.Constant(None))


def _first_line(node: ast.AST) -> str:
    return ast.unparse(node).strip().splitlines()[0]


def _with(node: ast.AST, **fields: object) -> ast.AST:
    changed = copy.deepcopy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def copy_tree(to: Path) -> None:
    """Copy what the tests need, with `extractors/` where it is once installed."""
    ignored = shutil.ignore_patterns("__pycache__", ".*")
    for name in ("vqa_features", "tests", "benchmarks", "docs"):
        shutil.copytree(ROOT / name, to / name, ignore=ignored)
    shutil.copytree(ROOT / "extractors", to / "vqa_features" / "extractors", ignore=ignored)
    for name in ("pyproject.toml", "setup.cfg", "README.md"):
        shutil.copy(ROOT / name, to / name)


def run_tests(tree: Path, arguments: list[str], limit_s: float) -> bool:
    """Return whether the tests pass within the limit, in a forked process and its own session."""
    sys.stdout.flush()
    child = os.fork()
    if not child:
        _test_and_exit(tree, arguments)
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status == 0
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def _test_and_exit(tree: Path, arguments: list[str]) -> None:
    status: int = 2
    try:
        os.setsid()
        os.chdir(tree)
        sys.path[:0] = [str(tree)]
        os.environ |= {"PYTHONPATH": str(tree), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in range(3):
            os.dup2(nowhere, descriptor)
        import pytest

        status = pytest.main(["-x", "-q", "-p", "no:cacheprovider", *arguments])
    finally:
        os._exit(status)


def equivalents(path: Path = EQUIVALENTS) -> dict[tuple[str, str, str], str]:
    """Return the reason of every equivalent fault by (module, function, change)."""
    found = {}
    for line in path.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            module, function, change, reason = (part.strip() for part in line.split("\t"))
            found[module, function, change] = reason
    return found


def run_module(tree: Path, module: str, arguments: list[str], sample: int | None, seed: int) -> Outcome:
    """Run every fault of a module (or a seeded sample) and return the counts."""
    target = tree / module
    text = target.read_text()
    all_faults = faults(text)
    names = {(module, fault.function, fault.change) for fault in all_faults}
    known = {key for key in equivalents() if key[0] == module}
    for gone in sorted(known - names):
        click.echo(f"no such fault any more, take it out of {EQUIVALENTS.name}: {gone}", err=True)
    chosen = [fault for fault in all_faults if (module, fault.function, fault.change) not in known]
    outcome = Outcome(equivalent=len(all_faults) - len(chosen))
    if sample is not None and sample < len(chosen):
        chosen = sorted(random.Random(seed).sample(chosen, sample), key=lambda fault: fault.line)
    begin = time.monotonic()
    if not run_tests(tree, arguments, 600):
        raise click.ClickException(f"the tests of {module} fail without any fault: {' '.join(arguments)}")
    limit_s = PATIENCE * (time.monotonic() - begin) + PATIENCE_S
    begin = time.monotonic()
    for number, fault in enumerate(chosen):
        target.write_text(fault.source)
        os.utime(target, (number, number))  # compiled files go by time and size: no two faults share both
        if run_tests(tree, arguments, limit_s):
            outcome.survivors.append(fault)
            click.echo(f"survived: {module}:{fault.line} {fault.function}: {fault.change}", err=True)
        else:
            outcome.killed += 1
    target.write_text(text)
    outcome.seconds = time.monotonic() - begin
    return outcome


@click.command()
@click.argument("modules", nargs=-1)
@click.option("--sample", type=int, help="Faults per module, drawn with --seed; all by default.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the sample.")
@click.option("--least", type=float, default=90.0, show_default=True, help="Least percentage killed.")
def main(modules: tuple[str, ...], sample: int | None, seed: int, least: float) -> None:
    """Run the faults of MODULES (parts of paths, such as `pooling`); of all configured modules by default."""
    listed: dict[str, list[str]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"][
        "mutation-testing"
    ]
    chosen = {name: tests for name, tests in listed.items() if not modules or any(m in name for m in modules)}
    if not chosen:
        raise click.ClickException(f"no configured module is called {' or '.join(modules)}")
    for name in PRELOADED.split():
        importlib.import_module(name)
    gc.freeze()  # pytest collects garbage at its end: the preloaded packages are none
    click.echo(
        f"{'module':40}{'faults':>8}{'killed':>8}{'left':>6}{'equivalent':>12}{'killed %':>10}{'s':>7}"
    )
    failed = False
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        tree = Path(folder) / "tree"
        copy_tree(tree)
        for name, tests in chosen.items():
            found = run_module(tree, name, tests, sample, seed)
            click.echo(
                f"{name:40}{found.counted:8}{found.killed:8}{len(found.survivors):6}{found.equivalent:12}"
                f"{found.percent:9.1f}{found.seconds:7.0f}"
            )
            failed |= found.percent < least
    if failed:
        raise click.ClickException(f"less than {least:g} % killed in a module")


if __name__ == "__main__":
    main()
