"""The option ``--json``, and results as JSON: nothing else on stdout, null for what is no finite number."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from ..files.names import escaped_text

if TYPE_CHECKING:
    import pandas as pd

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON; docs/json.md has the keys.")


def print_json(value: Any) -> None:
    """Print a result as JSON on stdout; see `plain`."""
    click.echo(json.dumps(plain(value), indent=2, allow_nan=False))


def rows_of(table: pd.DataFrame, index: str | None = None) -> list[dict[str, Any]]:
    """Return the rows of a table as dictionaries.

    Parameters
    ----------
    table : DataFrame
        Any table.
    index : str, optional
        Key of the index, first; by default the index is left out.
    """
    frame = table if index is None else table.rename_axis(index=index).reset_index()
    return [plain({str(name): cell for name, cell in row.items()}) for row in frame.to_dict("records")]


def plain(value: Any) -> Any:
    r"""Return a result as JSON can hold it.

    Parameters
    ----------
    value : object
        Numbers, texts, mappings, lists, tables (their rows) and numbers of NumPy and pandas.

    Returns
    -------
    object
        Missing values, nan and infinities are None; what is no character is ``\xHH``; other objects are
        texts.
    """
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        return rows_of(value)
    if hasattr(value, "item") and not isinstance(value, str | bytes):  # a number of NumPy
        value = value.item()
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {escaped_text(str(key)): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value]
    return escaped_text(os.fspath(value) if isinstance(value, os.PathLike) else str(value))
