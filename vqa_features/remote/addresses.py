"""Addresses with a scheme: recognised, checked, and opened through fsspec.

Nothing is opened over the network unless the user allows it (`--remote`) and names an address of one of
`SCHEMES`. What a file contains never becomes an address.
"""

from __future__ import annotations

import os
import posixpath
import re
import urllib.parse
from dataclasses import dataclass
from functools import cache
from typing import Any

from ..errors import ParameterError
from ..extras import require
from ..files.names import opened_name
from ..video_task import RemoteFile
from .redaction import public_address, without_user

#: Schemes that are opened, and what each needs beside fsspec.
SCHEMES = {"s3": "s3fs", "gs": "gcsfs", "https": "aiohttp"}
#: Schemes whose addresses have folders, which can be listed.
LISTED = ("s3", "gs")
#: Largest file that is fetched, in MiB, unless told otherwise.
MOST_MIB = 8192
_ADDRESS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+)://(?P<rest>.*)", re.DOTALL)
_VERSION = "?versionId="
_QUERY = re.compile(r"\?[\w.-]+=")
#: Seconds that a connection to an object store may take, and may stay silent.
_CONNECT_S, _SILENT_S = 10, 30
#: Tries of one request by the library itself; a dropped transfer is resumed by `scratch`.
_TRIES = 2


@dataclass(frozen=True)
class Access:
    """The user's permission to open addresses, and its bound.

    Parameters
    ----------
    most_bytes : int
        Largest file that is fetched.
    """

    most_bytes: int = MOST_MIB << 20

    @classmethod
    def of(cls, remote: bool, max_scratch_mb: float | None = None) -> Access | None:
        """Return the permission that options mean, None without one.

        Parameters
        ----------
        remote : bool
            Whether addresses may be opened.
        max_scratch_mb : float, optional
            Largest file that is fetched, in MiB; by default `MOST_MIB`.

        Raises
        ------
        ParameterError
            If the bound is not above 0, or is given without the permission.
        """
        if max_scratch_mb is not None and not max_scratch_mb > 0:
            raise ParameterError(f"max_scratch_mb must be above 0, got {max_scratch_mb}")
        if max_scratch_mb is not None and not remote:
            raise ParameterError("max_scratch_mb (--max-scratch) is for addresses, which need --remote")
        return cls(int((max_scratch_mb or MOST_MIB) * 2**20)) if remote else None

    def file(self, address: str) -> RemoteFile:
        """Return the file at an address; ParameterError or ExtraMissing if it cannot be opened."""
        plain = checked(address)
        if scheme_of(plain) in LISTED:
            _require(scheme_of(plain))
        return RemoteFile(plain, self.most_bytes)


def scheme_of(name: object) -> str:
    """Return the scheme of an address in lower case, "" for what is none."""
    found = _ADDRESS.match(name) if isinstance(name, str) else None
    return found["scheme"].lower() if found else ""


def is_remote(name: object) -> bool:
    """Whether a name is an address of one of `SCHEMES`, and not a file's name."""
    return scheme_of(name) in SCHEMES


def checked(address: str) -> str:
    """Return an address for which `is_remote` is true, its scheme in lower case.

    Raises
    ------
    ParameterError
        If it names no bucket or server, or an address of an object store holds credentials or a query.
    """
    found = _ADDRESS.match(address)
    assert found is not None
    scheme, rest = found["scheme"].lower(), found["rest"]
    shown = public_address(address)
    if not re.split(r"[/?#]", without_user(rest), maxsplit=1)[0]:
        raise ParameterError(f"{shown!r} names no {'server' if scheme == 'https' else 'bucket'}")
    if scheme in LISTED:
        if without_user(rest) != rest:
            raise ParameterError(
                f"{shown!r} holds credentials in front of the bucket: leave them out, and give them in the "
                "environment"
            )
        if _QUERY.search(rest.replace(_VERSION, "", 1)):
            raise ParameterError(
                f"{shown!r} has a query: an address of {scheme} takes none but {_VERSION}; a presigned "
                "address begins with https"
            )
    return f"{scheme}://{rest}"


