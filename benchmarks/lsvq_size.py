"""Time, memory and accuracy at the size of LSVQ: 28 013 training rows, test parts of 7 220 and 3 561.

Run ``python -m benchmarks.lsvq_size [--steps] [--growth] [--exact ROWS]``. Made-up features of 60 and 2048
columns with content groups; a comparison of svr-rbf, ridge and mean on two test parts, of which one fit
serves both. Every figure comes from a process of its own, so peaks are its own; BLAS has one thread.

``--steps`` prints the checks and each regressor by itself, ``--growth`` exponents over rows, columns and
splits; ``--exact ROWS`` compares the choice on a subsample with the choice on all of so many training rows.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import resource
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from vqa_features import compare
from vqa_features.comparison.checks import ValidityWarnings
from vqa_features.comparison.preparation import prepare
from vqa_features.evaluation import metrics, training_part
from vqa_features.evaluation.model_search import fit_predict
from vqa_features.evaluation.splits import Split
from vqa_features.tables.feature_table import feature_tables
from vqa_features.tables.labels import Labels

Values = NDArray[np.float64]

TRAIN, PARTS, COLUMNS = 28_013, {"test": 7_220, "1080p": 3_561}, (60, 2048)
REGRESSORS = ("svr-rbf", "ridge", "mean")
#: Videos of one content and latent causes of quality in the made-up data.
CONTENT, CAUSES = 3, 12


class Data(NamedTuple):
    """Made-up features, MOS and contents; the training rows come first."""

    X: Values
    y: Values
    groups: NDArray[np.generic]


def made_up(rows: int, columns: int, seed: int = 0) -> Data:
    """Return features that are noisy, bent projections of the causes, and a MOS that bends them otherwise."""
    random = np.random.default_rng(seed)
    groups = np.arange(rows) // CONTENT
    causes = random.normal(size=(groups[-1] + 1, CAUSES))[groups] * 0.6
    causes += random.normal(size=(rows, CAUSES)) * 0.8
    weights = random.normal(size=CAUSES) / np.sqrt(CAUSES)
    quality = np.tanh(causes @ weights) + 0.3 * np.sin(2 * causes[:, 0]) + 0.2 * causes[:, 1] * causes[:, 2]
    y = 50 + 15 * quality + random.normal(0, 3, rows)
    mixing = np.random.default_rng(columns).normal(size=(CAUSES, columns)) / np.sqrt(CAUSES)
    X = causes @ mixing
    np.tanh(X, out=X)
    for column in X.T:  # column by column, for a low peak of memory
        column += random.normal(0, 0.3, rows)
    return Data(X, y, groups)


def fit_case(name: str, train: int, columns: int, splits: int = 1) -> dict[str, Any]:
    """Return SRCC of each test part, the choice, and wall and CPU seconds of `splits` fits."""
    data = made_up(train + sum(PARTS.values()), columns)
    split = Split(np.arange(train), np.arange(train, len(data.y)))
    started, busy = time.perf_counter(), time.process_time()
    for seed in range(splits):
        fit = fit_predict(name, data.X, data.y, split, data.groups, seed=seed)
    found: dict[str, Any] = {"seconds": time.perf_counter() - started, "cpu": time.process_time() - busy}
    found["chosen"] = fit.chosen
    start = 0
    for part, count in PARTS.items():
        rows = slice(start, start + count)
        found[part] = metrics.srcc(fit.predicted[rows], data.y[split.test[rows]])
        start += count
    return found


def compare_case(train: int, columns: int) -> dict[str, Any]:
    """Return SRCC of svr-rbf on each test part, its choice, and wall and CPU seconds of a comparison."""
    table, labels = made_up_tables(train, columns)
    ids = list(table.index)
    ends = np.cumsum([train, *PARTS.values()])
    splits = [(ids[:train], ids[start:end]) for start, end in itertools.pairwise(ends)]
    started, busy = time.perf_counter(), time.process_time()
    result = compare(
        {"made-up": (table, "deep")}, labels, protocol="official", splits=splits, regressors=REGRESSORS
    )
    found: dict[str, Any] = {"seconds": time.perf_counter() - started, "cpu": time.process_time() - busy}
    rows = result.scores[result.scores["regressor"] == "svr-rbf"]
    found["chosen"] = rows["chosen"].iloc[0]
    return found | dict(zip(PARTS, rows["srcc"], strict=True))


def made_up_tables(train: int, columns: int) -> tuple[pd.DataFrame, Labels]:
    """Return features by id, and MOS and contents."""
    data = made_up(train + sum(PARTS.values()), columns)
    ids = [f"video{number:05d}" for number in range(len(data.y))]
    labels = Labels.of(pd.Series(data.y, index=ids), pd.Series(data.groups, index=ids))
    return pd.DataFrame(data.X, index=ids, copy=False).add_prefix("f"), labels


def check_case(train: int, columns: int) -> dict[str, Any]:
    """Return wall and CPU seconds of all checks of a comparison's input."""
    table, labels = made_up_tables(train, columns)
    tables = feature_tables({"made-up": (table, "deep")})
    started, busy = time.perf_counter(), time.process_time()
    prepare(tables, labels, ValidityWarnings())
    return {"seconds": time.perf_counter() - started, "cpu": time.process_time() - busy}


