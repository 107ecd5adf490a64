"""Names of video files and the ids made from them."""

from __future__ import annotations

from pathlib import PurePosixPath

#: Suffixes of video files, in lower case.
VIDEO_SUFFIXES = frozenset(
    ".mp4 .m4v .mov .mkv .webm .avi .ogv .ogg .mpg .mpeg .ts .m2ts .mts .y4m .flv .wmv .asf .3gp .3g2 "
    ".mj2 .gif .apng .h264 .264 .hevc .h265 .265 .yuv".split()
)


def video_id(name: object) -> str:
    """Return the id of a video: its name without folder and video suffix.

    Parameters
    ----------
    name : str, path or number
        A file name or an id, with slashes of either kind. A whole float counts as an integer.

    Returns
    -------
    str
        The id. A suffix that is not one of `VIDEO_SUFFIXES` stays.

    Examples
    --------
    >>> video_id("videos/clip.mp4")
    'clip'
    >>> video_id("take.1")
    'take.1'
    >>> video_id(5115335471.0)
    '5115335471'
    """
    if isinstance(name, float) and name.is_integer():
        name = int(name)
    last = PurePosixPath(str(name).strip().replace("\\", "/")).name
    stem, dot, suffix = last.rpartition(".")
    return stem if dot and f".{suffix.lower()}" in VIDEO_SUFFIXES else last
