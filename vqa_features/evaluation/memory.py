"""Memory that large matrices need, held against the memory of the machine before the work begins."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from ..errors import ParameterError

GIB = 2**30
_MEMINFO = Path("/proc/meminfo")
_CGROUP = Path("/sys/fs/cgroup")


def available_memory() -> int | None:
    """Return the bytes a new allocation may take without swapping, or None where the system does not tell.

    The limit of a container (control groups, version 2) counts as well as the machine's memory.
    """
    found = [value for value in (_of_machine(), _of_container()) if value is not None]
    return min(found, default=None)


def _of_machine() -> int | None:
    with suppress(OSError, ValueError, IndexError):
        for line in _MEMINFO.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return None


def _of_container() -> int | None:
    with suppress(OSError, ValueError, KeyError):
        limit = int((_CGROUP / "memory.max").read_text(encoding="ascii"))  # "max" is no number: no limit
        used = int((_CGROUP / "memory.current").read_text(encoding="ascii"))
        lines = (_CGROUP / "memory.stat").read_text(encoding="ascii").splitlines()
        statistics = dict(line.split() for line in lines)
        return max(0, limit - used + int(statistics["inactive_file"]))
    return None


def check_memory(needed: int, what: str, remedy: str, available: float | None = None) -> None:
    """Raise ParameterError if more memory is needed than is available.

    Parameters
    ----------
    needed : int
        Bytes.
    what : str
        What needs them, the subject of the message.
    remedy : str
        What the caller can do, the end of the message.
    available : float, optional
        Bytes; by default those of this machine.
    """
    available = available_memory() if available is None else available
    if available is not None and needed > available:
        raise ParameterError(
            f"{what} needs about {needed / GIB:.1f} GiB of memory and {available / GIB:.1f} GiB are "
            f"available: {remedy}"
        )
