"""Texts without credentials: those in addresses, of the environment and of fsspec's configuration."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache

HIDDEN = "***"
_ADDRESS = re.compile(r"(?P<head>[A-Za-z][A-Za-z0-9+.-]+://)(?P<rest>[^\s'\"<>|]+)")
#: Schemes of object stores, where a key may hold ``?`` and ``#``.
_STORES = ("s3://", "gs://")
#: Parameters of requests that hold credentials, wherever they stand.
_PARAMETER = re.compile(
    r"(?i)\b(X-Amz-[\w-]+|X-Goog-[\w-]+|AWSAccessKeyId|GoogleAccessId|Signature|sig|Credential|"
    r"access_token|token|password|secret|api_key)(=|%3D)[^\s&'\"<>,;)]+"
)
_HEADER = re.compile(r"(?i)\b(Authorization|x-amz-security-token|Cookie)(['\"]?\s*[:=]\s*)[^\r\n]+")
#: Names of variables and options whose values are credentials.
_SECRET = re.compile(r"(?i)(SECRET|TOKEN|PASSWORD|PASSWD|ACCESS_KEY|ACCESS_KEY_ID|API_KEY|^KEY)$")
#: Shorter values are no credentials, and are parts of other words.
_SHORTEST = 8


def public_address(address: str) -> str:
    """Return an address without the credentials in it, or another text as it is.

    User name and password are left out, and so are the query and the fragment, which hold signatures and
    tokens. An address of an object store keeps what follows a ``?``, which may be a part of the key, unless
    it has the form of a query other than ``?versionId=``.

    Parameters
    ----------
    address : str
        Any text; the whole of it is taken for one address.

    Examples
    --------
    >>> public_address("https://me:word@host/clip.mp4?X-Amz-Signature=1f")
    'https://host/clip.mp4'
    """
    head, mark, rest = address.partition("://")
    if not mark or not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.:-]*", head):
        return address
    head, rest = head.lower() + mark, without_user(rest)
    query = r"\?(?!versionId=)(?=[\w.-]+=)" if head in _STORES else r"[?#]"
    return head + re.split(query, rest, maxsplit=1)[0]


def without_user(rest: str) -> str:
    """Return what follows ``://`` in an address without user name and password, also if they hold a slash."""
    server = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in server:
        return rest[server.rindex("@") + 1 :]
    is_server = ":" not in server or server.startswith(("[", "arn:")) or re.search(r":\d*$", server)
    return rest if is_server else rest.rpartition("@")[2]


def redacted(text: str) -> str:
    """Return a text without credentials, for messages that other programs have a part in.

    Parameters
    ----------
    text : str
        Any text, e.g. a traceback. Addresses in it lose user names, passwords and queries; parameters and
        headers of requests that hold credentials, and the values of variables of the environment whose names
        say that they are credentials, are replaced by ``***``.

    Examples
    --------
    >>> redacted("cannot open https://me:word@host/a.mp4?sig=1f, Signature=2e")
    'cannot open https://host/a.mp4, Signature=***'
    """
    for secret in sorted(set(_secrets()), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    text = _HEADER.sub(rf"\1\2{HIDDEN}", text)
    text = _ADDRESS.sub(_public, text)
    return _PARAMETER.sub(rf"\1\2{HIDDEN}", text)


def _public(found: re.Match[str]) -> str:
    whole = found[0]
    tail = whole[len(whole.rstrip(".,:;)]}")) :]
    public = public_address(whole.removesuffix(tail) if tail else whole)
    return public + tail


def _secrets() -> Iterator[str]:
    """Yield the credentials of the environment and of fsspec's configuration."""
    yield from (value for name, value in os.environ.items() if _is_secret(name) and len(value) >= _SHORTEST)
    configuration = sys.modules.get("fsspec.config")
    if configuration is not None:
        yield from _configured(configuration.conf)


@cache
def _is_secret(name: str) -> bool:
    return _SECRET.search(name) is not None


def _configured(options: Mapping[str, object]) -> Iterator[str]:
    for name, value in options.items():
        if isinstance(value, Mapping):
            yield from _configured(value)
        elif isinstance(value, str) and _is_secret(str(name)) and len(value) >= _SHORTEST:
            yield value
