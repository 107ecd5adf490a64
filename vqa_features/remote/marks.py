"""Marks of many addresses, by one request for each, several at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from ..errors import DecodeError
from ..video_task import Mark, RemoteFile
from .scratch import explained, source_of

#: Requests at a time, and the most that are asked for ahead.
_AT_ONCE, _AHEAD = 16, 64


def mark_at(file: RemoteFile, name: str) -> Mark:
    """Return the mark of the file at an address: that of its listing, or by one request.

    Parameters
    ----------
    file : RemoteFile
        The address.
    name : str
        The same without credentials.

    Raises
    ------
    DecodeError
        If it cannot be asked for.
    """
    if file.mark is not None:
        return file.mark
    source = source_of(file.address, name)
    try:
        with explained(name):
            return source.describe()
    finally:
        source.close()


def marks_of(files: Iterable[tuple[RemoteFile | None, str]]) -> Iterator[Mark | DecodeError | None]:
    """Yield the mark of each file, in order: None for what is no address, the error where it cannot be had.

    Parameters
    ----------
    files : iterable of (RemoteFile or None, str)
        Address and its name without credentials; read a few ahead.
    """
    waiting: deque[Future[Mark | DecodeError] | None] = deque()
    with ThreadPoolExecutor(_AT_ONCE, "vqa-features-marks") as pool:
        for file, name in files:
            waiting.append(None if file is None else pool.submit(_tried, file, name))
            while waiting and (waiting[0] is None or len(waiting) > _AHEAD):
                yield _result(waiting.popleft())
        while waiting:
            yield _result(waiting.popleft())


def _tried(file: RemoteFile, name: str) -> Mark | DecodeError:
    try:
        return mark_at(file, name)
    except DecodeError as error:
        return error


def _result(one: Future[Mark | DecodeError] | None) -> Mark | DecodeError | None:
    return None if one is None else one.result()
