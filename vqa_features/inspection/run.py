"""`inspect`: one reading of a video for everything over time, a sparse one for stills, one for a model."""

from __future__ import annotations

import math
import os
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..batch.failures import INCOMPLETE
from ..batch.inputs import Input, find_inputs
from ..batch.many_videos import ExtractionRun
from ..batch.options import Extraction, Reporting, Workers
from ..errors import ParameterError, first_few
from ..extractor import Extractor
from ..files.names import opened_name
from ..processes.shared_memory import check_semaphores
from ..registry import make_all
from ..specs import Sampling
from ..video_task import VideoResult
from .events import events_of
from .moments import Moments
from .overview import overview
from .predicting import mos_line, predicted
from .result import Inspection
from .stills import stills_of
from .time_lines import EXTRACTORS, MOTION, TimeLine, time_lines_of

if TYPE_CHECKING:
    import pandas as pd

    from ..models import QualityModel

#: The model of `inspect`: its features are those of one frame per second.
MODEL = "brisque-konvid-1k"
#: Extractors of which every column is a fact about the whole video.
_WHOLE = ("timing", "shots")


def inspect(
    path: str | os.PathLike[str],
    *,
    model: str | os.PathLike[str] | QualityModel | None = MODEL,
    motion: bool = False,
    start_s: float = 0.0,
    duration_s: float | None = None,
    threads: int | None = None,
) -> Inspection:
    """Return what is known of one video: status, metadata, events, measures over time, a prediction.

    The video is decoded once for all measures and events, in a process of its own, so that a file that
    crashes or hangs a decoder gives a status. Stills of the worst moments are read afterwards. A file that
    cannot be decoded gives a result too: its `status` and `error` say why.

    Parameters
    ----------
    path : path
        A video or picture file.
    model : str, path or QualityModel, optional
        A model that comes with the package, a file of `train`, or a fitted model; None for no prediction.
    motion : bool
        Measure motion (`flow`), which takes longer than everything else.
    start_s, duration_s : float
        Part of the video, in seconds.
    threads : int, optional
        Threads that share the frames; they change no number. By default up to 4.

    Returns
    -------
    Inspection
        Its method `report` writes the page.

    Raises
    ------
    ParameterError
        If the path names no video or several.
    TableError, WeightsMissing
        If the model cannot be used.

    Examples
    --------
    >>> from importlib.resources import files
    >>> import vqa_features as vf
    >>> clip = files("vqa_features.resources") / "demo/bikes_square.mp4"
    >>> found = vf.inspect(clip, model=None, duration_s=0.5)
    >>> found.status, found.metadata["codec"], found.events
    ('ok', 'h264', [])
    """
    inputs = find_inputs([path])
    if len(inputs) != 1:
        names = first_few([one.path for one in inputs], 3)
        raise ParameterError(f"{os.fspath(path)!r} names {len(inputs)} videos, one is needed: {names}")
    return inspected(
        inputs[0], loaded(model), motion, Sampling(start_s=start_s, duration_s=duration_s), threads
    )


def loaded(model: str | os.PathLike[str] | QualityModel | None) -> tuple[str, QualityModel] | None:
    """Return a model with its name, None without one."""
    from ..models import QualityModel

    if model is None:
        return None
    if isinstance(model, QualityModel):
        return "the model given", model
    return os.path.basename(os.fspath(model)), QualityModel.load(model)


def extractors_of(motion: bool) -> list[Extractor]:
    """Return what is computed in the one pass."""
    return [Moments(), *make_all([*EXTRACTORS, *_WHOLE, *([MOTION] if motion else [])])]


