"""Optimism of each shortcut: what a result gains if a step of the evaluation sees the test part.

Every shortcut is taken on the same strict splits as the honest result, with everything else equal. The
difference has the interval of the corrected resampled t test where splits are paired.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vqa_features.comparison import compare
from vqa_features.comparison.result import Comparison
from vqa_features.evaluation.grids import points_of
from vqa_features.evaluation.metrics import srcc
from vqa_features.evaluation.model_search import chosen_pipeline
from vqa_features.evaluation.parallel import Processes
from vqa_features.evaluation.regressors import grid
from vqa_features.evaluation.significance import corrected_t
from vqa_features.tables.ids import aligned

from .datasets import Ready
from .measure import Work

if TYPE_CHECKING:
    import pandas as pd

Values = NDArray[np.float64]
Rows = NDArray[np.bool_]
SVR = "svr-rbf"
#: Regressors of which the best one is picked.
SEVERAL = (SVR, "svr-linear", "ridge", "kernel-ridge")
#: Every so many values of C and of gamma are tried on the test part.
STEP = 3
#: Random columns, and how many of them are chosen on all videos.
NOISE, CHOSEN = 1000, 20
#: Tables of random columns, whose results are averaged.
DRAWS = 5


class Shortcut(NamedTuple):
    """What is done, in the words of a table."""

    key: str
    about: str
    metric: str


SHORTCUTS = (
    Shortcut("trained-on-test", "the test videos are among the training videos", "srcc"),
    Shortcut("noise-columns", f"{CHOSEN} of {NOISE} random columns are chosen on all videos", "srcc"),
    Shortcut("columns", f"the {CHOSEN} columns of highest SRCC are chosen on all videos", "srcc"),
    Shortcut("groups", "splits ignore the source contents", "srcc"),
    Shortcut("best-split", "the best split is reported in place of the median", "srcc"),
    Shortcut("hyperparameters", "C and gamma are chosen on the test part", "srcc"),
    Shortcut("regressor", f"the best of {len(SEVERAL)} regressors is chosen on each test part", "srcc"),
    Shortcut("map", "the logistic map is fitted on the test part", "plcc"),
    Shortcut("scaler", "the columns are scaled by all videos", "srcc"),
)


def shortcuts_of(ready: Ready, work: Work) -> pd.DataFrame:
    """Return one row per row of the dataset and shortcut, and one for random columns.

    Columns: ``dataset, table, shortcut, metric, honest, taken`` (medians over splits), ``difference, low,
    high`` (mean over splits, with the corrected interval; nan where splits are not paired) and ``splits``.
    A dataset with official splits has none: these differ by dataset.
    """
    import pandas as pd

    if ready.published.splits is not None:
        return pd.DataFrame()
    rows = [_of_noise(ready, work)]
    for name, (table, family) in ready.tables.items():
        rows += _of_table(ready, name, table, family, work)
    return pd.DataFrame(rows)


def _of_table(
    ready: Ready, name: str, table: pd.DataFrame, family: str, work: Work
) -> Iterator[dict[str, Any]]:
    """Yield the shortcuts of one row."""
    honest = _compare(ready, {name: (table, family)}, SEVERAL, work)
    scores = honest.scores.pivot(
        index="split", columns="regressor", values=["srcc", "plcc", "plcc_test_mapped"]
    )
    ratio = _ratio(honest)

    def row(key: str, before: Any, after: Any, *, paired: bool = True) -> dict[str, Any]:
        return _row(ready.name, name, key, np.asarray(before, float), np.asarray(after, float), ratio, paired)

    svr = scores["srcc", SVR]
    best = scores["srcc"].median().idxmax()
    yield row("map", scores["plcc", SVR], scores["plcc_test_mapped", SVR])
    yield row("regressor", scores["srcc", best], scores["srcc"].max(axis=1))
    yield row("best-split", svr, np.full(len(svr), svr.max()), paired=False)
    refitted = _refitted(ready, table, honest, work)
    for key in ("hyperparameters", "trained-on-test", "scaler"):
        yield row(key, refitted["honest"], refitted[key])
    if table.shape[1] > CHOSEN:
        before, taken, _ = _of_columns(ready, table, family, work)
        yield row("columns", before, taken)
    if ready.published.labels.groups is not None:
        mixed = compare(
            {name: (table, family)},
            ready.published.labels.mos,
            splits=work.splits,
            regressors=[SVR],
            seed=work.seed,
            jobs=work.jobs,
            duplicates="warn",
        )
        yield row("groups", svr, mixed.scores["srcc"], paired=False)


def _row(
    dataset: str, table: str, key: str, before: Values, after: Values, ratio: float, paired: bool
) -> dict[str, Any]:
    test = corrected_t(after - before, ratio) if paired else None
    return {
        "dataset": dataset,
        "table": table,
        "shortcut": key,
        "metric": next(one.metric for one in SHORTCUTS if one.key == key),
        "honest": float(np.median(before)),
        "taken": float(np.median(after)),
        "difference": float(np.median(after) - np.median(before)) if test is None else test.difference,
        "low": np.nan if test is None else test.low,
        "high": np.nan if test is None else test.high,
        "splits": len(before),
    }


def _compare(ready: Ready, tables: Any, regressors: Any, work: Work) -> Comparison:
    return compare(
        tables,
        ready.published.labels,
        splits=work.splits,
        regressors=regressors,
        seed=work.seed,
        jobs=work.jobs,
        bootstrap=10,
    )


def _ratio(comparison: Comparison) -> float:
    """Return test rows per training row."""
    first = comparison.scores.iloc[0]
    return float(first["n_test"] / first["n_train"])


def _of_columns(ready: Ready, table: pd.DataFrame, family: str, work: Work) -> tuple[Values, Values, float]:
    """Return SRCC by split, columns chosen in the training part and on all, and test per training rows."""
    from sklearn.feature_selection import SelectKBest
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    mos = ready.published.labels.mos
    whole = aligned(table, mos.index)
    ranks = ranking(SimpleImputer().fit_transform(whole), mos.to_numpy())
    chosen = table[list(table.columns[np.sort(np.argsort(-ranks)[:CHOSEN])])]
    inside = make_pipeline(SelectKBest(ranking, k=CHOSEN), StandardScaler(), RidgeCV(np.logspace(-3, 5, 17)))
    honest = _compare(ready, {"table": (table, family)}, {"chosen in the fold": inside}, work)
    after = _compare(ready, {"table": (chosen, family)}, ["ridge"], work)
    before, taken = (one.scores["srcc"].to_numpy(float) for one in (honest, after))
    return before, taken, _ratio(honest)


def ranking(features: Values, mos: Values) -> Values:
    """Return |SRCC| of every column with the MOS, (columns,), as `SelectKBest` wants it; constant: 0."""
    from scipy.stats import rankdata

    columns = rankdata(np.asarray(features), axis=0)
    columns -= columns.mean(axis=0)
    target = rankdata(mos) - (len(mos) + 1) / 2
    size = np.sqrt((columns**2).sum(axis=0) * (target**2).sum())
    return np.asarray(np.abs(target @ columns) / np.where(size > 0, size, np.inf))


def _of_noise(ready: Ready, work: Work) -> dict[str, Any]:
    """Return what columns without any information give if they are chosen on all videos, mean of draws."""
    import pandas as pd

    ids = ready.published.labels.mos.index
    random = np.random.default_rng(work.seed)
    draws = []
    for _ in range(DRAWS):
        values = random.normal(size=(len(ids), NOISE))
        table = pd.DataFrame(values, index=ids).add_prefix("random")
        draws.append(_of_columns(ready, table, "unknown", work))
    before, taken, ratio = (np.mean(one, axis=0) for one in zip(*draws, strict=True))
    return _row(ready.name, "random numbers", "noise-columns", before, taken, float(ratio), True)


def _refitted(ready: Ready, table: pd.DataFrame, honest: Comparison, work: Work) -> dict[str, Values]:
    """Return SRCC by split of the SVR: honest, and with three steps that see the test part."""
    mos = ready.published.labels.mos
    chosen = honest.scores[honest.scores["regressor"] == SVR].set_index("split")["chosen"]
    parts = honest.splits.set_index("id")
    values, target = aligned(table, parts.index).to_numpy(float), mos.reindex(parts.index).to_numpy(float)
    sides = {split: parts[f"strict-{split}"].to_numpy() for split in chosen.index}
    tasks = [(side == "train", side == "test", chosen[split]) for split, side in sides.items()]
    found = Processes(work.jobs).results(_on_split, (values, target), tasks)
    return {key: np.array([one[key] for one in found]) for key in found[0]}


def _on_split(table: tuple[Values, Values], task: tuple[Rows, Rows, str]) -> dict[str, float]:
    """Return the SRCC of one split, honest and with each step that sees the test part."""
    (values, target), (train, test, chosen) = table, task
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import MinMaxScaler

    def score(model: Any, fitted: Rows, features: Values = values) -> float:
        model.fit(features[fitted], target[fitted])
        return float(srcc(model.predict(features[test]), target[test]))

    points = points_of({name: found[::STEP] for name, found in grid(SVR, values.shape[1]).items()})
    unscaled = Pipeline([step for step in chosen_pipeline(SVR, chosen).steps if step[0] != "scale"])
    scaled = MinMaxScaler().fit_transform(SimpleImputer().fit_transform(values))
    return {
        "honest": score(chosen_pipeline(SVR, chosen), train),
        "hyperparameters": max(score(chosen_pipeline(SVR, point), train) for point in points),
        "trained-on-test": score(chosen_pipeline(SVR, chosen), train | test),
        "scaler": score(unscaled, train, scaled),
    }
