"""The analyses of a comparison on the page: a table for each, numbers drawn as points with intervals.

A new analysis is one more line of `SHOWN`: the name of its table in `Comparison.extras`, a title, a sentence,
and the columns to show. A table without a line is only in its file.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..comparison.diagnosis import mean_ranks
from ..comparison.result import BASELINE
from .analysis_tables import MOST_ROWS, RankTable, Section, Shown, rank_table, section_of
from .view import ProtocolView

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
        "listed_pairs",
        "Listed pairs in the right order",
        "Share of the pairs of the given list that a model puts in their order. Half would be right by "
        "chance. Equal predictions count half. The line is ± 1.96 standard errors over videos.",
        ("table", "regressor", "pairs", "accuracy"),
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


def sections_of(view: ProtocolView) -> list[Section]:
    """Return the sections of the analyses that a comparison holds for one protocol and test part.

    Parameters
    ----------
    view : ProtocolView
        The protocol to show.
    """
    found = [section_of(one, _rows_of(view, one.name)) for one in SHOWN]
    return [section for section in (_intervals(view), *found) if section.rows]


def _rows_of(view: ProtocolView, name: str) -> pd.DataFrame:
    """Return the rows of an extra table that belong to the protocol and part of the view."""
    table = view.comparison.extras.get(name, pd.DataFrame())
    for column, value in (("protocol", view.protocol), ("part", view.part)):
        if column in table.columns:
            table = table[table[column] == value]
    if name == "error_by" and len(table):
        table = table.rename(columns={"value": "value_of"})
    if name in ("pair_ranking", "listed_pairs") and len(table):
        reach = 1.96 * table["error"]
        table = table.assign(low=table["accuracy"] - reach, high=table["accuracy"] + reach)
    return table


def _intervals(view: ProtocolView) -> Section:
    """Return the section of the conformal prediction intervals, from the scores of every split."""
    rows = []
    for model in view.trained if set(WIDTH) <= set(view.scores.columns) else ():
        width, coverage = (float(np.median(view.split_scores(model, name))) for name in WIDTH)
        rows.append(
            {"table": model.table, "regressor": model.regressor, "interval": width, "coverage": coverage}
        )
    found = section_of(INTERVALS, pd.DataFrame(rows))
    return found if view.over_videos else found._replace(lead=f"{found.lead} Medians over the splits.")


WIDTH = ("interval", "coverage")
INTERVALS = Shown(
    "intervals",
    "Prediction intervals",
    "Half-width of the 90 % conformal prediction interval, in MOS units, and the share of test videos whose"
    " MOS it holds. Coverage far from 90 % means that test videos differ from training videos.",
    ("table", "regressor", "coverage", "interval"),
    ("interval", "interval", "interval"),
)


def ranks_of(view: ProtocolView) -> RankTable | None:
    """Return the mean ranks of one part over the splits; None for one split or fewer than three models."""
    scores = view.comparison.scores
    mine = scores[(scores["protocol"] == view.protocol) & (scores["regressor"] != BASELINE)]
    if view.over_videos or not 3 <= len(view.trained) <= MOST_ROWS or mine.empty:
        return None
    part = view.part if "part" in scores.columns else None
    table = mean_ranks(view.comparison, view.protocol, part=part)
    return rank_table(table, table.attrs["cliques"], table.attrs["critical_difference"])
