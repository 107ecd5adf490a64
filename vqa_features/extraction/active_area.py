"""The active area: the part of the pictures between black bars, found once for a video before its features.

It is found by the rule of `kernels.bars` from pictures spread over the part of the video that is used. Every
frame is cropped to it, so that all extractors of both families see the same pixels.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Self, get_args

import numpy as np
from numpy.typing import NDArray

from ..errors import DecodeError, ParameterError
from ..frame import Frame
from ..kernels.bars import Bars, agreed, find_bars
from ..picture import Picture
from ..specs import Area, Sampling, VideoInfo
from ..video import Enough, StillPicture, Video
from ..video.crop import Crop
from ..video.picture import VideoPicture

Plane = NDArray[Any]

#: Pictures in which bars are looked for.
PICTURES = 24


def check_area(area: str) -> None:
    """Raise ParameterError if an area is not one of those that are offered."""
    if area not in get_args(Area):
        raise ParameterError(f"area must be one of {', '.join(get_args(Area))}, got {area!r}")


@dataclass(frozen=True)
class ActiveArea:
    """A rectangle of upright pictures.

    Parameters
    ----------
    x, y, width, height : int
        In pixels. Where a bar ends within a chroma sample, the area begins with the next one.
    whole : (int, int)
        Width and height of the pictures.
    seen : bool
        Whether some picture has content. Else the area is the whole picture.
    """

    x: int
    y: int
    width: int
    height: int
    whole: tuple[int, int]
    seen: bool = True

    @classmethod
    def of(cls, frames: Iterable[Frame]) -> Self | None:
        """Return the area on which frames of one video agree, None where there is no frame.

        Parameters
        ----------
        frames : iterable of Frame
            Bars are looked for in their view ``codes``.
        """
        seen: list[Bars] = []
        shape, ratio = (0, 0), (1, 1)
        for frame in frames:
            plane = frame.view("codes")
            if not seen:
                shape, ratio = plane.shape, _chroma_ratio(frame.picture)
            seen.append(find_bars(plane))
        if not seen:
            return None
        top, bottom, left, right = (int(lines) for lines in agreed(seen))
        y, height = _between(top, bottom, shape[0], ratio[0])
        x, width = _between(left, right, shape[1], ratio[1])
        content = any(np.isfinite(one.bar.top) for one in seen)
        return cls(x, y, width, height, (shape[1], shape[0]), content)

    @property
    def text(self) -> str:
        """Width, height and upper left corner, and the size of the whole picture: 480x200+0+35 of 480x270."""
        return "{}x{}+{}+{} of {}x{}".format(self.width, self.height, self.x, self.y, *self.whole)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader of the features should know."""
        if self.seen:
            return ()
        return ("no picture shows where bars end: the active area is the whole picture",)

    def described(self, info: VideoInfo) -> VideoInfo:
        """Return the description of a video whose pictures are cropped to this area."""
        return replace(info, width=self.width, height=self.height, active_area=self.text)

    def crop(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """Yield the frames, whose views are those of this area from now on."""
        for frame in frames:
            frame.picture = _Cropped(frame.picture, self)
            yield frame


def area_of(video: Video | StillPicture, sampling: Sampling) -> ActiveArea | None:
    """Return the active area of an open video, None if no picture of it decodes.

    The same file is decoded once more, up to the last of the pictures that are looked at; of a long one only
    what these need.

    Parameters
    ----------
    video : Video or StillPicture
        It is not read.
    sampling : Sampling
        Its part of the video is used, whichever frames are sampled there.
    """
    spread = Sampling(frames=PICTURES, start_s=sampling.start_s, duration_s=sampling.duration_s)
    for enough in (Enough(), None):
        with suppress(DecodeError), video.again(spread) as pictures:  # told when the video itself is read
            return ActiveArea.of(islice(pictures.frames(enough=enough), PICTURES))
    return None


class _Cropped:
    """A picture cropped to an area (see `vqa_features.frame.Picture`)."""

    def __init__(self, picture: Picture, area: ActiveArea) -> None:
        self.bit_depth = picture.bit_depth
        self._picture = picture
        self._area = area

    def luma_plane(self) -> Plane:
        """Y plane of the area."""
        return self._of(self._picture.luma_plane())

    def chroma_planes(self) -> tuple[Plane, Plane] | None:
        """U and V planes of the area, None where there are none."""
        planes = self._picture.chroma_planes()
        if planes is None:
            return None
        ratio = _chroma_ratio(self._picture)
        return self._of(planes[0], ratio), self._of(planes[1], ratio)

    def rgb(self) -> NDArray[np.uint8]:
        """RGB of the area."""
        picture, area = self._picture, self._area
        if not isinstance(picture, VideoPicture):
            return self._of(picture.rgb())
        right, bottom = area.whole[0] - area.x - area.width, area.whole[1] - area.y - area.height
        return np.ascontiguousarray(picture.rgb_without(Crop(area.y, bottom, area.x, right)))

    def _of(self, plane: Plane, ratio: tuple[int, int] = (1, 1)) -> Plane:
        area, (lines, columns) = self._area, ratio
        rows = slice(area.y // lines, -(-(area.y + area.height) // lines))
        return np.ascontiguousarray(plane[rows, area.x // columns : -(-(area.x + area.width) // columns)])


def _chroma_ratio(picture: Picture) -> tuple[int, int]:
    """Return lines and columns of luma for each chroma sample, (1, 1) without chroma planes."""
    planes = picture.chroma_planes()
    if planes is None:
        return 1, 1
    shape = picture.luma_plane().shape
    return -(-shape[0] // planes[0].shape[0]), -(-shape[1] // planes[0].shape[1])


def _between(before: int, after: int, length: int, step: int) -> tuple[int, int]:
    """Return first line and number of lines between two bars, in whole steps at each bar."""
    first = -(-before // step) * step
    end = (length - after) // step * step if after else length
    return (first, end - first) if end > first else (0, length)
