"""How long a strict comparison takes: 60 and 2048 columns, 1200 videos, svr-rbf and ridge.

Run ``python -m benchmarks.strict_comparison [--splits 100] [--jobs 2] [--tables FOLDER]``. Prints wall (one
job: and CPU) time and the summary; the goal is 8 minutes for 100 splits on two cores.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import pandas as pd

from benchmarks.svr_grid import load, widen
from vqa_features.comparison import compare


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--splits", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--tables", type=Path, default=Path("../shared/tables"))
    options = parser.parse_args()
    values, mos = load(options.tables)
    ids = [f"video{i:04d}" for i in range(len(mos))]
    tables = {
        f"{columns} columns": (pd.DataFrame(widen(values, columns), index=ids), family)
        for columns, family in ((60, "handcrafted"), (2048, "deep"))
    }
    started, busy = time.perf_counter(), time.process_time()
    found = compare(
        tables,
        pd.Series(mos, index=ids),
        splits=options.splits,
        regressors=["svr-rbf", "ridge"],
        jobs=options.jobs,
    )
    wall = time.perf_counter() - started
    cpu = f", {time.process_time() - busy:.0f} s CPU" if options.jobs == 1 else ""
    fitting = found.scores.groupby(["table", "regressor"], sort=False)["seconds"].mean()
    print(f"{options.splits} splits, {options.jobs} jobs: {wall:.0f} s wall{cpu}")
    print(
        found.summary[["table", "regressor", "srcc", "srcc_std", "plcc", "rmse"]]
        .round(4)
        .to_string(index=False)
    )
    print("mean seconds a split:", fitting.round(2).to_dict())


if __name__ == "__main__":
    main()
