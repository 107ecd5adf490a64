"""One finished protocol of a comparison, as the analyses of `vqa_features.comparison.analyses` read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..evaluation.parallel import HERE, Workers
from ..evaluation.regressors import Regressor
from ..tables.labels import Labels
from .blocks import Block, Prepared
from .protocol import Plan
from .result import BASELINE, Comparison

if TYPE_CHECKING:
    import pandas as pd

#: An analysis that fits models again uses at most this many splits, the first of the comparison.
MOST_SPLITS = 20


class Study(NamedTuple):
    """Videos, splits and models of one protocol, and what they gave."""

    plan: Plan
    prepared: Prepared
    """Rows in the order that the splits mean."""
    labels: Labels
    comparison: Comparison
    workers: Workers = HERE

    @property
    def first_splits(self) -> Plan:
        """The plan of the first `MOST_SPLITS` splits."""
        return self.plan._replace(splits=self.plan.splits[:MOST_SPLITS])

    @property
    def parts(self) -> list[str]:
        """Names of the test parts."""
        return list(dict.fromkeys(name for one in self.plan.splits for name in one.parts))

    def best_models(self) -> list[tuple[Block, Regressor]]:
        """Return every table with its regressor of highest median SRCC, on the first test part."""
        ranked = self._ranked()
        first = {block.name: ranked.loc[ranked["table"] == block.name] for block in self.prepared.blocks}
        return [
            (block, self._records[first[block.name]["regressor"].iloc[0]])
            for block in self.prepared.blocks
            if len(first[block.name])
        ]

    def best_regressor(self) -> Regressor:
        """Return the regressor of the table of highest median SRCC, on the first test part."""
        return self._records[self._ranked()["regressor"].iloc[0]]

    @property
    def _records(self) -> dict[str, Regressor]:
        return {one.name: one for one in self.plan.models.records if one.name != BASELINE}

    def _ranked(self) -> pd.DataFrame:
        """Return the summary of the compared tables with trained regressors, highest median SRCC first."""
        summary = self.comparison.summary
        names = [block.name for block in self.prepared.blocks]
        mine = summary[
            (summary["protocol"] == self.plan.protocol)
            & (summary["part"] == self.parts[0])
            & summary["table"].isin(names)
            & summary["regressor"].isin(list(self._records))
        ]
        return mine.sort_values("srcc", ascending=False, kind="stable")
