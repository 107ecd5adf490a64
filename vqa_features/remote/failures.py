"""Failures of object stores and servers as errors of a video, in words of our own.

The messages of libraries and servers may repeat addresses, headers and credentials: none is passed on.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import urllib.error
from typing import Any

from ..errors import DecodeError, DownloadError, VqaError

MISSING, PERMISSION, IO, CHANGED, REDIRECT = "missing", "permission", "io", "changed", "redirect"
#: Meanings of HTTP statuses and of S3's codes: the kind, and what is said.
_MEANINGS = {
    "404": (MISSING, "there is no such object"),
    "410": (MISSING, "there is no such object"),
    "NoSuchKey": (MISSING, "there is no such object"),
    "NoSuchVersion": (MISSING, "there is no such version of the object"),
    "NoSuchBucket": (MISSING, "there is no such bucket"),
    "InvalidBucketName": (MISSING, "its bucket has no valid name"),
    "400": (PERMISSION, "the request is refused: credentials that have expired, or another region"),
    "401": (PERMISSION, "the server asks for credentials"),
    "403": (PERMISSION, "access is denied"),
    "407": (PERMISSION, "the proxy asks for credentials"),
    "409": (IO, "the server is busy"),
    "412": (CHANGED, "it was changed while it was read"),
    "PreconditionFailed": (CHANGED, "it was changed while it was read"),
    "416": (CHANGED, "it was changed while it was read"),
    "InvalidRange": (CHANGED, "it was changed while it was read"),
    "InvalidObjectState": (PERMISSION, "it lies in an archive and must be restored first"),
}
#: Classes of libraries by their names, since they are imported only where they are used.
_CLASSES = (
    (
        r"NoCredentials|PartialCredentials|CredentialRetrieval|DefaultCredentials|TokenRetrieval|SSO.*Token|"
        r"UnauthorizedSSO|RefreshError|LoginError",
        PERMISSION,
        "no credentials are found, or they are incomplete",
    ),
    (r"ProfileNotFound|ConfigParseError|InvalidConfig", PERMISSION, "the configured profile cannot be used"),
    (r"ParamValidation|InvalidEndpoint|UnknownEndpoint", MISSING, "bucket or key has no valid name"),
    (r"FileExpired", CHANGED, "it was changed while it was read"),
    (r"SSLError|CertificateError", IO, "the certificate of the server is not trusted"),
    (r"EndpointConnection|ConnectTimeout|ProxyConnection", IO, "the server cannot be reached"),
    (r"ReadTimeout|TimeoutError|ServerTimeout", IO, "the server is too slow"),
    (
        r"HTTPClientError|IncompleteRead|ConnectionClosed|ResponseStreaming|ClientPayload|ClientConnection|"
        r"ServerDisconnected|ConnectionReset|ConnectionAborted|BrokenPipe|RemoteDisconnected",
        IO,
        "the connection ended",
    ),
)
_CODE = re.compile(r"[A-Za-z0-9._-]{1,60}")


class Unusable(OSError):
    """An answer that cannot be used; its text is one of this package and is passed on.

    Parameters
    ----------
    told : str
        What is wrong.
    kind : str
        That of the `DecodeError`.
    """

    def __init__(self, told: str, kind: str = IO) -> None:
        super().__init__(told)
        self.kind = kind


def failure_of(error: BaseException, name: str) -> DecodeError:
    """Return what an exception of reading an address means for its video.

    Parameters
    ----------
    error : BaseException
        Raised by fsspec, one of its file systems, or a connection.
    name : str
        The address without credentials.
    """
    if isinstance(error, DecodeError):
        return error
    kind, told = (error.kind, str(error)) if isinstance(error, Unusable) else _meaning(error)
    return DecodeError(f"cannot read {name!r}: {told}", kind)


def _meaning(error: BaseException) -> tuple[str, str]:
    code = _code(error)
    if code in _MEANINGS:
        return _MEANINGS[code]
    chain = _chain(error)
    if any(isinstance(one, DownloadError) for one in chain) or re.fullmatch(r"3\d\d", code):
        return REDIRECT, "it redirects to an address that is not opened"
    if re.fullmatch(r"5\d\d", code):
        return IO, f"the server fails ({code})"
    for pattern, kind, told in _CLASSES:
        if any(re.search(pattern, base.__name__) for one in chain for base in type(one).__mro__):
            return kind, told
    if any(isinstance(one, PermissionError) for one in chain):
        return PERMISSION, f"access is denied{_in_brackets(code)}"
    if any(isinstance(one, FileNotFoundError) for one in chain):
        return MISSING, "there is no such object"
    if isinstance(error, IsADirectoryError):
        return "not a regular file", "it is a folder"
    if any(isinstance(one, socket.gaierror) for one in chain):
        return IO, "its server has no address"
    if any(isinstance(one, ssl.SSLError) for one in chain):
        return IO, "no safe connection to the server can be made"
    if isinstance(error, http.client.InvalidURL | UnicodeError | ValueError) and not isinstance(
        error, VqaError
    ):
        return MISSING, "it is no valid address"
    if any(isinstance(one, ConnectionRefusedError) for one in chain):
        return IO, "the server cannot be reached"
    return IO, f"{type(error).__name__}{_in_brackets(code)}"


def _in_brackets(code: str) -> str:
    return f" ({code})" if code else ""


def _code(error: BaseException) -> str:
    """Return the HTTP status or the code of the store that an exception comes from, "" without one."""
    found: Any
    for one in _chain(error):
        if isinstance(one, urllib.error.HTTPError):
            return str(one.code)
        response = getattr(one, "response", None)
        found = response.get("Error", {}).get("Code") if isinstance(response, dict) else None
        if type(one).__module__.startswith("gcsfs"):
            found = getattr(one, "code", None)
        if isinstance(found, str | int) and _CODE.fullmatch(str(found)):
            return str(found)
    return ""


def _chain(error: BaseException) -> list[BaseException]:
    """Return an exception and those it comes from."""
    found: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in found:
        found.append(one)
        reason = getattr(one, "reason", None)
        one = reason if isinstance(reason, BaseException) else one.__cause__ or one.__context__
    return found
