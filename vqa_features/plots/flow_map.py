"""Motion between two frames as a map."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError
from ..frame import Frame
from ..specs import Luma, RawFormat
from .display import INK, Display, title_of
from .frames import frame_of, frames_at, gray_rgb, picture_size

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Values = NDArray[np.float64]

ARROWS = 24
"""Number of arrows along the longer side."""
OPACITY = 0.75
"""Of the colours where the motion is longest."""
SHADE = 0.35
"""Of the darkening where the motion is not determined."""
_STILL = 0.05
"""Motion in pixels below which a field counts as still."""


@dataclass
class FlowMapDisplay(Display):
    """Motion from one frame of a video to the next, as colours and arrows over the frame.

    The field is that of the extractor ``flow``: the mean length where it is determined is
    ``flow.magnitude_mean`` of this pair. The hue is the direction, the saturation the length, up to the 99th
    percentile. What is not determined is darkened, and its share is ``flow.undetermined_share``.

    Attributes
    ----------
    picture : ndarray
        The second frame in gray, (h, w, 3).
    motion : ndarray
        (rows, columns, 2): horizontal and vertical motion in pixels per frame; down and right are positive.
    determined : ndarray
        (rows, columns) bool: where the motion is determined.
    title : str
        The video, the time and the mean motion.
    """

    picture: NDArray[np.uint8]
    motion: NDArray[np.float32]
    determined: NDArray[np.bool_]
    title: str = ""

    @classmethod
    def from_video(
        cls,
        path: str | os.PathLike[str],
        time_s: float | None = None,
        *,
        luma: Luma = "y",
        raw: RawFormat | None = None,
    ) -> Self:
        """Return the display of two successive frames of a video.

        Parameters
        ----------
        path : path
            A video file.
        time_s : float, optional
            Time of the first frame in seconds; by default the middle.
        luma, raw
            As in `vqa_features.extract`.

        Returns
        -------
        Self
            A display that is not drawn yet.

        Raises
        ------
        ParameterError
            If the video has no two frames from there, or they are too small.
        DecodeError
            If the video cannot be decoded.
        """
        first, second = frames_at(path, time_s, 2, luma, raw)
        return cls._of(first, second, os.path.basename(path), f"at {second.time_s:.2f} s, ")

    @classmethod
    def from_frames(cls, first: Any, second: Any) -> Self:
        """Return the display of two frames held in memory.

        Parameters
        ----------
        first, second : array, uint8 or uint16
            Luma (h, w), or RGB (h, w, 3), of one size.
        """
        return cls._of(frame_of(first), frame_of(second), "", "")

    @classmethod
    def _of(cls, first: Frame, second: Frame, name: str, when: str) -> Self:
        from ..extractors.handcrafted.flow._field import LEAST_SIDE, motion_between, working

        if first.view("luma").shape != second.view("luma").shape:
            shapes = [frame.view("luma").shape for frame in (first, second)]
            raise ParameterError(f"the frames must have one size, got {shapes[0]} and {shapes[1]}")
        height, width = second.view("luma").shape
        if min(height, width) < LEAST_SIDE:
            raise ParameterError(
                f"frames of {width}x{height} are too small for a flow field ({LEAST_SIDE} pixels)"
            )
        before, after = working(first.view("luma")), working(second.view("luma"))
        found = motion_between(before, after)
        length = np.hypot(*found.motion[found.determined].T)
        mean = f"mean motion {length.mean():.2f} pixels per frame" if length.size else "motion not determined"
        return cls(gray_rgb(second), found.motion, found.determined, title_of(name, when + mean))

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw the figure.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Axes to draw on; by default those of a new figure.

        Returns
        -------
        Self
            This display, with `ax_` and `figure_` set.
        """
        height, width = self.picture.shape[:2]
        ax = self._start(ax, picture_size(height, width))
        length = np.hypot(self.motion[..., 0], self.motion[..., 1]) * self.determined
        reach = float(np.percentile(length[self.determined], 99)) if self.determined.any() else 0.0
        ax.imshow(self.picture, extent=(0, width, height, 0))
        shade = np.zeros((*length.shape, 4))
        shade[..., 3] = np.where(self.determined, 0, SHADE)
        ax.imshow(shade, extent=(0, width, height, 0), interpolation="nearest")
        if reach >= _STILL:
            ax.imshow(_coloured(self.motion, length, reach), extent=(0, width, height, 0))
            self._arrows(ax, length, reach)
            self._key(ax, reach)
        ax.set_title(self.title, loc="left", fontsize="medium")
        ax.set_axis_off()
        return self

    def _arrows(self, ax: Axes, length: Values, reach: float) -> None:
        """Draw arrows on a grid, the longest of the length of a cell."""
        rows, columns = length.shape
        step = max(1, round(max(rows, columns) / ARROWS))
        part = slice(step // 2, None, step)
        motion = self.motion[part, part]
        side = self.picture.shape[1] / columns
        y, x = (np.mgrid[:rows, :columns][:, part, part] + 0.5) * side
        moving = length[part, part] >= _STILL
        ax.quiver(
            x[moving],
            y[moving],
            motion[..., 0][moving],
            motion[..., 1][moving],
            angles="xy",
            scale_units="xy",
            scale=reach / (side * step),
            color=INK,
            width=0.0022,
        )

    def _key(self, ax: Axes, reach: float) -> None:
        """Draw the colours of all directions in a disk, with the length at its edge."""
        side = np.linspace(-1, 1, 121)
        x, y = np.meshgrid(side, side)
        disk = _coloured(np.stack([x, y], axis=2), np.hypot(x, y), 1.0)
        disk[..., 3] = np.hypot(x, y) <= 1
        key = ax.inset_axes((0.99 - 0.14, 0.01, 0.14, 0.2))
        key.imshow(disk, extent=(-1, 1, 1, -1))
        key.set_axis_off()
        box = {"facecolor": INK, "edgecolor": "none", "pad": 1.5}
        key.text(0, -1.15, f"{reach:.1f} px", ha="center", va="bottom", size="small", color="white", bbox=box)


def _coloured(motion: NDArray[Any], length: Values, reach: float) -> Values:
    """Return a field as RGBA: direction as hue, length as saturation and opacity up to `reach`."""
    from matplotlib.colors import hsv_to_rgb

    length = np.clip(length / reach, 0, 1)
    hue = np.arctan2(motion[..., 1], motion[..., 0]) / (2 * np.pi) % 1.0
    rgb = hsv_to_rgb(np.stack([hue, length, np.ones_like(length)], axis=2))
    return np.concatenate([rgb, OPACITY * length[..., None]], axis=2)
