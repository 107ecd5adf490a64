"""Checks before hours of work that a file can be written, and other places for what then cannot."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from ..errors import ParameterError

#: Bytes written for a trial: a full disk may still give a file its name.
_TRIAL = bytes(4096)


def check_file(path: str | os.PathLike[str]) -> None:
    """Refuse the name of a file that cannot be written or replaced; nothing is left on the disk.

    A symbolic link stands for the file it points to. Missing folders are allowed where they can be made.

    Parameters
    ----------
    path : path
        File to write later.

    Raises
    ------
    ParameterError
        If the file is a folder, a pipe, a device or write-protected, or its folder cannot be written.
    """
    given = os.fspath(path)
    file = _resolved(given)
    try:
        mode = file.stat().st_mode
    except FileNotFoundError:
        check_folder(file.parent, given)
        return
    except OSError as error:
        raise ParameterError(f"cannot write {given!r}: {_reason(error)}") from error
    if stat.S_ISDIR(mode):
        raise ParameterError(f"cannot write {given!r}: it is a folder")
    if not stat.S_ISREG(mode):
        raise ParameterError(f"cannot write {given!r}: it is a pipe or a device; give a file")
    if not mode & 0o222 or not os.access(file, os.W_OK):
        raise ParameterError(f"cannot write {given!r}: the file is write-protected; give another name")
    check_folder(file.parent, given)


def check_folder(path: str | os.PathLike[str], given: str | None = None) -> None:
    """Refuse a folder in which no file can be made; nothing is left on the disk.

    Parameters
    ----------
    path : path
        The folder. If it is missing, the nearest folder above it is tried.
    given : str, optional
        The name to blame, by default `path`.

    Raises
    ------
    ParameterError
        If it is a file, or a file of some bytes cannot be made in it.
    """
    given = os.fspath(path) if given is None else given
    folder = _resolved(path)
    try:
        while not os.path.lexists(folder):
            folder = folder.parent
        with tempfile.TemporaryFile(dir=folder) as trial:
            trial.write(_TRIAL)
    except NotADirectoryError as error:
        raise ParameterError(f"cannot write {given!r}: {str(folder)!r} is not a folder") from error
    except OSError as error:
        raise ParameterError(f"cannot write {given!r}: {_reason(error)} ({str(folder)!r})") from error


def check_folder_of(folder: str, files: Iterable[str], inputs: Iterable[str]) -> None:
    """Refuse a folder of results that cannot be written, or in which a result would replace an input.

    Parameters
    ----------
    folder : str
        The folder, which may be missing.
    files : iterable of str
        Names of the files that will be written in it.
    inputs : iterable of str
        Paths of the inputs.

    Raises
    ------
    ParameterError
        In one sentence.
    """
    check_folder(folder)
    outputs = {f"the result {name}": os.path.join(folder, name) for name in files}
    check_distinct(outputs, inputs)
    for path in outputs.values():
        check_file(path)


def check_distinct(outputs: Mapping[str, str], inputs: Iterable[str]) -> None:
    """Refuse outputs that are one file, or that would replace an input.

    Parameters
    ----------
    outputs : mapping
        Path of each output by its description, e.g. ``{"the table": "out.csv"}``.
    inputs : iterable of str
        Paths of the inputs.

    Raises
    ------
    ParameterError
        Names the outputs, or the output and the input.
    """
    known: dict[object, str] = {}
    for role, path in outputs.items():
        other = known.setdefault(_identity(path), role)
        if other != role:
            raise ParameterError(f"{other} and {role} are the same file {path!r}: give each its own name")
    for path in inputs:
        role_of = known.get(_identity(path))
        if role_of is not None:
            raise ParameterError(f"{role_of} would replace the input {path!r}: give another name")


def free_name(file: Path, word: str) -> Path:
    """Return a name beside `file` that no file has: ``NAME.word.SUFFIX``, then ``NAME.word-2.SUFFIX`` ..."""
    names = (file.with_name(f"{file.stem}.{word}{n}{file.suffix}") for n in _numbers())
    return next(name for name in names if not os.path.lexists(name))


def other_places(file: Path) -> Iterator[Path]:
    """Yield names of files that do not exist, in other folders, for a `file` that could not be written.

    Parameters
    ----------
    file : Path
        The name that failed.

    Yields
    ------
    Path
        In the current folder, the home folder and the folder of temporary files.
    """
    for folder in (Path.cwd, Path.home, lambda: Path(tempfile.gettempdir())):
        with suppress(OSError, RuntimeError):
            yield free_name(folder().resolve() / file.name, "rescued")


def write_somewhere(
    write: Callable[[Path], object],
    file: Path,
    others: Iterable[Path] | None = None,
    failures: type[Exception] | tuple[type[Exception], ...] = Exception,
) -> tuple[Path, Exception | None]:
    """Write `file`, or the same content elsewhere if that fails, so that no result is lost.

    Parameters
    ----------
    write : callable
        Writes the content to the path it is given, whole or not at all.
    file : Path
        Where it is asked for.
    others : iterable of Path, optional
        Where else; by default `other_places`.
    failures : type of Exception, or several
        What leads to another place.

    Returns
    -------
    Path
        Where it is.
    Exception or None
        Why it is not where it was asked for.

    Raises
    ------
    Exception
        What the first attempt raised, if every one failed.
    """
    try:
        write(file)
        return file, None
    except failures as error:
        problem = error
    for place in other_places(file) if others is None else others:
        try:
            write(place)
        except failures:
            continue
        return place, problem
    raise problem


def _resolved(path: str | os.PathLike[str]) -> Path:
    try:
        os.stat(path)
    except ValueError as error:  # a zero byte, or a character that stands for no byte
        raise ParameterError(f"cannot write {os.fspath(path)!r}: no file can have this name") from error
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise ParameterError(f"cannot write {os.fspath(path)!r}: {_reason(error)}") from error
    return Path(os.path.realpath(path))


def _identity(path: str) -> object:
    """Something equal for two names of one file, whether it exists or not."""
    try:
        path = os.path.realpath(path)
        found = os.stat(path)
    except (OSError, ValueError):  # there is none, or a zero byte is in its name
        return path
    return found.st_dev, found.st_ino


def _numbers() -> Iterator[str]:
    yield ""
    number = 2
    while True:
        yield f"-{number}"
        number += 1


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
