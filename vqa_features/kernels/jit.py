"""Compilation of kernels by numba, with a cache on the disk that may fail without failing the work.

numba's cache holds pickles, which run code when they are read: a folder that others can write is not used.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self

import numba
from numba.core.caching import FunctionCache

from .. import caches
from .compiling import note_stored

#: Options of kernels that sum over pixels. The error model of NumPy, because a check for division by zero
#: stops vectorisation. Of fast math only what lets sums run in lanes: nan and infinity keep their meaning.
SUMMING: dict[str, Any] = {"error_model": "numpy", "fastmath": {"reassoc", "contract", "nsz"}}


#: Any, because numba has no types.
_FunctionCache: Any = FunctionCache
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


class _Cache(_FunctionCache):
    """numba's cache of one function; what cannot be read from it or written to it is compiled again.

    A full disk, a limit on file sizes, a folder that vanished and a damaged file are such cases.
    """

    _impl_class = _ChosenFolder

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        with suppress(OSError, EOFError, pickle.UnpicklingError, ValueError, KeyError, AttributeError):
            return super().load_overload(sig, target_context)
        return None

    def save_overload(self, sig: Any, data: Any) -> None:
        with suppress(OSError):
            super().save_overload(sig, data)
            note_stored(self._name)


def jit(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Return a decorator that compiles a function on its first call, without the interpreter lock.

    Parameters
    ----------
    **options
        Of `numba.njit`, e.g. `SUMMING`. Compiled code is cached beside the source, or in the user's cache
        folder, or in the folder of the run (`caches.run_folder`): the first that others cannot write. Where
        there is none, each process compiles.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        compiled = numba.njit(nogil=True, **options)(function)
        with suppress(RuntimeError):  # there is no folder to cache in
            compiled._cache = _Cache(function)
        return compiled

    return decorate
