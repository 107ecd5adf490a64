"""Fill the disk at random moments of a run, and count the finished rows that are lost.

``python -m benchmarks.disk_full --moments 20`` makes small videos and extracts from them by the command
line. At a random moment a limit on the size of files (RLIMIT_FSIZE), which stands for the full disk, is set
on the running process; with ``--tmpfs`` a small file system is mounted and filled instead. Each moment is
tried with and without a store, with the output on the full disk and, with ``--tmpfs``, on another one. The
run goes on; at its end every row it has finished must be in a file or on stdout, equal to that of an
undisturbed run.
"""

from __future__ import annotations

import argparse
import io
import itertools
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from benchmarks.store_kill import make_videos
from vqa_features.errors import TableError
from vqa_features.tables.reading import read_table

#: Many columns, so that the table and the store are larger than most of the limits.
EXTRACTORS = "siti,brisque,colorfulness,temporal-nss"
LIMITS = (0, 4096, 20_000, 60_000)
_TMPFS_BYTES = 1 << 20
_PATIENCE_S = 300.0


@dataclass(frozen=True)
class Place:
    """The folder whose disk fills, and a folder that stands for home, current and temporary folder."""

    disk: Path
    work: Path
    mounted: bool

    def fill(self, process: subprocess.Popen[str], limit: int) -> None:
        """Fill the disk, or limit the size of the files that the process writes."""
        if not self.mounted:
            with suppress(ProcessLookupError):
                resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (limit, limit))
            return
        with suppress(OSError), (self.disk / "filler").open("wb", buffering=0) as filler:
            while filler.write(bytes(4096)):
                pass

    def rows(self, said: str) -> pd.DataFrame:
        """Rows of every table in the folders and on stdout."""
        tables = []
        for path in (*self.disk.rglob("*out*.csv"), *self.work.rglob("*out*.csv")):
            with suppress(TableError):
                tables.append(read_table(path))
        if said.startswith("id,"):
            tables.append(pd.read_csv(io.StringIO(said), dtype={"id": str}).set_index("id"))
        return pd.concat(tables) if tables else pd.DataFrame()


@contextmanager
def new_place(folder: Path, tmpfs: bool) -> Iterator[Place]:
    """Two empty folders, one on a small file system of its own if `tmpfs`."""
    place = Place(folder / "disk", folder / "work", tmpfs)
    for path in (folder, place.disk, place.work):
        path.mkdir()
    if not tmpfs:
        yield place
        return
    command = ["mount", "-t", "tmpfs", "-o", f"size={_TMPFS_BYTES}", "none", str(place.disk)]
    subprocess.run(command, check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place.disk)], check=True)


def extract(
    videos: Path, place: Place, *, store: bool, elsewhere: bool, delay_s: float, limit: int
) -> tuple[pd.DataFrame, int, str]:
    """Run `extract`, fill the disk after `delay_s` seconds; return all rows, the exit code and stderr."""
    output = (place.work if elsewhere else place.disk) / "out.csv"
    names = map(str, sorted(videos.glob("*.mp4")))
    command = [sys.executable, "-m", "vqa_features", "extract", *names, "-e", EXTRACTORS, "-o", str(output)]
    if store:
        command += ["--store", str(place.disk / "run.sqlite")]
    own = {"HOME": str(place.work), "TMPDIR": str(place.work), "OMP_NUM_THREADS": "1"}
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        command, cwd=place.work, stdout=pipe, stderr=pipe, text=True, env={**os.environ, **own}
    )
    try:
        process.wait(delay_s)
    except subprocess.TimeoutExpired:
        place.fill(process, limit)
    try:
        said, told = process.communicate(timeout=_PATIENCE_S)
    finally:
        process.kill()
    return place.rows(said), process.returncode, told


def lost_rows(found: pd.DataFrame, reference: pd.DataFrame, finished: int) -> int:
    """Number of finished rows that are not found, not once, or with other values than the reference's."""
    names = [name for name in reference.columns if name.count(".") == 2]
    wanted = reference[names].astype(float)
    right = wrong = 0
    for video in reference.index:
        rows = found.loc[found.index == video, names] if len(found) else found
        if len(rows):
            good = len(rows) == 1 and rows.iloc[0].astype(float).equals(wanted.loc[video])
            right, wrong = right + good, wrong + (not good)
    return wrong + max(0, finished - right)


def finished_rows(told: str) -> int:
    """Number of rows that `extract` says it has finished; 0 if it was refused."""
    said = re.findall(r"(\d+)(?: of \d+)? videos: ", told)
    return int(said[-1]) if said else 0


def run(moments: int, videos: int, seed: int, tmpfs: bool) -> bool:
    """Do the experiment, print its figures, and tell whether nothing was lost."""
    chance = random.Random(seed)
    lost = tracebacks = finished = runs = 0
    codes: Counter[int] = Counter()
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "videos"
        source.mkdir()
        make_videos(source, videos)
        start = time.monotonic()
        with new_place(Path(name) / "reference", False) as place:
            reference, code, told = extract(
                source, place, store=False, elsewhere=False, delay_s=_PATIENCE_S, limit=0
            )
        if code:
            raise SystemExit(f"the undisturbed run ended with {code}: {told}")
        length_s = time.monotonic() - start
        for moment in range(moments):
            delay_s = chance.uniform(0, length_s)
            for store, elsewhere in itertools.product((True, False), (False, True) if tmpfs else (False,)):
                with new_place(Path(name) / f"{moment}-{store}-{elsewhere}", tmpfs) as place:
                    found, code, told = extract(
                        source,
                        place,
                        store=store,
                        elsewhere=elsewhere,
                        delay_s=delay_s,
                        limit=chance.choice(LIMITS),
                    )
                done = finished_rows(told)
                wrong = lost_rows(found, reference, done)
                runs, codes[code], finished = runs + 1, codes[code] + 1, finished + done
                lost, tracebacks = lost + wrong, tracebacks + ("Traceback" in told)
                if wrong or "Traceback" in told:
                    print(f"{delay_s:.2f} s, store {store}, elsewhere {elsewhere}: {wrong} lost\n{told}")
    ends = ", ".join(f"{count} exit {code}" for code, count in sorted(codes.items()))
    figures = f"{finished} finished rows: lost {lost}, tracebacks {tracebacks}"
    print(f"{moments} moments, {runs} runs ({ends}), {figures}")
    return not (lost or tracebacks)


def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moments", type=int, default=20)
    parser.add_argument("--videos", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tmpfs", action="store_true", help="needs the right to mount")
    given = parser.parse_args()
    return 0 if run(given.moments, given.videos, given.seed, given.tmpfs) else 1


if __name__ == "__main__":
    sys.exit(main())
