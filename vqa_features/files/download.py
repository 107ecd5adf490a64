"""Download one file: resumable, checked, and renamed to its final name only when complete.

Bytes go to ``<name>.part``. A dropped connection resumes from there (HTTP Range, with If-Range so that a
file that changed on the server starts over). Length and SHA-256 are compared before the file is renamed.
This is our own code because pooch does not resume and huggingface_hub serves only its own hub.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import http.client
import os
import re
import time
import urllib.error
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from ..errors import DownloadError, VqaError
from .atomic import rename_complete, write_text
from .connection import Limits, request
from .hashing import digest_of, sha256_of
from .reading import reason_of
from .regular import open_regular
from .storing import check_space, open_own, storing

#: Called with the bytes so far and the total.
Progress = Callable[[int, int | None], None]

_CHUNK = 1 << 20
#: Attempts in a row without progress after which the download is given up.
_ATTEMPTS = 4
#: Answers after which trying again makes sense, besides the server's own errors (5xx).
_BUSY = (http.HTTPStatus.REQUEST_TIMEOUT, http.HTTPStatus.TOO_MANY_REQUESTS)
_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", re.ASCII)
_TAG = re.compile(rb"[!-~]{0,500}")
_BY_HAND = "fetch it with a browser and hand it over with: vqa-features weights import NAME FILE"


def is_offline() -> bool:
    """Whether the user forbids the network: VQA_FEATURES_OFFLINE or HF_HUB_OFFLINE is set."""
    return any(
        os.environ.get(name, "0") not in ("", "0") for name in ("VQA_FEATURES_OFFLINE", "HF_HUB_OFFLINE")
    )


def download(
    url: str,
    target: Path,
    *,
    sha256: str | None = None,
    size: int | None = None,
    progress: Progress | None = None,
    pause_s: float = 1.0,
    limits: Limits | None = None,
) -> str:
    """Download `url` to `target` and return the SHA-256 of the file.

    Parameters
    ----------
    url : str
        An https address, or http on this machine.
    target : Path
        Final path; its folder is created.
    sha256 : str, optional
        Expected digest, or its first characters.
    size : int, optional
        Expected size in bytes; a file of another size is refused before it is read.
    progress : callable, optional
        ``progress(bytes so far, total)``.
    pause_s : float
        Wait before the next attempt after a dropped connection, doubled each time.
    limits : Limits, optional
        Greatest size and least speed.

    Raises
    ------
    DownloadError
        If there is no network, the server sends an error or a web page, does not say how large the file
        is, is too slow, or keeps dropping the connection; if the file is too large for the limit or the
        disk, or is not the expected one; if it cannot be written.
    """
    if is_offline():
        raise DownloadError(
            f"{url} was not fetched: VQA_FEATURES_OFFLINE or HF_HUB_OFFLINE forbids the network"
        )
    part = target.with_name(target.name + ".part")
    with storing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a folder", str(target))
        with _locked(part) as stream:
            try:
                if target.is_file():  # another process was faster
                    return _compared(url, sha256_of(target), sha256)
                _Transfer(url, stream, part, size, progress, limits or Limits()).run(pause_s)
                try:
                    digest = _compared(url, digest_of(stream), sha256)
                except DownloadError:
                    stream.truncate(0)
                    raise
                rename_complete(part, target)
            finally:
                if target.is_file() or os.fstat(stream.fileno()).st_size == 0:
                    for done_with in (part, _tag_file(part)):
                        with contextlib.suppress(OSError):
                            done_with.unlink()
    return digest


def _compared(url: str, digest: str, sha256: str | None) -> str:
    if sha256 and not digest.startswith(sha256):
        raise DownloadError(f"{url} has SHA-256 {digest}, expected {sha256}: it was thrown away")
    return digest


@contextlib.contextmanager
def _locked(part: Path) -> Iterator[BinaryIO]:
    """Open the partial file for appending, locked for one process at a time."""
    while True:
        with open_own(part) as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(stream.fileno()), os.lstat(part)):
                    yield stream
                    return
        # the process that held the lock has renamed or removed the file: open it again


class _Transfer:
    """Appends to the partial file `part`, open as `stream`, until it is complete."""

    def __init__(
        self,
        url: str,
        stream: BinaryIO,
        part: Path,
        size: int | None,
        progress: Progress | None,
        limits: Limits,
    ) -> None:
        self._url = url
        self._stream = stream
        self._part = part
        self._size = size
        self._progress = progress
        self._limits = limits

    def run(self, pause_s: float) -> None:
        """Connect as often as needed; give up after some attempts in a row without progress."""
        idle = 0
        while True:
            before = self._length()
            problem = self._attempt(before)
            if not problem:
                return
            idle = 0 if self._length() - before >= self._limits.least_bytes else idle + 1
            if idle == _ATTEMPTS:
                raise DownloadError(
                    f"{self._url} was not fetched, {_ATTEMPTS} attempts in a row: {problem}; "
                    "run the same again to continue where it stopped"
                )
            time.sleep(pause_s * 2**idle)

    def _attempt(self, before: int) -> str:
        """Use one connection; return what went wrong, nothing if the file is complete."""
        try:
            with request(self._url, self._headers(before), self._limits) as response:
                rest = self._checked_length(response)
                start = _first_byte(response, rest)
                if start not in (0, before):
                    self._stream.truncate(0)
                    return "the server sends another part than the one asked for"
                self._check_size(start + rest, rest)
                if start == 0 and before:
                    self._stream.truncate(0)
                with storing(self._part):
                    write_text(_tag_file(self._part), response.headers.get("ETag") or "")
                done = self._copy(response, start, start + rest)
        except VqaError:
            raise
        except urllib.error.HTTPError as error:
            with error:
                return self._refused(error, before)
        except (OSError, ValueError, http.client.HTTPException) as error:
            cause = getattr(error, "reason", error)
            return reason_of(cause if isinstance(cause, Exception) else error)
        if done == start + rest:
            return ""
        return f"the connection ended after {done} of {start + rest} bytes"

    def _headers(self, start: int) -> dict[str, str]:
        headers = {"User-Agent": "vqa-features", "Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
            tag = _read_tag(_tag_file(self._part))
            if tag:
                headers["If-Range"] = tag
        return headers

    def _refused(self, error: urllib.error.HTTPError, before: int) -> str:
        """Return what an error status means; raise if another attempt would not help."""
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and before:
            if before == self._size:
                return ""
            self._stream.truncate(0)  # the part is longer than the file: start over
            return "the partial file did not fit"
        if 300 <= error.code < 400:
            raise DownloadError(f"{self._url} was not fetched: its redirects ({error.code}) lead nowhere")
        told = f"the server answers {error.code} {reason_of(ValueError(error.reason))}"
        if error.code < 500 and error.code not in _BUSY:
            raise DownloadError(f"{self._url} was not fetched: {told}") from error
        return told

    def _checked_length(self, response: Any) -> int:
        """Return the bytes that follow; refuse what is no file, or a file of unknown length."""
        if response.headers.get("Content-Type", "").startswith("text/html"):
            raise DownloadError(
                f"{self._url} gives a web page and not a file (a login, a quota or a moved file): {_BY_HAND}"
            )
        coding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if coding not in ("", "identity"):
            raise DownloadError(f"{self._url} was not fetched: it comes encoded as {coding!r}; {_BY_HAND}")
        if response.status not in (http.HTTPStatus.OK, http.HTTPStatus.PARTIAL_CONTENT):
            raise DownloadError(f"{self._url} was not fetched: the server answers {response.status}")
        if response.length is None:  # none, no number, or in pieces: a cut could not be told from the end
            raise DownloadError(
                f"{self._url} was not fetched: the server does not say how long the file is; {_BY_HAND}"
            )
        return int(response.length)

    def _check_size(self, total: int, rest: int) -> None:
        if total != (total if self._size is None else self._size):
            raise DownloadError(f"{self._url} has {total} bytes, expected {self._size}: it is another file")
        if self._size is None and not 0 < total <= self._limits.most_bytes:
            raise DownloadError(
                f"{self._url} has {total} bytes; from 1 to {self._limits.most_bytes} are fetched: {_BY_HAND}"
            )
        check_space(self._part.parent, rest)

    def _copy(self, response: Any, done: int, total: int) -> int:
        """Append the response; return the size of the partial file."""
        told = done
        while done < total:
            chunk = memoryview(response.read1(min(_CHUNK, total - done)))
            if not chunk:
                break
            done += len(chunk)
            with storing(self._part):
                while chunk:
                    chunk = chunk[self._stream.write(chunk) :]
            if self._progress is not None and (done - told >= _CHUNK or done == total):
                told = done
                self._progress(done, total)
        return done

    def _length(self) -> int:
        return os.fstat(self._stream.fileno()).st_size


def _first_byte(response: Any, rest: int) -> int:
    """Return the number of the first byte that a response holds, -1 if its headers contradict each other."""
    if response.status != http.HTTPStatus.PARTIAL_CONTENT:
        return 0
    found = _RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
    if found is None:
        return -1
    first, last = int(found[1]), int(found[2])
    whole = last + 1 if found[3] == "*" else int(found[3])
    return first if last - first + 1 == rest and last + 1 == whole else -1


def _tag_file(part: Path) -> Path:
    return part.with_name(part.name + ".tag")


def _read_tag(file: Path) -> str:
    """Return the server's tag of a partial file; one that cannot be one makes the download start over."""
    try:
        with open_regular(file) as stream:
            content = stream.read(1024)
    except FileNotFoundError:
        return ""
    except OSError:
        return '""'
    return content.decode() if _TAG.fullmatch(content) else '""'
