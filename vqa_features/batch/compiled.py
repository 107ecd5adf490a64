"""Which extractors' kernels were compiled on this machine, kept in the cache folder: it is told once."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Iterable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from .. import __version__
from ..errors import first_few
from ..extractor import Extractor
from ..files.atomic import write_text
from ..files.cache import cache_folder

#: Greatest size of the file that is read, in bytes.
_MOST = 1 << 16


def with_kernels(extractors: Iterable[Extractor]) -> set[str]:
    """Return the names of the extractors that compile kernels: networks do not."""
    return {extractor.name for extractor in extractors if extractor.scope != "clip"}


def are_compiled(extractors: Iterable[Extractor]) -> bool:
    """Return whether `note_compiled` noted every extractor for these versions and this folder of code."""
    return with_kernels(extractors) <= _noted()


def not_compiled(extractors: Iterable[Extractor]) -> list[Extractor]:
    """Return those with kernels that `note_compiled` did not note."""
    noted = _noted()
    return [one for one in extractors if one.scope != "clip" and one.name not in noted]


def what_takes_long(extractors: Iterable[Extractor]) -> str:
    """Return what keeps a worker busy before its first video, "" if nothing should."""
    extractors = list(extractors)
    networks = [one.label for one in extractors if one.scope == "clip"]
    tasks = [f"loading {first_few(networks)}"] * bool(networks)
    tasks += ["compiling kernels, once"] * (not are_compiled(extractors))
    return "; ".join(tasks)


def note_compiled(extractors: Iterable[Extractor]) -> None:
    """Note extractors whose kernels are compiled; nothing happens where no file can be written."""
    noted = _noted()
    new = with_kernels(extractors) - noted
    if not new:
        return
    with suppress(OSError):
        file = _file()
        file.parent.mkdir(parents=True, exist_ok=True)
        write_text(file, json.dumps(sorted(noted | new)))


def _noted() -> set[str]:
    with suppress(OSError, ValueError), open(_file(), "rb") as stream:
        found = json.loads(stream.read(_MOST))
        if isinstance(found, list) and all(isinstance(name, str) for name in found):
            return set(found)
    return set()


def _file() -> Path:
    """Return a file for this interpreter, these versions, and the places where numba may cache code."""
    key = [__version__, platform.python_version(), platform.machine(), version("numba"), __file__]
    places = ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "VQA_FEATURES_RUN_FOLDER")
    key += [os.environ.get(name, "") for name in places]
    name = hashlib.sha256(json.dumps(key).encode()).hexdigest()[:16]
    return cache_folder() / "kernels" / f"{name}.json"
