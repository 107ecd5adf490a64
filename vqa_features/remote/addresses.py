"""Addresses with a scheme: recognised, checked, and opened through fsspec.

Nothing is opened over the network unless the user allows it (`--remote`) and names an address of one of
`SCHEMES`. What a file contains never becomes an address.
"""

from __future__ import annotations

import re
from typing import Any

from ..errors import ParameterError
from ..extras import require

#: Schemes that are opened, and what each needs beside fsspec.
SCHEMES = {"s3": "s3fs", "gs": "gcsfs", "https": "aiohttp"}
_ADDRESS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+)://")


def is_remote(name: object) -> bool:
    """Whether a name is an address of one of `SCHEMES`, and not a file's name."""
    found = _ADDRESS.match(name) if isinstance(name, str) else None
    return found is not None and found["scheme"].lower() in SCHEMES


def filesystem_of(address: str) -> tuple[Any, str]:
    """Return the fsspec file system of an address, and the path in it.

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
    found = _ADDRESS.match(address)
    scheme = found["scheme"].lower() if found else ""
    if scheme not in SCHEMES:
        raise ParameterError(f"{address!r} has none of the schemes {', '.join(SCHEMES)}")
    require(f"the address {scheme}://", ("fsspec", SCHEMES[scheme]), None if scheme == "gs" else "remote")
    from fsspec.core import url_to_fs

    fs, path = url_to_fs(address)
    return fs, str(path)
