"""Frames for figures: one moment of a video, or a frame held in memory."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError
from ..frame import Frame
from ..picture import ArrayPicture
from ..specs import Luma, RawFormat, Sampling

if TYPE_CHECKING:
    from ..video.still import StillPicture
    from ..video.stream import Video


def frames_at(
    path: str | os.PathLike[str],
    time_s: float | None = None,
    count: int = 1,
    luma: Luma = "y",
    raw: RawFormat | None = None,
) -> list[Frame]:
    """Return successive frames of a video, the first one at a time or after it.

    Parameters
    ----------
    path : path
        A video file.
    time_s : float, optional
        Time in seconds; by default the middle.
    count : int
        Number of frames.
    luma : {"y", "rgb2gray", "pq", "pu21"}
        What the frames' view ``luma`` is.
    raw : RawFormat, optional
        Geometry of a headerless YUV file.

    Raises
    ------
    ParameterError
        If the time is no number from 0, or the video has fewer frames from there.
    DecodeError
        If the video cannot be decoded, or has no frame from there.
    """
    from ..video import open_video
    from ..video.opening import raw_of

    geometry = raw_of(os.fspath(path), raw)
    if time_s is None:
        with open_video(path, raw=geometry) as video:
            time_s = _middle(video, count)
    if isinstance(time_s, bool) or not isinstance(time_s, int | float) or not 0 <= time_s < math.inf:
        raise ParameterError(f"time_s must be a number from 0, in seconds, got {time_s!r}")
    found: list[Frame] = []
    with open_video(path, sampling=Sampling(start_s=float(time_s)), luma=luma, raw=geometry) as video:
        for frame in video:
            found.append(frame)
            for view in ("rgb", "luma"):  # computed while the video is open
                frame.view(view)
            if len(found) == count:
                return found
        lasts = f", it lasts {video.info.duration_s:.3f} s" if video.info.duration_s else ""
    frames = "frame" if count == 1 else f"{count} frames"
    raise ParameterError(f"{os.fspath(path)!r} has no {frames} from {time_s:g} s on{lasts}")


def frame_of(picture: Any) -> Frame:
    """Return a frame of a picture held in memory, uint8 or uint16: luma (h, w) or RGB (h, w, 3)."""
    array = np.asarray(picture)
    return Frame(ArrayPicture(array), 0, 0.0, "rgb2gray" if array.ndim == 3 else "y")


def gray_rgb(frame: Frame) -> NDArray[np.uint8]:
    """Return a frame as a gray picture in three channels, (h, w, 3)."""
    return np.repeat(frame.view("gray")[:, :, None], 3, axis=2)


def _middle(video: Video | StillPicture, count: int) -> float:
    """Return the time of the middle of a video, early enough for `count` frames."""
    duration, rate = video.info.duration_s or 0.0, video.info.fps
    last = duration - (count + 1) / rate if rate > 0 else 0.0
    return max(0.0, min(duration / 2, last))


def picture_size(height: int, width: int, beside: float = 0.0) -> tuple[float, float]:
    """Return the size of a figure of one picture, in inches, at most 8 wide and 7 high."""
    factor = min(8 / width, 6.5 / height)
    return max(3.5, width * factor) + beside, height * factor + 0.4
