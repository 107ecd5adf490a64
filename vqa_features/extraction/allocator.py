"""The C allocator: pages kept for sessions that allocate many arrays per frame, and given back at times."""

from __future__ import annotations

import ctypes
import functools
import gc
import sys
from typing import Any

#: glibc's mallopt parameters: free memory at the top of the heap beyond which it is given back, size from
#: which a block is mapped on its own, and number of heaps that threads share.
TRIM_THRESHOLD, MMAP_THRESHOLD, ARENA_MAX = -1, -3, -8
KEPT_BYTES, LARGEST_HEAP_BLOCK = 256 << 20, 32 << 20


@functools.cache
def keep_freed_pages() -> bool:
    """Make the allocator reuse the pages of freed arrays; up to 256 MiB stay with the process.

    By default glibc maps every array of some megabytes anew and unmaps it when it is freed, so that
    the kernel clears each page again: half of VIDEVAL's time. A heap of its own, which glibc gives to each
    further thread, is given back whatever is set, so that all threads use one. Other C libraries are left as
    they are. Called once for a process, before its first frame.

    Returns
    -------
    bool
        Whether the allocator was changed.
    """
    mallopt = _of_glibc("mallopt")
    if mallopt is None:
        return False
    wanted = {MMAP_THRESHOLD: LARGEST_HEAP_BLOCK, TRIM_THRESHOLD: KEPT_BYTES, ARENA_MAX: 1}
    return all(mallopt(name, value) for name, value in wanted.items())


def give_back_freed_pages() -> None:
    """Free what only cycles hold, and give all freed pages back: once after work that needed more memory."""
    gc.collect()  # PyAV's pictures with side data are such cycles
    trim = _of_glibc("malloc_trim")
    if trim is not None:
        trim(0)


def _of_glibc(name: str) -> Any:
    """Return a function of the C library, None where it has none of this name."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
