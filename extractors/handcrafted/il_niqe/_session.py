"""IL-NIQE of each frame against the template of pristine pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.io import loadmat
from scipy.io.matlab import MatReadError

from vqa_features.errors import ParameterError
from vqa_features.extractor import Session, Values
from vqa_features.frame import Views
from vqa_features.kernels.nan_mean import nan_mean

from ._columns import N_COMPONENTS
from ._statistics import Template, components, score

#: Statistics of a block, from which the template's components are computed.
N_STATISTICS = 468


class _IlNiqeSession(Session):
    """Components and score of each frame; keeps nothing between frames."""

    def __init__(self, template: Template) -> None:
        self._template = template

    def push(self, window: Sequence[Views]) -> Values:
        found = components(window[0].rgb, self._template)
        return np.append(nan_mean(found), score(found, self._template))


def read_template(path: Path) -> Template:
    """Read the release's ``templateModel.mat``.

    Raises
    ------
    ParameterError
        If it is another file.
    """
    try:
        cell = loadmat(path)["templateModel"].ravel()
        mean, covariance, centre, axes = (np.asarray(part, np.float64) for part in cell)
        template = Template(
            mean.reshape(N_COMPONENTS),
            covariance.reshape(N_COMPONENTS, N_COMPONENTS),
            centre.reshape(N_STATISTICS),
            axes.reshape(N_STATISTICS, N_COMPONENTS),
        )
    except (LookupError, ValueError, NotImplementedError, MatReadError) as error:
        raise ParameterError(f"{path} is not IL-NIQE's templateModel.mat: {error}") from None
    return template
