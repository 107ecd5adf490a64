"""Explanation and time line of one video, from its file or from its features."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..batch.inputs import Input, find_inputs
from ..batch.options import Extraction, Reporting
from ..comparison.option_checks import check_number
from ..errors import DecodeError, ParameterError, TableError, first_few
from ..video_task import VideoResult
from .explaining import explained
from .explanation import Explanation
from .prediction import matrix_of
from .time_line import time_line
from .videos import VideoPredictions, predictions

if TYPE_CHECKING:
    import pandas as pd

    from .quality_model import QualityModel


class OneVideo:
    """The features of one video as a model needs them, pooled and by frame.

    Parameters
    ----------
    model : QualityModel
        Fitted on tables of `extract`.
    path : path
        A video file.

    Raises
    ------
    DecodeError
        If the video has no prediction, with the reason.
    TableError
        If the model cannot extract its features here.
    """

    def __init__(self, model: QualityModel, path: str | os.PathLike[str]) -> None:
        results: list[VideoResult] = []
        run = VideoPredictions(model, [_only(path)], reporting=Reporting(on_result=results.append))
        run.work()
        self._model = model
        self.tables = run.features()
        self.parts: list[tuple[Extraction, VideoResult]] = list(zip(run.extractions, results, strict=True))
        row = predictions(model, self.tables).iloc[0]
        if np.isnan(row["mos"]):
            raise DecodeError(f"{os.fspath(path)!r} has no prediction: {row['status']}: {row['error']}")

    def over_time(self, window_s: float = 1.0) -> pd.DataFrame:
        """Return the time line, see `vqa_features.models.time_line.time_line`."""
        return time_line(self._model, self.parts, window_s)

    def explanation(self) -> Explanation:
        """Return the explanation, with the time line where there is one."""
        return explanation_of(self._model, self.tables, self.parts)


def explanation_of(
    model: QualityModel, tables: Mapping[str, pd.DataFrame], parts: Sequence[tuple[Extraction, VideoResult]]
) -> Explanation:
    """Return the explanation of a video that was extracted, with its time line where there is one.

    Parameters
    ----------
    model : QualityModel
        Fitted on tables of `extract`.
    tables : mapping of str to DataFrame
        One row of features, for each table of the training.
    parts : sequence of (Extraction, VideoResult)
        The rows of the video by frame, for each table of the training.
    """
    try:
        seconds = time_line(model, parts)
        told = tuple(seconds.attrs["notes"])
    except TableError as error:
        seconds, told = None, (str(error),)
    return explained(model, matrix_of(model.card_.sources, tables), seconds, told)


def explain(model: QualityModel, video: Any) -> Explanation:
    """Return what `QualityModel.explain` returns."""
    import pandas as pd

    if isinstance(video, str | os.PathLike):
        return OneVideo(model, video).explanation()
    if isinstance(video, pd.Series):
        name = "row" if video.name is None else video.name
        row = pd.DataFrame([video.to_numpy()], index=[name], columns=video.index)
        row.attrs = dict(video.attrs)
        return explained(model, matrix_of(model.card_.sources, row))
    if not isinstance(video, pd.DataFrame | Mapping):
        video = np.atleast_2d(np.asarray(video))
    return explained(model, matrix_of(model.card_.sources, video))


def predict_over_time(model: QualityModel, path: str | os.PathLike[str], window_s: float) -> pd.DataFrame:
    """Return what `QualityModel.predict_over_time` returns."""
    check_number("window_s", window_s, above=0)
    return OneVideo(model, path).over_time(window_s)


def _only(path: str | os.PathLike[str]) -> Input:
    """Return the one video that a path names."""
    found = find_inputs([path])
    if len(found) != 1:
        names = first_few([one.path for one in found], 3)
        raise ParameterError(f"{os.fspath(path)!r} names {len(found)} videos, one is needed: {names}")
    return found[0]
