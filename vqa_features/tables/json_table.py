"""Feature tables as JSON: an object with the settings, the names of the columns and one object per row.

A missing number is null; an infinite one, which JSON does not have, is the text ``inf`` or ``-inf``.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import TableError
from ..files.names import plain_text
from ..files.reading import parse_json
from ..files.regular import open_regular
from .columns import check_width
from .settings import SETTINGS_KEY

if TYPE_CHECKING:
    import pandas as pd

#: Greatest size in bytes: Python's objects take about ten times as much memory.
MOST_BYTES = 256 << 20
_COLUMNS, _ROWS = "columns", "rows"


def json_text(table: pd.DataFrame, settings: str) -> str:
    """Return a table as the text of a JSON file.

    Parameters
    ----------
    table : DataFrame
        Indexed by id, which becomes the key ``id`` of every row.
    settings : str
        A JSON text.

    Raises
    ------
    TableError
        If the text is larger than `read_json` reads.
    """
    frame = table.rename_axis(index="id").reset_index()
    rows = ({str(name): _cell(cell) for name, cell in row.items()} for row in frame.to_dict("records"))
    lines = ",\n".join(json.dumps(row, ensure_ascii=False, allow_nan=False) for row in rows)
    names = json.dumps([str(name) for name in frame.columns], ensure_ascii=False)
    text = f'{{"{SETTINGS_KEY}": {settings},\n"{_COLUMNS}": {names},\n"{_ROWS}": [\n{lines}\n]}}\n'
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise TableError(
            f"a table of {len(table)} rows and {len(table.columns)} columns is too large for JSON: "
            "write .parquet"
        )
    return plain_text(text)


def _cell(value: Any) -> Any:
    """Return a cell as JSON can hold it."""
    if hasattr(value, "item"):  # a number of NumPy
        value = value.item()
    if isinstance(value, float):
        return None if math.isnan(value) else value if math.isfinite(value) else str(value)
    return None if type(value).__name__ in ("NAType", "NaTType") else value


def write_json(table: pd.DataFrame, file: Path, settings: str) -> None:
    """Write a table as JSON; see `json_text`."""
    file.write_text(json_text(table, settings), encoding="utf-8", newline="")


class JsonTable(NamedTuple):
    """Columns of a file, and the settings in it."""

    frame: pd.DataFrame
    settings: dict[str, Any]


def read_json(file: Path) -> JsonTable:
    """Return the columns of a JSON file: what `json_text` wrote, or a list of objects, one per row.

    Raises
    ------
    TableError
        If it is no JSON, is larger than `MOST_BYTES`, holds no rows, or a cell is a list or an object.
    """
    import pandas as pd

    with open_regular(file) as stream:
        text = stream.read(MOST_BYTES + 1)
    found = parse_json(text, file, "a feature table", most=MOST_BYTES)
    whole = found if isinstance(found, dict) else {_ROWS: found}
    rows, settings = whole.get(_ROWS), whole.get(SETTINGS_KEY, {})
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise TableError(
            f"{file} holds no table: a list of objects is needed, or an object with one as {_ROWS!r}"
        )
    named = whole.get(_COLUMNS)
    columns = list(dict.fromkeys(name for row in rows for name in row))
    if isinstance(named, list) and all(isinstance(name, str) for name in named):
        columns = list(dict.fromkeys([*named, *columns]))
    check_width(len(columns), file)
    for number, row in enumerate(rows):
        odd = next((name for name, cell in row.items() if isinstance(cell, dict | list)), None)
        if odd is not None:
            raise TableError(
                f"{file}: {odd!r} of row {number + 1} is a list or an object, and no cell of a table"
            )
    frame = pd.DataFrame({name: [row.get(name) for row in rows] for name in columns}, columns=columns)
    return JsonTable(frame, settings if isinstance(settings, dict) else {SETTINGS_KEY: settings})
