"""Weights in several safetensors files, whose index names the file of every tensor."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from .errors import ParameterError
from .files.inside import inside
from .files.names import escaped_name
from .files.reading import parse_json, reading

#: Greatest size of an index in bytes, and number of files it names.
MOST_INDEX = 32 << 20
MOST_SHARDS = 256


def is_index(path: Path) -> bool:
    """Whether a file is named as an index: one of JSON, as no file of weights is."""
    return path.suffix == ".json"


def names_in(index: bytes, path: Path) -> tuple[str, ...]:
    """Return the names of the files that an index names, in order: safetensors files beside it.

    Parameters
    ----------
    index : bytes
        Its content.
    path : Path
        Its name, for messages.

    Returns
    -------
    tuple of str

    Raises
    ------
    ParameterError
        If it is no index, or names something else.
    """
    content = parse_json(index, path, "an index of weights", ParameterError)
    if not isinstance(content, dict):
        raise ParameterError(f"{escaped_name(path)} must hold a JSON object, got {type(content).__name__}")
    with reading(path, "an index of weights", ParameterError):
        named = content.get("weight_map")
        if not isinstance(named, Mapping) or not named:
            raise ValueError("it has no weight_map from tensors to files")
        for name in named.values():
            if not isinstance(name, str) or name != os.path.basename(name) or "\\" in name or "\0" in name:
                raise ValueError(f"a shard is a file in its own folder, it names {name!r}")
            if not name.endswith(".safetensors"):
                raise ValueError(f"only .safetensors files are loaded, it names {name!r}")
        names = tuple(sorted(set(named.values())))
        if len(names) > MOST_SHARDS:
            raise ValueError(f"it names {len(names)} files, at most {MOST_SHARDS} are loaded")
        return names


def shards_of(index: bytes, path: Path) -> list[Path]:
    """Return the files that an index names, which lie beside it or in the hub's cache.

    Parameters
    ----------
    index : bytes
        Its content.
    path : Path
        Where it is.

    Returns
    -------
    list of Path

    Raises
    ------
    ParameterError
        If it is no index, or a file is elsewhere or missing.
    """
    names = names_in(index, path)
    with reading(path, "an index of weights", ParameterError, "get all files it names"):
        for name in names:
            inside(path.parent, name)
    return [path.parent / name for name in names]


def joint_digest(index: str, shards: Sequence[str]) -> str:
    """Return the SHA-256 of weights in several files, from those of their index and of each file in order."""
    return hashlib.sha256("".join((index, *shards)).encode()).hexdigest()
