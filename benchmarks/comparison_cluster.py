"""`compare` on a cluster of two workers against two local processes: the same files, and the seconds of each.

Run ``python -m benchmarks.comparison_cluster [--splits 100] [--regressors ridge,mean] [--tables FOLDER]``. The
tables are VIDEVAL and BRISQUE on KoNViD-1k, 1200 videos. Every file of both folders is compared; what differs
is printed by file and column. Only the measured seconds and the date of the report should.
The figures are in docs/cluster.md.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

DATE = re.compile(r"\d{1,2} [A-Z][a-z]+ \d{4}, \d\d:\d\d UTC")
LABELS = "videval/KONVID_1K_metadata.csv"
FEATURES = (
    ("videval/KONVID_1K_VIDEVAL_feats.mat", "videval:handcrafted"),
    ("bvqa_benchmark/KONVID_1K_BRISQUE_feats.mat", "brisque:handcrafted"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--splits", default="100")
    parser.add_argument("--regressors", default="ridge,mean")
    parser.add_argument("--tables", type=Path, default=Path("../shared/tables"))
    options = parser.parse_args()
    tables = options.tables.resolve()
    words = ["--mos", tables / LABELS, "--splits", options.splits, "--regressors", options.regressors]
    for file, role in FEATURES:
        words += ["--features", f"{tables / file}:{role}"]
    with tempfile.TemporaryDirectory() as folder:
        seconds = {
            name: compared(Path(folder, name), [*words, "--jobs", "2", *more])
            for name, more in (("processes", []), ("cluster", ["--cluster", "local"]))
        }
        differing = differences(Path(folder, "processes/out"), Path(folder, "cluster/out"))
    print(f"{seconds['processes']:.0f} s with two processes, {seconds['cluster']:.0f} s on two workers")
    print("differences:", *(f"\n  {name}: {what}" for name, what in differing.items()))


def compared(folder: Path, words: list[object]) -> float:
    """Run a comparison in a folder; return its seconds."""
    folder.mkdir()
    started = time.perf_counter()
    command = [sys.executable, "-m", "vqa_features", "compare", *map(str, words), "-o", "out", "--no-stills"]
    subprocess.run([*command, "--quiet"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def differences(one: Path, other: Path) -> dict[str, str]:
    """Return what differs between two folders, by file."""
    files = sorted(str(path.relative_to(one)) for path in one.rglob("*") if path.is_file())
    found = {
        str(path.relative_to(other)): "is in the second folder only"
        for path in sorted(other.rglob("*"))
        if path.is_file() and str(path.relative_to(other)) not in files
    }
    for name in files:
        if not (other / name).exists():
            found[name] = "is in the first folder only"
        elif (one / name).read_bytes() != (other / name).read_bytes():
            found[name] = what_differs(one / name, other / name)
    return found


def what_differs(one: Path, other: Path) -> str:
    """Return the columns that differ, or how a text differs."""
    if one.suffix == ".csv":
        a, b = (pd.read_csv(path, dtype=str, keep_default_na=False) for path in (one, other))
        if list(a.columns) == list(b.columns) and len(a) == len(b):
            return ", ".join(
                f"{name} ({(a[name] != b[name]).sum()} rows)" for name in a if any(a[name] != b[name])
            )
    if one.suffix in {".html", ".json", ".md", ".tex", ".txt"}:
        a, b = (DATE.sub("", path.read_text(encoding="utf-8")) for path in (one, other))
        return "the date" if a == b else "the text"
    return "the bytes"


if __name__ == "__main__":
    main()
