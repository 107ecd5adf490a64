"""Array functions that several methods share: arrays in, arrays out, no files, no frames, no state.

Importing this package imports numba: a module that declares an extractor imports it only where a
session is opened.
"""

from __future__ import annotations

from . import (
    brisque_niqe,
    colour,
    cones,
    field_statistics,
    fits,
    gradients,
    imfilter,
    jit,
    lab8,
    mscn_sums,
    nan_mean,
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
    "jit",
    "lab8",
    "mscn_sums",
    "nan_mean",
    "nss",
    "planes",
    "resize",
]
