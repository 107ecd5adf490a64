"""The files of a store: checked before SQLite opens them, and locked for one command."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import stat
from contextlib import suppress
from typing import IO, TypeGuard

from ..errors import StoreError
from ..files.names import escaped_name
from ..video_task import Mark

#: Files that SQLite keeps beside a database; it reads and writes what it finds under these names.
_COMPANIONS = ("-journal", "-wal", "-shm")
#: Endings of the names of the files of a store: its own, those of SQLite and that of the lock.
BESIDE = ("", *_COMPANIONS, ".lock")
_HASH = re.compile("[0-9a-f]{64}")
#: Last bytes of a journal that names a second journal: SQLite deletes the file of that name.
_NAMES_ANOTHER = bytes.fromhex("d9d505f920a163d7")


def check_store_file(path: str) -> None:
    """Refuse a store that SQLite must not open, without opening it.

    Parameters
    ----------
    path : str
        The store; it may be missing. A symbolic link stands for the file it points to.

    Raises
    ------
    StoreError
        If it is no regular file, or a file of SQLite's beside it is a link, or a journal that
        would make SQLite delete another file.
    """
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        mode = stat.S_IFREG
    except ValueError as error:
        raise StoreError(f"the store {path!r} cannot be made: no file can have this name") from error
    except OSError as error:
        raise StoreError(f"the store {path!r} cannot be made: {error.strerror}") from error
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "a pipe or a device"
        raise StoreError(f"{path!r} cannot be used as a store: it is {kind}")
    for ending in _COMPANIONS:
        _check_companion(path, os.path.realpath(path) + ending)


def _check_companion(path: str, name: str) -> None:
    """Refuse a file beside the store through which SQLite would write or delete another file."""
    with suppress(FileNotFoundError):
        status = os.lstat(name)
        if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
            raise _refused(path, name, "is a link or no regular file")
        if name.endswith("-journal") and _last_bytes(name, status.st_size) == _NAMES_ANOTHER:
            raise _refused(path, name, "names another file, which SQLite would delete")


def _refused(path: str, name: str, reason: str) -> StoreError:
    advice = "remove it, or give another store"
    return StoreError(f"the store {path!r} is not used: {escaped_name(name)} beside it {reason}; {advice}")


def _last_bytes(name: str, size: int) -> bytes:
    with open(name, "rb") as file:
        file.seek(max(0, size - len(_NAMES_ANOTHER)))
        return file.read(len(_NAMES_ANOTHER))


def lock_beside(path: str) -> IO[bytes]:
    """Lock the file ``PATH.lock``, created if it is missing; its content is left alone.

    Parameters
    ----------
    path : str
        The store.

    Returns
    -------
    file
        The lock is held until it is closed.

    Raises
    ------
    StoreError
        If another process holds it (it is named where it can be found), or the file cannot be opened.
    """
    name = f"{path}.lock"
    try:
        descriptor = os.open(name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o666)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise StoreError(f"the store {path!r} is not used: {name!r} is a symbolic link") from error
        raise StoreError(f"the store {path!r} cannot be made: {error.strerror}") from error
    file = os.fdopen(descriptor, "r+b", buffering=0)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise StoreError(f"the store {path!r} is not used: {name!r} is no regular file")
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise StoreError(f"the store {path!r} is in use by another run{_holder(name)}") from None
    except OSError as error:
        file.close()
        raise StoreError(f"the store {path!r} cannot be locked: {error.strerror}") from error
    except StoreError:
        file.close()
        raise
    return file


def _holder(name: str) -> str:
    """Name the other process that has a lock file open, where the system tells."""
    wanted = os.path.realpath(name)
    with suppress(OSError):
        for process in os.listdir("/proc"):
            if process.isdigit() and int(process) != os.getpid() and _has_open(process, wanted):
                return f" (process {process})"
    return ""


def _has_open(process: str, wanted: str) -> bool:
    """Whether a process has a file open; False if that is not ours to see, or it has just ended."""
    folder = f"/proc/{process}/fd"
    with suppress(OSError):
        for name in os.listdir(folder):
            with suppress(OSError):
                if os.readlink(f"{folder}/{name}") == wanted:
                    return True
    return False


def is_hash(value: object) -> TypeGuard[str]:
    """Whether a value that a store remembers is the SHA-256 of a file, as hexadecimal text."""
    return isinstance(value, str) and _HASH.fullmatch(value) is not None


def mark_of_file(status: os.stat_result) -> Mark:
    """Return size, time stamp and inode of a file, by which it is known; SQLite's numbers have 63 bits.

    Parameters
    ----------
    status : os.stat_result
        Of the file.
    """
    most = 2**63 - 1
    return status.st_size & most, status.st_mtime_ns & most, status.st_ino & most
