"""Options with which kernels that sum over pixels are compiled."""

from __future__ import annotations

from typing import Any

#: Arguments of `numba.njit`. The error model of NumPy, because a check for division by zero stops
#: vectorisation. Of fast math only what lets sums run in lanes: nan and infinity keep their meaning.
JIT: dict[str, Any] = {
    "error_model": "numpy",
    "fastmath": {"reassoc", "contract", "nsz"},
    "nogil": True,
    "cache": True,
}
