"""Files that travel with the package: demo clips and published model parameters."""

from __future__ import annotations

import functools
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray


@functools.cache
def load_arrays(name: str) -> dict[str, NDArray[np.float64]]:
    """Arrays of the ``.npz`` file `name` (a path below this folder), read once and read-only."""
    with files(__name__).joinpath(name).open("rb") as file, np.load(file, allow_pickle=False) as stored:
        arrays = {key: np.asarray(stored[key], dtype=np.float64) for key in stored.files}
    for array in arrays.values():
        array.flags.writeable = False
    return arrays
