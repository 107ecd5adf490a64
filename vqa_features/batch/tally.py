"""What is counted of the rows of a run while they pass: statuses, and columns without a value."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

from ..pooling import columns
from .failures import INCOMPLETE
from .options import Extraction


class Tally:
    """Counts of the finished rows.

    Parameters
    ----------
    extraction : Extraction
        Extractors and pools.
    """

    def __init__(self, extraction: Extraction) -> None:
        self.statuses: Counter[str] = Counter()
        self._columns = {e.label: columns(e, extraction.pools) for e in extraction.extractors}
        self._lacking: Counter[str] = Counter()

    def add(self, row: Mapping[str, Any]) -> None:
        """Count a row of `vqa_features.batch.feature_table.feature_row`."""
        status = str(row["status"])
        self.statuses[status] += 1
        if status.startswith("failed"):
            return
        for label, names in self._columns.items():
            absent = [math.isnan(row[name]) for name in names]
            if any(absent) and not (status == INCOMPLETE and all(absent)):
                self._lacking[label] += 1

    @property
    def rows(self) -> int:
        """Number of finished rows."""
        return self.statuses.total()

    @property
    def good(self) -> int:
        """Number of rows that did not fail."""
        return sum(count for status, count in self.statuses.items() if not status.startswith("failed"))

    def missing_values(self) -> list[str]:
        """Return a sentence for each extractor that lacks values of videos it did not fail on."""
        return [
            f"{label}: no value in some columns of {count} video(s); the column warnings has the reasons"
            for label in self._columns
            if (count := self._lacking[label])
        ]
