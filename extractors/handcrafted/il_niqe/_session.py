"""IL-NIQE of each frame against the template of pristine pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from scipy.io import loadmat

from vqa_features.errors import ParameterError
from vqa_features.extractor import Session, Values
from vqa_features.files.reading import reading
from vqa_features.frame import Views
from vqa_features.kernels.nan_mean import nan_mean
from vqa_features.tables.arrays import real_numbers
from vqa_features.tables.matlab import read_mat

from ._columns import N_COMPONENTS
from ._statistics import Template, components, score

#: Statistics of a block, from which the template's components are computed.
N_STATISTICS = 468


class _IlNiqeSession(Session):
    """Components and score of each frame; keeps nothing between frames."""

    concurrent = True

    def __init__(self, template: Template) -> None:
        self._template = template

    def prepare(self, frame: Views) -> Values:
        found = components(frame.rgb, self._template)
        return np.append(nan_mean(found), score(found, self._template))

    def push(self, window: Sequence[Values]) -> Values:
        return window[0]


def read_template(source: Path | BinaryIO) -> Template:
    """Read the release's ``templateModel.mat``.

    Parameters
    ----------
    source : Path or binary file
        A path, which is read in a process of its own; or the open file, whose bytes must be known: other
        files may crash the library that reads it.

    Raises
    ------
    ParameterError
        If it is another file.
    """
    name = source if isinstance(source, Path) else source.name
    with reading(name, "IL-NIQE's templateModel.mat", ParameterError):
        content: Any = source  # the stub knows paths alone
        arrays = read_mat(source) if isinstance(source, Path) else loadmat(content)
        cell = arrays["templateModel"].ravel()
        mean, covariance, centre, axes = (real_numbers(part, "templateModel") for part in cell)
        return Template(
            mean.reshape(N_COMPONENTS),
            covariance.reshape(N_COMPONENTS, N_COMPONENTS),
            centre.reshape(N_STATISTICS),
            axes.reshape(N_STATISTICS, N_COMPONENTS),
        )
