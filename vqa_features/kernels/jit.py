"""Compilation of kernels by numba, with the options of this package."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numba

from .code_cache import KernelCache

#: Options of kernels that sum over pixels. The error model of NumPy, because a check for division by zero
#: stops vectorisation. Of fast math only what lets sums run in lanes: nan and infinity keep their meaning.
SUMMING: dict[str, Any] = {"error_model": "numpy", "fastmath": {"reassoc", "contract", "nsz"}}

#: What a kernel has unless it names another. They are named for every kernel, because numba hands what is
#: not named from the caller that compiles a function first: last bits would depend on the order of calls.
#: No kernel is called from C, or given to another as a value, which is what the wrapper for C is for.
_DEFAULTS: dict[str, Any] = {"error_model": "numpy", "fastmath": False, "no_cfunc_wrapper": True}


def jit(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Return a decorator that compiles a function on its first call, without the interpreter lock.

    Parameters
    ----------
    **options
        Of `numba.njit`, e.g. `SUMMING`. Without ``fastmath`` the kernel has none, whatever its callers have.
        Compiled code is cached beside the source, or in the user's cache folder, or in the folder of the run
        (`caches.run_folder`): the first that others cannot write. Where there is none, each process compiles.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        compiled = numba.njit(nogil=True, **{**_DEFAULTS, **options})(function)
        with suppress(RuntimeError):  # there is no folder to cache in
            compiled._cache = KernelCache(function)
        return compiled

    return decorate


def can_cache() -> bool:
    """Return whether there is a folder in which kernels of this package can be cached."""
    try:
        KernelCache(can_cache)
    except RuntimeError:
        return False
    return True
