"""SHA-256 of files: cached while a file does not change, and recorded beside it on first use.

A record shows that a file has changed since its first use. It protects against damage and against a
replacement by mistake, not against those who may write to the folder: they can replace file and record.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import time
import warnings
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from ..errors import ParameterError
from .atomic import write_text
from .names import escaped_name
from .reading import reading, reason_of
from .regular import open_regular

#: A file whose last change is younger may change again without another time stamp: it is not remembered.
_YOUNG_NS = 2_000_000_000
_REMEMBERED = 64
_digests: dict[State, str] = {}
#: A record holds one digest and a file name.
_LONGEST_RECORD = 1024
_DIGEST = re.compile(rb"[0-9a-f]{64}(?=\s|\Z)")


class State(NamedTuple):
    """What an open file looks like from outside."""

    device: int
    inode: int
    size: int
    modified_ns: int
    """Last change of the content; its owner can set it."""
    changed_ns: int
    """Last change of anything; nobody can set it."""
    names: int

    def differs(self, later: State) -> bool:
        """Whether the content may have changed; a file that was given or lost a name has not."""
        renamed = self.names != later.names
        return self[:4] != later[:4] or (self.changed_ns != later.changed_ns and not renamed)


def state_of(stream: BinaryIO) -> State:
    """Return what an open file looks like now."""
    now = os.fstat(stream.fileno())
    return State(now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns, now.st_nlink)


def digest_of(stream: BinaryIO) -> str:
    """Return the hexadecimal SHA-256 of an open file, and leave its position at the start.

    Parameters
    ----------
    stream : binary file
        An open regular file.

    Returns
    -------
    str
        Computed once per process for a file that does not change.

    Raises
    ------
    OSError
        If the file cannot be read, or is changed meanwhile.
    """
    before = state_of(stream)
    stream.seek(0)
    if before in _digests:
        return _digests[before]
    content: Any = stream  # the stub asks for readinto, which BinaryIO does not declare
    digest = hashlib.file_digest(content, "sha256").hexdigest()
    stream.seek(0)
    if before.differs(state_of(stream)):
        raise OSError("it was changed while it was read")
    if time.time_ns() - before.changed_ns > _YOUNG_NS:
        while len(_digests) >= _REMEMBERED:
            _digests.pop(next(iter(_digests)), None)
        _digests[before] = digest
    return digest


def sha256_of(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file.

    Parameters
    ----------
    path : Path
        A regular file.

    Returns
    -------
    str
        As for `digest_of`.

    Raises
    ------
    ParameterError
        If it cannot be read, or is a folder, a pipe or a device.
    """
    with reading(path, "a file", ParameterError), open_regular(path) as stream:
        return digest_of(stream)


def hold_to_record(path: Path, digest: str) -> None:
    """Record `digest` beside the file on first use; later compare it with the record.

    A folder in which nothing can be recorded, and one that every user may write, is told in a warning.

    Parameters
    ----------
    path : Path
        The file.
    digest : str
        Its SHA-256.

    Raises
    ------
    ParameterError
        If the file has been altered since, or the record is none or is another user's.
    """
    before = recorded(path)
    if before is not None and before != digest:
        raise ParameterError(
            f"{escaped_name(path)} has SHA-256 {digest}, on first use it was {before}: it has been altered; "
            f"if you replaced it on purpose, delete {escaped_name(_record_of(path).name)}"
        )
    if before is None:
        try:
            write_text(_record_of(path), f"{digest}  {path.name}\n")
        except OSError as error:
            _warn(f"the SHA-256 of {path} cannot be recorded ({reason_of(error)}): a change is not noticed")
    if os.stat(path.parent).st_mode & stat.S_IWOTH:
        _warn(f"every user may write to {path.parent}: the recorded SHA-256 of {path.name} proves little")


def recorded(path: Path) -> str | None:
    """Return the digest recorded for a file, None if there is none.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    ParameterError
        If the record is no record, or belongs neither to the file's owner nor to root nor to this user.
    """
    record = _record_of(path)
    if not os.path.lexists(record):
        return None
    with reading(record, "the record of a SHA-256", ParameterError, "delete it"):
        with open_regular(record) as stream:
            owner = os.fstat(stream.fileno()).st_uid
            found = _DIGEST.match(stream.read(_LONGEST_RECORD))
        if owner not in (0, os.geteuid(), os.stat(path).st_uid):
            raise ValueError(f"it belongs to another user ({owner}) than the file")
        if found is None:
            raise ValueError("it does not begin with 64 hexadecimal digits")
        return found[0].decode()


def forget(path: Path) -> None:
    """Remove the record of a file that is about to be replaced."""
    _record_of(path).unlink(missing_ok=True)


def _record_of(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def _warn(text: str) -> None:
    warnings.warn(escaped_name(text), RuntimeWarning, stacklevel=3)
