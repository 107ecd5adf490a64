"""Regular files, opened once: pipes, devices and folders are refused without waiting for them."""

from __future__ import annotations

import errno
import io
import os
import stat
from typing import TextIO


def open_regular(path: str | os.PathLike[str]) -> io.BufferedReader:
    """Return the open file `path` for reading; never waits.

    Parameters
    ----------
    path : path
        A regular file, or a link to one.

    Returns
    -------
    binary file
        The caller closes it.

    Raises
    ------
    OSError
        If there is no such file, it may not be read, or it is a folder, a pipe or a device.
    """
    return open(path, "rb", opener=lambda name, _: opened_descriptor(name, os.O_RDONLY))


def open_text(path: str | os.PathLike[str], encoding: str) -> TextIO:
    """Return the open text file `path`, as `open_regular`; line ends are left as they are."""
    return io.TextIOWrapper(open_regular(path), encoding=encoding, newline="")


def opened_descriptor(path: str, flags: int) -> int:
    """Return the descriptor of a regular file.

    Parameters
    ----------
    path : str
        The file.
    flags : int
        How it is opened.

    Raises
    ------
    OSError
        As for `open_regular`.
    """
    descriptor = os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC, 0o666)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return descriptor
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder, not a file", path)
    raise OSError(errno.EINVAL, "it is a pipe or a device, not a file", path)
