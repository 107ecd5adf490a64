"""Warnings about the validity of an analysis whose result is one DataFrame: kept with it, and shown."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

KEY = "warnings"


class ValidityNotice(UserWarning):
    """What limits the validity of an analysis, as Python shows it."""


def with_notices(table: pd.DataFrame, texts: Sequence[str]) -> pd.DataFrame:
    """Return the table with the warnings in ``attrs["warnings"]``, each shown as a `ValidityNotice`."""
    table.attrs[KEY] = list(texts)
    for text in texts:
        warnings.warn(text, ValidityNotice, stacklevel=3)
    return table


def notices_of(table: pd.DataFrame) -> tuple[str, ...]:
    """Return the warnings that `with_notices` left in a table."""
    return tuple(str(text) for text in table.attrs.get(KEY, ()))
