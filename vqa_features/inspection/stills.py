"""Stills of chosen frames of a video, as JPEGs in data addresses, decoded in a process of its own."""

from __future__ import annotations

import base64
import io
from collections.abc import Collection, Iterator
from functools import partial
from typing import Any

from ..errors import DecodeError
from ..files.reading import reason_of
from ..processes.isolation import read_isolated
from ..specs import Sampling
from ..video import EVERY_PICTURE, Enough, open_video

#: Longer side of a still in pixels, and the quality of its JPEG.
SIDE, QUALITY = 240, 72
#: Memory of the process that decodes, in MiB, and its time for a video whose first reading took a while.
MEMORY_MB, LEAST_S = 3072.0, 60.0


def stills_of(
    path: str, frames: Collection[int], sampling: Sampling, seconds: float
) -> tuple[dict[int, str], str]:
    """Return stills by the number of their frame, and why some are missing.

    Only what the stills need is decoded where that leaves many pictures out.

    Parameters
    ----------
    path : str
        The video, which was read once.
    frames : collection of int
        Numbers of frames in the part that is used.
    sampling : Sampling
        The part.
    seconds : float
        What the first reading took; the second one may take as long, and at least a minute.

    Returns
    -------
    stills : dict
        Data address of a JPEG by frame.
    note : str
        One sentence where some are missing, else "".
    """
    if not frames:
        return {}, ""
    work = partial(_stills, tuple(sorted(frames)), sampling)
    try:
        pictures = read_isolated(work, path, deadline_s=max(LEAST_S, seconds), memory_mb=MEMORY_MB)
    except Exception as error:  # a page without stills is better than none: the reason is on it
        return {}, f"there are no stills: {reason_of(error)}"
    encoded = {
        number: "data:image/jpeg;base64," + base64.b64encode(one).decode() for number, one in pictures.items()
    }
    lost = len(set(frames) - set(encoded))
    return encoded, f"{lost} of {len(set(frames))} stills were not decoded again" if lost else ""


def _stills(numbers: tuple[int, ...], sampling: Sampling, path: str) -> dict[int, bytes]:
    """Return JPEGs by frame: by a sparse reading, or a whole one where the decoder gives other pictures."""
    try:
        return dict(_read(path, numbers, sampling, Enough(False, numbers=frozenset(numbers))))
    except DecodeError as error:
        if error.kind != EVERY_PICTURE:
            raise
        return dict(_read(path, numbers, sampling, None))


def _read(
    path: str, numbers: tuple[int, ...], sampling: Sampling, enough: Enough | None
) -> Iterator[tuple[int, bytes]]:
    wanted = set(numbers)
    with open_video(path, sampling=sampling) as video:
        for frame in video.frames(enough=enough):
            if frame.source in wanted:
                yield frame.source, _jpeg(frame.view("rgb"))
                wanted.discard(frame.source)
            if not wanted:
                return


def _jpeg(rgb: Any) -> bytes:
    from PIL import Image

    small = Image.fromarray(rgb)
    small.thumbnail((SIDE, SIDE))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
