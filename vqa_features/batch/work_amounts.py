"""How much work a video is, in units that the time of each extractor and of decoding grows with."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..extraction.source_stream import frames_given, windows_of
from ..extractor import Extractor
from ..specs import VideoInfo

DECODE = "decode"
#: Frame rate taken where the file does not say it.
ASSUMED_FPS = 25.0


def amounts(extractors: Sequence[Extractor], info: VideoInfo, decoded: int | None = None) -> dict[str, float]:
    """Return the work of a video by extractor label, and of ``decode``.

    Parameters
    ----------
    extractors : sequence of Extractor
        What is computed.
    info : VideoInfo
        The sampled video, or a part of it.
    decoded : int, optional
        Frames that were decoded; by default those that the description lets expect.

    Returns
    -------
    dict
        Windows of an extractor of scope "clip", times `Extractor.clip_work`; else megapixels, of the frames
        that an extractor is given or that are decoded. Above 0.
    """
    known = with_frames(info)
    megapixels = known.width * known.height / 1e6
    source = decoded or known.source_frames or known.frames or 1
    found = {DECODE: source * megapixels}
    for one in extractors:
        if one.scope == "clip":
            found[one.label] = max(1, len(windows_of(one, known))) * one.clip_work(known)
        else:
            found[one.label] = frames_given(one, known) * megapixels
    return found


def with_frames(info: VideoInfo) -> VideoInfo:
    """Return a description with a number of frames and a rate, estimated where they are unknown."""
    fps = rate_of(info)
    frames = info.frames or max(1, round((info.duration_s or 0.0) * fps))
    return replace(info, fps=fps, frames=frames)


def rate_of(info: VideoInfo) -> float:
    """Return the frame rate of the sampled video, 25 where it is unknown."""
    return info.fps if math.isfinite(info.fps) and info.fps > 0 else ASSUMED_FPS


def part_of_video(info: VideoInfo, duration_s: float) -> VideoInfo:
    """Return the description of the first seconds of a video; the video itself if it is not longer.

    Parameters
    ----------
    info : VideoInfo
        The sampled video.
    duration_s : float
        Length of the part.
    """
    known = with_frames(info)
    whole = known.duration_s or (known.frames or 1) / known.fps
    if duration_s >= whole:
        return known
    share = duration_s / whole
    frames = max(1, round((known.frames or 1) * share))
    source = None if known.source_frames is None else max(1, round(known.source_frames * share))
    return replace(known, frames=frames, source_frames=source, duration_s=duration_s)


def seconds_of(rates: Mapping[str, float], work: Mapping[str, float]) -> dict[str, float]:
    """Return the seconds of a video by name, from seconds per unit of work."""
    return {name: rate * work[name] for name, rate in rates.items()}
