"""Deviations and numbers of opinions that cannot be are refused before any model is fitted."""

from __future__ import annotations

import numpy as np
import pytest
from made_up_videos import made_up

from vqa_features.comparison import compare
from vqa_features.errors import TableError
from vqa_features.tables.labels import Labels

FIRST = {"splits": 2, "regressors": ["ridge"], "bootstrap": 5}


@pytest.mark.parametrize(
    ("std", "count", "text"),
    [
        (-0.1, 8, r"the standard deviation of the opinions must be at least 0 .* clip003 \(-0.1\)"),
        (np.inf, 8, r"not for 1 video\(s\): clip003 \(inf\)"),
        (1.0, 0, r"the number of the opinions must be at least 1 .* clip003 \(0\)"),
        (1.0, 0.5, r"clip003 \(0.5\)"),
        (1.0, -5, r"clip003 \(-5\)"),
        (1.0, np.inf, r"clip003 \(inf\)"),
    ],
)
def test_one_impossible_opinion_is_named(std, count, text):
    tables, mos = made_up(60)
    deviations, counts = mos * 0 + 1.0, mos * 0 + 8.0
    deviations.iloc[3], counts.iloc[3] = std, count
    with pytest.raises(TableError, match=text):
        compare(tables, Labels(mos, std=deviations, counts=counts), **FIRST)


def test_the_ends_are_allowed_and_a_column_may_be_missing():
    tables, mos = made_up(60)
    compare(tables, Labels(mos, std=mos * 0, counts=mos * 0 + 1), **FIRST)
    compare(tables, Labels(mos, std=mos * 0 + 1), **FIRST)
