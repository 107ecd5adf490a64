"""Which stream an extractor sees: the sampled frames, or those of the source around them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..extractor import Extractor
from ..specs import VideoInfo
from ..video import Enough, Surroundings


def sees_source(extractor: Extractor, info: VideoInfo) -> bool:
    """Return whether an extractor is given frames that the sampling leaves out.

    Parameters
    ----------
    extractor : Extractor
        Scope "pair", and clips of several frames, take the frames of a window from the source, unless the
        extractor has a parameter ``pairs`` that is "sampled". Scope "video" declares it as `every_frame`.
    info : VideoInfo
        The sampled stream.
    """
    if not info.thinned or getattr(extractor, "pairs", "adjacent") == "sampled":
        return False
    if extractor.scope == "clip":
        return np.asarray(extractor.windows(1, info.fps)).shape[1] > 1
    return extractor.scope == "pair" or extractor.every_frame


def stream_of(extractor: Extractor, info: VideoInfo) -> VideoInfo:
    """Return the description of the stream that an extractor sees.

    Parameters
    ----------
    extractor : Extractor
        The method.
    info : VideoInfo
        The sampled stream.
    """
    return info.of_source() if sees_source(extractor, info) else info


def windows_of(extractor: Extractor, info: VideoInfo) -> NDArray[np.int64]:
    """Return the frame numbers of the windows of an extractor of scope "clip".

    Parameters
    ----------
    extractor : Extractor
        The method.
    info : VideoInfo
        The sampled stream; one frame is assumed where the number is not known.

    Returns
    -------
    ndarray, (n_windows, span) int64
        Numbers in the stream that the extractor sees.
    """
    stream = stream_of(extractor, info)
    return np.asarray(extractor.windows(stream.frames or 1, stream.fps), dtype=np.int64)


def frames_given(extractor: Extractor, info: VideoInfo) -> int:
    """Return how many frames an extractor is given: the sampled ones, and their neighbours that it sees.

    Parameters
    ----------
    extractor : Extractor
        The method.
    info : VideoInfo
        The sampled stream; one frame is assumed where the number is not known.
    """
    frames, seen = info.frames or 1, stream_of(extractor, info).frames or 1
    if extractor.scope != "pair":
        return seen
    return min(max(frames, seen), frames * (extractor.before + 1 + extractor.after))


def surroundings(extractors: Sequence[Extractor], info: VideoInfo) -> Surroundings:
    """Return which frames the extractors need besides the sampled ones.

    Parameters
    ----------
    extractors : sequence of Extractor
        Those of one pass.
    info : VideoInfo
        The sampled stream.
    """
    around = [one for one in extractors if sees_source(one, info)]
    pairs = [one for one in around if one.scope == "pair"]
    return Surroundings(
        max((one.before for one in pairs), default=0),
        max((one.after for one in pairs), default=0),
        everything=len(pairs) < len(around),
    )


def enough_for(extractors: Sequence[Extractor], info: VideoInfo) -> Enough | None:
    """Return the frames that the extractors use; None where they use every frame.

    Parameters
    ----------
    extractors : sequence of Extractor
        Those of one pass. None of them stands for one that uses the sampled frames.
    info : VideoInfo
        The sampled stream.
    """
    by_number = [one for one in extractors if one.scope == "clip" and _is_source(stream_of(one, info))]
    others = [one for one in extractors if one not in by_number]
    sampled = bool(others) or not extractors
    if (sampled and not info.thinned) or any(one.scope == "video" and one.every_frame for one in others):
        return None
    around = surroundings(others, info)
    try:
        numbers = frozenset(int(k) for one in by_number for k in windows_of(one, info).flat)
    except Exception:  # the extractor fails by itself when it is opened
        return None
    return Enough(sampled, around.before, around.after, numbers)


def _is_source(stream: VideoInfo) -> bool:
    """Return whether a stream is the source's, of known length."""
    return not stream.thinned and stream.frames is not None
