"""Run the commands as users without a home, on a read-only installation, and check what they leave behind.

``python -m benchmarks.no_home`` (as root, on Linux) works in a mount namespace of its own: interpreter,
packages and a copy of this package are mounted read-only below /mnt, temporary files are on a small file
system of their own, and nothing of it is left afterwards. Every command must end as it should, say at most
once that nothing is cached (joblib adds that it has no shared memory), print no traceback, write nothing but
its outputs, and give the table that root gets.
"""

from __future__ import annotations

import argparse
import os
import pickle
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
BASE = Path("/mnt")
OUT = BASE / "out"
SHARED = BASE / "shared"
NOBODY, UNKNOWN, OTHER = 65534, 54321, 54322
_LIMIT_S = 900


@dataclass(frozen=True)
class Case:
    """A user, an environment and what is mounted for the commands."""

    name: str
    uid: int = UNKNOWN
    environment: dict[str, str] = field(default_factory=dict)
    mounts: str = ""
    cwd: str = str(OUT)
    warnings: int = 1
    code: int = 0


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str
    seconds: float


CASES = (
    Case("no passwd entry, HOME unset"),
    Case("nobody, HOME unset", NOBODY),
    Case("HOME=/nonexistent", environment={"HOME": "/nonexistent"}),
    Case("HOME=/ of root", environment={"HOME": "/"}),
    Case("HOME empty", environment={"HOME": ""}),
    Case("home on a read-only disk", environment={"HOME": str(BASE / "python")}),
    Case("TMPDIR missing", environment={"TMPDIR": "/missing"}),
    Case(
        "no folder of temporary files",
        mounts="mount -t tmpfs -o ro none /tmp; mount -t tmpfs -o ro none /var/tmp",
        cwd="/",
    ),
    Case("cache of another user that all may write", environment={"XDG_CACHE_HOME": str(SHARED)}),
    Case("own cache folder", environment={"XDG_CACHE_HOME": str(BASE / "own")}, warnings=0),
    Case(
        "full /dev/shm",
        mounts="mount -t tmpfs -o size=4k none /dev/shm; cat /dev/zero > /dev/shm/f",
        warnings=2,
        code=2,
    ),
    Case("read-only /dev/shm", mounts="mount -t tmpfs -o ro none /dev/shm", warnings=2, code=2),
)
CLIPS = ("bunny_tree", "city_towers", "bikes_square")
EXTRACT = ("extract", *(f"/mnt/clips/{name}.mp4" for name in CLIPS), "--frames", "4", "--jobs", "2", "-o")


def execute(case: Case, *arguments: str) -> Done:
    """Run a command as the user of the case, in its environment and with its mounts."""
    uid = str(case.uid)
    search = ":".join(map(str, [BASE / "site", *sorted(BASE.glob("deps*"))]))
    environment = {"PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1", "PYTHONPATH": search}
    environment["LD_LIBRARY_PATH"] = str(BASE / "python" / "lib")
    settings = [f"{name}={value}" for name, value in (environment | case.environment).items()]
    user = ["setpriv", "--reuid", uid, "--regid", uid, "--clear-groups", "env", "-i", *settings]
    python = str(BASE / "python" / "bin" / f"python3.{sys.version_info.minor}")
    script = f'{{ {case.mounts or ":"}; }} 2>/dev/null; cd {case.cwd}; exec "$@"'
    command = [
        "unshare",
        "--mount",
        "sh",
        "-c",
        script,
        "sh",
        *user,
        python,
        "-m",
        "vqa_features",
        *arguments,
    ]
    begun = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, timeout=_LIMIT_S, check=False)
    return Done(done.returncode, done.stdout, done.stderr, time.monotonic() - begun)


def prepare() -> None:
    """Mount interpreter and packages read-only, and copy this package and its clips, below /mnt."""
    _mount("-t", "tmpfs", "-o", "mode=755", "none", str(BASE))
    read_only = [sys.base_prefix, *(path for path in sys.path if path.endswith("site-packages"))]
    for number, source in enumerate(read_only):
        folder = BASE / (f"deps{number}" if number else "python")
        folder.mkdir()
        _mount("--bind", source, str(folder))
        _mount("-o", "remount,bind,ro", str(folder))
    without = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "vqa_features", BASE / "site" / "vqa_features", ignore=without)
    shutil.copytree(ROOT / "extractors", BASE / "site" / "vqa_features" / "extractors", ignore=without)
    shutil.copytree(ROOT / "vqa_features" / "resources" / "demo", BASE / "clips")
    _mount("--bind", str(BASE / "site"), str(BASE / "site"))
    _mount("-o", "remount,bind,ro", str(BASE / "site"))
    for folder, owner in {"out": UNKNOWN, "own": UNKNOWN, "shared": OTHER}.items():
        (BASE / folder).mkdir()
        os.chown(BASE / folder, owner, owner)
    OUT.chmod(0o1777)
    _mount("-t", "tmpfs", "-o", "mode=1777", "none", "/tmp")


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


