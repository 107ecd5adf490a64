"""The bytes of an address in a scratch file of this machine, which has no name and ends with its process.

A whole copy is made, not ranges on demand: FFmpeg reads most of a file to decode all frames, an mp4 whose
index stands at its end would cost a request for every seek, and only a whole copy has a hash, which the store
needs.
"""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple, Protocol

from ..errors import DecodeError, ParameterError
from ..extras import ExtraMissing
from ..video_task import Mark, RemoteFile
from .addresses import scheme_of
from .failures import CHANGED, IO, failure_of

#: Time for a file: this much, and a second for each `_LEAST_RATE` bytes of it.
_LEAST_S = 120.0
_LEAST_RATE = 128 << 10
#: Attempts in a row that bring less than this much are the last.
_ATTEMPTS = 3
_PROGRESS = 256 << 10
_PAUSE_S = 0.3
#: Free bytes that are left to others on the disk.
_LEFT_FREE = 64 << 20


class Source(Protocol):
    """What is read: `describe` first, then `chunks` as often as needed."""

    def describe(self) -> Mark:
        """Return size, time and tag."""

    def chunks(self, start: int) -> Iterator[bytes]:
        """Yield the bytes from `start` on."""

    def close(self) -> None:
        """End every connection."""


class Fetched(NamedTuple):
    """What is known of a file that was read whole."""

    digest: str
    """SHA-256 of its bytes."""
    mark: Mark


def time_allowed(size: int) -> float:
    """Return how many seconds it may take to fetch a file of `size` bytes."""
    return _LEAST_S + size / _LEAST_RATE


class Scratch:
    """A copy of the file at an address, hashed while it was copied; a context manager.

    It lies in the folder of temporary files (``TMPDIR``), without a name: a process that is killed leaves
    nothing.

    Parameters
    ----------
    remote : RemoteFile
        The address, and the largest size.
    name : str
        The address without credentials, for messages.

    Raises
    ------
    DecodeError
        Of the kind missing, permission, empty, too large, no space, changed, redirect, timeout or io.
    """

    def __init__(self, remote: RemoteFile, name: str) -> None:
        self.address = remote.address
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 (closed by `close`)
        try:
            self.fetched = self._filled(remote, name)
        except BaseException:
            self._file.close()
            raise

    def descriptor(self) -> int:
        """Return a descriptor of the copy; the caller closes it."""
        return os.dup(self._file.fileno())

    @property
    def size(self) -> int:
        """Size in bytes."""
        return os.fstat(self._file.fileno()).st_size

    def close(self) -> None:
        """Remove the copy."""
        self._file.close()

    def __enter__(self) -> Scratch:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _filled(self, remote: RemoteFile, name: str) -> Fetched:
        source = source_of(remote.address, name)
        try:
            with explained(name):
                mark = source.describe()
            size = mark[0]
            if not size:
                raise DecodeError(f"{name!r} is empty (0 bytes)", "empty")
            if size > remote.most_bytes:
                raise DecodeError(
                    f"{name!r} has {size} bytes, allowed are {remote.most_bytes}: raise --max-scratch "
                    "(max_scratch_mb in Python)",
                    "too large",
                )
            self._reserve(size, name)
            digest = self._copied(source, size, name)
        finally:
            source.close()
        return Fetched(digest, mark)

    def _reserve(self, size: int, name: str) -> None:
        """Take the place on the disk before the bytes come."""
        try:
            disk = os.fstatvfs(self._file.fileno())
            if disk.f_bavail * disk.f_frsize - _LEFT_FREE < size:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.posix_fallocate(self._file.fileno(), 0, size)
        except OSError as error:
            if error.errno in (errno.EOPNOTSUPP, errno.EINVAL):
                return
            raise _no_space(name, size) from None

    def _copied(self, source: Source, size: int, name: str) -> str:
        """Copy all bytes, in as many connections as needed; return their SHA-256."""
        digest, done, idle = hashlib.sha256(), 0, 0
        end_s = time.monotonic() + time_allowed(size)
        while True:
            before, problem = done, DecodeError(f"cannot read {name!r}: the connection ended", IO)
            try:
                with explained(name):
                    for chunk in source.chunks(done):
                        if done + len(chunk) > size:
                            raise DecodeError(f"{name!r} has more than the {size} bytes announced", CHANGED)
                        self._write(chunk, name, size)
                        digest.update(chunk)
                        done += len(chunk)
                        if time.monotonic() > end_s:
                            raise _too_slow(name, done, size)
            except DecodeError as error:
                if error.kind != IO:
                    raise
                problem = error
            if done == size:
                return digest.hexdigest()
            idle = 0 if done - before >= min(_PROGRESS, size) else idle + 1
            if idle == _ATTEMPTS:
                raise DecodeError(f"{problem} ({done} of {size} bytes came)", IO)
            if time.monotonic() > end_s:
                raise _too_slow(name, done, size)
            time.sleep(_PAUSE_S * 2**idle)

    def _write(self, chunk: bytes, name: str, size: int) -> None:
        left = memoryview(chunk)
        try:
            while left:
                left = left[self._file.write(left) :]
        except OSError:
            raise _no_space(name, size) from None


def _too_slow(name: str, done: int, size: int) -> DecodeError:
    allowed = time_allowed(size)
    return DecodeError(f"{name!r} was not fetched in {allowed:.0f} s: {done} of {size} bytes came", "timeout")


def _no_space(name: str, size: int) -> DecodeError:
    return DecodeError(
        f"{name!r} has {size} bytes, which do not fit in {tempfile.gettempdir()!r}: free space, or name "
        "another folder in TMPDIR",
        "no space",
    )


def source_of(address: str, name: str) -> Source:
    """Return what reads an address; nothing is asked for yet.

    Parameters
    ----------
    address : str
        The address.
    name : str
        The same without credentials.
    """
    with explained(name):
        if scheme_of(address) == "https":
            from .https import HttpsFile

            return HttpsFile(address)
        from .objects import StoredObject

        return StoredObject(address)


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Raise `DecodeError` for whatever reading the address `name` raises, in words without credentials."""
    problem = None
    try:
        yield
    except (ExtraMissing, ParameterError):
        raise
    except Exception as error:  # of any library below fsspec
        problem = failure_of(error, name)
    if problem is not None:  # outside, so that it carries no context
        raise problem
