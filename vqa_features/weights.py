"""Weights of every registered extractor: listed, fetched, imported and verified by name."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from .checkpoint_content import compare, verify
from .checkpoint_places import cache_folder, choose, how_to_get, is_missing, path_of
from .errors import DownloadError, ParameterError, UnknownName, WeightsMissing
from .files.atomic import atomic_path
from .files.download import Progress, download
from .files.hashing import forget, hold_to_record
from .files.names import escaped_name
from .files.reading import reading
from .files.regular import open_regular
from .files.storing import check_space, storing
from .registry import registry
from .specs import Checkpoint


def table() -> list[dict[str, object]]:
    """Return one row per published checkpoint.

    Returns
    -------
    list of dict
        Keys name, tag, default, url, package, licence, sha256, size, layout, path, present, pinned, seen and
        base.
        ``sha256`` may be only the digest's beginning; ``pinned`` says so.
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
            "present": os.path.isfile(path_of(name, one)),
            "pinned": one.pinned,
            "seen": one.seen,
            "base": one.base,
        }
        for name, checkpoints in _published().items()
        for one in checkpoints
    ]


def fetch(name: str, progress: Progress | None = None) -> Path:
    """Download a checkpoint into the cache and return its verified path.

    Parameters
    ----------
    name : str
        An extractor (its default weights), ``extractor/tag``, ``hf:MODEL_ID`` or ``hf:MODEL_ID@REVISION``.
    progress : callable, optional
        ``progress(bytes so far, total or None)``.

    Returns
    -------
    Path

    Raises
    ------
    UnknownName, ParameterError
        If there is no such extractor or no such weights.
    DownloadError
        If the download fails, or the file is not the published one.
    """
    scheme, colon, model = name.partition(":")
    cls: Any = registry().get(scheme + ":") if colon else None
    if cls is not None:
        return Path(cls.fetch(model))
    extractor, checkpoint = find(name)
    path = path_of(extractor, checkpoint)
    if not is_missing(path):
        verify(path, checkpoint)
        return path
    if checkpoint.package or checkpoint.by_hand:
        raise DownloadError(how_to_get(extractor, checkpoint))
    digest = download(checkpoint.url, path, sha256=checkpoint.sha256, size=checkpoint.size, progress=progress)
    if not checkpoint.has_whole_digest:
        hold_to_record(path, digest)
    return path


def import_file(name: str, file: str | os.PathLike[str]) -> Path:
    """Copy a file fetched by hand into the cache, verified, and return its path there.

    Parameters
    ----------
    name : str
        ``extractor`` or ``extractor/tag``, as for `fetch`.
    file : path
        The file; it is compared with what is pinned before it is copied.

    Returns
    -------
    Path

    Raises
    ------
    ParameterError
        If there is no such file, if it is not the published one or changes while it is copied, or if
        the weights are part of this package.
    DownloadError
        If it cannot be written into the cache.
    """
    extractor, checkpoint = find(name)
    source = Path(file)
    if checkpoint.bundled:
        raise ParameterError(f"the weights of {name} are part of this package: there is nothing to import")
    path = cache_folder() / extractor / checkpoint.file_name
    with reading(source, f"the weights of {name}", ParameterError):
        stream = open_regular(source)
    with stream:
        digest = compare(stream, source, checkpoint)
        if path.exists() and os.path.samestat(os.fstat(stream.fileno()), path.stat()):
            verify(path, checkpoint)  # it is there already
            return path
        with storing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            check_space(path.parent, os.fstat(stream.fileno()).st_size)
            with atomic_path(path) as part:
                if _copy(stream, part) != digest:
                    raise ParameterError(
                        f"{escaped_name(source)} was changed while it was copied: import it again"
                    )
                forget(path)
    if not checkpoint.has_whole_digest:
        hold_to_record(path, digest)
    return path


def _copy(stream: BinaryIO, to: Path) -> str:
    """Copy an open file, not beyond its present end, and return the SHA-256 of the copy."""
    copied = hashlib.sha256()
    left = os.fstat(stream.fileno()).st_size
    with open(to, "wb") as out:
        while chunk := stream.read(min(left, 1 << 20)):
            left -= len(chunk)
            copied.update(chunk)
            out.write(chunk)
    return copied.hexdigest()


def check(name: str) -> str:
    """Return the SHA-256 of a checkpoint on this machine after verifying it.

    Parameters
    ----------
    name : str
        ``extractor`` or ``extractor/tag``.

    Returns
    -------
    str

    Raises
    ------
    WeightsMissing
        If it is not there.
    ParameterError
        If it differs from what is pinned or was recorded.
    """
    extractor, checkpoint = find(name)
    path = path_of(extractor, checkpoint)
    if is_missing(path):
        raise WeightsMissing(how_to_get(extractor, checkpoint))
    return verify(path, checkpoint)


def find(name: str) -> tuple[str, Checkpoint]:
    """Return the extractor's name and the checkpoint that ``extractor`` or ``extractor/tag`` means.

    Parameters
    ----------
    name : str
        ``extractor`` or ``extractor/tag``.

    Returns
    -------
    extractor : str
    checkpoint : Checkpoint

    Raises
    ------
    UnknownName, ParameterError
        If there is no such extractor or no such weights.
    """
    extractor, _, tag = name.partition("/")
    published = _published()
    if extractor not in published:
        raise UnknownName("weights", extractor, published, "vqa-features weights list")
    return extractor, choose(extractor, published[extractor], tag or None)


def _published() -> dict[str, Sequence[Checkpoint]]:
    """Return the checkpoints by extractor; the label of a class such as ``hf:`` names its own."""
    known = registry().items()
    return {name: cls.checkpoints for name, cls in known if cls.checkpoints and not name.endswith(":")}
