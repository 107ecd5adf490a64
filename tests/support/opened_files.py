"""Whether anything below a folder is opened while a test runs: asked from the kernel (inotify)."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_IN_OPEN = 0x20


@contextmanager
def opened_names(folder: Path) -> Iterator[list[str]]:
    """Fill a list with the names of the files in `folder` that any process opens inside."""
    libc = ctypes.CDLL(None, use_errno=True)
    handle = libc.inotify_init1(os.O_NONBLOCK)
    assert libc.inotify_add_watch(handle, os.fsencode(folder), _IN_OPEN) > 0
    names: list[str] = []
    try:
        yield names
        while True:
            try:
                events = os.read(handle, 1 << 16)
            except BlockingIOError:
                break
            while events:  # watch, mask, cookie, length of the name, name
                length = int.from_bytes(events[12:16], "little")
                names.append(events[16 : 16 + length].rstrip(b"\0").decode())
                events = events[16 + length :]
    finally:
        os.close(handle)
