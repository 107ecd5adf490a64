"""Stills of a video: reduced pictures at equally spaced times, drawn along an axis of time."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError
from ..specs import RawFormat, Sampling

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Longer side of a still in pixels, and the greatest number of them.
SIDE, MOST_STILLS = 320, 24
#: Height of the strip of stills in inches, at most, and the part of its place that a still fills.
HEIGHT, FILLED = 1.2, 0.94


class Stills(NamedTuple):
    """Reduced pictures of a video with their times."""

    times_s: list[float]
    pictures: list[NDArray[np.uint8]]
    """RGB, (h, w, 3)."""

    @classmethod
    def of(
        cls,
        path: str | os.PathLike[str],
        count: int,
        raw: RawFormat | None = None,
        start_s: float = 0.0,
        duration_s: float | None = None,
    ) -> Stills:
        """Return stills of a video at equally spaced times.

        Parameters
        ----------
        path : path
            A video file.
        count : int
            Number of stills, 0 to 24.
        raw : RawFormat, optional
            Geometry of a headerless YUV file.
        start_s, duration_s : float
            Part of the video.

        Raises
        ------
        ParameterError
            If the number is another one.
        DecodeError
            If the video cannot be decoded.
        """
        from ..video import open_video
        from ..video.opening import raw_of

        if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= MOST_STILLS:
            raise ParameterError(f"stills must be a whole number from 0 to {MOST_STILLS}, got {count!r}")
        found = cls([], [])
        if count == 0:
            return found
        sampling = Sampling(frames=count, start_s=start_s, duration_s=duration_s)
        with open_video(path, sampling=sampling, raw=raw_of(os.fspath(path), raw)) as video:
            for frame in video:
                found.times_s.append(frame.time_s)
                found.pictures.append(reduced(frame.view("rgb")))
        return found

    @property
    def height(self) -> float:
        """Relative height of the strip; small if there is none."""
        return 1.0 if self.pictures else 0.01

    def draw(self, ax: Axes, span: tuple[float, float]) -> None:
        """Draw the stills, each centred at its time; `span` is the axis of time."""
        from matplotlib.offsetbox import AnnotationBbox, OffsetImage

        ax.set_axis_off()
        ax.set_xlim(span)
        ax.set_ylim(0, 1)
        figure = ax.get_figure(root=True)
        if not self.pictures or figure is None:
            return
        width = 72 * figure.get_figwidth() * ax.get_position().width / len(self.pictures) * FILLED
        height = 72 * figure.get_figheight() * ax.get_position().height
        for centre, picture in zip(self._centres(span), self.pictures, strict=True):
            zoom = min(width / picture.shape[1], height / picture.shape[0])
            box = AnnotationBbox(OffsetImage(picture, zoom=zoom), (centre, 0.5), frameon=False, pad=0)
            ax.add_artist(box)

    def _centres(self, span: tuple[float, float]) -> NDArray[np.float64]:
        """Return the places of the stills: equal parts of the axis, which hold their times."""
        parts = np.arange(len(self.pictures)) + 0.5
        return span[0] + parts * (span[1] - span[0]) / len(self.pictures)


def reduced(picture: NDArray[np.uint8], side: int = SIDE) -> NDArray[np.uint8]:
    """Return an RGB picture whose longer side has at most `side` pixels."""
    import cv2

    height, width = picture.shape[:2]
    factor = side / max(height, width)
    if factor >= 1:
        return np.array(picture)
    size = max(1, round(width * factor)), max(1, round(height * factor))
    return np.asarray(cv2.resize(np.ascontiguousarray(picture), size, interpolation=cv2.INTER_AREA), np.uint8)
