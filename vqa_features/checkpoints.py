"""Files of learned parameters as they are used: found, opened, and held to what is known of them.

Nothing is deserialised here: a file is opened once, its size and SHA-256 are compared
(`checkpoint_content`), and the loaders read from the same open file.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from .checkpoint_content import open_weights, verify, verify_open
from .checkpoint_places import locate
from .checkpoint_shards import MOST_INDEX, is_index, joint_digest, shards_of
from .errors import ParameterError
from .files.hashing import recorded, state_of
from .files.names import escaped_name
from .specs import Checkpoint


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
    base : OpenedWeights, optional
        The file that this one completes: it is loaded first, and this one over it.
    shards : tuple of binary file
        Where this is an index, the files it names; `sha256` is of it and all of them.
    """

    path: Path
    sha256: str
    stream: BinaryIO = field(compare=False, repr=False)
    base: OpenedWeights | None = None
    shards: tuple[BinaryIO, ...] = field(default=(), compare=False, repr=False)


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
        If the file, or the one it completes, is not there, saying how to get it.
    ParameterError
        If a file is not the one that is pinned or was recorded, cannot be read, or is changed meanwhile.
    """
    with contextlib.ExitStack() as stack:
        file: OpenedWeights | None = None
        for path, checkpoint in reversed(locate(name, checkpoints, weights)):
            file = stack.enter_context(_opened(path, checkpoint, file))
        assert file is not None
        yield file


@contextlib.contextmanager
def _opened(path: Path, checkpoint: Checkpoint | None, base: OpenedWeights | None) -> Iterator[OpenedWeights]:
    with contextlib.ExitStack() as stack:
        stream = stack.enter_context(open_weights(path))
        paths = shards_of(stream.read(MOST_INDEX), path) if is_index(path) else []
        shards = tuple(stack.enter_context(open_weights(shard)) for shard in paths)
        before = [state_of(one) for one in (stream, *shards)]
        digest = verify_open(stream, path, checkpoint)
        if shards:
            parts = [verify_open(one, shard, None) for one, shard in zip(shards, paths, strict=True)]
            digest = joint_digest(digest, parts)
        yield OpenedWeights(path, digest, stream, base, shards)
        for one, state in zip((stream, *shards), before, strict=True):
            if state.differs(state_of(one)):
                raise ParameterError(
                    f"{escaped_name(one.name)} was changed while it was loaded: load it again"
                )


def expected_sha256(name: str, checkpoints: Sequence[Checkpoint], weights: str | None) -> str:
    """Return the SHA-256 the file must have when it is used; a pinned or recorded one is not recomputed.

    Parameters
    ----------
    name : str
        Name of the extractor.
    checkpoints : sequence of Checkpoint
        Its published sets.
    weights : str or None
        As in `opened`.

    Returns
    -------
    str
        64 hexadecimal digits: of a file that completes another, the SHA-256 of both digests in a row.

    Raises
    ------
    WeightsMissing
        If the file, or the one it completes, is not there, saying how to get it.
    """
    digests = [_expected(path, checkpoint) for path, checkpoint in locate(name, checkpoints, weights)]
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()


def _expected(path: Path, checkpoint: Checkpoint | None) -> str:
    if checkpoint is None:
        with _opened(path, None, None) as file:
            return file.sha256
    if checkpoint.has_whole_digest:
        return str(checkpoint.sha256)
    return recorded(path) or verify(path, checkpoint)
