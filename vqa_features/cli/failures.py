"""Exit codes of the commands and the sentence that an error gets; `vqa-features --help` names the codes."""

from __future__ import annotations

import sqlite3

from ..errors import VqaError

SOME_FAILED = 1
WRONG_USAGE = 2
NOT_AS_ASKED = 3


class EndedEarly(VqaError):
    """A run ended before its end, with its finished rows written; `exit_code` is that of the command."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def exit_code_of(error: Exception) -> int:
    """Return the exit code of a command that ends with `error`."""
    return getattr(error, "exit_code", WRONG_USAGE if isinstance(error, VqaError) else NOT_AS_ASKED)


def sentence_of(error: Exception) -> str:
    """Return what an error says, with its class where the text alone says too little."""
    if isinstance(error, VqaError):
        return str(error)
    if isinstance(error, MemoryError):
        return "there is not enough memory"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename!r}" if error.filename is not None else error.strerror
    if isinstance(error, OSError | UnicodeError | sqlite3.Error):
        return str(error) or type(error).__name__
    return f"{type(error).__name__}: {error} (--debug shows where)"
