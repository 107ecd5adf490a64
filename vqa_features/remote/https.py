"""A file at an https address, read by one request that is resumed by ranges.

The rules of `vqa_features.files.connection` hold: few redirects, to https alone, never to this machine.
"""

from __future__ import annotations

import base64
import email.utils
import re
import urllib.parse
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from ..files.connection import Limits, request
from ..video_task import Mark
from .failures import CHANGED, Unusable
from .objects import mark

_CHUNK = 1 << 20
#: A connection that brings less than 256 KiB in this many seconds is given up.
_WINDOW_S = 20.0
#: What stays as it is in a path; the rest is written with percent signs.
_SAFE = "/%:@!$&'()*+,;=~-._"
_RANGE = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18})", re.ASCII)


class HttpsFile:
    """A file at an https address; its first method is `describe`.

    Only GET is used: a presigned address allows nothing else.

    Parameters
    ----------
    address : str
        It may hold a user name with a password, and a query. The first are sent to its own server alone.
    """

    def __init__(self, address: str) -> None:
        parts = urllib.parse.urlsplit(address)
        path = urllib.parse.quote(parts.path or "/", safe=_SAFE)
        query = urllib.parse.quote(parts.query, safe=_SAFE + "?")
        server = parts.netloc.rpartition("@")[2]
        self._address = urllib.parse.urlunsplit(("https", server, path, query, ""))
        self._own = {}
        if parts.username is not None:
            user = ":".join(urllib.parse.unquote(part or "") for part in (parts.username, parts.password))
            self._own["Authorization"] = f"Basic {base64.b64encode(user.encode()).decode()}"
        self._response: Any = None
        self._mark: Mark = (0, 0, 0)
        self._tag = ""

    def describe(self) -> Mark:
        """Return size, time and tag, by one request whose answer `chunks` goes on with."""
        self._response = self._request({})
        headers = self._response.headers
        if self._response.length is None:
            raise Unusable("the server does not say how long it is")
        self._tag = headers.get("ETag") or headers.get("Last-Modified") or ""
        self._mark = _mark_of(headers, int(self._response.length))
        return self._mark

    def chunks(self, start: int) -> Iterator[bytes]:
        """Yield the bytes from `start` on."""
        response, self._response = self._response, None
        if response is None or start:
            response = self._request({"Range": f"bytes={start}-", **self._if_same()})
        with response:
            skipped = self._to_skip(response, start)
            while chunk := response.read1(_CHUNK):
                if skipped:
                    chunk, skipped = chunk[skipped:], max(0, skipped - len(chunk))
                if chunk:
                    yield chunk

    def close(self) -> None:
        """End the connection."""
        if self._response is not None:
            self._response.close()

    def _if_same(self) -> dict[str, str]:
        return {"If-Range": self._tag} if self._tag and not self._tag.startswith("W/") else {}

    def _to_skip(self, response: Any, start: int) -> int:
        """Return how many bytes of an answer come before `start`; raise if it is of another file."""
        size, seconds, tag = _mark_of(response.headers, response.length)
        first = 0
        if response.status == 206:
            found = _RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
            if found is None or int(found[1]) != start:
                raise Unusable("another part was sent than the one asked for")
            first, size = start, int(found[2])
        if (size, seconds, tag) != self._mark:
            raise Unusable("it was changed while it was read", CHANGED)
        return start - first

    def _request(self, headers: dict[str, str]) -> Any:
        plain = {"User-Agent": "vqa-features", "Accept-Encoding": "identity", **headers}
        response = request(self._address, plain, Limits(window_s=_WINDOW_S), own_headers=self._own)
        if response.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
            response.close()
            raise Unusable("it is sent in another coding")
        return response


def _mark_of(headers: Any, size: int | None) -> Mark:
    seconds = 0
    with suppress(TypeError, ValueError):
        seconds = int(email.utils.parsedate_to_datetime(headers.get("Last-Modified")).timestamp())
    tag = headers.get("ETag") or ""
    return mark(size or 0, seconds, "" if tag.startswith("W/") else tag.strip('"'))
