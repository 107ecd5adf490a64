"""Extraction cost in seconds per video, from the timing columns of feature tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..pooling import parse_column
from ..tables.columns import extractor_names, feature_columns
from ..tables.feature_table import FeatureTable

if TYPE_CHECKING:
    import pandas as pd

TIMING = "seconds."


def seconds_per_video(tables: Sequence[FeatureTable]) -> dict[str, float]:
    """Return, per table with timing columns, the median over videos of its extractors' summed seconds.

    Only extractors whose features the table holds are counted; decoding is shared and not counted.
    """
    costs = {}
    for table in tables:
        columns = timing_columns(table.frame)
        if columns:
            seconds = table.frame[columns].to_numpy(dtype=np.float64).sum(axis=1)
            costs[table.name] = float(np.nanmedian(seconds))
    return costs


def timing_columns(table: pd.DataFrame) -> list[str]:
    """Return the ``seconds.*`` columns of the extractors whose features `table` holds."""
    parsed = (parse_column(str(name)) for name in feature_columns(table).names)
    labels = {column.label for column in parsed if column is not None} | set(extractor_names(table))
    return [
        str(name)
        for name in table.columns
        if str(name).removeprefix(TIMING) in labels and str(name).startswith(TIMING)
    ]
