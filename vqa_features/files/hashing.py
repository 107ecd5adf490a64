"""SHA-256 of files: cached while a file does not change, and recorded beside it on first use."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

from ..errors import ParameterError
from .atomic import write_text


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file; computed once per process for a file that does not change."""
    stat = path.stat()
    return _sha256(str(path), stat.st_size, stat.st_mtime_ns)


@functools.lru_cache(maxsize=64)
def _sha256(path: str, size: int, mtime_ns: int) -> str:
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def hold_to_record(path: Path, digest: str) -> None:
    """Record `digest` beside the file on first use; later compare it with the record.

    Parameters
    ----------
    path : Path
        The file.
    digest : str
        Its SHA-256.

    Raises
    ------
    ParameterError
        If the file has been altered since.
    """
    before = recorded(path)
    if before is None:
        write_text(_record_of(path), f"{digest}  {path.name}\n")
    elif before != digest:
        raise ParameterError(
            f"{path} has SHA-256 {digest}, on first use it was {before}: it has been altered; "
            f"if you replaced it on purpose, delete {_record_of(path).name}"
        )


def recorded(path: Path) -> str | None:
    """The digest recorded for a file, None if there is none."""
    record = _record_of(path)
    return record.read_text().split()[0] if record.is_file() else None


def forget(path: Path) -> None:
    """Remove the record of a file that is about to be replaced."""
    _record_of(path).unlink(missing_ok=True)


def _record_of(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")
