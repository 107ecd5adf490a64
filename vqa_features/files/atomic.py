"""Atomic writes: a file gets its name only when it is complete and on the disk.

The content goes to a temporary file in the same folder, which is then flushed to the disk and renamed.
A reader sees the old file or the new one, never a part of it. A failed write leaves the old file as it was.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .names import ESCAPE


@contextmanager
def atomic_path(target: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path beside `target`, and rename that file to `target` at the end.

    The temporary name does not end in the suffix of `target`, so a writer that infers the format from
    the name must be told the format. If the block raises, the temporary file is removed and `target`
    stays as it was. A file that is replaced hands its permissions on. If `target` is a symbolic link, the
    link is replaced and the file it points to is left alone.

    Parameters
    ----------
    target : path
        File to write. Its folder must exist.

    Yields
    ------
    Path
        The file to create. It must be closed before the block ends.

    Raises
    ------
    OSError
        If the folder does not exist or cannot be written, or `target` is a folder, a pipe or a device.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "scores.csv"
    >>> with atomic_path(file) as part:
    ...     _ = part.write_text("id,mos")
    >>> file.read_text()
    'id,mos'
    """
    final = Path(target)
    mode = _mode_of(final)
    # a name of its own per write, so that two writers of one file do not share it
    part = final.with_name(f".vqa-features-{secrets.token_hex(8)}.part")
    try:
        yield part
        if mode is not None:
            part.chmod(mode)
        rename_complete(part, final)
    finally:
        part.unlink(missing_ok=True)


def write_text(target: str | os.PathLike[str], text: str) -> None:
    r"""Write `text` to the file `target` in UTF-8, atomically.

    Parameters
    ----------
    target : path
        File to write. Its folder must exist.
    text : str
        The whole content. Line ends are written as they are, lone surrogates as ``\xHH``.
    """
    with atomic_path(target) as part:
        part.write_text(text, encoding="utf-8", errors=ESCAPE, newline="")


def rename_complete(part: Path, target: Path) -> None:
    """Flush the complete file `part` to the disk and rename it to `target` in the same folder.

    Parameters
    ----------
    part : Path
        A closed or flushed file.
    target : Path
        Its final name; an existing file is replaced.
    """
    _sync(part)
    os.replace(part, target)
    _sync(target.parent)


def _mode_of(file: Path) -> int | None:
    """Permissions of the file to replace, None if there is none; OSError if it is no regular file."""
    if not os.path.lexists(file) or file.is_symlink():
        return None
    mode = file.stat().st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder", str(file))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is a pipe or a device, not a file", str(file))
    return stat.S_IMODE(mode)


def _sync(path: Path) -> None:
    """Wait until a file's content, or a folder's list of names, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
