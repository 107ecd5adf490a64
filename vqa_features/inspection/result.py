"""The result of `inspect`: status, metadata, events, measures over time, prediction."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..batch.failures import is_failure
from ..files.atomic import write_text

if TYPE_CHECKING:
    import pandas as pd

    from .events import Event
    from .time_lines import TimeLine


@dataclass(frozen=True)
class Prediction:
    """A predicted MOS with its interval, or why there is none.

    Parameters
    ----------
    model : str
        Name of the model.
    mos, low, high : float
        nan where there is no prediction.
    level : float
        Coverage of the interval.
    extrapolates : bool
        Whether the video lies outside the training range, where the interval promises nothing.
    scale : (float, float) or None
        Ends of the scale.
    error : str
        Why there is none, or which values were missing.
    """

    model: str
    mos: float
    low: float
    high: float
    level: float
    extrapolates: bool
    scale: tuple[float, float] | None
    error: str = ""


@dataclass(frozen=True, eq=False)
class Inspection:
    """What is known of one video.

    Attributes
    ----------
    name, path : str
        Name and file of the video.
    status, error : str
        ok, partial, suspect, incomplete or failed(kind), and what went wrong: see docs/decoding.md.
    warnings : tuple of str
        What the decoder says.
    notes : tuple of str
        What extractors say of their columns.
    frames_decoded, frames_expected : int
        As in a row of `extract`; None if unknown.
    metadata : dict
        Container, codec, sizes, pixel format, colour, rate, duration, bytes; without what is unknown.
    timing, shots : dict
        Columns of the extractors `timing` and `shots`; empty where there are none.
    events : list of Event
        In the order of their first frames.
    lines : list of TimeLine
        Measures over time.
    frames : DataFrame
        A row per frame: ``time_s`` and ``<extractor>.<feature>``, also those without a time line.
    prediction : Prediction, optional
        None if no model was asked for, or the video failed.
    stills : dict
        Data address of a JPEG by frame.
    seconds : float
        What the inspection took.
    """

    name: str
    path: str
    status: str
    error: str
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    frames_decoded: int
    frames_expected: int | None
    metadata: dict[str, Any]
    timing: dict[str, float]
    shots: dict[str, float]
    events: list[Event]
    lines: list[TimeLine]
    frames: pd.DataFrame
    prediction: Prediction | None
    stills: Mapping[int, str]
    seconds: float

    @property
    def failed(self) -> bool:
        """Whether the video has no features, or lacks those of an extractor."""
        return is_failure(self.status)

    def report(self, path: str | os.PathLike[str]) -> Path:
        """Write the page, one file without scripts, and return its path."""
        from .page import render_inspection

        target = Path(path)
        write_text(target, render_inspection(self))
        return target

    def as_dict(self) -> dict[str, Any]:
        """Return everything but pictures and values by frame, as `inspect --json` prints it."""
        lines = {
            one.column: {
                "unit": one.unit,
                "direction": one.direction,
                **one.summary,
                "moments": [asdict(moment) for moment in one.moments],
            }
            for one in self.lines
        }
        return {
            "name": self.name,
            "path": self.path,
            "status": self.status,
            "error": self.error,
            "warnings": list(self.warnings),
            "notes": list(self.notes),
            "frames_decoded": self.frames_decoded,
            "frames_expected": self.frames_expected,
            "metadata": self.metadata,
            "timing": self.timing,
            "shots": self.shots,
            "events": [asdict(one) for one in self.events],
            "lines": lines,
            "prediction": None if self.prediction is None else asdict(self.prediction),
            "seconds": round(self.seconds, 2),
        }
