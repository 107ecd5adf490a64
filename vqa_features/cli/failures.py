"""Exit codes of the commands and the sentence that an error gets; `vqa-features --help` names the codes."""

from __future__ import annotations

import sqlite3

from ..errors import VqaError, is_no_memory

SOME_FAILED = 1
WRONG_USAGE = 2
NOT_AS_ASKED = 3
UNEXPECTED = 70


class EndedEarly(VqaError):
    """A run ended before its end, with its finished rows written; `exit_code` is that of the command."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def exit_code_of(error: BaseException) -> int:
    """Return the exit code of a command that ends with `error`."""
    if is_unexpected(error):
        return UNEXPECTED
    return getattr(error, "exit_code", WRONG_USAGE if isinstance(error, VqaError) else NOT_AS_ASKED)


def is_unexpected(error: BaseException) -> bool:
    """Return whether an error is a fault of this program: neither a refusal nor a failure of the machine."""
    outside = VqaError | OSError | UnicodeError | sqlite3.Error | KeyboardInterrupt
    return not isinstance(error, outside) and not is_no_memory(error)


def sentence_of(error: BaseException) -> str:
    """Return what an error says, with its class where the text alone says too little."""
    if isinstance(error, VqaError):
        return str(error)
    if is_no_memory(error):
        return "there is not enough memory"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename!r}" if error.filename is not None else error.strerror
    name, text = type(error).__name__, str(error)
    if is_unexpected(error):
        return f"unexpected, a fault of this program: {name}: {text} (--debug shows where)"
    return text or name
