"""Folders that hold a table in parts: on a disk, or below an address in an object store."""

from __future__ import annotations

import os
import secrets
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import ParameterError, TableError
from ..files.atomic import atomic_path
from ..files.names import escaped_name
from ..files.reading import reason_of
from ..files.regular import open_regular
from ..files.writable import check_folder
from ..remote.addresses import filesystem_of, is_remote


class PartPlace(ABC):
    """A folder of files that are written and replaced whole.

    Attributes
    ----------
    name : str
        The folder as it is told and named.
    attempts : int
        How often a write is tried.
    """

    name: str
    attempts = 1

    @abstractmethod
    def sizes(self) -> dict[str, int]:
        """Return the size in bytes of every file by its name; folders end in ``/``; empty without files."""

    @abstractmethod
    def put(self, name: str, content: bytes) -> None:
        """Write a file, whole or not at all."""

    @abstractmethod
    def move(self, old: str, new: str) -> None:
        """Rename a file."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Remove a file."""

    @abstractmethod
    def read(self, name: str, most: int) -> bytes:
        """Return the first `most` bytes of a file."""

    @abstractmethod
    def local(self, name: str) -> Any:
        """Return a context manager that gives the path of a file on this machine."""

    @abstractmethod
    def check(self) -> None:
        """Raise ParameterError if no file can be written; nothing is left behind."""

    def path(self, name: str) -> str:
        """Return a file's name as it is told."""
        return f"{self.name.rstrip('/')}/{name}"


class LocalFolder(PartPlace):
    """A folder on a disk; it is made with the first file."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self.name = str(self._path)

    def sizes(self) -> dict[str, int]:
        """Return the size of every file."""
        try:
            with os.scandir(self._path) as found:
                return {
                    one.name + "/" * one.is_dir(): one.stat(follow_symlinks=False).st_size for one in found
                }
        except FileNotFoundError:
            return {}

    def put(self, name: str, content: bytes) -> None:
        """Write a file under a temporary name, flush and rename it."""
        self._path.mkdir(parents=True, exist_ok=True)
        with atomic_path(self._path / name) as part:
            part.write_bytes(content)

    def move(self, old: str, new: str) -> None:
        """Rename a file."""
        os.replace(self._path / old, self._path / new)

    def remove(self, name: str) -> None:
        """Remove a file."""
        (self._path / name).unlink(missing_ok=True)

    def read(self, name: str, most: int) -> bytes:
        """Return the first bytes of a file; a link is refused, since it may point anywhere."""
        with open_regular(self._file(name)) as stream:
            return stream.read(most)

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        """Give the path of a file."""
        yield self._file(name)

    def check(self) -> None:
        """Make a file of some bytes in the folder, or in the nearest one above it."""
        check_folder(self._path)

    def _file(self, name: str) -> Path:
        file = self._path / name
        if file.is_symlink():
            raise TableError(f"{escaped_name(file)} is a symbolic link and is not read: replace it by a file")
        return file


class RemoteFolder(PartPlace):
    """The objects below an address; a single put is atomic."""

    attempts = 3

    def __init__(self, address: str) -> None:
        self.name = address.rstrip("/") + "/"
        self._fs, path = filesystem_of(self.name)
        self._path = path.rstrip("/")

    def sizes(self) -> dict[str, int]:
        """Return the size of every object, as the store lists it now."""
        self._fs.invalidate_cache()
        try:
            found = self._fs.ls(self._path, detail=True)
        except FileNotFoundError:
            return {}
        listed = {self._key(one): one.get("size") or 0 for one in found}
        return {name: size for name, size in listed.items() if name.strip("/")}

    def _key(self, entry: dict[str, Any]) -> str:
        """Return the name of a listed object; the folder's own has none."""
        path = str(entry["name"])
        name = path.removeprefix(self._path).strip("/")
        return name + "/" * (bool(name) and entry.get("type") == "directory")

    def put(self, name: str, content: bytes) -> None:
        """Write an object."""
        self._fs.pipe_file(f"{self._path}/{name}", content)

    def move(self, old: str, new: str) -> None:
        """Copy an object and remove the old one."""
        self._fs.cp_file(f"{self._path}/{old}", f"{self._path}/{new}")
        self._fs.rm_file(f"{self._path}/{old}")

    def remove(self, name: str) -> None:
        """Remove an object."""
        self._fs.rm_file(f"{self._path}/{name}")

    def read(self, name: str, most: int) -> bytes:
        """Return the first bytes of an object."""
        with self._fs.open(f"{self._path}/{name}", "rb") as stream:
            return bytes(stream.read(most))

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        """Give the path of a copy on this machine, which is removed afterwards."""
        with tempfile.TemporaryDirectory(prefix="vqa-features-") as folder:
            copy = Path(folder) / name
            self._fs.get_file(f"{self._path}/{name}", str(copy))
            yield copy

    def check(self) -> None:
        """Write an object of some bytes and remove it."""
        trial = f".vqa-features-{secrets.token_hex(8)}.part"
        try:
            self.put(trial, b"trial")
            self.remove(trial)
        except Exception as error:  # whatever a client of a store raises
            raise ParameterError(f"cannot write {self.name!r}: {reason_of(error)}") from error


def place_of(name: str | os.PathLike[str], remote: bool) -> PartPlace:
    """Return the place of a folder or an address.

    Parameters
    ----------
    name : path or str
        A folder, or an address with a scheme.
    remote : bool
        Addresses are allowed.

    Raises
    ------
    ParameterError
        If `name` is an address and addresses are not allowed, or it holds a credential.
    ExtraMissing
        If a package for its scheme is not installed.
    """
    text = os.fspath(name)
    if not is_remote(text):
        return LocalFolder(text)
    if not remote:
        raise ParameterError(
            f"{_shown(text)!r} is an address, which is opened with --remote only (in Python, remote=True)"
        )
    if _shown(text) != text:
        raise ParameterError(
            f"the address {_shown(text)!r} is given with a user, a password or a query: leave them out, "
            "credentials stay in the environment"
        )
    return RemoteFolder(text)


def _shown(address: str) -> str:
    """Return an address without user, password, query and fragment."""
    scheme, _, rest = address.partition("://")
    rest = rest.partition("?")[0].partition("#")[0]
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"
