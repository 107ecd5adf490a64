"""Tables in parts read back: the folder of a run, or of all its shards, as one table.

The list in ``_SUCCESS`` says which parts are the table. Without it the run is not complete: all parts that
there are give the rows that are finished, and a note says so. Every part is tried in a process of its own
first, as any Parquet file is, and held against the hash in its name.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import TableError, first_few
from ..files.hashing import sha256_of
from ..files.reading import MOST_JSON, reading
from ..files.regular import open_regular
from ..processes.limits import memory_allowed
from .parquet import checked_parquet
from .part_layout import PART_KEY, is_per_frame, unpacked
from .part_names import (
    HASH_DIGITS,
    STAGED,
    SUCCESS,
    PartNames,
    digest_in,
    is_part,
    parts_of_success,
    shards_in,
)
from .part_places import LocalFolder, PartPlace
from .part_settings import merged_settings
from .settings import parse_settings

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_KIND = "a part of a table"


class PartsTable(NamedTuple):
    """Columns of a table in parts, its settings, and what is to be told of it."""

    frame: pd.DataFrame
    settings: dict[str, Any]
    notes: list[str]


def read_parts(place: PartPlace) -> PartsTable:
    """Return the table in a place, in the order of the inputs of its run.

    Parameters
    ----------
    place : PartPlace
        Folder or address.

    Raises
    ------
    TableError
        If there is no part, one is missing or damaged, parts do not belong together, or two rows of one video
        differ.
    """
    with reading(place.name, "a table in parts"):
        sizes = place.sizes()
    files, notes = _listed(place, sizes)
    tables, bytes_read = [], 0
    for name, rows in files.items():
        table = _read(place, name, rows)
        bytes_read += table.nbytes
        if bytes_read > memory_allowed(sum(sizes[one] for one in files)):
            raise TableError(f"{place.name} cannot be read: its parts take much more memory than their size")
        tables.append(table)
    made = [
        parse_settings((one.schema.metadata or {}).get(b"vqa_features"), place.path(name))
        for name, one in zip(files, tables, strict=True)
    ]
    settings, told = merged_settings(list(files), made, place.name)
    frame = _joined(place, list(files), tables)
    if notes:
        frame = _once_each(frame, place.name)
    if "videos" in settings:
        order = {str(one): row for row, one in enumerate(frame.index)}
        settings["videos"].sort(key=lambda one: order.get(str(one.get("id")), 0))
    if "path" in frame.columns and settings and "inputs" not in settings:
        settings["inputs"] = [str(one) for one in frame["path"]]
    return PartsTable(frame, settings, [*notes, *told])


def holds_parts(path: str | os.PathLike[str]) -> bool:
    """Return whether a name is that of a folder with parts of a table in it."""
    return os.path.isdir(path) and any(map(is_part, os.listdir(path)))


def table_digest(path: Path) -> str:
    """Return the SHA-256 of a table: of its file, or of the names and hashes of its parts.

    Parameters
    ----------
    path : Path
        A file or the folder of a table in parts.

    Raises
    ------
    ParameterError, TableError
        If it cannot be read.
    """
    if not path.is_dir():
        return sha256_of(path)
    place = LocalFolder(path)
    files, _ = _listed(place, place.sizes())
    lines = [f"{name.removesuffix(STAGED)} {sha256_of(path / name)}\n" for name in sorted(files)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _listed(place: PartPlace, sizes: Mapping[str, int]) -> tuple[dict[str, int | None], list[str]]:
    """Return the files that are the table, with their rows where they are known, and a note if some lack."""
    shards = {shard for shard in shards_in(sizes) if shard is not None}
    counts = sorted({of for _, of in shards})
    if len(counts) > 1 or (counts and any(PartNames().owns(name) for name in sizes)):
        raise TableError(
            f"{place.name} holds parts of several runs: shards of {first_few(list(map(str, counts)))}, and "
            "others"
        )
    wanted = PartNames((1, counts[0])).others() if counts else [PartNames()]
    found: dict[str, int | None] = {}
    missing = []
    for names in wanted:
        parts = _of_run(place, names, sizes)
        if parts is None:
            missing.append(names)
            parts = {name: None for name in sorted(sizes) if names.owns(name)}
        found.update(parts)
    if not found and not counts:
        found = {
            name: None
            for name in sorted(sizes)
            if name.endswith(".parquet") and not name.startswith((".", "_"))
        }
        missing = [] if SUCCESS in sizes else missing
    if not found:
        raise TableError(f"there is no feature table at {place.name}: it holds no part of one")
    if not missing:
        return found, []
    what = f"no {SUCCESS}"
    if counts:
        lacking = first_few([one.label for one in missing], 3)
        what += f" of {len(missing)} of {counts[0]} shards ({lacking})"
    return found, [
        f"incomplete: {place.name} has {what}; its {len(found)} part(s) hold the rows that are finished"
    ]


def _of_run(place: PartPlace, names: PartNames, sizes: Mapping[str, int]) -> dict[str, int | None] | None:
    """Return the files of a complete run, or None if it has not been completed."""
    if names.success not in sizes:
        return None
    source = place.path(names.success)
    with reading(source, "a list of parts"):
        listed = parts_of_success(place.read(names.success, MOST_JSON + 1), source)
    if listed is None:
        return {name: None for name in sorted(sizes) if names.owns(name) and not name.endswith(STAGED)}
    found: dict[str, int | None] = {}
    for name, rows in listed.items():
        there = name if name in sizes else name + STAGED
        if there not in sizes:
            raise TableError(f"{place.path(name)} is missing: {names.success} lists it")
        found[there] = rows
    return found


def _read(place: PartPlace, name: str, rows: int | None) -> pa.Table:
    """Return the columns of one part, held against its name and the number of its rows."""
    told = place.path(name)
    with reading(told, _KIND), place.local(name) as file:
        digest = digest_in(name)
        if digest is not None and _digest(file) != digest:
            raise TableError(f"{told} is damaged: its content is not the one it was named after")
        table = checked_parquet(file)
        if is_per_frame(table, told):
            raise TableError(f"{told} holds rows per frame: read the folder with pandas, polars or DuckDB")
    if rows is not None and len(table) != rows:
        raise TableError(f"{told} has {len(table)} rows, and {rows} are listed")
    return table


def _digest(file: Path) -> str:
    with open_regular(file) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:HASH_DIGITS]


def _joined(place: PartPlace, names: Sequence[str], tables: Sequence[pa.Table]) -> pd.DataFrame:
    """Return the rows of all parts, with a column for each feature."""
    import pyarrow as pa

    first = tables[0]
    for name, table in zip(names, tables, strict=True):
        lists = (table.schema.metadata or {}).get(PART_KEY)
        if not table.schema.equals(first.schema) or lists != (first.schema.metadata or {}).get(PART_KEY):
            raise TableError(f"{place.path(name)} has other columns than {place.path(names[0])}")
    with reading(place.name, "a table in parts"):
        return unpacked(pa.concat_tables(tables), place.name).to_pandas()


def _once_each(frame: pd.DataFrame, source: str) -> pd.DataFrame:
    """Return one row for each video of parts of several runs; a row that failed gives way to another."""
    twice = frame.index.duplicated(keep=False)
    if frame.index.name != "id" or not twice.any():
        return frame
    failed = (
        frame["status"].astype(str).str.startswith("failed").to_numpy()
        if "status" in frame
        else twice & False
    )
    good = set(frame.index[twice & ~failed])
    kept = ~(twice & failed & frame.index.isin(good))
    timed = [name for name in frame.columns if str(name).startswith("seconds.")]
    compared = frame[kept & twice].drop(columns=timed)
    counts = compared.groupby(level=0).nunique(dropna=False).gt(1).any(axis=1)
    if counts.any():
        raise TableError(
            f"{source}: {int(counts.sum())} video(s) have rows that differ: "
            f"{first_few(list(counts.index[counts]), 3)}; run again to complete it"
        )
    rows = frame[kept]
    return rows[~rows.index.duplicated()]
