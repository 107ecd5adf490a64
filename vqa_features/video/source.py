"""A file as a video: a still picture is a video of one frame."""

from __future__ import annotations

import os

from ..specs import Luma, RawFormat, Sampling
from ..video_task import TimeRange
from .opening import open_video_file
from .picture_header import is_still
from .still import StillPicture
from .stream import Video


def open_video(
    path: str | os.PathLike[str],
    *,
    sampling: Sampling = Sampling(),  # noqa: B008 (frozen)
    raw: RawFormat | None = None,
    luma: Luma = "y",
    threads: int = 1,
    descriptor: int | None = None,
    part: TimeRange | None = None,
) -> Video | StillPicture:
    """Return a video or a still picture, by the content of the file.

    Parameters
    ----------
    path : path
        A regular file.
    sampling : Sampling
        Which frames are given.
    raw : RawFormat, optional
        Geometry of a headerless YUV file.
    luma : {"y", "rgb2gray", "pq", "pu21"}
        What the frames' view ``luma`` is.
    threads : int
        Decoding threads; the frames do not depend on it.
    descriptor : int, optional
        The open file, which is closed with the video; else `path` is opened.
    part : TimeRange, optional
        Part of a video that is decoded.

    Raises
    ------
    DecodeError
        If the file cannot be opened or its first picture does not decode.
    """
    name = os.fspath(path)
    opened = open_video_file(name) if descriptor is None else descriptor
    if is_still(opened, name):
        return StillPicture(opened, name, sampling=sampling, luma=luma)
    if descriptor is None:
        os.close(opened)
    return Video(
        name, sampling=sampling, raw=raw, luma=luma, threads=threads, descriptor=descriptor, part=part
    )
