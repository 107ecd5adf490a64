"""Comparisons of random numbers, with the tables that `vqa_features.compare` returns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from vqa_features.comparison.result import Comparison
from vqa_features.comparison.summary import Pooled, significance_of_pairs, summarise_models

FAMILIES = {
    "videval": "handcrafted",
    "brisque": "handcrafted",
    "paq2piq": "deep",
    "videval+paq2piq": "fusion",
}
NOISE = {"videval": 0.42, "brisque": 0.6, "paq2piq": 0.36, "videval+paq2piq": 0.3}
SECONDS = {"videval": 9.5, "brisque": 0.4, "paq2piq": 1.9, "videval+paq2piq": 11.4}
RESAMPLES = 20
REGRESSORS = ("svr-rbf", "ridge")


def make_comparison(
    videos: int = 120,
    splits: int = 12,
    tables: tuple[str, ...] = tuple(FAMILIES),
    protocols: tuple[str, ...] = ("literature", "strict"),
    noise: dict[str, float] | None = None,
    ids: list[str] | None = None,
    seed: int = 0,
    full: bool = False,
) -> Comparison:
    """Return a comparison whose predictions are MOS plus noise of known standard deviation."""
    rng = np.random.default_rng(seed)
    names = ids or [f"video_{k:04d}" for k in range(videos)]
    mos = np.clip(rng.normal(3.0, 0.7, len(names)), 1, 5)
    shared = rng.normal(0, 0.35, len(names))
    own = {table: rng.normal(0, (noise or NOISE).get(table, 0.5), len(names)) for table in tables}
    scores, predictions = [], []
    for protocol in protocols:
        for split in range(splits):
            test = np.sort(rng.choice(len(names), max(8, len(names) // 5), replace=False))
            for table in tables:
                for regressor in (*REGRESSORS, "mean"):
                    wobble = rng.normal(0, 0.25 + 0.05 * (regressor == "ridge"), len(test))
                    predicted = mos[test] + shared[test] + own[table][test] + wobble
                    if regressor == "mean":
                        predicted = np.full(len(test), mos.mean())
                    model = {"protocol": protocol, "part": "test", "split": split}
                    model |= {"table": table, "regressor": regressor}
                    scores.append(_scores(**model, mos=mos[test], predicted=predicted))
                    values = {"mos": mos[test], "predicted": predicted, "mapped": predicted}
                    predictions.append(pd.DataFrame({**model, "id": [names[k] for k in test], **values}))
    table_of_scores = pd.DataFrame(scores)
    table_of_predictions = pd.concat(predictions, ignore_index=True)
    parts = []
    for protocol in protocols:
        some, other = (
            table[table["protocol"] == protocol] for table in (table_of_scores, table_of_predictions)
        )
        pooled = Pooled.of(other, None, RESAMPLES, seed)
        parts.append((summarise_models(some, other, pooled, SECONDS), significance_of_pairs(some, pooled)))
    summary, significance = (pd.concat(tables, ignore_index=True) for tables in zip(*parts, strict=True))
    return Comparison(
        scores=table_of_scores,
        summary=summary,
        significance=significance,
        predictions=table_of_predictions,
        settings={
            "protocol": "both",
            "splits": splits,
            "test_size": 0.2,
            "seed": seed,
            "groups": "source scene",
            "target": "MOS",
            "regressors": [*REGRESSORS, "mean"],
        },
        extras=extras(table_of_scores) if full else {},
        warnings=("3 non-finite cells of videval were imputed inside the folds",),
    )


def _scores(
    protocol: str, part: str, split: int, table: str, regressor: str, mos, predicted
) -> dict[str, object]:
    constant = regressor == "mean"
    plcc = 0.0 if constant else stats.pearsonr(mos, predicted)[0]
    return {
        "protocol": protocol,
        "part": part,
        "split": split,
        "table": table,
        "family": FAMILIES.get(table, "deep"),
        "regressor": regressor,
        "srcc": 0.0 if constant else stats.spearmanr(mos, predicted)[0],
        "krcc": 0.0 if constant else stats.kendalltau(mos, predicted)[0],
        "plcc_raw": plcc,
        "plcc": plcc,
        "plcc_test_mapped": plcc,
        "rmse": float(np.sqrt(np.mean((mos - predicted) ** 2))),
        "mae": float(np.mean(np.abs(mos - predicted))),
        "outlier_ratio": np.nan,
        "interval": 1.0,
        "coverage": 0.9,
        "n_train": 4 * len(mos),
        "n_test": len(mos),
        "columns": 10,
        "chosen": "",
        "seconds": 0.1,
    }


def with_videos(comparison: Comparison, videos: int, name: str = "clips/video_{:06d}.mp4") -> Comparison:
    """Return the comparison with predictions of so many videos, each tested in one split."""
    rng = np.random.default_rng(0)
    ids = pd.Series([name.format(k) for k in range(videos)])
    mos = np.clip(rng.normal(3, 0.7, videos), 1, 5)
    models = comparison.scores[["protocol", "table", "regressor"]].drop_duplicates()
    parts = []
    for protocol, table, regressor in models.itertuples(index=False):
        predicted = np.full(videos, 3.0) if regressor == "mean" else mos + rng.normal(0, 0.4, videos)
        model = {"protocol": protocol, "split": np.arange(videos) % 5, "table": table, "regressor": regressor}
        parts.append(
            pd.DataFrame({**model, "id": ids, "mos": mos, "predicted": predicted, "mapped": predicted})
        )
    return replace(comparison, predictions=pd.concat(parts, ignore_index=True))


def with_splits(comparison: Comparison, splits: int) -> Comparison:
    """Return the comparison with random scores of so many splits."""
    rng = np.random.default_rng(0)
    models = comparison.scores.drop_duplicates(["protocol", "table", "regressor"])
    scores = models.loc[models.index.repeat(splits)].reset_index(drop=True)
    random = rng.random((len(scores), 7))
    metrics = ["srcc", "krcc", "plcc_raw", "plcc", "plcc_test_mapped", "rmse", "mae"]
    scores = scores.assign(split=np.arange(len(scores)) % splits, **dict(zip(metrics, random.T, strict=True)))
    return replace(comparison, scores=scores)


def baseline_alone(comparison: Comparison) -> Comparison:
    """Return the part of a comparison that belongs to the training mean."""
    scores, summary, predictions = (
        table[table["regressor"] == "mean"]
        for table in (comparison.scores, comparison.summary, comparison.predictions)
    )
    empty = comparison.significance.iloc[:0]
    return replace(comparison, scores=scores, summary=summary, predictions=predictions, significance=empty)


def extras(scores: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return learning curves that rise, and cross-data-set scores that are lower off the diagonal."""
    best = scores[scores["regressor"] == "ridge"].groupby(["protocol", "table", "family", "regressor"])[
        "srcc"
    ]
    middle = best.median().reset_index()
    curve = [
        {**row, "n_train": size, "srcc": srcc, "srcc_low": srcc - 4 / size, "srcc_high": srcc + 4 / size}
        for row in middle.to_dict("records")
        for size in (60, 120, 240, 480)
        if (srcc := row["srcc"] - 8 / size)
    ]
    cross = [
        {
            **row,
            "train": train,
            "test": test,
            "srcc": row["srcc"] - 0.2 * (train != test),
            "shift": 0.5 + 0.4 * (train != test),
        }
        for row in middle[middle["protocol"] == "strict"].drop(columns="protocol").to_dict("records")
        for train in ("konvid-1k", "live-vqc", "youtube-ugc")
        for test in ("konvid-1k", "live-vqc", "youtube-ugc")
    ]
    return {"learning_curve": pd.DataFrame(curve), "cross": pd.DataFrame(cross)}
