"""How many kernels this process has compiled and stored: usually none after the first run on a machine."""

from __future__ import annotations

_COMPILED: list[str] = []
_STORED: list[str] = []


def note_compiled(name: str) -> None:
    """Note a function that was in no cache."""
    _COMPILED.append(name)


def note_stored(name: str) -> None:
    """Note a function that was compiled here, and that later processes read from the cache."""
    _STORED.append(name)


def compiled() -> int:
    """Return the number of functions that were compiled here because no cache had them."""
    return len(_COMPILED)


def stored() -> int:
    """Return the number of functions that were compiled here and stored."""
    return len(_STORED)
