"""What features cost: seconds per video, from the timing columns of the tables themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..pooling import parse_column
from ..tables.columns import extractor_names, feature_columns

if TYPE_CHECKING:
    import pandas as pd

TIMING = "seconds."


def seconds_per_video(tables: Mapping[str, Any]) -> dict[str, float]:
    """Return, per table with timing columns, the median over videos of the seconds all its extractors took.

    Only extractors whose features the table holds are counted; decoding is shared and not counted.
    """
    costs = {}
    for name, given in tables.items():
        table = given[0] if isinstance(given, tuple) else given
        columns = timing_columns(table)
        if columns:
            costs[name] = float(np.nanmedian(table[columns].to_numpy(dtype=np.float64).sum(axis=1)))
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
