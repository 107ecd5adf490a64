"""What a file from outside may take: memory, time, and no other file."""

from __future__ import annotations

import codecs
import resource
from collections.abc import Iterator
from contextlib import contextmanager

#: What a file may take in memory: this much, and `MEMORY_PER_BYTE` bytes for each of its own.
LEAST_MEMORY = 512 << 20
MEMORY_PER_BYTE = 64
#: Time to read a file: this much, and a second for each MiB of it.
LEAST_DEADLINE_S = 60.0
#: Encodings of texts in data files; Python imports each at its first use.
_CODECS = (
    *("ascii", "latin-1", "cp1252", "utf-8"),
    *("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"),
)


def memory_allowed(size: int) -> int:
    """Return how many bytes of memory a file of `size` bytes may take."""
    return LEAST_MEMORY + MEMORY_PER_BYTE * size


def deadline_allowed(size: int) -> float:
    """Return how many seconds it may take to read a file of `size` bytes."""
    return LEAST_DEADLINE_S + size / 2**20


@contextmanager
def no_other_file() -> Iterator[None]:
    """Let the kernel refuse every file, pipe and socket that is opened inside; those that are open stay so.

    Only for a process that does one thing at a time. Modules that the work needs are imported before.
    """
    for name in _CODECS:
        codecs.lookup(name)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
