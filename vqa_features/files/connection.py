"""Connections to a server of files: https alone, few redirects, and no server that never ends."""

from __future__ import annotations

import http.client
import io
import ipaddress
import socket
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import DownloadError

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Limits:
    """What a download may take.

    Parameters
    ----------
    most_bytes : int
        Size of a file whose size is not pinned.
    window_s : float
        Seconds in which a connection must bring `least_bytes`, headers included, unless it ends.
    least_bytes : int
        Also what an attempt must bring to count as progress.
    """

    most_bytes: int = 32 << 30
    window_s: float = 60.0
    least_bytes: int = 256 << 10


def request(
    url: str, headers: Mapping[str, str], limits: Limits, *, own_headers: Mapping[str, str] | None = None
) -> Any:
    """Return the response to a GET request, an open `http.client.HTTPResponse`.

    Parameters
    ----------
    url : str
        An https address, or http on this machine.
    headers : mapping
        Headers of the request.
    limits : Limits
        The least speed.
    own_headers : mapping, optional
        Headers for the server of `url` alone: no redirect takes them along.

    Raises
    ------
    DownloadError
        If the address, or one it redirects to, is not allowed.
    OSError, ValueError, http.client.HTTPException
        Whatever the server and the network cause.
    """
    opener = urllib.request.build_opener(_SafeRedirects, _Http(limits), _Https(limits))
    asked = urllib.request.Request(_safe(url), headers=dict(headers))
    for name, value in (own_headers or {}).items():
        asked.add_unredirected_header(name, value)
    return opener.open(asked, timeout=limits.window_s)


def _safe(url: str) -> str:
    try:
        parts = urllib.parse.urlsplit(url)
        allowed = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _THIS_MACHINE)
    except ValueError:
        allowed = False
    if allowed:
        return url
    raise DownloadError(f"{url!r} was not fetched: only https addresses are")


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follow up to ten redirects to https; to this machine, or its own network, only from this machine."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        _safe(newurl)
        if _is_here(newurl) and not _is_here(req.full_url):
            raise DownloadError(f"{req.full_url} was not fetched: it redirects to this machine, {newurl!r}")
        if req.type == "https" and urllib.parse.urlsplit(newurl).scheme != "https":
            raise DownloadError(f"{req.full_url} was not fetched: it redirects from https to {newurl!r}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _is_here(url: str) -> bool:
    """Return whether an address names this machine, or a service that only it can reach (link-local)."""
    host = (urllib.parse.urlsplit(url).hostname or "").rstrip(".")
    if host in _THIS_MACHINE or host.endswith(".localhost"):
        return True
    try:
        number = ipaddress.ip_address(socket.inet_ntoa(socket.inet_aton(host)))  # also 127.1 and 0x7f000001
    except (OSError, UnicodeError):
        try:
            number = ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            return False
    number = getattr(number, "ipv4_mapped", None) or number
    return number.is_loopback or number.is_link_local or number.is_unspecified


class _Http(urllib.request.HTTPHandler):
    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self._limits = limits

    def http_open(self, req: Any) -> Any:
        return self.do_open(_paced(http.client.HTTPConnection, self._limits), req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self._limits = limits

    def https_open(self, req: Any) -> Any:
        kind = _paced(http.client.HTTPSConnection, self._limits)
        return self.do_open(kind, req, context=ssl.create_default_context())


def _paced(kind: Callable[..., Any], limits: Limits) -> Any:
    """Return a maker of connections whose responses are read at the least speed or given up."""

    def connection(host: str, **options: Any) -> Any:
        made = kind(host, **options)
        made.response_class = lambda sock, *rest, **named: http.client.HTTPResponse(
            _PacedSocket(sock, limits),  # type: ignore[arg-type]  # it asks for makefile alone
            *rest,
            **named,
        )
        return made

    return connection


@dataclass
class _PacedSocket:
    """What `http.client.HTTPResponse` needs of a socket."""

    _socket: socket.socket
    _limits: Limits

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_PacedReader(self._socket, self._limits))


class _PacedReader(io.RawIOBase):
    """Bytes of a socket; the socket's own time limit restarts with every byte, this one does not."""

    def __init__(self, sock: socket.socket, limits: Limits) -> None:
        self._socket = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._limits = limits
        self._start_window()

    def _start_window(self) -> None:
        self._end_s = time.monotonic() + self._limits.window_s
        self._due = self._limits.least_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left_s = self._end_s - time.monotonic()
        try:
            if left_s <= 0:
                raise TimeoutError
            self._socket.settimeout(left_s)
            count = self._raw.readinto(buffer)
        except TimeoutError:
            raise TimeoutError(
                f"less than {self._limits.least_bytes} bytes came in {self._limits.window_s:g} s"
            ) from None
        self._due -= count or 0
        if self._due <= 0:
            self._start_window()
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()
