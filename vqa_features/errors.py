"""Exceptions that this package raises; each message says what is wrong and what is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches


class VqaError(Exception):
    """Base of every error this package raises on purpose."""


class ParameterError(VqaError, ValueError):
    """A parameter has a value that is not allowed."""


class DecodeError(VqaError, OSError):
    """A video cannot be opened or decoded.

    Parameters
    ----------
    message : str
        What is wrong, naming the file.
    kind : str
        Short class of the failure, used in a row's status as ``failed(kind)``.
    """

    def __init__(self, message: str, kind: str = "decode") -> None:
        super().__init__(message)
        self.kind = kind

    def __reduce__(self) -> tuple[type[DecodeError], tuple[str, str]]:
        return type(self), (str(self), self.kind)


class UnknownName(VqaError, LookupError):
    """A name (extractor, dataset, regressor ...) is not known; the message offers the closest one.

    Parameters
    ----------
    kind : str
        What the name should be, e.g. ``extractor``.
    name : str
        The name that was given.
    known : iterable of str
        Names that are known.
    hint : str
        Where to look further, shown in parentheses.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str] = (), hint: str = "") -> None:
        close = get_close_matches(name, list(known), n=1, cutoff=0.5)
        message = f"unknown {kind} {name!r}"
        if close:
            message += f"; did you mean {close[0]!r}?"
        if hint:
            message += f" ({hint})"
        super().__init__(message)
        self._args = (kind, name, tuple(known), hint)

    def __reduce__(self) -> tuple[type[UnknownName], tuple[str, str, tuple[str, ...], str]]:
        return type(self), self._args


class WeightsMissing(VqaError, FileNotFoundError):
    """The weights of an extractor are not on this machine; the message says how to get them."""


class DownloadError(VqaError, OSError):
    """A file could not be downloaded, or is not the expected one."""


class TableError(VqaError, ValueError):
    """A feature table or a MOS file cannot be used as it is."""


class StoreError(TableError):
    """A store of results cannot be opened, or fails during a run."""


def first_few(items: Sequence[object], most: int = 5) -> str:
    """Return the first `most` items as text for a message, and the number of the others."""
    listed = ", ".join(str(item) for item in items[:most])
    return listed + (f" and {len(items) - most} more" if len(items) > most else "")
