"""How each analysis is shown: its title, a sentence on it, its columns and what is drawn of them.

A new analysis is one more line of `SHOWN`, with the name of its table in `Comparison.extras`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .formatting import decimal, p_text, shown, signed

Writer = Callable[[Any], str]


def _whole(value: float) -> str:
    return f"{value:,.0f}" if math.isfinite(value) else "–"


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %" if math.isfinite(value) else "–"


def _p(value: float) -> str:
    return p_text(value).removeprefix("p = ").removeprefix("p ") if math.isfinite(value) else "–"


def compact(value: float) -> str:
    """Return a number with three significant digits."""
    return f"{value:.3g}" if math.isfinite(value) else "–"


#: How the columns of extras are headed and written.
COLUMNS: Mapping[str, tuple[str, Writer]] = {
    "property": ("Property", shown),
    "value_of": ("Value", shown),
    "table": ("Table", shown),
    "regressor": ("Regressor", shown),
    "kept": ("Columns kept", shown),
    "group": ("Extractor", shown),
    "kind": ("Part", shown),
    "tables": ("Tables", shown),
    "table_a": ("Table", shown),
    "regressor_a": ("Regressor", shown),
    "table_b": ("Other table", shown),
    "regressor_b": ("Regressor", shown),
    "pairs_of": ("Pairs", shown),
    "metric": ("Metric", shown),
    "predictor": ("Predictor", shown),
    "columns": ("Columns", _whole),
    "videos": ("Videos", _whole),
    "pairs": ("Number", _whole),
    "videos_needed": ("Videos needed", _whole),
    "srcc": ("SRCC", decimal),
    "rmse": ("RMSE", decimal),
    "bias": ("Bias", signed),
    "difference": ("Difference", signed),
    "loss": ("Loss of SRCC", signed),
    "p": ("p", _p),
    "value": ("R²", decimal),
    "share": ("Share", _percent),
    "cka": ("CKA", decimal),
    "accuracy": ("In order", _percent),
    "detectable": ("Detectable", decimal),
    "power": ("Power for .02", _percent),
    "formula": ("Ceiling", decimal),
    "simulated": ("Simulated", decimal),
    "different_similar": ("Different or similar", decimal),
    "better_worse": ("Better or worse", decimal),
    "correct": ("Correct", _percent),
    "rank": ("Mean rank", compact),
    "interval": ("Half-width", decimal),
    "coverage": ("Coverage", _percent),
}


@dataclass(frozen=True)
class Shown:
    """How one analysis is shown."""

    name: str
    title: str
    lead: str
    columns: Sequence[str]
    drawn: tuple[str, str, str] | None = None
    """Columns drawn as a point and its interval."""


SHOWN: tuple[Shown, ...] = (
    Shown(
        "ablation",
        "Ablation of extractors",
        "SRCC of each table without the columns of an extractor, and with them alone, by the table’s best "
        "regressor. The difference is to all columns, with the interval and p of the corrected resampled "
        "t-test; p is not corrected for the number of extractors.",
        ("table", "kept", "columns", "srcc", "difference", "p"),
        ("difference", "low", "high"),
    ),
    Shown(
        "importance",
        "Importance of extractors",
        "Loss of SRCC on the test videos when all columns of an extractor are permuted together; the line "
        "marks the 2.5 and 97.5 percentiles over the splits. Extractors that hold the same information "
        "replace each other, so a small loss does not mean that one holds none; the ablation measures that.",
        ("table", "group", "columns", "loss"),
        ("loss", "loss_low", "loss_high"),
    ),
    Shown(
        "shared_variance",
        "Unique and shared variance",
        "R² on the test part, divided among the tables: what each explains that no other does (unique), "
        "what several explain alike (shared; negative where tables need each other), and Shapley values, "
        "which credit each table with its part of what is shared. Unique and shared parts sum to the R² of "
        "all tables, and so do the Shapley values. Intervals by the corrected resampled t over splits.",
        ("kind", "tables", "value", "share"),
        ("value", "low", "high"),
    ),
    Shown(
        "similarity",
        "Similarity of tables",
        "Centred kernel alignment (CKA, debiased) of the columns: 1 where two tables arrange the videos "
        "alike, 0 where not at all. The MOS is not used.",
        ("table_a", "table_b", "videos", "cka"),
        ("cka", "cka", "cka"),
    ),
    Shown(
        "pair_ranking",
        "Pairs in the right order",
        "Share of pairs of videos that a model puts in the order of the MOS: of all pairs, of those whose "
        "MOS differ significantly, and of pairs inside one content. Half would be right by chance. Equal "
        "predictions count half. The line is ± 1.96 standard errors over videos, or over contents.",
        ("pairs_of", "table", "regressor", "pairs", "accuracy"),
        ("accuracy", "low", "high"),
    ),
    Shown(
        "power",
        "Power",
        "The true difference in SRCC that this comparison would find in 80 % of cases, the probability of "
        "finding a difference of .02, and the number of videos that this would take, if errors fall with "
        "the root of the number.",
        ("table_a", "regressor_a", "table_b", "regressor_b", "detectable", "power", "videos_needed"),
        ("detectable", "detectable", "detectable"),
    ),
    Shown(
        "noise_ceiling",
        "Noise ceiling",
        "The correlation that a predictor of the true quality (truth), and the MOS of a second panel of the"
        " same size, would reach with these MOS, from the standard deviation and number of the opinions. A "
        "model above the interval is better than the opinions allow.",
        ("metric", "predictor", "formula", "simulated"),
        ("simulated", "low", "high"),
    ),
    Shown(
        "pair_analysis",
        "Krasula’s pair analysis",
        "Area under the ROC curve of telling significantly different pairs from similar ones, and the "
        "better from the worse video of a different pair; medians over the splits.",
        ("table", "regressor", "different_similar", "better_worse", "correct"),
        ("better_worse", "better_worse", "better_worse"),
    ),
    Shown(
        "error_by",
        "Errors by property",
        "SRCC, RMSE and bias (prediction − MOS) of every model by a property of the videos. SRCC within a "
        "range of MOS is lower than over all videos, because the range is small.",
        ("property", "value_of", "table", "regressor", "videos", "srcc", "bias", "rmse"),
        ("rmse", "rmse", "rmse"),
    ),
)

INTERVALS = Shown(
    "intervals",
    "Prediction intervals",
    "Half-width of the 90 % conformal prediction interval, in MOS units, and the share of test videos whose"
    " MOS it holds. Coverage far from 90 % means that test videos differ from "
    "training videos.",
    ("table", "regressor", "coverage", "interval"),
    ("interval", "interval", "interval"),
)
