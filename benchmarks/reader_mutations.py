"""Damage tables, stores, settings, checkpoints and configurations by the thousand, and read each.

``python -m benchmarks.reader_mutations --count 20000 --jobs 2`` reads every damaged file in a process that
counts as the driver of a run. Each reading must end with a result or an error of this package. A death of
the process, any other error, a reading that takes longer than a minute, and a change of any file outside the
folder of the reading are faults; the exit code is 1 if there is one.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import select
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from .damage import Reader
from .outside_readers import READERS

#: Environment variable that names a folder which readers may change, as a cache.
CACHE = "VQA_FEATURES_TRIAL_CACHE"
LIMIT_S = 60.0
MOST_MB = 2048  # the libraries of all readers hold about 700 MiB
SECRET = "hunter2-is-a-secret"  # content of the files around a reading
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_CHANGES = (
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.mkdir",
    "os.link",
    "os.symlink",
    "os.chmod",
    "os.truncate",
)


class Watch:
    """Notes every change of a file outside some folders, and every connection, by Python's audit events."""

    def __init__(self) -> None:
        self.allowed: list[Path] = []
        self._seen: list[str] = []
        sys.addaudithook(self._hear)

    def take(self) -> list[str]:
        """Return what was seen since the last call."""
        seen, self._seen = self._seen, []
        return seen

    def _hear(self, event: str, given: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = given
            if isinstance(flags, int) and flags & _WRITING:
                self._check(path)
        elif event in _CHANGES:
            self._check(given[0])
        elif event in ("socket.connect", "os.system", "os.exec"):
            self._seen.append(f"{event} {given[1:]}")

    def _check(self, path: object) -> None:
        if not isinstance(path, str | bytes | os.PathLike):
            return
        real = Path(os.path.realpath(os.fsdecode(path)))
        if str(real) != os.devnull and not any(real.is_relative_to(folder) for folder in self.allowed):
            self._seen.append(str(real))


class Trial:
    """A reader with its valid file, in a folder with files around it that nothing may read or change.

    Parameters
    ----------
    reader : Reader
        The reader.
    place : path
        An empty folder.
    watch : Watch
        Sees what Python's own code does; the files around show what libraries do.
    """

    def __init__(self, reader: Reader, place: Path, watch: Watch) -> None:
        self._reader, self._place, self._watch = reader, Path(os.path.realpath(place)), watch
        self._folder = self._place / "in" / "it"
        temporary = self._place / "tmp"
        for folder in (self._folder, temporary):
            folder.mkdir(parents=True)
        tempfile.tempdir = str(temporary)
        watch.allowed = [self._folder, temporary, Path(os.path.realpath(os.environ[CACHE]))]
        for around in (self._place, self._folder.parent):
            (around / "secret").write_text(SECRET)
            (around / "secret.safetensors").write_text(SECRET)
        self._made = reader.make(self._folder)
        self._originals = {
            str(file.relative_to(self._folder)): file.read_bytes()
            for file in self._folder.rglob("*")
            if file.is_file()
        }
        reader.read(self._made)
        self._before = self._around()
        watch.take()

    def read(self, seed: int) -> str:
        """Damage one file by `seed`, read it, and return what became of it."""
        self._restore()
        names = [*self._reader.damaged, *self._reader.in_place]
        name = names[seed % len(names)]
        file = self._folder / name
        if name in self._reader.damaged:
            file.write_bytes(self._reader.damaged[name](self._originals[name], seed))
        else:
            self._reader.in_place[name](file, seed)
        outcome = self._outcome()
        seen = self._watch.take()
        if seen or self._around() != self._before:
            return f"FAULT: changed {seen or 'files around it'} ({outcome})"
        return outcome

    def _outcome(self) -> str:
        from vqa_features.errors import VqaError

        try:
            self._reader.read(self._made)
        except VqaError as error:
            told = str(error)
            if "\n" in told or "Traceback" in told or SECRET in told or len(told) >= 2000:
                return f"FAULT: a bad message: {told[:80]!r}"
            return f"refused: {type(error).__name__}"
        except BaseException as error:
            return f"FAULT: {type(error).__name__}: {' '.join(str(error).split())[:120]}"
        return "read"

    def _restore(self) -> None:
        for file in self._folder.rglob("*"):
            if file.is_file() and str(file.relative_to(self._folder)) not in self._originals:
                file.unlink()
        for name, data in self._originals.items():
            (self._folder / name).write_bytes(data)

    def _around(self) -> list[tuple[str, bytes]]:
        """Names and content of the files around the folder."""
        files = (*self._place.iterdir(), *self._folder.parent.iterdir())
        return [(str(file), file.read_bytes()) for file in sorted(files) if file.is_file()]


def peak_mb() -> int:
    """Return the greatest resident memory of this process in MiB; getrusage counts that of its parent in."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def drive(names: list[str], first: int, last: int, skipped: int) -> int:
    """Read the damaged files of some readers in turn; write a line before and after each.

    Parameters
    ----------
    names : list of str
        Readers.
    first, last : int
        Seeds of the damage to each one's file.
    skipped : int
        Number of files, counted over all readers, that an earlier process has read or not survived.
    """
    resource.setrlimit(resource.RLIMIT_AS, (16 << 30, 16 << 30))
    warnings.simplefilter("ignore")
    watch = Watch()
    for place, name in enumerate(names):
        start = max(first, first + skipped - place * (last - first))
        if start >= last:
            continue
        tempfile.tempdir = None
        with tempfile.TemporaryDirectory() as temporary:
            trial = Trial(READERS[name], Path(temporary), watch)
            for seed in range(start, last):
                print(json.dumps(["begin", name, seed]), flush=True)
                begun_s = time.monotonic()
                outcome = trial.read(seed)
                peak = peak_mb()
                print(json.dumps(["end", name, seed, outcome, time.monotonic() - begun_s, peak]), flush=True)
    return 0


@dataclass(frozen=True)
class Outcome:
    """What became of one damaged file; peak memory in MiB."""

    reader: str
    seed: int
    what: str
    seconds: float = 0.0
    peak: int = 0

    def told(self) -> str:
        """Return the outcome; a reading that is slow or large is a fault."""
        late = self.seconds > LIMIT_S or self.peak > MOST_MB
        what = f"FAULT: {self.seconds:.0f} s, {self.peak} MiB ({self.what})" if late else self.what
        return f"{what} (seed {self.seed})" if what.startswith("FAULT") else what


def outcomes(names: list[str], first: int, last: int) -> Iterator[Outcome]:
    """Yield the outcome of every file, in a process that is started again behind one it did not survive."""
    done = 0
    while done < len(names) * (last - first):
        for outcome in _one_life(names, first, last, done):
            done += 1
            yield outcome


def _one_life(names: list[str], first: int, last: int, done: int) -> Iterator[Outcome]:
    """Yield outcomes until the process ends."""
    command = [sys.executable, "-m", "benchmarks.reader_mutations", "--seeds", str(first), str(last)]
    command += ["--skip", str(done), "--readers", *names]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)
        assert process.stdout is not None
        begun: tuple[str, int] | None = None
        ended = 0
        for line in _lines(process.stdout, process):
            kind, name, seed, *rest = json.loads(line)
            begun = (name, seed) if kind == "begin" else None
            if kind == "end":
                ended += 1
                yield Outcome(name, seed, *rest)
        code = process.wait()
        if begun is not None:
            yield Outcome(*begun, f"FAULT: the driver ended with {code}")
        elif code or not ended:
            errors.seek(0)
            raise SystemExit(f"a driver of {', '.join(names)} fails: {errors.read().decode()[-2000:]}")


def _lines(stream: IO[bytes], process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    """Yield lines; the process is killed if none comes for twice the time that one file may take."""
    while True:
        if not select.select([stream], [], [], 2 * LIMIT_S)[0]:
            process.kill()
        line = stream.readline()
        if not line:
            return
        yield line


def run(names: list[str], count: int, jobs: int, seed: int = 0) -> dict[str, Counter[str]]:
    """Read `count` damaged files, spread over the readers; return how often each outcome was seen."""
    each = -(-count // len(names))
    parts = [names[place::jobs] for place in range(min(jobs, len(names)))]
    with tempfile.TemporaryDirectory() as cache, ThreadPoolExecutor(jobs) as pool:
        os.environ.setdefault(CACHE, cache)
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for part in pool.map(lambda part: list(outcomes(part, seed, seed + each)), parts):
            for outcome in part:
                found[outcome.reader][outcome.told()] += 1
    return found


def faults(found: dict[str, Counter[str]]) -> list[str]:
    """Return the faults, each with its reader."""
    return [
        f"{name}: {told}" for name, counts in found.items() for told in counts if told.startswith("FAULT")
    ]


def main() -> int:
    """Read the arguments, run, print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--readers", nargs="*", default=list(READERS), choices=list(READERS))
    parser.add_argument("--seeds", nargs=2, type=int, help=argparse.SUPPRESS)
    parser.add_argument("--skip", type=int, default=0, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.seeds:
        return drive(given.readers, *given.seeds, given.skip)
    start = time.monotonic()
    found = run(given.readers, given.count, given.jobs, given.seed)
    for name in given.readers:
        print(f"{name}: {sum(found[name].values())}")
        for outcome, count in found[name].most_common(12):
            print(f"  {count:6d}  {outcome}")
    total = sum(sum(counts.values()) for counts in found.values())
    seconds = time.monotonic() - start
    wrong = faults(found)
    print(f"{total} damaged files of {len(given.readers)} readers in {seconds:.0f} s: {len(wrong)} faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
