"""Claims on kernels that processes compile at the same time, so that each kernel is compiled once."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

#: Seconds between two looks at a claim of another process.
_LOOK_S = 0.02
#: A claim that is older than this is of a process that hangs or whose compiling failed: it is not waited for.
_LONGEST_S = 60.0
_NAME = "kernels.lock"
#: Descriptors of lock files by path, open while this process holds a claim there: closing one gives up all
#: claims of the process in its folder.
_FILES: dict[str, int] = {}
#: Path and place of each claim of this process.
_HELD: set[tuple[str, int]] = set()


def claim(folder: str, name: str) -> None:
    """Claim a name in a folder for this process, after the process that holds it; it ends with the process.

    Nothing is claimed where files cannot be locked, or where another process holds the name for a minute:
    then both do the same work. Names are claimed in the order of calls, caller first, so no two processes
    wait for each other.

    Parameters
    ----------
    folder : str
        A folder that exists.
    name : str
        What is claimed.
    """
    path, place = os.path.join(folder, _NAME), _place_of(name)
    with suppress(OSError):
        if _locked(_opened(path), place):
            _HELD.add((path, place))
    _close_unused(path)


def release(folder: str, name: str) -> None:
    """Give up the claim of a name, if this process has it."""
    path, place = os.path.join(folder, _NAME), _place_of(name)
    if (path, place) in _HELD:
        _HELD.discard((path, place))
        with suppress(OSError):
            fcntl.lockf(_FILES[path], fcntl.LOCK_UN, 1, place)
        _close_unused(path)


@contextmanager
def claimed(folder: str, name: str) -> Iterator[None]:
    """Hold the claim of a name inside."""
    claim(folder, name)
    try:
        yield
    finally:
        release(folder, name)


def _locked(file: int, place: int) -> bool:
    """Lock one byte of a file, after the process that holds it; return whether it gave it up in time."""
    until = time.monotonic() + _LONGEST_S
    while time.monotonic() < until:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EAGAIN):
                raise
            time.sleep(_LOOK_S)
        else:
            return True
    return False


def _opened(path: str) -> int:
    """Return the descriptor of a lock file, which is made if there is none."""
    found = _FILES.get(path)
    if found is None:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        found = _FILES[path] = os.open(path, flags, 0o600)
    return found


def _close_unused(path: str) -> None:
    """Close a lock file in which this process claims nothing."""
    if path in _FILES and all(held != path for held, _ in _HELD):
        os.close(_FILES.pop(path))


def _place_of(name: str) -> int:
    """Return the number of the byte that stands for a name."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:7], "big")
