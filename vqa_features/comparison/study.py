"""One finished protocol of a comparison, as the analyses of `vqa_features.comparison.analyses` read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..evaluation.regressors import Regressor
from ..tables.labels import Labels
from .blocks import Block, Prepared
from .protocol import Plan
from .result import BASELINE

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
    scores: pd.DataFrame
    summary: pd.DataFrame
    jobs: int = 1

    @property
    def first_splits(self) -> Plan:
        """The plan of the first `MOST_SPLITS` splits."""
        return self.plan._replace(splits=self.plan.splits[:MOST_SPLITS])

    def best_models(self) -> list[tuple[Block, Regressor]]:
        """Return every table with its regressor of highest median SRCC, on the first test part."""
        summary = self.summary[self.summary["part"] == self.summary["part"].iloc[0]]
        records = {one.name: one for one in self.plan.models.records if one.name != BASELINE}
        found = []
        for block in self.prepared.blocks:
            mine = summary[(summary["table"] == block.name) & summary["regressor"].isin(list(records))]
            if len(mine):
                best = mine.sort_values("srcc", ascending=False, kind="stable").iloc[0]
                found.append((block, records[best["regressor"]]))
        return found
