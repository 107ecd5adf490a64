"""Download one file: resumable, checked, and renamed to its final name only when complete.

Bytes go to ``<name>.part``. A dropped connection resumes from there (HTTP Range, with If-Range so that a
file that changed on the server starts over). Length and SHA-256 are compared before the file is renamed.
This is our own code because pooch does not resume and huggingface_hub serves only its own hub.
"""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import os
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ..errors import DownloadError
from .atomic import rename_complete
from .hashing import sha256_of

#: Called with the bytes so far and the total (None if the server does not say).
Progress = Callable[[int, int | None], None]

_CHUNK = 1 << 20
_TIMEOUT_S = 30.0
#: Attempts in a row without a new byte after which the download is given up.
_ATTEMPTS = 4
_DROPPED = (http.client.HTTPException, ConnectionError, TimeoutError, ssl.SSLError, urllib.error.URLError)
#: Answers after which trying again makes sense, besides the server's own errors (5xx).
_BUSY = (http.HTTPStatus.REQUEST_TIMEOUT, http.HTTPStatus.TOO_MANY_REQUESTS)


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
        Expected size in bytes; a file of another size is refused before it is read to the end.
    progress : callable, optional
        ``progress(bytes so far, total or None)``.
    pause_s : float
        Wait before the next attempt after a dropped connection, doubled each time.

    Raises
    ------
    DownloadError
        If there is no network, the server sends an error or a web page, the connection keeps
        dropping, or the file is not the expected one.
    """
    if is_offline():
        raise DownloadError(
            f"{url} was not fetched: VQA_FEATURES_OFFLINE or HF_HUB_OFFLINE forbids the network"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    with _locked(part) as stream:
        try:
            if target.is_file():  # another process was faster
                return sha256_of(target)
            _Transfer(url, stream, part, size, progress).run(pause_s)
            stream.flush()
            digest = sha256_of(part)
            if sha256 and not digest.startswith(sha256):
                stream.truncate(0)
                raise DownloadError(f"{url} has SHA-256 {digest}, expected {sha256}: it was thrown away")
            rename_complete(part, target)
        finally:
            if target.is_file() or stream.seek(0, os.SEEK_END) == 0:
                part.unlink(missing_ok=True)
                _tag_file(part).unlink(missing_ok=True)
    return digest


@contextlib.contextmanager
def _locked(part: Path) -> Iterator[IO[bytes]]:
    """Open the partial file for appending, locked for one process at a time."""
    while True:
        with open(part, "ab") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            if part.exists() and os.path.samestat(os.fstat(stream.fileno()), part.stat()):
                yield stream
                return
        # the process that held the lock has renamed or removed the file: open it again


@dataclass(frozen=True)
class _Answer:
    """First byte and total size that the server announces."""

    start: int
    total: int | None


class _Transfer:
    """Appends to the partial file `part`, open as `stream`, until it is complete."""

    def __init__(
        self, url: str, stream: IO[bytes], part: Path, size: int | None, progress: Progress | None
    ) -> None:
        self._url = url
        self._stream = stream
        self._part = part
        self._size = size
        self._progress = progress

    def run(self, pause_s: float) -> None:
        """Connect as often as needed; give up after some attempts in a row without a new byte."""
        idle = 0
        while True:
            before = self._length()
            problem = self._attempt(before)
            if not problem:
                return
            idle = 0 if self._length() > before else idle + 1
            if idle == _ATTEMPTS:
                raise DownloadError(
                    f"{self._url} was not fetched, {_ATTEMPTS} attempts in a row: {problem}; "
                    "run the same again to continue where it stopped"
                )
            time.sleep(pause_s * 2**idle)

    def _attempt(self, before: int) -> str:
        """Use one connection; return what went wrong, nothing if the file is complete."""
        try:
            with _connect(self._url, self._part, before) as response:
                answer = _check(self._url, response, before, self._size)
                if answer.start == 0 and before:
                    self._stream.truncate(0)
                _tag_file(self._part).write_text(response.headers.get("ETag") or "")
                done = self._copy(response, answer)
        except urllib.error.HTTPError as error:
            return self._refused(error, before)
        except _DROPPED as error:
            return str(getattr(error, "reason", error)) or type(error).__name__
        if answer.total is None or done == answer.total:
            return ""
        return f"the connection ended after {done} of {answer.total} bytes"

    def _refused(self, error: urllib.error.HTTPError, before: int) -> str:
        """Return what an error status means; raise if another attempt would not help."""
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and before:
            if before == self._size:
                return ""
            self._stream.truncate(0)  # the part is longer than the file: start over
            return "the partial file did not fit"
        if error.code < 500 and error.code not in _BUSY:
            raise DownloadError(
                f"{self._url} was not fetched: the server answers {error.code} {error.reason}"
            ) from error
        return f"the server answers {error.code} {error.reason}"

    def _copy(self, response: Any, answer: _Answer) -> int:
        """Append the response; return the size of the partial file."""
        done = answer.start
        while True:
            try:
                chunk = response.read(_CHUNK)
            except http.client.IncompleteRead as error:
                self._stream.write(error.partial)
                raise
            if not chunk:
                return done
            done += len(chunk)
            if self._size is not None and done > self._size:
                raise DownloadError(
                    f"{self._url} sends more than the expected {self._size} bytes: it is another file"
                )
            self._stream.write(chunk)
            if self._progress is not None:
                self._progress(done, answer.total)

    def _length(self) -> int:
        return self._stream.seek(0, os.SEEK_END)


def _connect(url: str, part: Path, start: int) -> Any:
    headers = {"User-Agent": "vqa-features", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
        tag = _tag_file(part)
        if tag.is_file() and tag.read_text():
            headers["If-Range"] = tag.read_text()
    return urllib.request.build_opener(_SafeRedirects).open(
        urllib.request.Request(_safe(url), headers=headers), timeout=_TIMEOUT_S
    )


def _check(url: str, response: Any, before: int, size: int | None) -> _Answer:
    """Read the headers, and refuse web pages and files of another size."""
    kind = response.headers.get("Content-Type", "")
    if kind.startswith("text/html"):
        raise DownloadError(
            f"{url} gives a web page and not a file (a login, a quota or a moved file): "
            "fetch it with a browser and hand it over with: vqa-features weights import NAME FILE"
        )
    length = response.headers.get("Content-Length")
    rest = int(length) if length and length.isdigit() else None
    resumed = response.status == http.HTTPStatus.PARTIAL_CONTENT
    start = before if resumed else 0
    if resumed and not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
        raise DownloadError(f"{url} was not fetched: the server sends another part than the one asked for")
    total = start + rest if rest is not None else size
    if size is not None and total != size:
        raise DownloadError(f"{url} has {total} bytes, expected {size}: it is another file")
    return _Answer(start, total)


def _safe(url: str) -> str:
    host = urllib.parse.urlsplit(url)
    if host.scheme == "https" or (
        host.scheme == "http" and host.hostname in ("localhost", "127.0.0.1", "::1")
    ):
        return url
    raise DownloadError(f"{url} was not fetched: only https addresses are")


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follow redirects to https alone (or within this machine)."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        return super().redirect_request(req, fp, code, msg, headers, _safe(newurl))


def _tag_file(part: Path) -> Path:
    return part.with_name(part.name + ".tag")
