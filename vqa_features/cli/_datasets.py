"""Datasets of `cross` given on the command line: features and MOS of each by its name."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from ..errors import TableError, UnknownName, first_few
from ._tables import read_tables

if TYPE_CHECKING:
    import pandas as pd

    from ..comparison.cross_data import Dataset
    from ..tables.labels import Labels


@dataclass
class _Given:
    """What the options say of one dataset."""

    published: bool = False
    """Its published tables are used."""
    specs: list[str] = field(default_factory=list)
    mos: str | None = None
    orders: list[str] = field(default_factory=list)
    """``TABLE=CSV:COL``."""
    measured: str | None = None
    """``FILE[:COLUMN]``."""
    columns: dict[str, str] = field(default_factory=dict)
    """Columns of its MOS file by the keyword of `read_labels`."""


@dataclass(frozen=True)
class DatasetOptions:
    """Options of `cross` that name datasets and their files."""

    dataset: tuple[str, ...]
    id_column: tuple[str, ...] = ()
    mos_column: tuple[str, ...] = ()
    group_column: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    measure: tuple[str, ...] = ()
    tables: str | None = None

    def given(self) -> dict[str, _Given]:
        """Return what is said of each dataset, by name, in the order of the options.

        Raises
        ------
        TableError, UnknownName, click.UsageError
            If an option cannot be read, or names a dataset that is not given.
        """
        found: dict[str, _Given] = {}
        for text in self.dataset:
            name, equals, rest = text.partition("=")
            one = found.setdefault(name, _Given())
            if not name or (equals and not rest):
                raise TableError(f"--dataset is NAME=FEATURES,MOS, NAME=FEATURES or NAME, got {text!r}")
            if not equals:
                one.published = True
                continue
            table, comma, mos = rest.rpartition(",")
            if not comma or os.path.exists(rest):
                table, mos = rest, ""
            if not table:
                raise TableError(f"--dataset is NAME=FEATURES,MOS, NAME=FEATURES or NAME, got {text!r}")
            if mos and one.mos not in (None, mos):
                raise TableError(f"dataset {name!r} is given two MOS files: {one.mos} and {mos}")
            one.specs.append(table)
            one.mos = one.mos or mos or None
        for keyword in ("id_column", "mos_column", "group_column"):
            _take_columns(found, keyword, getattr(self, keyword))
        _take_orders(found, self.ids)
        for text in self.measure:
            name, equals, rest = text.partition("=")
            if equals:
                _known(found, name, "--measure").measured = rest
        return found

    def paths(self) -> list[str]:
        """Return the files that are read."""
        from ..tables.reading import parse_spec

        found: list[str] = []
        for one in self.given().values():
            found += [str(parse_spec(text).path) for text in one.specs]
            found += [text.partition("=")[2].rpartition(":")[0] for text in one.orders]
            found += [path for path in (one.mos, _file_and_column(one.measured or "")[0]) if path]
        return list(dict.fromkeys(found))

    def read(self) -> dict[str, Dataset]:
        """Return every dataset with its tables, labels and measurements."""
        from ..comparison.cross_data import Dataset

        found = {}
        shared = [text for text in self.measure if "=" not in text]
        if len(shared) > 1:
            raise click.UsageError(f"--measure names one column of the tables, got {first_few(shared)}")
        for name, one in self.given().items():
            tables, labels = _read(name, one)
            measured = _measurements(name, one, tables, labels, shared[0] if shared else None)
            if self.tables is not None:
                tables = _chosen(name, tables, [part.strip() for part in self.tables.split(",")])
            found[name] = Dataset(tables, labels, measurements=measured)
        return found


def _known(found: Mapping[str, _Given], name: str, option: str) -> _Given:
    if name not in found:
        raise UnknownName(f"dataset in {option}", name, found, f"given: {', '.join(found)}")
    return found[name]


def _take_columns(found: Mapping[str, _Given], keyword: str, texts: Iterable[str]) -> None:
    """Note the columns of ``NAME=COLUMN`` for one dataset, of ``COLUMN`` for all that have a MOS file."""
    option = {"id_column": "--id", "mos_column": "--mos-column", "group_column": "--group"}[keyword]
    for text in texts:
        name, equals, column = text.partition("=")
        chosen = [name] if equals and name in found else [one for one in found if found[one].mos]
        for one in chosen:
            if not found[one].mos:
                raise click.UsageError(
                    f"{option} names a column of a MOS file, and the labels of {one} are the published ones: "
                    "leave it out, or give --dataset NAME=FEATURES,MOS"
                )
            found[one].columns[keyword] = column if chosen == [name] and equals else text
        if not chosen:
            raise click.UsageError(f"{option} names a column of a MOS file, and no dataset has one")


def _take_orders(found: Mapping[str, _Given], texts: Iterable[str]) -> None:
    for text in texts:
        place, equals, rest = text.partition("=")
        name, slash, table = place.partition("/")
        if not (equals and slash):
            raise TableError(f"--ids is DATASET/TABLE=CSV:COL, got {text!r}")
        _known(found, name, "--ids").orders.append(f"{table}={rest}")


def _read(name: str, one: _Given) -> tuple[dict[str, Any], Labels]:
    """Return tables and labels of one dataset, of its files, of the catalogue, or of both."""
    from ..tables.labels import read_labels

    tables: dict[str, Any] = {}
    labels = None
    if one.mos:
        labels = read_labels(one.mos, **one.columns)
    if one.published or labels is None:
        from ..datasets.loading import load

        published = load(name)
        tables = dict(published.tables) if one.published else {}
        labels = labels or published.labels
    for table, given in read_tables(tuple(one.specs), tuple(one.orders)).items():
        if table in tables:
            raise TableError(f"two feature tables of {name} are called {table!r}: write FILE:NAME")
        tables[table] = given
    if not tables:
        raise click.UsageError(f"{name} has no published tables: give --dataset {name}=FEATURES")
    return tables, labels


def _chosen(name: str, tables: Mapping[str, Any], wanted: Sequence[str]) -> dict[str, Any]:
    for table in wanted:
        if table not in tables:
            raise UnknownName(f"table of {name}", table, tables, f"tables: {', '.join(tables)}")
    return {table: tables[table] for table in wanted}


def _file_and_column(text: str) -> tuple[str, str]:
    """Return file and column of ``FILE[:COLUMN]``."""
    if os.path.exists(text):
        return text, ""
    path, colon, column = text.rpartition(":")
    return (path, column) if colon and path else (text, "")


def _measurements(
    name: str, one: _Given, tables: Mapping[str, Any], labels: Labels, shared: str | None
) -> pd.Series | None:
    """Return the measurements of a dataset from its own file, or from a column of its tables."""
    from ..tables.labels import give_ids
    from ..tables.reading import has_ids, read_table

    if one.measured is None and shared is None:
        return None
    if one.measured is not None:
        path, column = _file_and_column(one.measured)
        places = {path: read_table(path)}
        columns = list(places[path].columns)
        if not column and len(columns) != 1:
            raise TableError(f"{path} has {len(columns)} columns: write --measure {name}=FILE:COLUMN")
        column = column or columns[0]
    else:
        column = str(shared)
        places = {key: given[0] if isinstance(given, tuple) else given for key, given in tables.items()}
    for place, frame in places.items():
        if column in frame.columns:
            rows = (
                frame if has_ids(frame) else give_ids(frame, list(labels.mos.index), labels.source or place)
            )
            return rows[column]
    listed = [str(column) for frame in places.values() for column in frame.columns]
    raise UnknownName(f"column to measure {name} by", column, listed, f"in {first_few(list(places))}")
