"""Writing files of the cache: free disk space is checked, and a failure is one sentence."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ..errors import DownloadError, VqaError
from .names import escaped_name
from .reading import reason_of
from .regular import opened_descriptor


@contextlib.contextmanager
def storing(file: Path) -> Iterator[None]:
    """Turn failures to write `file` into one sentence.

    Parameters
    ----------
    file : Path
        What is written.

    Raises
    ------
    DownloadError
        ``FILE cannot be written: REASON; ...``.
    """
    try:
        yield
    except VqaError:
        raise
    except (OSError, ValueError) as error:
        where = getattr(error, "filename", None) or file
        raise DownloadError(
            f"{escaped_name(where)} cannot be written: {reason_of(error)}; free the place, "
            "or name another folder in VQA_FEATURES_CACHE"
        ) from error


def check_space(folder: Path, size: int) -> None:
    """Raise DownloadError if the disk of `folder` has less than `size` bytes free.

    Parameters
    ----------
    folder : Path
        An existing folder.
    size : int
        Bytes that are going to be written.
    """
    free = shutil.disk_usage(folder).free
    if size > free:
        raise DownloadError(
            f"{size} bytes do not fit on the disk of {escaped_name(folder)}, which has {free} free; "
            "free space, or name another folder in VQA_FEATURES_CACHE"
        )


def open_own(path: Path) -> BinaryIO:
    """Return the file `path`, made if it is missing, for reading and appending; no link is followed.

    Parameters
    ----------
    path : Path
        A file of our own making.

    Returns
    -------
    binary file
        Unbuffered; the caller closes it.

    Raises
    ------
    OSError
        If it is a link, a folder, a pipe or a device, has another name too, or belongs to another user.
    """
    return open(path, "a+b", buffering=0, opener=_own_descriptor)


def _own_descriptor(path: str, _flags: int) -> int:
    flags = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW
    while True:
        with contextlib.suppress(FileExistsError):  # on some mounts a new file belongs to another user
            return opened_descriptor(path, flags | os.O_CREAT | os.O_EXCL)
        with contextlib.suppress(FileNotFoundError):  # another process has just removed it
            return _checked_owner(path, flags)


def _checked_owner(path: str, flags: int) -> int:
    try:
        descriptor = opened_descriptor(path, flags)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.ELOOP, "it is a link; delete it", path) from error
        raise
    status = os.fstat(descriptor)
    # A file without a name has just been removed by another process, which the caller notices.
    if status.st_uid in (0, os.geteuid()) and status.st_nlink <= 1:
        return descriptor
    os.close(descriptor)
    raise OSError(errno.EPERM, "it is another user's, or a second name of a file; delete it", path)
