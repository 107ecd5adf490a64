"""How many kernels this process has compiled and stored: usually none after the first run on a machine."""

from __future__ import annotations

_STORED: list[str] = []


def note_stored(name: str) -> None:
    """Note a function that was compiled here, and that later processes read from the cache."""
    _STORED.append(name)


def stored() -> int:
    """Return the number of such functions."""
    return len(_STORED)
