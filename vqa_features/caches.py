"""Folders in which this program and its libraries cache: the user's own, or a private one for one run."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import stat
import tempfile
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import platformdirs

#: Names the folder of a run to its worker processes; empty where none can be made.
_VARIABLE = "VQA_FEATURES_RUN_FOLDER"
#: Where nothing can be, for a user without a home folder.
_NOWHERE = Path(os.devnull, "no-home-folder")
#: In a container without root's id, root's files seem to be this user's.
_UNMAPPED = 65534
#: For temporary files where there is no other place.
_SHARED_MEMORY = "/dev/shm"
_KERNELS = Path(__file__).parent / "kernels" / "__pycache__"

Tell = Callable[[str], None]


def _warn(text: str) -> None:
    warnings.warn(text, RuntimeWarning, stacklevel=3)


_tell: Tell = _warn


def tell_by(tell: Tell) -> None:
    """Tell by `tell`, instead of a Python warning, of a cache folder that cannot be used."""
    global _tell
    _tell = tell


def cache_home() -> Path:
    """Return the user's cache folder.

    Returns
    -------
    Path
        On Linux ``$XDG_CACHE_HOME`` or ``~/.cache``; for a user without a home a path where nothing can be.
    """
    try:
        found = platformdirs.user_cache_path()
    except (RuntimeError, KeyError, OSError):
        return _NOWHERE
    return found if found.is_absolute() else _NOWHERE  # expanduser may leave "~" as it is


def is_writable(folder: Path) -> bool:
    """Whether files can be written in a folder, which is made if it does not exist."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)


def is_private(folder: str | os.PathLike[str], source: str | os.PathLike[str] | None = None) -> bool:
    """Whether only the user and root can write in a folder, or put another one in its place.

    What is cached as code must be in such a folder. A group that holds only the user, or root, may write.

    Parameters
    ----------
    folder : path
        An existing folder.
    source : path, optional
        A file of code whose owner is trusted with the folder too.
    """
    trusted = {0, os.geteuid()}
    try:
        if source is not None:
            trusted.add(os.stat(source).st_uid)
        path = Path(folder).resolve(strict=True)
        status = path.stat()
        if status.st_uid not in trusted or status.st_mode & stat.S_IWOTH:
            return False
        if status.st_mode & stat.S_IWGRP and not _is_own_group(status.st_gid):
            return False
    except OSError:
        return False
    return _keeps_folders(path.parent)


def _is_own_group(number: int) -> bool:
    """Whether a group is root's or that of the user alone, which has the user's name."""
    if number == 0:
        return True
    try:
        user, group = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(number)
    except KeyError:
        return False
    return group.gr_name == user and set(group.gr_mem) <= {user}


def _keeps_folders(folder: Path) -> bool:
    """Whether not every user can rename what is in a folder or above it; in a sticky one, as /tmp, none."""
    trusted = {0, os.geteuid(), _UNMAPPED}
    try:
        path = folder.resolve(strict=True)
        found = [one.stat() for one in (path, *path.parents)]
    except OSError:
        return False
    open_to_all = [status for status in found if status.st_mode & stat.S_IWOTH]
    return all(status.st_mode & stat.S_ISVTX and status.st_uid in trusted for status in open_to_all)


def prepare() -> None:
    """Give libraries a place to cache in where the user's cache folder cannot be used, and tell it once.

    Called before workers start: they find the folder by the environment. matplotlib is sent there, and the
    Hugging Face libraries unless their own folder exists; `kernels.jit` looks there by itself.
    """
    if _VARIABLE in os.environ or _is_worker():
        return
    home = cache_home()
    writable = is_writable(home)
    for_code = (Path(os.environ.get("NUMBA_CACHE_DIR") or home), home)
    code_is_safe = any(is_writable(folder) and _keeps_folders(folder) for folder in for_code)
    code_is_safe = code_is_safe or (is_writable(_KERNELS) and is_private(_KERNELS))
    if code_is_safe and (writable or "MPLCONFIGDIR" in os.environ):
        return
    folder = run_folder()
    if folder is not None and not writable:
        os.environ.setdefault("MPLCONFIGDIR", str(folder / "matplotlib"))
        if not (home / "huggingface").exists():
            os.environ.setdefault("HF_HOME", str(folder / "huggingface"))
    reason = "every user can write in it" if writable else "it cannot be written"
    told = (
        "this user has no home folder" if home == _NOWHERE else f"{str(home)!r} is no cache folder: {reason}"
    )
    what = "what is cached is kept for this run only"
    if folder is None:
        what = "nothing is cached, since there is no folder of temporary files either"
    _tell(f"{told}; {what}; set XDG_CACHE_HOME to a folder of yours")


def run_folder() -> Path | None:
    """Return a folder that only this user can enter, for this run and its worker processes.

    Returns
    -------
    Path or None
        Made on the first call and removed when the process that made it ends; None where there is no place
        for it, and in a worker whose driver made none.
    """
    given = os.environ.get(_VARIABLE)
    if given is not None:
        return Path(given) if given and is_private(given) else None
    if _is_worker():  # it is killed at its end, and would leave its folder
        return None
    os.environ[_VARIABLE] = ""
    for place in (None, _SHARED_MEMORY):
        with suppress(OSError):
            made = tempfile.mkdtemp(prefix="vqa-features-", dir=place)
            _remove_at_exit(made)
            if is_private(made):
                os.environ[_VARIABLE] = made
                return Path(made)
    return None


def _is_worker() -> bool:
    from multiprocessing.process import parent_process

    return parent_process() is not None


def _remove_at_exit(folder: str) -> None:
    from multiprocessing.util import Finalize

    Finalize(None, shutil.rmtree, (folder, True), exitpriority=0)  # not in a fork of this process
