"""Weights of every registered extractor: listed, fetched, imported and verified by name."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .checkpoints import cache_folder, choose, compare, how_to_get, path_of, verify
from .errors import DownloadError, ParameterError, UnknownName, WeightsMissing
from .files.atomic import atomic_path
from .files.download import Progress, download
from .files.hashing import forget
from .registry import registry
from .specs import Checkpoint


def table() -> list[dict[str, object]]:
    """Return one row per published checkpoint.

    Returns
    -------
    list of dict
        Keys name, tag, default, url, package, licence, sha256, size, layout, path, present.
        ``sha256`` may be only the digest's beginning.
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
    """Download a checkpoint into the cache and return its verified path.

    Parameters
    ----------
    name : str
        An extractor (its default weights), ``extractor/tag``, or ``hf:MODEL_ID``.
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
    if not path.is_file():
        if checkpoint.package or checkpoint.by_hand:
            raise DownloadError(how_to_get(extractor, checkpoint))
        download(checkpoint.url, path, sha256=checkpoint.sha256, size=checkpoint.size, progress=progress)
    verify(path, checkpoint)
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
        If there is no such file, if it is not the published one, or if the weights are part of
        this package.
    """
    extractor, checkpoint = find(name)
    source = Path(file)
    if checkpoint.bundled:
        raise ParameterError(f"the weights of {name} are part of this package: there is nothing to import")
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
    if not path.is_file():
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
