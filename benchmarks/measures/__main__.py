"""Run the trial of our own measures and write its tables into docs/measures.md.

    python -m benchmarks.measures [--only truth,programs,stability] [--csv FOLDER] [--print]

truth: analytic videos of every kind under every condition. programs: FFmpeg's filters and scikit-image on
the bundled clips and on the KoNViD-1k clips of the shared folder. stability: harmless changes of those clips,
by benchmarks/stability/own_measures.py. What is further from the truth than its bound is printed; the exit
code is the number of these, at most 100. scikit-image's noise estimate needs PyWavelets.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import cv2
import pandas as pd

from benchmarks.stability import own_measures

from . import OWN, PAGE, SHARED, changes, events, motion, page, pictures, programs, timing, truth
from .peers import PEERS

KINDS = (*pictures.KINDS, *motion.KINDS, *changes.KINDS, *timing.KINDS)
PARTS = ("truth", "programs", "stability")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", default=",".join(PARTS), help="parts of the trial")
    parser.add_argument("--csv", type=Path, help="a folder for the whole tables")
    parser.add_argument("--print", action="store_true", help="print the tables and leave the page as it is")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    missed = 0
    for part in options.only.split(","):
        if part not in PARTS:
            raise SystemExit(f"--only takes {', '.join(PARTS)}, got {part!r}")
        seconds = time.process_time()
        tables, rows, faults = {"truth": of_truth, "programs": of_programs, "stability": of_stability}[part]()
        for name, text in tables.items():
            if options.print:
                print(f"\n{text}\n")
            else:
                page.put(PAGE, name, text)
        if options.csv:
            options.csv.mkdir(parents=True, exist_ok=True)
            rows.to_csv(options.csv / f"{part}.csv", index=part == "stability")
        print(*faults, sep="\n", file=sys.stderr)
        seconds = time.process_time() - seconds
        print(f"{part}: {len(rows)} comparisons, {len(faults)} missed, {seconds:.0f} s CPU", file=sys.stderr)
        missed += len(faults)
    sys.exit(min(missed, 100))


def of_truth() -> tuple[dict[str, str], pd.DataFrame, list[str]]:
    """Compare with analytic videos."""
    with tempfile.TemporaryDirectory() as folder:
        rows = list(truth.comparisons(KINDS, truth.CONDITIONS, Path(folder)))
    faults = [
        f"missed: {row.column} of {row.video} ({row.condition}): {row.ours:.4g}, truth {row.truth:.4g}"
        for row in rows
        if row.missed and not row.limit
    ]
    tables = {"truth": page.truth_tables(rows), "limits": page.limits_table(rows)}
    return tables, pd.DataFrame([vars(row) for row in rows]), faults


def of_programs() -> tuple[dict[str, str], pd.DataFrame, list[str]]:
    """Compare with independent programs."""
    found = [programs.agreement(peer) for peer in PEERS]
    happened = [event for make in events.EVENTS for event in events.measured(make)]
    faults = [f"missed: {a.peer.column} beside {a.peer.program}: {a.spearman:.3f}" for a in found if a.missed]
    faults += [
        f"missed: {e.column} of {e.video}: {e.ours:g}, truth {e.truth:g}" for e in happened if e.missed
    ]
    frame = pd.DataFrame([{**vars(a.peer), **vars(a)} for a in found]).drop(columns=["peer", "measured"])
    return {"programs": page.programs_table(found), "events": page.events_table(happened)}, frame, faults


def of_stability() -> tuple[dict[str, str], pd.DataFrame, list[str]]:
    """Measure the drift under harmless changes."""
    drifts = own_measures.drifts(own_measures.clips(SHARED / "clips/konvid-1k"), OWN, own_measures.FRAMES)
    above, faults = own_measures.explained(drifts)
    tables = {"drift": page.drift_table(drifts), "reasons": page.reasons_table(above)}
    return tables, drifts, faults


if __name__ == "__main__":
    main()
