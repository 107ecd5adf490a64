"""One setting of the C allocator, for sessions that make and drop many fields per frame."""

from __future__ import annotations

import ctypes
import functools
import sys

#: glibc's mallopt parameters: free memory at the top of the heap beyond which it is given back, and
#: size from which a block is mapped on its own.
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
KEPT_BYTES, LARGEST_HEAP_BLOCK = 256 << 20, 32 << 20


@functools.cache
def keep_freed_pages() -> bool:
    """Let the allocator reuse the pages of freed arrays; say whether it could be told.

    By default glibc maps every array of some megabytes anew and gives it back when it is freed: the
    kernel clears each page again, which is half of VIDEVAL's time. Up to 256 MiB that are free stay with
    the process. Nothing is done where the C library is another one.
    """
    if sys.platform != "linux":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    return bool(mallopt(MMAP_THRESHOLD, LARGEST_HEAP_BLOCK)) and bool(mallopt(TRIM_THRESHOLD, KEPT_BYTES))
