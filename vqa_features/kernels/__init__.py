"""Array functions that several methods share: arrays in, arrays out, no files, no frames, no state.

Submodules are imported on first use (``kernels.nss.mscn``), so that modules which only declare an
extractor do not import numba.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import (
        brisque_niqe,
        colour,
        cones,
        field_statistics,
        fits,
        gradients,
        imfilter,
        lab8,
        mscn_sums,
        nss,
        planes,
        resize,
    )

__all__ = [
    "brisque_niqe",
    "colour",
    "cones",
    "field_statistics",
    "fits",
    "gradients",
    "imfilter",
    "lab8",
    "mscn_sums",
    "nss",
    "planes",
    "resize",
]

# A type checker sees the imports above, so that an unknown function is an error there.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> ModuleType:
        """Import a submodule on first use (PEP 562)."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return importlib.import_module(f"{__name__}.{name}")
