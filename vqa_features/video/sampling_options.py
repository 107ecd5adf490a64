"""Options of the selection of frames: checked, given as a record or one by one, and numbered for a video."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from ..errors import ParameterError
from ..specs import SECOND, Sampling


def check_sampling(sampling: Sampling) -> None:
    """Check that the options of `sampling` agree and are in range.

    Parameters
    ----------
    sampling : Sampling
        The options.

    Raises
    ------
    ParameterError
        If two options exclude each other or a value is out of range.
    """
    named = [name for name in ("fps", "every", "frames") if getattr(sampling, name) is not None]
    if len(named) > 1:
        raise ParameterError(f"sampling takes one of fps, every and frames, got {' and '.join(named)}")
    for name in (*named, *(["duration_s"] if sampling.duration_s is not None else [])):
        value = getattr(sampling, name)
        if name == "every" and isinstance(value, str):
            _check_word(sampling)
        elif not (value > 0 and math.isfinite(value)):
            raise ParameterError(f"sampling's {name} must be above 0, got {value}")
    if sampling.offset < 0 or (sampling.offset and sampling.every is None):
        raise ParameterError(f"sampling's offset must be 0 or more and needs every, got {sampling.offset}")
    if not (sampling.start_s >= 0 and math.isfinite(sampling.start_s)):
        raise ParameterError(f"sampling's start_s must be 0 or more, got {sampling.start_s}")


def _check_word(sampling: Sampling) -> None:
    if sampling.every != SECOND:
        raise ParameterError(
            f"sampling's every must be a number of frames or {SECOND!r}, got {sampling.every!r}"
        )
    if sampling.offset:
        raise ParameterError(f"sampling's offset needs a number as every, got every {SECOND!r}")


def sampling_of(record: Sampling | None = None, **options: Any) -> Sampling:
    """Return the sampling that the arguments of a function say: a record, or single options.

    Parameters
    ----------
    record : Sampling, optional
        All options as one record.
    **options
        Fields of `Sampling`.

    Raises
    ------
    ParameterError
        If both are given, the options exclude each other, or a value is out of range.
    """
    sampling, default = record or Sampling(**options), Sampling()
    given = [name for name, value in options.items() if value != getattr(default, name)]
    if record is not None and given:
        raise ParameterError(f"give sampling or {' and '.join(given)}, not both")
    check_sampling(sampling)
    return sampling


def numbered(sampling: Sampling, fps: float, frames: int) -> Sampling:
    """Return a sampling whose `every` is a number of frames, as the rate of the video gives it.

    Parameters
    ----------
    sampling : Sampling
        The options.
    fps : float
        Frames per second of the video.
    frames : int
        Number of frames of the part asked for.

    Raises
    ------
    ParameterError
        If the rate is needed and not known.

    Examples
    --------
    >>> numbered(Sampling(every="second"), 29.97, 240)
    Sampling(fps=None, every=30, offset=14, frames=None, start_s=0.0, duration_s=None)
    """
    if sampling.every != SECOND:
        return sampling
    if not (fps > 0 and math.isfinite(fps)):
        raise ParameterError(
            f"every {SECOND!r} needs the frame rate of the video, and it has none: give a number"
        )
    step = max(1, math.floor(fps + 0.5))
    return replace(sampling, every=step, offset=max(0, min(step // 2 - 1, frames - 1)))


def by_time(sampling: Sampling) -> bool:
    """Return whether the selection of frames depends on their times."""
    return (
        sampling.fps is not None
        or sampling.frames is not None
        or sampling.start_s > 0
        or sampling.duration_s is not None
    )