def inspected(
    video: Input,
    model: tuple[str, QualityModel] | None,
    motion: bool = False,
    part: Sampling = Sampling(),  # noqa: B008 (frozen)
    threads: int | None = None,
) -> Inspection:
    """Return the inspection of one input; arguments as of `inspect`, with a model that is loaded."""
    check_semaphores()
    begun = time.monotonic()
    one = Input(video.path, video.id)
    workers = Workers(1, isolate=True, threads=threads)
    extractors = extractors_of(motion)
    result = _result(one, Extraction.of(extractors, "mean", part), workers)
    frames = frames_of(result, extractors)
    lines = time_lines_of(frames, extractors)
    prediction = None
    if model is not None and len(frames):
        prediction, seconds = predicted(*model, one, part, workers)
        lines = [*mos_line(seconds, frames, model[1].card_.data.direction), *lines]
    wanted = _wanted(len(frames), lines)
    stills, note = stills_of(opened_name(one.path), wanted, part, time.monotonic() - begun)
    labels = tuple(f"{extractor.label}:" for extractor in extractors)
    notes = tuple(dict.fromkeys(one for one in result.warnings if one.startswith(labels)))
    return Inspection(
        name=one.id or os.path.basename(one.path),
        path=one.path,
        status=result.status,
        error=result.error,
        warnings=tuple(one for one in result.warnings if one not in notes),
        notes=(*notes, *([note] if note else [])),
        frames_decoded=result.frames_decoded,
        frames_expected=result.frames_expected,
        metadata=metadata_of(one.path, result),
        **{name: _whole(result, name, extractors) for name in _WHOLE},
        events=events_of(frames, (result.info and result.info.fps) or math.nan),
        lines=lines,
        frames=frames,
        prediction=prediction,
        stills=stills,
        seconds=time.monotonic() - begun,
    )


def _result(video: Input, extraction: Extraction, workers: Workers) -> VideoResult:
    """Return the rows of one video; of a picture those that need several frames are no failures."""
    results: list[VideoResult] = []
    ExtractionRun([video], extraction, workers=workers, reporting=Reporting(on_result=results.append)).work()
    result = results[0]
    if result.info is None or not result.info.still or not result.failures or not result.rows:
        return result
    notes = [f"{label}: {failure.error}" for label, failure in result.failures.items()]
    status = "ok" if result.status == INCOMPLETE else result.status
    return replace(result, status=status, error="", warnings=(*result.warnings, *notes))


def frames_of(result: VideoResult, extractors: list[Extractor]) -> pd.DataFrame:
    """Return one row per frame, by its number: ``time_s`` and the columns of extractors with such rows."""
    import pandas as pd

    parts: dict[str, pd.DataFrame] = {}
    times: dict[int, float] = {}
    for extractor in extractors:
        rows = result.rows.get(extractor.label)
        if rows is None or extractor.scope == "video":
            continue
        times.update(zip(rows.frames.tolist(), rows.times_s.tolist(), strict=True))
        names = [f"{extractor.label}.{name}" for name in extractor.feature_names]
        parts[extractor.label] = pd.DataFrame(rows.values, index=rows.frames, columns=names)
    index = sorted(times)
    seconds = pd.DataFrame({"time_s": [times[number] for number in index]}, index=index, dtype=float)
    return pd.concat([seconds, *(part.reindex(index) for part in parts.values())], axis=1)


def _whole(result: VideoResult, label: str, extractors: list[Extractor]) -> dict[str, float]:
    """Return the one row of an extractor of whole videos by the names of its columns."""
    rows = result.rows.get(label)
    if rows is None or not len(rows.values):
        return {}
    (extractor,) = (one for one in extractors if one.label == label)
    return dict(zip(extractor.feature_names, rows.values[0].tolist(), strict=True))


def _wanted(count: int, lines: list[TimeLine]) -> set[int]:
    """Return the frames of which stills are wanted: equally spaced ones, and the extremes of all measures."""
    return {*overview(count), *(moment.frame for line in lines for moment in line.moments)}


def metadata_of(path: str, result: VideoResult) -> dict[str, Any]:
    """Return what a file and its headers say, in the order of the page; what is unknown is left out."""
    found: dict[str, Any] = {}
    info = result.info
    with suppress(OSError):
        found["bytes"] = os.stat(opened_name(path)).st_size
    if info is None:
        return found
    turned = info.rotation % 180 != 0
    stored = (info.height, info.width) if turned else (info.width, info.height)
    of_source = info.of_source()
    facts = {
        "container": info.container,
        "codec": info.codec,
        "width": info.width,
        "height": info.height,
        "stored_width": None if info.cropped else stored[0],
        "stored_height": None if info.cropped else stored[1],
        "rotation": info.rotation,
        "cropped": info.cropped,
        "pix_fmt": info.pix_fmt,
        "bit_depth": info.bit_depth,
        "interlaced": any(one.startswith("interlaced:") for one in result.warnings),
        "color_range": info.color_range,
        "color_matrix": info.color_matrix,
        "color_primaries": info.color_primaries,
        "color_transfer": info.color_transfer,
        "fps": of_source.fps,
        "duration_s": info.duration_s,
        "bit_rate": info.bit_rate,
    }
    return {
        name: value
        for name, value in {**facts, **found}.items()
        if value is not None and not (isinstance(value, float) and math.isnan(value))
    }
