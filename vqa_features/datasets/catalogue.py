"""The catalogue of video quality datasets: ``catalogue.toml``, checked when it is read."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from importlib.resources import files
from typing import Any, get_args

from ..errors import TableError
from ..specs import Direction
from .contents import CONTENTS
from .description import DatasetInfo, PublishedFile, Source

CATALOGUE = "catalogue.toml"
#: Keys of an entry as the file has them: the fields of `DatasetInfo`, except its name and its function.
KEYS = {one.name for one in fields(DatasetInfo)} - {"name", "group"} | {"contents"}
REQUIRED = ("about", "videos", "licence", "home", "protocol")
#: Facts that may be declared as not verified.
FACTS = {*REQUIRED, "scale", "direction", "labels_at"}
#: Keys whose values are files by name.
FILES_BY_NAME = ("dimensions", "tables", "scores", "parts")


def read_catalogue(text: str) -> tuple[dict[str, Source], dict[str, DatasetInfo]]:
    """Return the sources and the datasets of a catalogue, by name.

    Parameters
    ----------
    text : str
        TOML with the tables ``sources`` and ``datasets``.

    Raises
    ------
    TableError
        If an entry lacks a fact that is required, or has an unknown key, source, direction, rule of
        contents, or a file without a pinned address, size or SHA-256.
    """
    found = tomllib.loads(text)
    sources = {name: Source(name, **entry) for name, entry in found["sources"].items()}
    for source in sources.values():
        if source.address is not None and not re.search(r"/[0-9a-f]{40}(/|$)", source.address):
            raise TableError(f"{CATALOGUE}: the address of {source.name} is not pinned to a commit")
    return sources, {name: _dataset(name, entry, sources) for name, entry in found["datasets"].items()}


def _dataset(name: str, entry: Mapping[str, Any], sources: Mapping[str, Source]) -> DatasetInfo:
    """Return one dataset after its checks."""
    _check(name, "key", set(entry), KEYS)
    missing = [key for key in REQUIRED if not entry.get(key)]
    if missing:
        raise TableError(f"{CATALOGUE}: {name} lacks {', '.join(missing)}; write 'unknown' if it is")
    _check(name, "fact in unverified", set(entry.get("unverified", ())), FACTS & set(entry))
    _check(name, "direction", {entry.get("direction", "none")}, set(get_args(Direction)))
    low, high = entry.get("scale", (0, 1))
    if not low < high:
        raise TableError(f"{CATALOGUE}: the scale of {name} must rise, got {low} .. {high}")
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()
    }
    for key in {"labels", "index"} & set(values):
        values[key] = _file(name, values[key], sources)
    for key in set(FILES_BY_NAME) & set(values):
        values[key] = {
            part: file if isinstance(file, str) else _file(name, file, sources)
            for part, file in values[key].items()
        }
    contents = values.pop("contents", None)
    if contents is not None:
        _check(name, "rule of contents", {contents}, set(CONTENTS))
        values["group"] = CONTENTS[contents]
    found = DatasetInfo(name, **values)
    if found.differential and found.scale is None:
        raise TableError(f"{CATALOGUE}: {name} has scores where lower is better, and no scale to mirror them")
    return found


def _file(name: str, entry: Any, sources: Mapping[str, Source]) -> PublishedFile:
    """Return a file from [source, path, bytes, SHA-256]."""
    source, path, size, sha256 = entry
    _check(name, "source", {source}, set(sources))
    if size <= 0 or not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise TableError(f"{CATALOGUE}: {path} of {name} needs its size in bytes and its SHA-256")
    return PublishedFile(sources[source], path, size, sha256)


def _check(name: str, what: str, given: set[str], allowed: set[str]) -> None:
    unknown = sorted(given - allowed)
    if unknown:
        raise TableError(
            f"{CATALOGUE}: {name} has an unknown {what}: {', '.join(unknown)}; "
            f"allowed: {', '.join(sorted(allowed))}"
        )


SOURCES, DATASETS = read_catalogue(files(__package__).joinpath(CATALOGUE).read_text("utf-8"))
