"""Further analyses of a comparison by name, on its videos, splits and models; each adds a table.

A new analysis is one more line of `ANALYSES`. It gives a table for `Comparison.extras`, a flag of the command
line (``learning_curve`` is ``--learning-curve``) and a section of the page (`vqa_features.report.analyses`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import ParameterError, UnknownName
from .ablation import ablation_of, groups_of
from .blocks import Block, Prepared
from .diagnosis import error_by
from .importance import importance_of
from .learning_curve import curve_of
from .properties import in_ranges
from .result import Comparison
from .study import Study

if TYPE_CHECKING:
    import pandas as pd

#: Ablation fits twice as many models as there are groups of columns.
MOST_ABLATED = 20
MOST_PERMUTED = 500


@dataclass(frozen=True)
class Analysis:
    """One analysis: what it is called, what it computes, and on which input it can."""

    name: str
    """Name of the table in `Comparison.extras`, and of its file."""
    help: str
    """What it adds, as the flag says after "Add"."""
    function: Callable[[Study], pd.DataFrame]
    check: Callable[[Prepared], None] = lambda prepared: None
    """Raises ParameterError before the work if the input does not allow the analysis."""


def learning_curves(study: Study) -> pd.DataFrame:
    """Return the learning curve of every model, see `vqa_features.comparison.learning_curve`."""
    return curve_of(study.first_splits, study.prepared, jobs=study.jobs)


def ablation(study: Study) -> pd.DataFrame:
    """Return the ablation of every table of 2 to `MOST_ABLATED` extractors, with its best regressor."""
    return _stacked(
        ablation_of(
            study.first_splits, study.prepared, block, regressor, groups_of(block.columns), study.jobs
        )
        for block, regressor in study.best_models()
        if _is_divided(block, MOST_ABLATED)
    )


def importance(study: Study) -> pd.DataFrame:
    """Return the importance of the extractors of every table, with its best regressor."""
    plan = study.first_splits
    return _stacked(
        importance_of(plan, study.prepared, block, regressor, groups_of(block.columns)).assign(
            protocol=plan.protocol, table=block.name, regressor=regressor.name
        )
        for block, regressor in study.best_models()
        if _is_divided(block, MOST_PERMUTED)
    )


def errors_by(comparison: Comparison, study: Study, by: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Return the errors by properties of the videos, for every test part.

    Parameters
    ----------
    comparison : Comparison
        The comparison.
    study : Study
        The protocol to read.
    by : mapping of str to Series
        Values by the name of the property.

    Returns
    -------
    DataFrame
        Columns ``property, protocol, part``, then those of `vqa_features.comparison.diagnosis.error_by`.
    """
    protocol, ids = study.plan.protocol, study.prepared.videos.ids
    found = []
    for name, values in by.items():
        for part in map(str, study.scores["part"].unique()):
            table = error_by(comparison, in_ranges(values, ids), protocol=protocol, part=part)
            known = {"property": name, "protocol": protocol, "part": part}
            found.append(table.assign(**known)[[*known, *table.columns]])
    return _stacked(found)


def _is_divided(block: Block, most: int) -> bool:
    return 2 <= len(groups_of(block.columns)) <= most


def _check_divided(most: int, what: str) -> Callable[[Prepared], None]:
    def check(prepared: Prepared) -> None:
        if not any(_is_divided(block, most) for block in prepared.blocks):
            counts = [f"{block.name} {len(groups_of(block.columns))}" for block in prepared.blocks]
            raise ParameterError(
                f"{what} needs a table of 2 to {most} groups of columns, each of one extractor by its name; "
                f"the tables have {', '.join(counts)}"
            )

    return check


def _stacked(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    return pd.concat(tables, ignore_index=True)


#: Every analysis of `compare(analyses=...)`; a new one is one more line.
ANALYSES: tuple[Analysis, ...] = (
    Analysis("learning_curve", "SRCC against the number of training videos.", learning_curves),
    Analysis(
        "ablation",
        "SRCC of each table without each extractor, and with it alone.",
        ablation,
        _check_divided(MOST_ABLATED, "ablation"),
    ),
    Analysis(
        "importance",
        "the loss of SRCC when the columns of an extractor are permuted together.",
        importance,
        _check_divided(MOST_PERMUTED, "importance"),
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
