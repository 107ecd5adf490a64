"""Summary of several comparisons, one per dataset: mean correlations, mean ranks, probabilities of pairs."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ParameterError, first_few
from ..evaluation.over_datasets import bayesian_signed_rank, weighted_mean
from ..evaluation.significance import critical_difference
from .result import BASELINE, Comparison
from .summary import MODEL

if TYPE_CHECKING:
    import pandas as pd

CORRELATIONS = ("srcc", "krcc", "plcc", "plcc_raw", "plcc_test_mapped")


@dataclass(frozen=True)
class OverDatasets:
    """Models that every dataset has, compared over the datasets; each dataset counts once."""

    scores: pd.DataFrame
    """One row per dataset: ``dataset, protocol, videos``, then one column per model ``table (regressor)``
    with the median of the metric over the splits."""
    models: pd.DataFrame
    """One row per model, best rank first: ``table, regressor, mean`` (each dataset equal), ``weighted``
    (by videos), ``fisher_z`` (by videos, mean of atanh), ``rank`` (mean over datasets, 1 is best)."""
    pairs: pd.DataFrame
    """One row per pair: ``table_a, regressor_a, table_b, regressor_b, difference`` (a minus b, mean of the
    datasets), ``better, equivalent, worse`` (Bayesian signed-rank test, of a), ``rope``."""
    friedman_p: float
    """Friedman's test that all models rank alike; nan for two models."""
    critical_difference: float
    """Nemenyi's, of two mean ranks, at 5 %."""
    cliques: tuple[tuple[int, ...], ...]
    """Sets of rows of `models` whose ranks do not differ by the critical difference."""
    warnings: tuple[str, ...]
    """What limits the summary, then the warnings of every comparison, after its name."""
    metric: str = "srcc"


def over_datasets(
    comparisons: Mapping[str, Comparison],
    *,
    protocol: str | None = None,
    metric: str = "srcc",
    rope: float = 0.01,
    seed: int = 0,
) -> OverDatasets:
    """Return means, ranks and pairwise probabilities of the models over several datasets.

    Parameters
    ----------
    comparisons : mapping of str to Comparison
        At least two comparisons by the name of their dataset. Each test part of an official split counts as
        a dataset ``name/part``.
    protocol : str, optional
        Which protocol of each comparison; it may be left out where a comparison has one.
    metric : {"srcc", "krcc", "plcc", "plcc_raw", "plcc_test_mapped"}
        Column of the summaries; medians over splits are compared.
    rope : float
        Half-width of the region of practical equivalence.
    seed : int
        Seed of the Bayesian test.

    Returns
    -------
    OverDatasets
        Of the models ``(table, regressor)`` that all datasets have, without the baseline.

    Raises
    ------
    ParameterError
        If there are fewer than two datasets or common models, two comparisons are the same, one holds several
        protocols and none is named, or the metric is no correlation.

    See Also
    --------
    vqa_features.comparison.cross.cross : Train on one dataset, test on another.
    """
    import pandas as pd

    if metric not in CORRELATIONS:
        raise ParameterError(f"metric must be one of {', '.join(CORRELATIONS)}, got {metric!r}")
    rows = [row for name, one in comparisons.items() for row in _rows(name, one, protocol)]
    if len(rows) < 2:
        raise ParameterError(f"a summary over datasets needs at least two, got {len(rows)}")
    _check_distinct(comparisons)
    wide = pd.DataFrame([row["models"][metric] for row in rows])
    common = wide.dropna(axis=1)
    if common.shape[1] < 2:
        raise ParameterError(
            f"a summary needs two models that all {len(rows)} datasets have: name the same features alike"
        )
    models, values = _keys(common), common.to_numpy(dtype=float)
    videos = [row["videos"] for row in rows]
    found = critical_difference(values)
    order = found.mean_ranks.argsort(kind="stable")
    place = {int(model): row for row, model in enumerate(order)}
    table = pd.DataFrame(models, columns=MODEL).assign(
        mean=values.mean(axis=0),
        weighted=weighted_mean(values, videos),
        fisher_z=weighted_mean(values, videos, "fisher-z"),
        rank=found.mean_ranks,
    )
    return OverDatasets(
        scores=pd.concat(
            [
                pd.DataFrame(rows)[["dataset", "protocol", "videos"]],
                pd.DataFrame(values, columns=[f"{a} ({b})" for a, b in models]),
            ],
            axis=1,
        ),
        models=table.iloc[order].reset_index(drop=True),
        pairs=pd.DataFrame(_pairs(models, values, rope, seed)),
        friedman_p=found.friedman_p,
        critical_difference=found.critical_difference,
        cliques=tuple(tuple(sorted(place[model] for model in clique)) for clique in found.cliques),
        warnings=(
            *_warnings(rows, [key for key in _keys(wide) if key not in models]),
            *_shared(comparisons),
            *(f"{name}: {text}" for name, one in comparisons.items() for text in one.warnings),
        ),
        metric=metric,
    )