def _send(connection: Any, case: Callable[..., dict[str, Any]], arguments: tuple[Any, ...]) -> None:
    with threadpool_limits(limits=1):
        found = case(*arguments)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    connection.send({**found, "peak": peak})


def measured(case: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """Return what a case found in a process of its own, with its peak of memory in GiB."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(there, case, arguments))
    process.start()
    there.close()
    found: dict[str, Any] = here.recv()
    process.join()
    return found


def whole() -> None:
    """Print a comparison of each number of columns."""
    for columns in COLUMNS:
        show(columns, "compare", measured(compare_case, TRAIN, columns))


def each_step() -> None:
    """Print every step of the comparisons."""
    for columns in COLUMNS:
        show(columns, "checks", measured(check_case, TRAIN, columns))
        for name in REGRESSORS:
            show(columns, name, measured(fit_case, name, TRAIN, columns))


def show(columns: int, step: str, found: dict[str, Any]) -> None:
    """Print one measurement."""
    scores = " ".join(f"{part} {found[part]:.4f}" for part in PARTS if part in found)
    print(
        f"{columns:5d} columns {step:8} {found['seconds']:6.1f} s {found['cpu']:6.1f} s CPU "
        f"{found['peak']:5.2f} GiB  {scores}  {found.get('chosen', '')}",
        flush=True,
    )


def growth() -> None:
    """Print the exponent of CPU time between neighbouring sizes."""
    cases: dict[str, list[tuple[int, tuple[int, int, int]]]] = {
        "rows": [(n, (n, 60, 1)) for n in (7_000, 14_000, TRAIN)],
        "columns": [(d, (7_000, d, 1)) for d in (60, 512, 2048)],
        "splits": [(s, (7_000, 60, s)) for s in (1, 2, 4)],
    }
    for name in ("svr-rbf", "ridge"):
        for over, sizes in cases.items():
            found = [measured(fit_case, name, *arguments) for _, arguments in sizes]
            seconds = [one["cpu"] for one in found]
            steps = zip(seconds, seconds[1:], sizes, sizes[1:], strict=False)
            exponents = [np.log(b / a) / np.log(m[0] / n[0]) for a, b, n, m in steps]
            each = ", ".join(
                f"{size}: {one['cpu']:.1f} s {one['peak']:.2f} GiB"
                for (size, _), one in zip(sizes, found, strict=True)
            )
            print(f"{name:8} {over:8} {each}; exponents {np.round(exponents, 2).tolist()}", flush=True)


def choice_case(train: int, columns: int, exact: bool) -> dict[str, Any]:
    """Return `fit_case` with the search on all training rows or on a subsample; the final fit is the same."""
    if exact:
        training_part.SEARCHED_ROWS = train
    return fit_case("svr-rbf", train, columns)


def exact_choice(train: int) -> None:
    """Print the SRCC of both choices."""
    for columns in COLUMNS:
        for exact in (False, True):
            found = measured(choice_case, train, columns, exact)
            scores = " ".join(f"{part} {found[part]:.4f}" for part in PARTS)
            print(
                f"{train} rows, {columns} columns, search on {'all rows' if exact else 'a subsample'}: "
                f"{found['cpu']:.1f} s CPU {scores} {found['chosen']}",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--steps", action="store_true")
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--exact", type=int, metavar="ROWS")
    options = parser.parse_args()
    if options.growth:
        growth()
    elif options.steps:
        each_step()
    elif options.exact:
        exact_choice(options.exact)
    else:
        whole()


if __name__ == "__main__":
    main()
