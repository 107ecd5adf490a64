"""The boundary of every reader of files from outside: whatever goes wrong inside is one sentence."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import TableError, VqaError
from .names import escaped_name, escaped_text, plain_text

#: Greatest size of a JSON text in bytes; the settings of a run of 100 extractors have 20 kB.
MOST_JSON = 64 << 20
#: Libraries written in Rust raise this where they meet a fault of their own; it is no Exception.
_PANIC = "PanicException"
_SHOWN = 300
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


@contextmanager
def reading(
    file: str | os.PathLike[str],
    kind: str,
    error: type[VqaError] = TableError,
    advice: str = "",
) -> Iterator[None]:
    """Turn every failure inside into one sentence that names the file.

    The libraries that read a format raise nearly anything on a damaged file. Errors of this package pass
    unchanged; the cause is kept, so that ``--debug`` shows it.

    Parameters
    ----------
    file : path
        What is read.
    kind : str
        What it should be, with its article: ``a feature table``.
    error : type
        Class of the error that is raised.
    advice : str
        What to do, added to the sentence.

    Raises
    ------
    error
        ``FILE cannot be read as KIND: REASON; ADVICE``.
    """
    try:
        yield
    except VqaError:
        raise
    except BaseException as cause:
        if not isinstance(cause, Exception) and type(cause).__name__ != _PANIC:
            raise
        told = f"{escaped_name(file)} cannot be read as {kind}: {reason_of(cause)}"
        raise error(f"{told}; {advice}" if advice else told) from cause


def reason_of(cause: BaseException) -> str:
    """Return what an error says in one line of limited length, with its class where it says too little."""
    if isinstance(cause, MemoryError):
        return "it needs more memory than there is"
    if isinstance(cause, RecursionError):
        return "it is nested too deeply"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    text = _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02X}", " ".join(escaped_text(str(cause)).split()))
    if len(text) > _SHOWN:
        text = text[:_SHOWN] + "…"
    if isinstance(cause, ValueError | OSError) and text:
        return text
    return f"{type(cause).__name__}: {text}" if text else type(cause).__name__


def parse_json(
    text: bytes | str,
    source: str | os.PathLike[str],
    kind: str = "JSON",
    error: type[VqaError] = TableError,
    *,
    finite: bool = True,
    most: int = MOST_JSON,
) -> Any:
    """Return the content of a JSON text from outside.

    Parameters
    ----------
    text : bytes or str
        The text; bytes are UTF-8, UTF-16 or UTF-32.
    source : path
        Where it comes from, for messages.
    kind : str
        What it should be, with its article.
    error : type
        Class of the error that is raised.
    finite : bool
        Refuse NaN and infinities, which Python's own writer may have written.
    most : int
        Greatest size in bytes.

    Raises
    ------
    error
        If it is no JSON, is larger than `most`, is nested too deeply, names a key twice, or holds half a
        surrogate pair, or a number that is not finite.
    """
    with reading(source, kind, error):
        if len(text) > most:
            raise ValueError(f"it has {len(text)} bytes, at most {most} are read")
        constant = _no_number if finite else float
        found = json.loads(text, object_pairs_hook=_once, parse_constant=constant)
        plain_text(json.dumps(found, ensure_ascii=False, allow_nan=not finite))  # 1e999 is infinite, too
        return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object's entries, none of which may be given twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"it names {twice!r} twice")
    return found


def _no_number(name: str) -> None:
    raise ValueError(f"it holds {name}, which is no JSON")
