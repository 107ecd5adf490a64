"""Exceptions that this package raises; each message says what is wrong and what is allowed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Self

#: How libraries word that memory ran out where they raise a plain RuntimeError.
_NO_MEMORY = re.compile(r"out of memory|not enough memory|insufficient memory|allocate memory", re.IGNORECASE)
#: Characters of a wrong name that a message repeats.
_SHOWN = 80


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

    Upper and lower case count as equal in the search for it.

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
        shown = name if len(name) <= _SHOWN else name[:_SHOWN] + "…"
        known = tuple(known)
        close = _closest(shown, known)
        message = f"unknown {kind} {shown!r}"
        if close:
            message += f"; did you mean {close!r}?"
        if hint:
            message += f" ({hint})"
        super().__init__(message)
        self.kind = kind
        self._args = (kind, name, known, hint)

    def among(self, more: Iterable[str]) -> UnknownName:
        """Return the error with more names that are known."""
        kind, name, known, hint = self._args
        return UnknownName(kind, name, (*known, *more), hint)

    def __reduce__(self) -> tuple[type[UnknownName], tuple[str, str, tuple[str, ...], str]]:
        return type(self), self._args


def _closest(name: str, known: Iterable[str]) -> str:
    """Return the known name that is closest to a wrong one in any case, empty if none is close."""
    names = list(known)
    by_lower = {text.lower(): text for text in reversed(names)}
    found = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.5)
    return by_lower[found[0]] if found else ""


class WeightsMissing(VqaError, FileNotFoundError):
    """The weights of an extractor are not on this machine; the message says how to get them."""


class DownloadError(VqaError, OSError):
    """A file could not be downloaded, or is not the expected one."""


class TableError(VqaError, ValueError):
    """A feature table or a MOS file cannot be used as it is."""


class NoRows(TableError):
    """A table has columns and no rows."""


class StoreError(TableError):
    """A store of results cannot be opened, or fails during a run."""


@dataclass(frozen=True)
class Failure:
    """A failure that is recorded in a table and does not end the run.

    Parameters
    ----------
    kind : str
        Short class: that of a `DecodeError`, ``memory``, ``io``, or the exception's name.
    error : str
        One sentence on what happened.
    """

    kind: str
    error: str

    @classmethod
    def of(cls, error: BaseException) -> Self:
        """Return the failure that an exception means.

        Parameters
        ----------
        error : BaseException
            What was raised.
        """
        if isinstance(error, DecodeError):
            return cls(error.kind, str(error))
        name = type(error).__name__
        text = " ".join(f"{name}: {error}".split())
        if isinstance(error, MemoryError):
            return cls("memory", "there was not enough memory")
        if is_no_memory(error):
            return cls("memory", text)
        if isinstance(error, OSError) and not isinstance(error, VqaError):
            return cls("io", text)
        return cls(name, text)

    @classmethod
    def of_status(cls, status: str, error: str) -> Self:
        """Return the failure that the status ``failed(kind)`` states."""
        return cls(status.removeprefix("failed(").removesuffix(")"), error)

    @property
    def status(self) -> str:
        """The status of a video that failed so."""
        return f"failed({self.kind})"


def is_no_memory(error: BaseException) -> bool:
    """Return whether an error of a library means that memory ran out, of this machine or of a GPU."""
    worded = not isinstance(error, VqaError) and _NO_MEMORY.search(f"{type(error).__name__}: {error}")
    return isinstance(error, MemoryError) or bool(worded)


def first_few(items: Sequence[object], most: int = 5) -> str:
    """Return the first `most` items as text for a message, and the number of the others."""
    listed = ", ".join(str(item) for item in items[:most])
    return listed + (f" and {len(items) - most} more" if len(items) > most else "")
