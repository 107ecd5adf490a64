"""The folder of a transformers model: where it is, and its files, which lie inside and are regular ones."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from vqa_features.errors import ParameterError, WeightsMissing
from vqa_features.files.inside import inside
from vqa_features.files.names import escaped_name, escaped_text
from vqa_features.files.reading import parse_json, reading
from vqa_features.files.regular import open_regular

#: Patterns of the files that are downloaded.
FILES = ("*.json", "*.safetensors", "merges.txt")
#: Greatest size of a configuration in bytes.
MOST_CONFIG = 1 << 20
#: An id of the hub, a revision of it, and the greatest length of that.
_ID = re.compile(r"\w[\w.-]*(/[\w.-]+)?", re.ASCII)
_REVISION = re.compile(r"\w[\w./-]*", re.ASCII)
_MOST_REVISION = 200


def split_revision(model: str) -> tuple[str, str | None]:
    """Return id and revision of a model of the hub.

    Parameters
    ----------
    model : str
        ``ID`` or ``ID@REVISION``; an id has no ``@``.

    Returns
    -------
    name : str
    revision : str or None
        Branch, tag, commit or ``refs/pr/N``; None where none is given, which means the main branch.

    Raises
    ------
    ParameterError
        If there is nothing after ``@``, or no name that git allows.
    """
    name, mark, revision = model.partition("@")
    if not mark or not _ID.fullmatch(name):  # a folder, which is not there
        return model, None
    if len(revision) > _MOST_REVISION or ".." in revision or not _REVISION.fullmatch(revision):
        raise ParameterError(
            f"hf:{name}@ must be followed by a branch, a tag, a commit or refs/pr/N, got "
            f"{escaped_text(revision)[:_MOST_REVISION]!r}"
        )
    return name, revision


def folder_of(model: str) -> Path:
    """Return the folder of a model's files: its own, or the one in the hub client's cache.

    Parameters
    ----------
    model : str
        Id on the hub, with ``@REVISION`` or without, or a folder.

    Returns
    -------
    Path

    Raises
    ------
    WeightsMissing
        If there is none.
    ParameterError
        If there are two, or the revision is none.
    """
    if not Path(model).is_dir():
        cached = _in_cache(*split_revision(model))
        if cached is None:
            raise WeightsMissing(
                f"hf:{model} is neither a folder nor in the hub's cache on this machine; run: "
                f"vqa-features weights fetch hf:{model}"
            )
        return cached
    if _is_cached(model):
        raise ParameterError(
            f"hf:{model} is a folder here and a model in the hub's cache: write hf:./{model} for the folder, "
            "or go to another folder for the model"
        )
    return Path(model)


def _is_cached(model: str) -> bool:
    """Return whether a name that a folder has names a model in the hub client's cache too."""
    try:
        return _in_cache(*split_revision(model)) is not None
    except ParameterError:
        return False


def _in_cache(name: str, revision: str | None) -> Path | None:
    """Return the folder of a model in the hub client's cache, None if it is not there."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(
            snapshot_download(name, revision=revision, allow_patterns=list(FILES), local_files_only=True)
        )
    except (LocalEntryNotFoundError, HFValidationError):
        return None


def parse_object(content: bytes, path: Path) -> dict[str, Any]:
    """Return the entries of a JSON object.

    Parameters
    ----------
    content : bytes
        Content of a file.
    path : Path
        The file, for messages.

    Returns
    -------
    dict

    Raises
    ------
    ParameterError
        If it is no JSON object.
    """
    found = parse_json(content, path, "a model's configuration", ParameterError)
    if not isinstance(found, dict):
        raise ParameterError(f"{escaped_name(path)} must hold a JSON object, got {type(found).__name__}")
    return found


def read_small(folder: Path, name: str, most: int = MOST_CONFIG) -> bytes | None:
    """Return the content of a file of a model, None if there is none.

    Parameters
    ----------
    folder : Path
        Folder of the model.
    name : str
        Name of the file.
    most : int
        Greatest size in bytes.

    Returns
    -------
    bytes or None

    Raises
    ------
    ParameterError
        If it is larger, elsewhere, or cannot be read.
    """
    if not os.path.lexists(folder / name):
        return None
    with reading(folder / name, "a model's configuration", ParameterError):
        with open_regular(inside(folder, name)) as stream:
            content = stream.read(most + 1)
        if len(content) > most:
            raise ValueError(f"it has more than {most} bytes")
        return content
