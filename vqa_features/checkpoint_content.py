"""That a file of learned parameters is the published one: its size and SHA-256.

They are compared with the pinned ones, or with those recorded on first use.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from .errors import ParameterError
from .files.hashing import digest_of, hold_to_record
from .files.names import escaped_name
from .files.reading import reading
from .files.regular import open_regular
from .specs import Checkpoint

#: Greatest size of a file of weights; the largest published one has 29.4 GB.
MOST_BYTES = 64 << 30


@contextlib.contextmanager
def open_weights(path: Path) -> Iterator[BinaryIO]:
    """Open a file of weights for reading, and close it at the end of the block.

    Parameters
    ----------
    path : Path
        The file.

    Yields
    ------
    binary file
        At its start.

    Raises
    ------
    ParameterError
        If it cannot be read.
    """
    with reading(path, "weights", ParameterError):
        stream = open_regular(path)
    with stream:
        yield stream


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
    with open_weights(path) as stream:
        return verify_open(stream, path, checkpoint)


def verify_open(stream: BinaryIO, path: Path, checkpoint: Checkpoint | None) -> str:
    """Return an open file's SHA-256 after comparing it as `verify` does.

    Parameters
    ----------
    stream : binary file
        The file; its position is at the start afterwards.
    path : Path
        Its name.
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
