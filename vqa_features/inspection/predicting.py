"""The prediction of a model for one video, and for each second of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..batch.inputs import Input
from ..batch.options import Reporting, Workers
from ..errors import TableError
from ..specs import Sampling
from ..video_task import VideoResult
from .result import Prediction
from .time_lines import TimeLine, moments_of

if TYPE_CHECKING:
    import pandas as pd

    from ..models import QualityModel

#: Column of the predictions by second.
MOS = "prediction.mos"


def predicted(
    name: str, model: QualityModel, video: Input, part: Sampling, workers: Workers
) -> tuple[Prediction, pd.DataFrame | None]:
    """Return the prediction of a video, and its time line where the model has one.

    Parameters
    ----------
    name, model
        The model, and what it is called.
    video : Input
        The video.
    part : Sampling
        The part of it.
    workers : Workers
        Processes that extract.

    Returns
    -------
    Prediction
    DataFrame or None
        See `vqa_features.models.time_line.time_line`.
    """
    from ..models.time_line import time_line
    from ..models.videos import VideoPredictions

    given: dict[str, Any] = {"start_s": part.start_s or None, "duration_s": part.duration_s}
    sampling = {key: value for key, value in given.items() if value is not None}
    results: list[VideoResult] = []
    reporting = Reporting(on_result=results.append)
    run = VideoPredictions(model, [Input(video.path, video.id, sampling)], workers, reporting)
    run.work()
    row = run.table().iloc[0]
    card = model.card_
    mos, low, high = (float(row[one]) for one in ("mos", "low", "high"))
    found = Prediction(
        name, mos, low, high, card.level, bool(row["extrapolates"]), card.data.scale, str(row["error"])
    )
    try:
        seconds = time_line(model, list(zip(run.extractions, results, strict=True)))
    except TableError:
        seconds = None
    return found, seconds if np.isfinite(mos) else None


def mos_line(seconds: pd.DataFrame | None, frames: pd.DataFrame, direction: str) -> list[TimeLine]:
    """Return the predictions by second as a measure of each frame; none for a video of one second.

    Parameters
    ----------
    seconds : DataFrame or None
        As `predicted` returns it.
    frames : DataFrame
        ``time_s`` of each frame; the column `MOS` is added.
    direction : {"higher", "lower"}
        Whether a higher or a lower MOS is better.
    """
    times = frames["time_s"].to_numpy(float)
    if seconds is None or len(seconds) < 2 or not np.isfinite(times).all():
        return []
    values = seconds["mos"].reindex(np.floor(times + 1e-9)).to_numpy(float)
    frames[MOS] = values
    better = f"{direction} is better"
    about = "of each second by itself; the interval of the whole video does not hold for it"
    return [TimeLine(MOS, "Predicted MOS", about, "", better, values, moments_of(values, times, better))]
