"""Further analyses of a comparison by name, on its videos, splits and models; each adds a table.

A new analysis is one more line of `ANALYSES`. It gives a table for `Comparison.extras` and a flag of the
command line (``learning_curve`` is ``--learning-curve``). What the page shows of it is said in
`vqa_features.report.analyses`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import ParameterError, UnknownName
from . import study_tables as tables
from .ablation import groups_of
from .blocks import Prepared
from .notices import ValidityNotice
from .result import Comparison
from .shared_variance import MOST_TABLES
from .study import Study

if TYPE_CHECKING:
    import pandas as pd


def _anything(prepared: Prepared, splits: int) -> None:
    """Accept every input."""


@dataclass(frozen=True)
class Analysis:
    """One analysis: what it is called, what it computes, and on which input it can."""

    name: str
    """Name of the table in `Comparison.extras`, and of its file."""
    help: str
    """What it adds, as the flag says after "Add"."""
    function: Callable[[Study], pd.DataFrame]
    check: Callable[[Prepared, int], None] = _anything
    """Raises ParameterError before the work if the input, or the number of splits, does not allow it."""


def _divided(most: int, what: str) -> Callable[[Prepared, int], None]:
    def check(prepared: Prepared, splits: int) -> None:
        if not any(tables.is_divided(block, most) for block in prepared.blocks):
            counts = [f"{block.name} {len(groups_of(block.columns))}" for block in prepared.blocks]
            raise ParameterError(
                f"{what} needs a table of 2 to {most} groups of columns, each of one extractor by its name; "
                f"the tables have {', '.join(counts)}"
            )

    return check


def _with_opinions(what: str) -> Callable[[Prepared, int], None]:
    def check(prepared: Prepared, splits: int) -> None:
        if prepared.videos.std is None or prepared.videos.counts is None:
            raise ParameterError(
                f"{what} needs the standard deviation and the number of opinions of each video: name their "
                "columns in the MOS file (--std-column, --count-column), or give Labels that hold them"
            )

    return check


def _several_tables(most: int | None, splits_needed: int, what: str) -> Callable[[Prepared, int], None]:
    def check(prepared: Prepared, splits: int) -> None:
        count = len(prepared.blocks)
        if count < 2 or (most is not None and count > most):
            span = "two tables or more" if most is None else f"2 to {most} tables"
            raise ParameterError(f"{what} needs {span}, got {count}")
        if splits < splits_needed:
            raise ParameterError(f"{what} needs {splits_needed} splits or more, got {splits}")

    return check


#: Every analysis of `compare(analyses=...)`; a new one is one more line.
ANALYSES: tuple[Analysis, ...] = (
    Analysis("learning_curve", "SRCC against the number of training videos.", tables.learning_curves),
    Analysis(
        "ablation",
        "SRCC of each table without each extractor, and with it alone.",
        tables.ablation,
        _divided(tables.MOST_ABLATED, "ablation"),
    ),
    Analysis(
        "importance",
        "the loss of SRCC when the columns of an extractor are permuted together.",
        tables.importance,
        _divided(tables.MOST_PERMUTED, "importance"),
    ),
    Analysis(
        "shared_variance",
        "what each table explains alone and what several explain in common.",
        tables.shared,
        _several_tables(MOST_TABLES, 2, "shared variance"),
    ),
    Analysis(
        "similarity",
        "the similarity of every pair of tables (CKA).",
        tables.similarity,
        _several_tables(None, 1, "similarity"),
    ),
    Analysis("pair_ranking", "the share of pairs of videos in the right order.", tables.pairs_in_order),
    Analysis("power", "the difference in SRCC that would be found in 80 % of studies.", tables.power),
    Analysis(
        "noise_ceiling",
        "the SRCC and PLCC that the noise of the opinions allows.",
        tables.ceiling,
        _with_opinions("the noise ceiling"),
    ),
    Analysis(
        "pair_analysis",
        "how well significantly different pairs are told (Krasula).",
        tables.different_pairs,
        _with_opinions("the pair analysis"),
    ),
)
NAMES = tuple(one.name for one in ANALYSES)


def find(names: Sequence[str]) -> list[Analysis]:
    """Return analyses by name, in the order of `ANALYSES`; ``-`` in a name stands for ``_``.

    Raises
    ------
    UnknownName
        If one is unknown.
    """
    wanted = [str(name).replace("-", "_") for name in names]
    for name in wanted:
        if name not in NAMES:
            raise UnknownName("analysis", name, NAMES, f"known: {', '.join(NAMES)}")
    return [one for one in ANALYSES if one.name in wanted]


def with_analyses(
    study: Study, analyses: Sequence[Analysis], error_by: Mapping[str, pd.Series]
) -> Comparison:
    """Return the comparison of a study with the tables of analyses, and their warnings.

    Parameters
    ----------
    study : Study
        The protocol to analyse.
    analyses : sequence of Analysis
        What to add.
    error_by : mapping of str to Series
        Properties by video id to divide the errors by.
    """
    found = study.comparison
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityNotice)  # `with_extra` collects them
        for analysis in analyses:
            found = found.with_extra(analysis.name, analysis.function(study))
        if error_by:
            found = found.with_extra("error_by", tables.errors_by(study, error_by))
    return found
