"""Scores of published models on the videos of a dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import UnknownName
from ..files.reading import reading
from ..tables.matlab import read_mat
from .loading import ensured, info, load

if TYPE_CHECKING:
    import pandas as pd

#: Variable of a MATLAB file that holds the scores, in the row order of the labels.
_VARIABLE = "y_pred"


def load_score(name: str, score: str) -> pd.Series:
    """Return a published score of every video of a dataset, by id; download it if it is missing.

    Parameters
    ----------
    name : str
        Name of a dataset.
    score : str
        Name of the score: ``niqe``.

    Raises
    ------
    UnknownName
        If there is no such dataset or score.
    TableError
        If the file is damaged.
    """
    import pandas as pd

    dataset = info(name)
    if score not in dataset.scores:
        known = ", ".join(dataset.scores) or "none"
        raise UnknownName(f"published score of {name}", score, dataset.scores, f"known: {known}")
    path = ensured(dataset.scores[score])
    ids = load(name).labels.mos.index
    with reading(path, "published scores"):
        values = read_mat(path)[_VARIABLE].ravel().astype(float)
        if len(values) != len(ids):
            raise ValueError(f"it has {len(values)} scores of {len(ids)} videos")
    return pd.Series(values, index=ids, name=score)
