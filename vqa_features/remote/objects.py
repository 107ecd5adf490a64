"""An object of a store, such as ``s3://bucket/clip.mp4``, read in ranges through fsspec."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from ..video_task import Mark
from .addresses import filesystem_of

#: Bytes of one request: few requests for a video, and little memory.
CHUNK = 8 << 20
_63_BITS = 2**63 - 1


class StoredObject:
    """An object of a store; its first method is `describe`.

    Every range is asked for with the tag of the first answer, so that an object that is replaced meanwhile is
    noticed.

    Parameters
    ----------
    address : str
        Of a scheme whose addresses have folders.
    """

    def __init__(self, address: str) -> None:
        self._fs, self._path = filesystem_of(address)
        self._file: Any = None

    def describe(self) -> Mark:
        """Return size, time and tag, by one request."""
        self._file = self._fs.open(self._path, "rb", block_size=CHUNK, cache_type="none")
        details = self._file.details
        if details.get("type") != "file":
            raise IsADirectoryError(self._path)
        return mark_of(details)

    def chunks(self, start: int) -> Iterator[bytes]:
        """Yield the bytes from `start` on."""
        self._file.seek(start)
        while chunk := self._file.read(CHUNK):
            yield chunk

    def close(self) -> None:
        """Forget the object."""
        self._file = None


def mark_of(details: Mapping[str, Any]) -> Mark:
    """Return the mark of an object from what its store says of it.

    Parameters
    ----------
    details : mapping
        From fsspec's ``info`` or ``find``: ``size``, and ``ETag``, ``LastModified``, ``VersionId`` of s3 or
        ``etag``, ``updated``, ``generation`` of gs.
    """
    changed = details.get("LastModified") or details.get("updated") or details.get("mtime")
    if isinstance(changed, str):
        try:
            changed = datetime.datetime.fromisoformat(changed)
        except ValueError:
            changed = None
    seconds = int(changed.timestamp()) if isinstance(changed, datetime.datetime) else 0
    tag = details.get("ETag") or details.get("etag") or details.get("generation")
    return mark(int(details["size"] or 0), seconds, "" if tag is None else str(tag).strip('"'))


def mark(size: int, seconds: int, tag: str) -> Mark:
    """Return a mark of numbers that SQLite holds; a tag is hashed."""
    hashed = int.from_bytes(hashlib.sha256(tag.encode()).digest()[:8]) & _63_BITS if tag else 0
    return size & _63_BITS, seconds * 10**9 & _63_BITS, hashed
