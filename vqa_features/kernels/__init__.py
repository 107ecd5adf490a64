"""Pure array functions: arrays in, arrays out, no files, no frames, no state.

Submodules are imported on first use (``kernels.nss.mscn``), so that modules which only declare an
extractor do not pay for numba.
"""

from __future__ import annotations

import importlib
from types import ModuleType


def __getattr__(name: str) -> ModuleType:
    if name.startswith("_"):
        raise AttributeError(name)
    try:
        return importlib.import_module(f"{__name__}.{name}")
    except ModuleNotFoundError as error:
        if error.name == f"{__name__}.{name}":
            raise AttributeError(f"module {__name__!r} has no kernel module {name!r}") from None
        raise
