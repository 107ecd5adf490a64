"""A list at an address, as a file of this machine for as long as it is read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import DecodeError, TableError
from ..video_task import RemoteFile
from .addresses import Access, checked
from .redaction import public_address
from .scratch import Scratch

#: Largest list that is fetched, in bytes.
MOST_BYTES = 1 << 30


@contextmanager
def local_copy(address: str, access: Access) -> Iterator[Path]:
    """Give the path under which this process and its children read the file at an address.

    The copy has no name on the disk, since a list may hold credentials.

    Parameters
    ----------
    address : str
        Of a list.
    access : Access
        The permission.

    Raises
    ------
    TableError
        If it cannot be fetched, or what is raised inside; the message names the address, not the copy.
    """
    name = public_address(address)
    most = min(MOST_BYTES, access.most_bytes)
    problem: Exception
    try:
        with Scratch(RemoteFile(checked(address), most), name) as copy:
            descriptor = copy.descriptor()
            path = Path(f"/proc/{os.getpid()}/fd/{descriptor}")
            try:
                yield path
                return
            except TableError as error:
                problem = type(error)(str(error).replace(str(path), name))
            finally:
                os.close(descriptor)
    except DecodeError as error:
        problem = TableError(str(error))
    raise problem from None
