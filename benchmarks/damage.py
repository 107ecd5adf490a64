"""Damaged copies of small files, picked by a seed: bytes, JSON values, members of a zip, cells of a database.

Damage to bytes alone rarely gets past a checksum or a parser. So formats that wrap others are also damaged
inside and wrapped again with right sums and lengths.
"""

from __future__ import annotations

import io
import json
import random
import sqlite3
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .mutations import mutate

#: Values that stand where others are expected.
ODD: tuple[Any, ...] = (
    *(None, True, -1, 0, 2**31, 2**63, 2**70, 1e308, float("nan"), float("inf"), -0.0),
    *("", "../../secret", "/etc/passwd", "a\x00b", "\ud800", "x" * 5000, "=1+1", "$\\frac{"),
    *([], {}, [[]], {"": {}}, [None] * 100, "9" * 5000),
)
Damage = Callable[[bytes, int], bytes]


@dataclass(frozen=True)
class Reader:
    """One way in.

    Parameters
    ----------
    make : callable
        Makes a valid file, or a folder's files, below the folder it is given; returns what `read` is given.
    read : callable
        Reads it as a command would.
    damaged : mapping
        File below the folder, and the damage done to its bytes.
    in_place : mapping
        The same for damage that is done to the file itself.
    """

    make: Callable[[Path], Path]
    read: Callable[[Path], object]
    damaged: dict[str, Damage] = field(default_factory=dict)
    in_place: dict[str, Callable[[Path, int], None]] = field(default_factory=dict)


def damaged_json(data: bytes, seed: int) -> bytes:
    """Return a JSON text with one value replaced, removed or nested, or its bytes damaged."""
    chance = random.Random(seed)
    if chance.random() < 0.3:
        return mutate(data, seed)
    if chance.random() < 0.05:
        return b"[" * chance.choice([100, 100_000])
    content = json.loads(data)
    _replace_one(content, chance)
    return json.dumps(content).encode()


def _replace_one(content: Any, chance: random.Random) -> None:
    """Replace, remove or add one entry, at a random depth."""
    while True:
        keys = list(content) if isinstance(content, dict) else list(range(len(content)))
        if not keys:
            return
        key = chance.choice(keys)
        if isinstance(content[key], dict | list) and content[key] and chance.random() < 0.7:
            content = content[key]
            continue
        if chance.random() < 0.15:
            del content[key]
        else:
            content[key] = chance.choice(ODD)
        return


def damaged_zip(data: bytes, seed: int) -> bytes:
    """Return a zip file one of whose members is damaged, dropped, doubled or renamed; its sums are right."""
    chance = random.Random(seed)
    if chance.random() < 0.4:
        return mutate(data, seed)
    with zipfile.ZipFile(io.BytesIO(data)) as stored:
        members = [(info.filename, stored.read(info)) for info in stored.infolist()]
    place = chance.randrange(len(members))
    name, content = members[place]
    kind = chance.choice(["content", "content", "head", "drop", "rename", "double"])
    if kind == "content":
        members[place] = (name, mutate(content, seed))
    elif kind == "head":
        members[place] = (name, mutate(content[:256], seed) + content[256:])
    elif kind == "drop":
        del members[place]
    elif kind == "rename":
        members[place] = (chance.choice(["../x", "/etc/passwd", "", "a\x00", name + "x"]), content)
    else:
        members.append(members[place])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", chance.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])) as made:
        for name, content in members:
            made.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def damaged_safetensors(data: bytes, seed: int) -> bytes:
    """Return a safetensors file whose header is damaged as JSON, with a right length before it."""
    chance = random.Random(seed)
    if chance.random() < 0.3:
        return mutate(data, seed)
    (length,) = struct.unpack("<Q", data[:8])
    header = damaged_json(data[8 : 8 + length], seed)
    given = len(header) if chance.random() < 0.9 else chance.choice([0, 2**62, len(header) - 1])
    return struct.pack("<Q", given) + header + data[8 + length :]


def damage_database(path: Path, seed: int) -> None:
    """Damage a SQLite file in place: bytes of its pages, or one cell by an UPDATE."""
    chance = random.Random(seed)
    if chance.random() < 0.4:
        path.write_bytes(mutate(path.read_bytes(), seed))
        return
    cells = [
        None,
        -1,
        2**62,
        0.5,
        "",
        "{",
        "null",
        "[1]",
        b"\xff\xfe",
        "x" * 5000,
        b"",
        "ok",
        "failed(",
        "\x00",
    ]
    database = sqlite3.connect(path, isolation_level=None)
    try:
        table = chance.choice(["results", "results", "files"])
        names = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
        for name in chance.sample(names, chance.choice([1, 1, 3])):
            try:
                database.execute(f"UPDATE OR IGNORE {table} SET {name} = ?", (chance.choice(cells),))
            except sqlite3.Error:
                continue
    finally:
        database.close()