class _Planted:
    """A pickle that leaves a mark when it is read."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch /tmp/code-was-run",)


def plant() -> None:
    """Let another user fill the shared cache, replace every index in it, and let all write there."""
    shared = Case("", OTHER, {"XDG_CACHE_HOME": str(SHARED)})
    done = execute(shared, *EXTRACT, "/tmp/t.csv", "-e", "brisque,siti")
    indexes = list(SHARED.rglob("*.nbi"))
    assert indexes, done.err
    for path in indexes:
        path.write_bytes(pickle.dumps(_Planted()))
    for path in (SHARED, *SHARED.rglob("*")):
        path.chmod(0o777)
    for path in Path("/tmp").iterdir():
        path.unlink()


def faults(case: Case, done: Done, output: str) -> list[str]:
    """Return what is wrong with how a command ended."""
    found = []
    warnings = [line for line in done.err.splitlines() if "cached" in line or "Warning: " in line]
    if done.code != case.code:
        found.append(f"exit code {done.code}: {done.err.strip().splitlines()[-1:]}")
    if len(warnings) > case.warnings:
        found.append(f"{len(warnings)} warnings of caches or of Python: {warnings}")
    if "Traceback" in done.err:
        found.append("a traceback")
    if case.code and len(done.err.strip().splitlines()) > 2:
        found.append(f"more than a sentence: {done.err}")
    left = [str(path) for path in (*Path("/tmp").iterdir(), *Path("/dev/shm").glob("vqa-features-*"))]
    left += [str(path) for path in OUT.iterdir() if not path.name.startswith(output)]
    left += [name for name in ("/nonexistent", "/.cache", "/.config", "/~") if Path(name).exists()]
    if left:
        found.append(f"left behind: {left}")
    return found


def _table(path: Path) -> pd.DataFrame:
    table = pd.read_csv(path, dtype={"id": str}).set_index("id")
    return table[[name for name in table if not name.startswith("seconds.")]]


def _write_many(features: pd.DataFrame, path: Path) -> None:
    """Write a table of features and MOS for `compare`, made of those of a few videos."""
    numbers = features.select_dtypes("number").iloc[:, -8:].fillna(0.0)
    many = pd.concat([numbers + number**0.5 for number in range(10)], ignore_index=True)
    many.insert(0, "mos", range(len(many)))
    many.index.name = "id"
    many.to_csv(path)


def try_case(case: Case, commands: dict[str, tuple[str, ...]], expected: dict[str, pd.DataFrame]) -> int:
    """Run the commands of a case, print a line for each, and return the number of faults."""
    count = 0
    for name, command in commands.items():
        works_alone = case.code and "extract" not in command
        meant = Case(**{**case.__dict__, "code": 0}) if works_alone else case
        done = execute(meant, *command)
        found = faults(meant, done, "out")
        table = OUT / "out.csv"
        if name in expected and not meant.code:
            if table.exists():
                same = _table(table).equals(expected[name])
                found += [] if same else ["another table"]
            else:
                found.append("no table")
        told = [line for line in done.err.splitlines() if "cached" in line or line.startswith("error")]
        print(f"{case.name:42} {name:12} exit {done.code} {done.seconds:6.1f} s  {'; '.join(found) or 'ok'}")
        if told:
            print(f"{'':42} {told[-1]}")
        sys.stdout.flush()
        count += len(found)
        for path in (*OUT.glob("out*"), *Path("/tmp").iterdir()):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return count


def inside(only: str, demo: bool) -> int:
    """Try every case in this mount namespace."""
    prepare()
    table = str(OUT / "out.csv")
    labels = {"extract": "brisque,siti", "deep": "efficientnet-lite0"}
    extractions = {name: (*EXTRACT, table, "-e", label) for name, label in labels.items()}
    expected = {}
    for name, command in extractions.items():
        done = execute(Case("root", 0, {"HOME": "/root"}), *command)
        if done.code:
            print(f"{name} does not run here: {done.err.strip()}")
        else:
            expected[name] = _table(OUT / "out.csv")
    features = pd.read_csv(OUT / "out.csv", dtype={"id": str}) if expected else pd.DataFrame()
    _write_many(features, BASE / "many.csv")
    for path in OUT.iterdir():
        path.unlink()
    plant()
    many = str(BASE / "many.csv")
    compare = ("compare", "--features", many, "--mos", many, "--splits", "3", "--regressors", "ridge,mean")
    commands = {
        "list": ("list",),
        "doctor": ("doctor",),
        "weights": ("weights", "list"),
        **{name: command for name, command in extractions.items() if name in expected},
        "compare": (*compare, "--jobs", "2", "-o", str(OUT / "out")),
    }
    cases = [case for case in CASES if only in case.name]
    count = sum(try_case(case, commands, expected) for case in cases)
    if demo:
        count += try_case(CASES[0], {"demo": ("demo", "--quick", "--jobs", "2", "-o", str(OUT / "out"))}, {})
    print(f"{len(cases)} cases, {len(cases) * len(commands) + demo} commands: {count} faults")
    return min(count, 1)


def main() -> int:
    """Start this script again in a mount namespace of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="Part of the names of the cases to try.")
    parser.add_argument("--demo", action="store_true", help="Run the quick demo too.")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        return inside(given.only, given.demo)
    if os.geteuid() != 0:
        parser.error("this needs root, to become other users")
    again = [sys.executable, "-m", "benchmarks.no_home", "--inside", *sys.argv[1:]]
    return subprocess.run(["unshare", "--mount", *again], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
