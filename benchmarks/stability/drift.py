"""The drift of a column: the root mean square over clips of its change, in deviations between the clips."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from vqa_features.extractor import Extractor
from vqa_features.pooling import parse_column

#: Least deviation that is divided by, as a share of the range of a column: columns that are 0 for all clips
#: have none of their own.
LEAST = 0.02
#: A change, and a deviation between clips, that is taken as none.
NONE = 1e-9


def drift_of(
    plain: Sequence[pd.Series[float]], changed: Sequence[pd.Series[float]], extractors: Sequence[Extractor]
) -> pd.Series[float]:
    """Return the drift of every column.

    Parameters
    ----------
    plain, changed : sequence of pandas.Series
        Pooled columns of each clip, and of each in the same order after the change.
    extractors : sequence of Extractor
        Those that have the columns.

    Returns
    -------
    pandas.Series
        inf where a column has no deviation between the clips and changes, or has a value in only one of
        the two.
    """
    base, other = pd.DataFrame(plain), pd.DataFrame(changed)
    deviation = base.std(ddof=1).fillna(0).clip(lower=least_deviation(list(base), extractors))
    drift = np.sqrt(((other - base) ** 2).mean()) / deviation.where(deviation > NONE)
    still = (((other - base).abs() <= NONE) | (base.isna() & other.isna())).all()
    drift = drift.where(deviation > NONE, np.inf).mask(still, 0.0)
    return drift.mask((base.isna() != other.isna()).any(), np.inf)


def least_deviation(columns: Sequence[str], extractors: Sequence[Extractor]) -> pd.Series[float]:
    """Return LEAST times the range of each column, 0 where that is unbounded."""
    spans = {
        (extractor.label, feature.name): feature.high - feature.low
        for extractor in extractors
        for feature in extractor.features
    }
    found = {}
    for column in columns:
        parsed = parse_column(column)
        assert parsed is not None, column
        found[column] = LEAST * spans[parsed.label, parsed.feature]
    least = pd.Series(found)
    return least.where(np.isfinite(least), 0.0)


def moved(plain: Sequence[pd.Series[float]], changed: Sequence[pd.Series[float]]) -> list[str]:
    """Return the columns of which a bit differs in some clip."""
    base, other = pd.DataFrame(plain), pd.DataFrame(changed)
    same = (base == other) | (base.isna() & other.isna())
    return list(base.columns[~same.all()])
