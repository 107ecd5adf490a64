"""Cards: what a row of the table is, where its features come from, and what they may have learned from."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vqa_features.datasets.catalogue import DATASETS
from vqa_features.datasets.description import PublishedFile, Source
from vqa_features.errors import TableError, UnknownName

CARD = "card.toml"
ROWS = Path(__file__).parent / "rows"
FAMILIES = ("handcrafted", "deep")
KINDS = ("features", "score")
#: Prefix of a place in the package's catalogue of datasets.
PUBLISHED = "published:"
REQUIRED = ("title", "family", "about", "reference", "made_with", "licence", "learned_from", "features")
OPTIONAL = ("kind", "better", "extractor", "source")
FILE_KEYS = ("path", "bytes", "sha256")
_NAME = re.compile(r"[a-z0-9][a-z0-9.+-]*")


@dataclass(frozen=True)
class Order:
    """Whose row order a table without ids has: a column of a file."""

    file: PublishedFile
    column: str


@dataclass(frozen=True)
class Place:
    """Where the features of one dataset are: exactly one of the three."""

    published: str | None = None
    """Name of a table, or of a score, in the catalogue of datasets."""
    own: Path | None = None
    """A file beside the card."""
    pinned: PublishedFile | None = None
    """A file at a public address, with its size and SHA-256."""
    order: Order | None = None
    """Row order of `pinned`, if it has no ids."""


@dataclass(frozen=True)
class Card:
    """One row of the table."""

    name: str
    """Name of its folder, and of the row in every file."""
    title: str
    family: str
    about: str
    reference: str
    made_with: str
    licence: str
    learned_from: tuple[str, ...]
    """Data whose opinion scores were used to make or to choose the features; empty if none."""
    places: Mapping[str, Place]
    """By dataset."""
    kind: str = "features"
    better: str | None = None
    """Of a score: ``higher`` or ``lower``."""
    extractor: str | None = None
    """The extractor of the package that gives these columns; its cost is measured."""

    @property
    def is_score(self) -> bool:
        """Whether the row is a score that is tested without training."""
        return self.kind == "score"

    def knows(self, dataset: str) -> bool:
        """Whether opinion scores of this dataset were used to make or to choose the features."""
        return dataset in self.learned_from


def read_rows(*folders: Path) -> list[Card]:
    """Return the cards of all rows in some folders, by name.

    Parameters
    ----------
    *folders : Path
        Folders of rows: each holds a folder per row.

    Raises
    ------
    TableError
        If a folder holds no row, a card is not valid, or two rows have one name.
    """
    cards: dict[str, Card] = {}
    for folder in folders:
        found = sorted(folder.glob(f"*/{CARD}")) if folder.is_dir() else []
        if not found:
            raise TableError(f"{folder} holds no row: it must hold folders with a {CARD}")
        for file in found:
            card = read_card(file.parent)
            if card.name in cards:
                raise TableError(f"two rows are called {card.name!r}: rename the folder {file.parent}")
            cards[card.name] = card
    return [cards[name] for name in sorted(cards)]


def read_card(folder: Path) -> Card:
    """Return the card of one row.

    Parameters
    ----------
    folder : Path
        Folder of the row; it holds ``card.toml``.

    Raises
    ------
    TableError
        If there is no card, or it lacks a key, has an unknown one or a value that is not allowed.
    """
    file = folder / CARD
    if not file.is_file():
        raise TableError(
            f"{folder} has no {CARD}: copy benchmarks/table/template/{CARD} there and fill it in"
        )
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TableError(f"{file} is no TOML: {error}") from None
    name = folder.resolve().name
    if not _NAME.fullmatch(name):
        raise TableError(f"{folder}: the name of a row is of a-z, 0-9, '.', '+' and '-', got {name!r}")
    _check_keys(file, given)
    source = _source(file, given.get("source"))
    places = {one: _place(file, one, where, source) for one, where in given["features"].items()}
    texts = {key: given[key].strip() for key in REQUIRED[:6]}
    return Card(
        name,
        **texts,
        learned_from=tuple(given["learned_from"]),
        places=places,
        kind=given.get("kind", "features"),
        better=given.get("better"),
        extractor=given.get("extractor"),
    )


def _check_keys(file: Path, given: Mapping[str, Any]) -> None:
    """Raise TableError unless keys and simple values are as they must be."""
    for key in given:
        if key not in (*REQUIRED, *OPTIONAL):
            known = (*REQUIRED, *OPTIONAL)
            raise UnknownName(f"key in {file}", key, known, f"known: {', '.join(known)}")
    missing = [key for key in REQUIRED if key not in given]
    if missing:
        raise TableError(f"{file} lacks {', '.join(missing)}")
    for key in REQUIRED[:6]:
        if not isinstance(given[key], str) or not given[key].strip() or "FILL" in given[key]:
            raise TableError(f"{file}: {key} must be a text that says what it is, got {given[key]!r}")
    learned = given["learned_from"]
    if not isinstance(learned, list) or not all(isinstance(one, str) for one in learned):
        raise TableError(
            f"{file}: learned_from must be a list of names, such as ['konvid-1k'] or [], got {learned!r}"
        )
    _check_choice(file, "family", given["family"], FAMILIES)
    kind = given.get("kind", "features")
    _check_choice(file, "kind", kind, KINDS)
    if kind == "score":
        _check_choice(file, "better", given.get("better"), ("higher", "lower"))
    elif "better" in given:
        raise TableError(f"{file}: better belongs to a score; leave it out, or write kind = 'score'")
    if not isinstance(given["features"], dict) or not given["features"]:
        raise TableError(f"{file}: features must name a file for at least one dataset")


def _check_choice(file: Path, key: str, given: object, allowed: tuple[str, ...]) -> None:
    if given not in allowed:
        raise TableError(f"{file}: {key} must be one of {', '.join(allowed)}, got {given!r}")


def _source(file: Path, given: Any) -> Source | None:
    """Return the public folder of pinned files."""
    if given is None:
        return None
    if not isinstance(given, dict) or set(given) != {"name", "address", "licence"}:
        raise TableError(f"{file}: source must have name, address and licence, got {given!r}")
    if not re.search(r"/[0-9a-f]{40}(/|$)", given["address"]):
        raise TableError(f"{file}: the address of source must name a commit of 40 hex digits")
    return Source(given["name"], given["licence"], given["address"])


def _place(file: Path, dataset: str, given: Any, source: Source | None) -> Place:
    """Return where the features of one dataset are."""
    if dataset not in DATASETS:
        raise UnknownName(f"dataset in {file}", dataset, DATASETS, f"known: {', '.join(DATASETS)}")
    if isinstance(given, str) and given.startswith(PUBLISHED):
        return Place(published=given.removeprefix(PUBLISHED))
    if isinstance(given, str):
        own = file.parent / given
        if not own.resolve().is_relative_to(file.parent.resolve()) or not own.is_file():
            raise TableError(f"{file}: {dataset} names {given!r}, which is no file beside the card")
        return Place(own=own)
    if not isinstance(given, dict) or source is None:
        raise TableError(
            f"{file}: {dataset} must be a file beside the card, '{PUBLISHED}NAME', or a path with bytes and "
            f"sha256 below the address of source; got {given!r}"
        )
    order = given.get("order")
    pinned = _pinned(file, dataset, {key: value for key, value in given.items() if key != "order"}, source)
    if order is None:
        return Place(pinned=pinned)
    rest = {key: value for key, value in order.items() if key != "column"}
    if "column" not in order:
        raise TableError(f"{file}: order of {dataset} lacks column, the name of the column of ids")
    return Place(pinned=pinned, order=Order(_pinned(file, dataset, rest, source), order["column"]))


def _pinned(file: Path, dataset: str, given: Mapping[str, Any], source: Source) -> PublishedFile:
    if set(given) != set(FILE_KEYS):
        raise TableError(f"{file}: a file of {dataset} must have {', '.join(FILE_KEYS)}, got {dict(given)}")
    if not re.fullmatch(r"[0-9a-f]{64}", str(given["sha256"])):
        raise TableError(f"{file}: sha256 of {given['path']} must have 64 hex digits")
    return PublishedFile(source, given["path"], int(given["bytes"]), given["sha256"])
