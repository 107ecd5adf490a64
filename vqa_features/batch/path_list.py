"""Lists of videos: tables with a column ``path``, and columns for id, sampling, MOS and group."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..errors import TableError, first_few
from ..files.reading import reading
from ..remote.addresses import beside, scheme_of, suffix_of
from ..specs import SECOND
from ..tables.numbers import as_texts, number_series, numbers
from ..tables.parquet import read_parquet
from ..tables.text import read_text

if TYPE_CHECKING:
    import pandas as pd

SAMPLING_COLUMNS = {
    "fps": float,
    "every": int,
    "offset": int,
    "frames": int,
    "start_s": float,
    "duration_s": float,
}
#: Columns named as the options of the command line.
_ALSO = {"start": "start_s", "duration": "duration_s"}
_COLUMNS = ("path", "id", "mos", "group", *SAMPLING_COLUMNS)


class Listed(NamedTuple):
    """One row of a list: the values of `vqa_features.batch.inputs.Input`."""

    path: str
    id: str
    sampling: dict[str, float | int | str]
    extra: dict[str, str | float]


def read_list(path: Path, address: str = "") -> tuple[list[Listed], list[str]]:
    """Return the videos of a list, and what is to be told of it.

    Parameters
    ----------
    path : Path
        Parquet file, or text file with a header (`vqa_features.tables.text`). Columns, in upper or lower
        case: ``path`` (relative to the folder of the list, or an address), and optionally ``id``, ``group``,
        ``mos``, ``fps``, ``every``, ``offset``, ``frames``, ``start_s`` (or ``start``), ``duration_s`` (or
        ``duration``).
    address : str
        Where the list comes from, if that is an address, of which `path` is a copy.

    Raises
    ------
    TableError
        If there is no column ``path``, a row has no path, a sampling cell is no number, or no MOS is one.
    """
    if suffix_of(address or f"file://{path}") == ".parquet":
        with reading(path, "a list of videos"):
            listed, notes = listed_in(read_parquet(path).frame, str(path))
    else:
        table = read_text(path, "a list of videos")
        source = _Source(str(path), "line", table.layout.comma_likely)
        listed, notes = _listed(table.frame, source)
        notes = [*(f"{path}: {note}" for note in table.notes), *notes]
    return [one._replace(path=_seen_from_here(one.path, path, address)) for one in listed], notes


def _seen_from_here(name: str, path: Path, address: str) -> str:
    """Return what a list means by a path."""
    if address:
        return beside(address, name)
    return name if scheme_of(name) else str(path.parent / name)


def listed_in(frame: pd.DataFrame, name: str = "the table") -> tuple[list[Listed], list[str]]:
    """Return the videos of a DataFrame, and what is to be told of it.

    Parameters
    ----------
    frame : DataFrame
        Columns as in `read_list`; paths are relative to the current folder. An index that is called ``id``
        is the column ``id``.
    name : str
        Of the table, for messages.

    Raises
    ------
    TableError
        As `read_list`.
    """
    if frame.index.name == "id" and "id" not in frame.columns:
        frame = frame.reset_index()
    known = [name for name in frame.columns if _meant(name) in _COLUMNS]
    texts = {column: as_texts(frame[column].map(_plain), name).to_pandas() for column in known}
    others = [column for column in frame.columns if column not in known]
    rows = frame[others].set_axis(range(len(frame)), axis=0).assign(**texts)
    return _listed(rows, _Source(name, "row", False))


def _plain(cell: object) -> object:
    return os.fspath(cell) if isinstance(cell, os.PathLike) else cell


class _Source(NamedTuple):
    """Where a list comes from, for messages, and whether its numbers have decimal commas."""

    name: str
    row: str
    comma_likely: bool


def _listed(frame: pd.DataFrame, source: _Source) -> tuple[list[Listed], list[str]]:
    """Return what `read_list` returns of a table of text."""
    frame = _named_as_known(frame, source)
    unused = [str(name) for name in frame.columns if name not in _COLUMNS]
    notes = [f"{source.name}: {len(unused)} column(s) are not used: {first_few(unused)}"] * bool(unused)
    sampling = {
        name: _sampling(frame[name], kind, source)
        for name, kind in SAMPLING_COLUMNS.items()
        if name in frame.columns
    }
    mos, told = _mos(frame, source)
    listed = []
    for row, cells in enumerate(frame.to_dict("records")):
        if not cells["path"].strip():
            raise TableError(f"{source.row} {frame.index[row]} of {source.name!r} has no path")
        extra: dict[str, str | float] = (
            {"group": cells["group"].strip()} if cells.get("group", "").strip() else {}
        )
        if mos is not None and math.isfinite(mos[row]):
            extra["mos"] = mos[row]
        chosen = {name: value for name, values in sampling.items() if (value := values[row]) is not None}
        listed.append(Listed(cells["path"].strip(), cells.get("id", "").strip(), chosen, extra))
    return listed, notes + told


def _named_as_known(frame: pd.DataFrame, source: _Source) -> pd.DataFrame:
    """Return a table whose known columns have their names of `_COLUMNS`."""
    known = {name: meant for name in frame.columns if (meant := _meant(name)) in _COLUMNS}
    if len(set(known.values())) < len(known):
        twice = [name for name, meant in known.items() if [*known.values()].count(meant) > 1]
        raise TableError(
            f"{source.name!r} has columns that mean the same, or differ in upper and lower case only: "
            f"{first_few(twice)}"
        )
    renamed = frame.rename(columns=known)
    if "path" not in renamed.columns:
        raise TableError(f"{source.name!r} has no column 'path'; it has {', '.join(map(str, frame.columns))}")
    return renamed


def _meant(name: object) -> str:
    text = str(name).lower()
    return _ALSO.get(text, text)


def _sampling(
    cells: pd.Series, kind: type[float] | type[int], source: _Source
) -> list[float | int | str | None]:
    """Return one sampling column as numbers, or words of `every`; None where a cell is empty."""
    words = cells.str.strip() == SECOND if cells.name == "every" else cells != cells
    if words.any():
        counted = iter(_sampling(cells[~words], kind, source))
        return [SECOND if word else next(counted) for word in words]
    if not cells.str.strip().any():
        return [None] * len(cells)
    allowed = "a whole number" if kind is int else "a number"
    values = numbers(as_texts(cells, source.name), source.comma_likely).values.tolist()
    for line, text, value in zip(cells.index, cells, values, strict=True):
        if text.strip() and (not math.isfinite(value) or kind(value) != value):
            raise TableError(
                f"{source.row} {line} of {source.name!r}: {cells.name} must be {allowed}, got {text!r}"
            )
    return [kind(value) if math.isfinite(value) else None for value in values]


def _mos(frame: pd.DataFrame, source: _Source) -> tuple[list[float] | None, list[str]]:
    """Return the column of MOS, None if there is none or it is empty, and what is to be told of it."""
    if "mos" not in frame.columns or not frame["mos"].str.strip().any():
        return None, []
    values, told = number_series(frame["mos"], source.name, source.comma_likely, row=source.row)
    return values.tolist(), [f"{source.name}: {note}" for note in told]
