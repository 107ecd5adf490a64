"""numba's cache of compiled kernels on the disk, which may fail without failing the work.

The cache holds pickles, which run code when they are read: a folder that others can write is not used.
Several processes may use it at once: one compiles a kernel, the others wait for it and read it.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from contextlib import suppress
from typing import Any, Self

from numba.core.caching import FunctionCache, IndexDataCacheFile

from .. import caches
from .claims import claim, claimed, release
from .compiling import note_compiled, note_stored

#: Any, because numba has no types.
_FunctionCache: Any = FunctionCache
_IndexFile: Any = IndexDataCacheFile
_Implementation: Any = FunctionCache._impl_class
#: numba's choice: the folder of NUMBA_CACHE_DIR, else beside the source, else in the user's cache folder.
_LOCATORS: list[Any] = _Implementation._locator_classes[:3]
_NamedFolder: Any = _LOCATORS[0]


class _Private:
    """A choice of a folder that is made only if others than the user cannot write there."""

    def ensure_cache_path(self) -> None:
        numbas: Any = super()
        path = numbas.get_cache_path()
        if not os.path.isabs(path):  # "~" of a user without a home
            raise FileNotFoundError(path)
        os.makedirs(path, mode=0o700, exist_ok=True)
        numbas.ensure_cache_path()
        if not caches.is_private(path, self._py_file):  # type: ignore[attr-defined]
            raise PermissionError(path)


class _OfRun(_Private, _NamedFolder):
    """The folder of the run, where no other can be used."""

    @classmethod
    def from_function(cls, py_func: Any, py_file: str) -> Self | None:
        caches.prepare()
        folder = caches.run_folder()
        if folder is None:
            return None
        found = cls(py_func, py_file)
        found._cache_path = os.path.join(folder, "numba", cls.get_suitable_cache_subpath(py_file))
        try:
            found.ensure_cache_path()
        except OSError:
            return None
        return found


class _ChosenFolder(_Implementation):
    """numba's choice among the folders that are private."""

    _locator_classes = (
        *(type(locator.__name__, (_Private, locator), {}) for locator in _LOCATORS),
        _OfRun,
    )


class _Index(_IndexFile):
    """numba's index of the compiled forms of one function, which several processes may write at once.

    numba numbers the files of code. Two processes could give one number to two types of arguments, and the
    index name the code of the other. Here the name of a file follows from what it holds.
    """

    def save(self, key: Any, data: Any) -> None:
        with claimed(self._cache_path, self._index_name):
            overloads = self._load_index()
            if key not in overloads:
                number = int(hashlib.sha256(repr(key).encode()).hexdigest()[:12], 16)
                overloads[key] = self._data_name(number)
                self._save_index(overloads)
            self._save_data(overloads[key], data)


class KernelCache(_FunctionCache):
    """numba's cache of one function; what cannot be read from it or written to it is compiled again.

    A full disk, a limit on file sizes, a folder that vanished and a damaged file are such cases. Where
    another process compiles the function for the same types, this one waits and reads what it stored.

    Raises
    ------
    RuntimeError
        Where there is no folder to cache in.
    """

    _impl_class = _ChosenFolder

    def __init__(self, function: Any) -> None:
        super().__init__(function)
        locator = self._impl.locator
        self._cache_file = _Index(self._cache_path, self._impl.filename_base, locator.get_source_stamp())

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return the code for one signature, None if this process is to compile it."""
        found = self._read(sig, target_context)
        if found is None:
            claim(self._cache_path, self._claim_of(sig))
            found = self._read(sig, target_context)
            if found is None:
                note_compiled(self._name)
            else:
                release(self._cache_path, self._claim_of(sig))
        return found

    def save_overload(self, sig: Any, data: Any) -> None:
        """Store the code that was compiled for one signature, and let waiting processes read it."""
        with suppress(OSError):
            super().save_overload(sig, data)
            note_stored(self._name)
        release(self._cache_path, self._claim_of(sig))

    def _read(self, sig: Any, target_context: Any) -> Any:
        with suppress(OSError, EOFError, pickle.UnpicklingError, ValueError, KeyError, AttributeError):
            return super().load_overload(sig, target_context)
        return None

    def _claim_of(self, sig: Any) -> str:
        return f"{self._cache_file._index_name} {sig}"