def _keys(wide: pd.DataFrame) -> list[tuple[str, str]]:
    """Return ``(table, regressor)`` of every column."""
    return [(str(key[0]), str(key[1])) for key in wide.columns.tolist()]


def _rows(name: str, comparison: Comparison, protocol: str | None) -> list[dict[str, Any]]:
    """Return one record per test part of a comparison."""
    summary = comparison.summary
    held = list(dict.fromkeys(summary["protocol"]))
    if protocol is None and len(held) > 1:
        raise ParameterError(f"{name} holds several protocols, name one: {', '.join(held)}")
    if protocol is not None and protocol not in held:
        raise ParameterError(f"{name} holds no protocol {protocol!r} but {', '.join(held)}")
    chosen = summary[(summary["protocol"] == (protocol or held[0])) & (summary["regressor"] != BASELINE)]
    parts = list(chosen.groupby("part", sort=False))
    return [
        {
            "dataset": name if len(parts) == 1 else f"{name}/{part}",
            "of": name,
            "protocol": protocol or held[0],
            "videos": int(mine["n"].max()),
            "models": mine.set_index(MODEL),
        }
        for part, mine in parts
    ]


def _pairs(models: list[tuple[str, str]], values: Any, rope: float, seed: int) -> list[dict[str, Any]]:
    """Return the Bayesian test of every pair of columns."""
    found = []
    for a, b in itertools.combinations(range(len(models)), 2):
        difference = values[:, a] - values[:, b]
        names = ("table_a", "regressor_a", "table_b", "regressor_b")
        row = dict(zip(names, (*models[a], *models[b]), strict=True))
        test = bayesian_signed_rank(difference, rope, seed=seed)
        found.append(row | {"difference": float(np.mean(difference)), **test._asdict(), "rope": rope})
    return found


def _warnings(rows: list[dict[str, Any]], left_out: list[tuple[str, str]]) -> tuple[str, ...]:
    """Return what limits the summary."""
    texts = []
    if left_out:
        names = [f"{table} ({regressor})" for table, regressor in left_out]
        texts.append(f"{len(names)} model(s) that not every dataset has are left out: {first_few(names)}")
    protocols = {row["dataset"]: row["protocol"] for row in rows}
    if len(set(protocols.values())) > 1:
        told = ", ".join(f"{name}: {protocol}" for name, protocol in protocols.items())
        texts.append(f"the datasets were compared by different protocols ({told})")
    shared = [row["dataset"] for row in rows if row["dataset"] != row["of"]]
    if shared:
        texts.append(
            f"{', '.join(shared)} are tests of the same fitted models: the tests over datasets take them for "
            "independent"
        )
    return tuple(texts)


def _check_distinct(comparisons: Mapping[str, Comparison]) -> None:
    """Raise ParameterError if two comparisons are the same."""
    for (one, first), (other, second) in itertools.combinations(comparisons.items(), 2):
        if first.summary.equals(second.summary):
            raise ParameterError(f"{one} and {other} are the same comparison: name each dataset once")


def _shared(comparisons: Mapping[str, Comparison]) -> list[str]:
    """Return a sentence on every pair of comparisons that tested the same videos, by id and MOS."""
    videos = {}
    for name, one in comparisons.items():
        tested = one.predictions.drop_duplicates("id")
        videos[name] = {(key, f"{mos:.9g}") for key, mos in zip(tested["id"], tested["mos"], strict=True)}
    common = {
        (one, other): len(videos[one] & videos[other]) for one, other in itertools.combinations(videos, 2)
    }
    return [
        f"{one} and {other} share {count} video(s) of equal id and MOS: they are not independent"
        for (one, other), count in common.items()
        if count
    ]
