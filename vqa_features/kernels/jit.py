"""Compilation of kernels by numba, with a cache on the disk that may fail without failing the work."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numba
from numba.core.caching import FunctionCache

#: Options of kernels that sum over pixels. The error model of NumPy, because a check for division by zero
#: stops vectorisation. Of fast math only what lets sums run in lanes: nan and infinity keep their meaning.
SUMMING: dict[str, Any] = {"error_model": "numpy", "fastmath": {"reassoc", "contract", "nsz"}}


#: Any, because numba has no types.
_FunctionCache: Any = FunctionCache


class _Cache(_FunctionCache):
    """numba's cache of one function; what cannot be read from it or written to it is compiled again.

    A full disk, a limit on file sizes, a folder that vanished and a damaged file are such cases.
    """

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        with suppress(OSError, EOFError, pickle.UnpicklingError, ValueError, KeyError, AttributeError):
            return super().load_overload(sig, target_context)
        return None

    def save_overload(self, sig: Any, data: Any) -> None:
        with suppress(OSError):
            super().save_overload(sig, data)


def jit(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Return a decorator that compiles a function on its first call, without the interpreter lock.

    Parameters
    ----------
    **options
        Of `numba.njit`, e.g. `SUMMING`. Compiled code is cached beside the source, or in the user's cache
        folder; where neither can be written, each process compiles.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        compiled = numba.njit(nogil=True, **options)(function)
        with suppress(RuntimeError):  # there is no folder to cache in
            compiled._cache = _Cache(function)
        return compiled

    return decorate
