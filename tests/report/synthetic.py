"""A comparison made of random numbers, in the shape that `vqa_features.compare` returns."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import stats

FAMILIES = {
    "videval": "handcrafted",
    "brisque": "handcrafted",
    "paq2piq": "deep",
    "videval+paq2piq": "fusion",
}
NOISE = {"videval": 0.42, "brisque": 0.6, "paq2piq": 0.36, "videval+paq2piq": 0.3}
SECONDS = {"videval": 9.5, "brisque": 0.4, "paq2piq": 1.9, "videval+paq2piq": 11.4}
METRICS = ("srcc", "krcc", "plcc_raw", "plcc", "plcc_test_mapped", "rmse", "mae")
REGRESSORS = ("svr-rbf", "ridge")


@dataclass
class SyntheticComparison:
    summary: pd.DataFrame
    scores: pd.DataFrame
    predictions: pd.DataFrame
    significance: pd.DataFrame
    settings: dict[str, object]
    warnings: list[str] = field(default_factory=list)
    extras: dict[str, pd.DataFrame] = field(default_factory=dict)


def make_comparison(
    videos: int = 120,
    splits: int = 12,
    tables: tuple[str, ...] = tuple(FAMILIES),
    protocols: tuple[str, ...] = ("literature", "strict"),
    noise: dict[str, float] | None = None,
    ids: list[str] | None = None,
    seed: int = 0,
    full: bool = False,
) -> SyntheticComparison:
    """Return scores and predictions of tables whose predictions are MOS plus noise of a known size."""
    rng = np.random.default_rng(seed)
    names = ids or [f"video_{k:04d}" for k in range(videos)]
    mos = np.clip(rng.normal(3.0, 0.7, len(names)), 1, 5)
    shared = rng.normal(0, 0.35, len(names))
    own = {table: rng.normal(0, (noise or NOISE)[table], len(names)) for table in tables}
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
                    scores.append(_scores(protocol, split, table, regressor, mos[test], predicted))
                    predictions.append(
                        pd.DataFrame(
                            {
                                "protocol": protocol,
                                "split": split,
                                "table": table,
                                "regressor": regressor,
                                "id": [names[k] for k in test],
                                "mos": mos[test],
                                "predicted": predicted,
                                "mapped": predicted,
                            }
                        )
                    )
    table_of_scores = pd.DataFrame(scores)
    return SyntheticComparison(
        summary=_summary(table_of_scores),
        scores=table_of_scores,
        predictions=pd.concat(predictions, ignore_index=True),
        significance=_significance(table_of_scores),
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
        warnings=["3 non-finite cells of videval were imputed inside the folds"],
    )


def _scores(protocol: str, split: int, table: str, regressor: str, mos, predicted) -> dict[str, object]:
    constant = regressor == "mean"
    plcc = 0.0 if constant else stats.pearsonr(mos, predicted)[0]
    return {
        "protocol": protocol,
        "split": split,
        "table": table,
        "family": FAMILIES[table],
        "regressor": regressor,
        "srcc": 0.0 if constant else stats.spearmanr(mos, predicted)[0],
        "krcc": 0.0 if constant else stats.kendalltau(mos, predicted)[0],
        "plcc_raw": plcc,
        "plcc": plcc,
        "plcc_test_mapped": plcc,
        "rmse": float(np.sqrt(np.mean((mos - predicted) ** 2))),
        "mae": float(np.mean(np.abs(mos - predicted))),
        "seconds": 0.1,
    }


def _summary(scores: pd.DataFrame) -> pd.DataFrame:
    grouped = scores.groupby(["protocol", "table", "family", "regressor"], sort=False)
    columns = {}
    for metric in METRICS:
        columns[metric] = grouped[metric].median()
        columns[f"{metric}_low"] = grouped[metric].quantile(0.025)
        columns[f"{metric}_high"] = grouped[metric].quantile(0.975)
    for ending in ("", "_low", "_high"):
        columns[f"srcc_pooled{ending}"] = columns[f"srcc{ending}"]
    seconds = scores.groupby("table")["table"].first().map(SECONDS)
    return pd.DataFrame(columns).reset_index().assign(seconds_per_video=lambda t: t["table"].map(seconds))


def _significance(scores: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for protocol, part in scores[scores["regressor"] != "mean"].groupby("protocol"):
        wide = part.pivot(index="split", columns=["table", "regressor"], values="srcc")
        for i, a in enumerate(wide.columns):
            for b in wide.columns[i + 1 :]:
                d = wide[a] - wide[b]
                se = np.sqrt((1 / len(d) + 0.25) * d.var())
                half = stats.t.ppf(0.975, len(d) - 1) * se
                p = 2 * stats.t.sf(abs(d.mean()) / se, len(d) - 1)
                rows.append(
                    {
                        "protocol": protocol,
                        "metric": "srcc",
                        "table_a": a[0],
                        "regressor_a": a[1],
                        "table_b": b[0],
                        "regressor_b": b[1],
                        "difference": d.mean(),
                        "low": d.mean() - half,
                        "high": d.mean() + half,
                        "p_holm": min(1.0, 3 * p),
                        "verdict": "open" if 3 * p > 0.05 else "a" if d.mean() > 0 else "b",
                    }
                )
    return pd.DataFrame(rows)


def extras(scores: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return a learning curve and a cross-data-set matrix that fall off as such things do."""
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
        {**row, "train": train, "test": test, "srcc": row["srcc"] - 0.2 * (train != test)}
        for row in middle[middle["protocol"] == "strict"].drop(columns="protocol").to_dict("records")
        for train in ("konvid-1k", "live-vqc", "youtube-ugc")
        for test in ("konvid-1k", "live-vqc", "youtube-ugc")
    ]
    return {"learning_curve": pd.DataFrame(curve), "cross": pd.DataFrame(cross)}
