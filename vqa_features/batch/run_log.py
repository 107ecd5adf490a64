"""The log of a run: one line of JSON per event, appended to a file that several runs may share.

A line is written by one call of the system, so that lines are whole however the run ends. Their columns are
described in docs/run-log.md.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from .. import __version__
from ..errors import ParameterError
from ..files.names import escaped_name
from ..remote.addresses import is_remote
from ..remote.redaction import redacted
from .events import Event
from .public_text import public_id, public_name, public_text

#: Columns of the log, with an empty value of their type. The first line of a run has all of them, so that
#: a program that takes the types from the first lines of the file knows them.
COLUMNS: Mapping[str, str | float | int] = {
    "run": "",
    "event": "",
    "time": "",
    "id": "",
    "path": "",
    "part": "",
    "worker": "",
    "status": "",
    "error": "",
    "seconds": 0.0,
    "peak_memory_mb": 0.0,
    "frames_decoded": 0,
    "about": "",
}
#: Words of the command that the log keeps.
_MOST_WORDS = 100
#: Bytes at the end of an existing file that are looked at, more than a line has.
_TAIL = 1 << 20


class RunLog:
    """A file to which the events of one run are appended.

    Parameters
    ----------
    path : str
        The file; it is made, or is a log of earlier runs.
    about : mapping
        What the first line tells of the run, as JSON can hold it.
    tell : callable
        Called once with a sentence if lines cannot be written any more; the run goes on.

    Raises
    ------
    ParameterError
        If the file cannot be written, or is no log.
    """

    def __init__(self, path: str, about: Mapping[str, Any], tell: Callable[[str], None]) -> None:
        self._path = path
        self._tell = tell
        #: Lines that could not be written.
        self.lost = 0
        self.run = secrets.token_hex(6)
        self._file = _opened(path)
        here = {"version": __version__, "host": socket.gethostname(), "pid": os.getpid()}
        first = {"run": self.run, "event": "run", "time": _time_text(time.time())}
        try:
            _append(self._file, {**COLUMNS, **first, "about": json.dumps({**here, **about})})
        except OSError as error:
            os.close(self._file)
            raise ParameterError(f"cannot write the log {path!r}: {error.strerror or error}") from error

    def write(self, event: Event) -> None:
        """Write the line of an event."""
        line: dict[str, Any] = {"run": self.run, "event": event.kind, "time": _time_text(event.time_s)}
        line["id"], line["path"] = public_id(event.id), public_name(event.path)
        line["part"], line["worker"] = event.part, public_id(event.worker)
        line["status"], line["error"] = public_id(event.status), public_text(event.error)
        if event.seconds is not None:
            line["seconds"] = round(float(event.seconds), 3)
        if event.peak_memory_mb is not None:
            line["peak_memory_mb"] = round(float(event.peak_memory_mb), 1)
        line["frames_decoded"] = event.frames_decoded
        self._write({name: value for name, value in line.items() if value not in ("", None)})

    def close(self, status: str, error: str, summary: Mapping[str, Any]) -> None:
        """Write the last line and close the file.

        Parameters
        ----------
        status : {"complete", "interrupted", "ended early"}
            How the run ended.
        error : str
            Why it ended early.
        summary : mapping
            What it came to, as `vqa_features.batch.run_summary.RunSummary.as_dict` returns it.
        """
        last = {"run": self.run, "event": "summary", "time": _time_text(time.time()), "status": status}
        told = {**summary, "lines_lost": self.lost}
        more = {"error": public_text(error)} if error else {}
        self._write({**last, **more, "seconds": summary["seconds"], "about": json.dumps(told)})
        os.close(self._file)
        if self.lost:
            self._tell(f"{self.lost} lines are missing in the log {self._path!r}; the table has every result")

    def _write(self, line: Mapping[str, Any]) -> None:
        """Append a line; one that cannot be written is counted, and the first of them is told."""
        try:
            _append(self._file, line)
        except OSError as error:
            if not self.lost:
                reason = error.strerror or error
                self._tell(f"the log {self._path!r} cannot be written ({reason}): the run goes on")
            self.lost += 1


def check_log(path: str) -> None:
    """Refuse the name of a log that cannot be one, before the work.

    Parameters
    ----------
    path : str
        As the user gave it.

    Raises
    ------
    ParameterError
        If it is empty, ``-``, an address, or a file that is no log.
    """
    if path in ("", "-"):
        raise ParameterError("--log is a file of its own: name one, such as run.jsonl")
    if is_remote(path):
        raise ParameterError(
            f"--log appends to a file of this machine, and {public_name(path)!r} is an address: name a file, "
            "and copy it there after the run"
        )
    if os.path.isfile(path):
        with open(path, "rb") as file:
            _check_first_line(path, file.read(_TAIL))


def command_words(words: Sequence[str]) -> list[str]:
    """Return the words of a command without credentials, the first ones of very many."""
    kept = [escaped_name(redacted(word)) for word in words[:_MOST_WORDS]]
    more = len(words) - len(kept)
    return [*kept, f"... and {more} more"] if more > 0 else kept


def _opened(path: str) -> int:
    """Open the file to append to it; a lock says that a run has it open."""
    try:
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK, 0o666)
    except OSError as error:
        raise ParameterError(f"cannot write the log {path!r}: {error.strerror}") from error
    with suppress(OSError):  # another run has it open, or the file system has no locks
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _end_whole(file)
    with suppress(OSError):
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    return file


def _append(file: int, line: Mapping[str, Any]) -> None:
    """Append a line, whole or not at all."""
    data = json.dumps(line).encode() + b"\n"
    written = os.write(file, data)
    if written < len(data):
        _take_back(file, written)
        raise OSError("no space is left for a line")


def _end_whole(file: int) -> None:
    """Remove half a line from the end of the file, which a machine that failed has left."""
    size = os.fstat(file).st_size
    tail = os.pread(file, _TAIL, max(0, size - _TAIL))
    _, mark, rest = tail.rpartition(b"\n")
    if rest and mark:
        os.ftruncate(file, size - len(rest))
    elif rest:
        os.write(file, b"\n")


def _take_back(file: int, written: int) -> None:
    """Remove a part of a line that was written, unless another run has written after it."""
    end = os.lseek(file, 0, os.SEEK_CUR)
    if os.fstat(file).st_size == end:
        os.ftruncate(file, end - written)


def _check_first_line(path: str, head: bytes) -> None:
    """Refuse a file that has content, and does not begin as a log does."""
    if not head:
        return
    try:
        first = json.loads(head.partition(b"\n")[0])
    except (ValueError, RecursionError):
        first = None
    if not isinstance(first, dict) or first.get("event") != "run" or "run" not in first:
        raise ParameterError(f"{path!r} exists and is no log of a run: give --log another name")


def _time_text(time_s: float) -> str:
    """Return a time in UTC with milliseconds, as ISO 8601."""
    return datetime.fromtimestamp(time_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
