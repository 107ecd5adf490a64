"""The time a video may take, from the declared costs of its extractors and the measured time of a clip."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from ..extraction.source_stream import frames_given, windows_of
from ..specs import SECONDS_PER_MEGAPIXEL, VideoInfo

LEAST_DEADLINE_S = 60.0
#: A video may take this many times what the declared costs of its extractors say. The slowest one,
#: FRIQUEE, was measured at six times its declared cost on a core of its own; workers may share cores.
DEADLINE_FACTOR = 30
#: Frame rate taken where only the duration is known, and for the part before the start.
_ASSUMED_FPS = 60.0


def deadline_for(
    info: VideoInfo,
    extractors: Sequence[Any],
    clip_s: Mapping[str, float] = MappingProxyType({}),
    decoded: int | None = None,
) -> float:
    """Return the seconds a video may take: at least 60, else thirty times `expected_s`.

    Parameters
    ----------
    info, extractors, clip_s, decoded
        As for `expected_s`.

    Returns
    -------
    float
    """
    return max(LEAST_DEADLINE_S, DEADLINE_FACTOR * expected_s(info, extractors, clip_s, decoded))


def expected_s(
    info: VideoInfo,
    extractors: Sequence[Any],
    clip_s: Mapping[str, float] = MappingProxyType({}),
    decoded: int | None = None,
) -> float:
    """Return the seconds a video should take by the declared costs of its extractors.

    Parameters
    ----------
    info : VideoInfo
        The video; where the number of frames is unknown, it is estimated from the duration.
    extractors : sequence of Extractor
        Each takes its declared cost for the sampled frames, or the measured time of its clips, whichever
        is more.
    clip_s : mapping
        Measured seconds on this machine for each unit of `Extractor.clip_work`, by extractor label.
    decoded : int, optional
        Frames that are decoded, by default the sampled ones; each costs one more cheap extractor.

    Returns
    -------
    float
    """
    frames = info.frames or max(1, math.ceil((info.duration_s or 0.0) * _ASSUMED_FPS))
    megapixels = info.width * info.height / 1e6
    seconds = max(frames, decoded or 0) * megapixels * SECONDS_PER_MEGAPIXEL["cheap"]
    for extractor in extractors:
        stream = replace(info, frames=frames)
        declared = frames_given(extractor, stream) * megapixels * SECONDS_PER_MEGAPIXEL[extractor.cost]
        measured = 0.0
        if clip_s and extractor.label in clip_s:
            measured = (
                clip_s[extractor.label] * len(windows_of(extractor, stream)) * extractor.clip_work(info)
            )
        seconds += max(declared, measured)
    return seconds


def frames_before(start_s: float) -> int:
    """Return an estimate of the frames before a start, which are decoded where the file cannot seek."""
    return math.ceil(start_s * _ASSUMED_FPS)