def refused(count: int, address: str) -> ParameterError:
    """Return the error for addresses that are named without the permission to open them."""
    more = f" and {count - 1} more" if count > 1 else ""
    return ParameterError(
        f"{public_address(address)!r}{more}: an address is opened only with --remote (remote=True in Python)"
    )


def opened_input(name: str | os.PathLike[str], access: Access | None) -> tuple[str, RemoteFile | None]:
    """Return the path of an input that may be shown, and the file at its address if it is one.

    Parameters
    ----------
    name : path
        As the user gives it.
    access : Access, optional
        The permission.

    Raises
    ------
    ParameterError
        If it is an address that may not or cannot be opened.
    """
    text = opened_name(name)
    if not is_remote(text):
        return (public_address(text) if scheme_of(text) else text), None
    if access is None:
        raise refused(1, text)
    file = access.file(text)
    return public_address(file.address), file


def filesystem_of(address: str) -> tuple[Any, str]:
    """Return the fsspec file system of an address, and the path in it.

    Chained addresses (``zip://a::s3://b``) mean nothing here: all that follows the scheme is one path.

    Parameters
    ----------
    address : str
        An address for which `is_remote` is true.

    Raises
    ------
    ParameterError
        If the scheme is none of `SCHEMES`.
    ExtraMissing
        If a package for it is not installed.
    """
    scheme = scheme_of(address)
    if scheme not in SCHEMES:
        shown = public_address(address)
        raise ParameterError(f"{shown!r} has none of the schemes {', '.join(SCHEMES)}")
    _require(scheme)
    import fsspec

    fs = fsspec.filesystem(scheme, **_options(scheme, address))
    if scheme == "s3":
        fs.retries = _TRIES
    return fs, str(fs._strip_protocol(checked(address)))


@cache
def _require(scheme: str) -> None:
    """Raise ExtraMissing if a package for a scheme is not installed."""
    require(f"the address {scheme}://", ("fsspec", SCHEMES[scheme]), None if scheme == "gs" else "remote")


def _options(scheme: str, address: str) -> dict[str, Any]:
    if scheme != "s3":
        return {}
    config = {
        "connect_timeout": _CONNECT_S,
        "read_timeout": _SILENT_S,
        "retries": {"max_attempts": _TRIES, "mode": "standard"},
    }
    return {
        "config_kwargs": config,
        "use_listings_cache": False,
        "version_aware": _VERSION in address,
    }


def path_of(address: str) -> str:
    """Return the path of an address without what is no part of the name: version, query, fragment."""
    public = public_address(address)
    if scheme_of(address) == "https":
        return urllib.parse.unquote(urllib.parse.urlsplit(public).path)
    return public.partition("://")[2].partition(_VERSION)[0]


def suffix_of(address: str) -> str:
    """Return the suffix of the file at an address, in lower case."""
    return posixpath.splitext(path_of(address))[1].lower()


def parts_of(address: str) -> tuple[str, ...]:
    """Return scheme, server or bucket, folders and file name of an address."""
    scheme, _, rest = public_address(address).partition("://")
    if scheme == "https":
        host = rest.partition("/")[0]
        return (scheme, host, *path_of(address).split("/")[1:])
    return (scheme, *rest.partition(_VERSION)[0].split("/"))


def beside(base: str, name: str) -> str:
    """Return what a list at the address `base` means by `name`.

    Parameters
    ----------
    base : str
        Address of the list.
    name : str
        An address, the absolute path of a file on this machine, or a path relative to the list.

    Raises
    ------
    ParameterError
        If a relative path leads out of the bucket.
    """
    if scheme_of(name) or name.startswith("/"):
        return name
    if scheme_of(base) == "https":
        parts = urllib.parse.urlsplit(base)
        path = urllib.parse.quote(posixpath.join(posixpath.dirname(parts.path), name), safe="/%")
        return urllib.parse.urlunsplit((parts.scheme, parts.netloc, posixpath.normpath(path), "", ""))
    scheme, _, rest = base.partition("://")
    bucket, _, key = rest.partition(_VERSION)[0].partition("/")
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(key), name))
    if joined == ".." or joined.startswith("../"):
        raise ParameterError(f"{name!r} in {public_address(base)!r} leads out of the bucket")
    return f"{scheme}://{bucket}/{joined}"
