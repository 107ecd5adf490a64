"""VSFA-format info files: MOS, source contents and official permutations of a dataset, as MATLAB files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..files.names import id_text
from .arrays import column_values, texts
from .matlab import read_mat

if TYPE_CHECKING:
    import pandas as pd


class VsfaInfo(NamedTuple):
    """Content of one info file."""

    videos: pd.DataFrame
    """Columns ``id, mos, reference`` in the row order of the file."""
    reference_ids: Any
    """(rows,) int64: number of the source content of each video."""
    index: Any
    """Permutations of the reference numbers, one per official split; None if the file has none."""


def read_vsfa(file: Path) -> VsfaInfo:
    """Return the content of a VSFA-format info file.

    Parameters
    ----------
    file : Path
        MATLAB file of any version with ``scores``, ``ref_ids``, ``video_names`` and, for splits, ``index``.

    Raises
    ------
    ValueError
        If a part is missing or has another length or type. Call it inside
        `vqa_features.files.reading.reading`.
    """
    import pandas as pd

    arrays = read_mat(file)
    missing = {"scores", "ref_ids", "video_names"} - set(arrays)
    if missing:
        raise ValueError(f"it lacks {', '.join(sorted(missing))}, so it is no VSFA-format info file")
    references = _whole_numbers(arrays, "ref_ids").ravel()
    videos = pd.DataFrame(
        {
            "id": [id_text(name) for name in texts(arrays["video_names"], "video_names")],
            "mos": column_values(arrays["scores"], "scores"),
            "reference": references.astype(str),
        }
    )
    return VsfaInfo(videos, references, _whole_numbers(arrays, "index") if "index" in arrays else None)


def _whole_numbers(arrays: dict[str, Any], name: str) -> Any:
    """Return an array of integers, whatever type they are stored as."""
    values = arrays[name]
    numeric = values.dtype.kind in "fiub"
    if not numeric or not np.isfinite(values).all() or (values != np.rint(values)).any() or _huge(values):
        raise ValueError(f"{name} is to hold whole numbers")
    return values.astype(np.int64)


def _huge(values: Any) -> bool:
    return bool((np.abs(values.astype(np.float64)) >= 2**53).any())
