"""Our search for an RBF SVR against scikit-learn's GridSearchCV: same choice, how much faster, what a
refined search loses.

Run ``python -m benchmarks.svr_grid [--columns 60 2048] [--splits 1] [--refine-splits 20] [--tables
FOLDER]``. With the published VIDEVAL table of KoNViD-1k under FOLDER (default ``../shared/tables``) the 60
columns are real; without it, made up. 2048 columns are made from the 60 by a seeded random projection with
noise. Times are CPU seconds of one thread.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from vqa_features.evaluation import metrics, regressors
from vqa_features.evaluation.model_search import fit_predict
from vqa_features.evaluation.splits import Split, fold_tests, strict_splits
from vqa_features.evaluation.training_part import INNER_FOLDS

Values = NDArray[np.float64]


def load(folder: Path) -> tuple[Values, Values]:
    """Return 60 columns and MOS of 1200 videos."""
    from vqa_features.tables.labels import read_labels
    from vqa_features.tables.reading import read_table

    table = folder / "videval" / "KONVID_1K_VIDEVAL_feats.mat"
    if table.is_file():
        mos = read_labels(folder / "videval" / "KONVID_1K_metadata.csv", mos_column="mos").mos
        values = read_table(table).to_numpy()
        return np.where(np.isfinite(values), values, np.nan), mos.to_numpy()
    random = np.random.default_rng(0)
    mos = random.uniform(1, 5, 1200)
    return mos[:, None] * random.uniform(0, 1, 60) + random.normal(0, 1.5, (1200, 60)), mos


def widen(values: Values, columns: int) -> Values:
    """Return `columns` random projections of the z-scored values, with noise of half their deviation."""
    if columns == values.shape[1]:
        return values
    random = np.random.default_rng(2048)
    standard = np.nan_to_num((values - np.nanmean(values, axis=0)) / np.nanstd(values, axis=0))
    projected = standard @ random.normal(0, 1 / np.sqrt(values.shape[1]), (values.shape[1], columns))
    return projected + random.normal(0, 0.5, projected.shape)


def peer(X: Values, y: Values, split: Split, seed: int) -> tuple[Values, dict[str, float]]:
    """Search the whole grid with GridSearchCV over the plain pipeline; return test predictions and choice."""
    from sklearn.model_selection import GridSearchCV

    rows = np.arange(len(split.train))
    folds = [(np.setdiff1d(rows, test), test) for test in fold_tests(len(rows), None, INNER_FOLDS, seed)]
    grid = regressors.grid("svr-rbf", X.shape[1])
    names = {f"regress__regressor__{name}": list(values) for name, values in grid.items()}
    search = GridSearchCV(regressors.make("svr-rbf"), names, scoring="r2", cv=folds)
    search.fit(X[split.train], y[split.train])
    chosen = {name.rpartition("__")[2]: float(value) for name, value in search.best_params_.items()}
    return np.asarray(search.predict(X[split.test])), chosen


def against_peer(X: Values, y: Values, splits: int) -> None:
    """Print choice, SRCC and time of both, split by split."""
    for number, split in enumerate(strict_splits(len(y), splits=splits)):
        started = time.process_time()
        theirs, their_choice = peer(X, y, split, number)
        middle = time.process_time()
        ours = fit_predict("svr-rbf", X, y, split, search="full", seed=number)
        ended = time.process_time()
        refined = fit_predict("svr-rbf", X, y, split, seed=number)
        last = time.process_time()
        a, b = (metrics.srcc(p, y[split.test]) for p in (theirs, ours.predicted))
        same = all(np.isclose(their_choice[name], ours.chosen[name]) for name in their_choice)
        print(
            f"{X.shape[1]:5d} columns, split {number}: GridSearchCV {middle - started:.1f} s, "
            f"full {ended - middle:.2f} s ({(middle - started) / (ended - middle):.1f} x), "
            f"refined {last - ended:.2f} s ({(middle - started) / (last - ended):.1f} x); "
            f"same choice: {same}; SRCC {a:.6f} and {b:.6f}; refined chose "
            f"{'the same' if refined.chosen == ours.chosen else 'another point'}",
            flush=True,
        )


def refined_against_full(X: Values, y: Values, splits: int) -> None:
    """Print the median SRCC of both searches over the same splits."""
    scores: dict[str, list[float]] = {"full": [], "refine": []}
    seconds = dict.fromkeys(scores, 0.0)
    for number, split in enumerate(strict_splits(len(y), splits=splits)):
        for search in ("full", "refine"):
            started = time.process_time()
            fit = fit_predict("svr-rbf", X, y, split, search=search, seed=number)  # type: ignore[arg-type]
            seconds[search] += time.process_time() - started
            scores[search].append(metrics.srcc(fit.predicted, y[split.test]))
    full, refine = (float(np.median(scores[name])) for name in ("full", "refine"))
    print(
        f"{X.shape[1]:5d} columns, {splits} splits: "
        f"median SRCC full {full:.4f} ({seconds['full'] / splits:.2f} s a split), "
        f"refined {refine:.4f} ({seconds['refine'] / splits:.2f} s), lost {full - refine:+.4f}; "
        f"equal on {sum(a == b for a, b in zip(*scores.values(), strict=True))} splits",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--columns", type=int, nargs="+", default=[60, 2048])
    parser.add_argument("--splits", type=int, default=1)
    parser.add_argument("--refine-splits", type=int, default=20)
    parser.add_argument("--tables", type=Path, default=Path("../shared/tables"))
    options = parser.parse_args()
    values, mos = load(options.tables)
    with threadpool_limits(limits=1):
        for columns in options.columns:
            X = widen(values, columns)
            against_peer(X, mos, options.splits)
            if options.refine_splits:
                refined_against_full(X, mos, options.refine_splits)


if __name__ == "__main__":
    main()
