"""Distance of the blocks of a frame from pristine pictures as a map."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError
from ..frame import Frame
from ..specs import Luma, RawFormat
from .display import Display, title_of
from .frames import frame_of, frames_at, gray_rgb, picture_size

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Values = NDArray[np.float64]


@dataclass
class QualityMapDisplay(Display):
    """Distance of each block of a frame from pristine pictures, over the frame: a local NIQE.

    The distance of a block is that of NIQE with the features of the block in the place of their mean over the
    frame: sqrt((b - m)' ((C + S) / 2)^-1 (b - m)), with the pristine mean m and covariance S, and the
    covariance C of the blocks of this frame. Higher is worse. It tells where a frame is unlike pristine
    pictures; blocks without texture, such as sky, are unlike them too.

    Attributes
    ----------
    picture : ndarray
        The frame in gray, (h, w, 3).
    distances : ndarray
        (rows, columns): distance of each whole block of 96 x 96 pixels; nan where a feature is not defined.
    score : float
        NIQE of the frame.
    title : str
        The video, the time and its score.

    References
    ----------
    L. Zhang, L. Zhang and A. C. Bovik, "A feature-enriched completely blind image quality evaluator", IEEE
    TIP 24(8), 2015: the distance of a block, there of other features.
    """

    picture: NDArray[np.uint8]
    distances: Values
    score: float
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
        """Return the display of one frame of a video.

        Parameters
        ----------
        path : path
            A video file.
        time_s : float, optional
            Time of the frame in seconds; by default the middle.
        luma, raw
            As in `vqa_features.extract`.

        Returns
        -------
        Self
            A display that is not drawn yet.

        Raises
        ------
        ParameterError
            If the video has no such frame, or it has fewer than two blocks of 96 x 96 pixels with features.
        DecodeError
            If the video cannot be decoded.
        """
        (frame,) = frames_at(path, time_s, luma=luma, raw=raw)
        return cls._of(frame, os.path.basename(path), f"at {frame.time_s:.2f} s, ")

    @classmethod
    def from_frame(cls, frame: Any) -> Self:
        """Return the display of a frame held in memory.

        Parameters
        ----------
        frame : array, uint8 or uint16
            Luma (h, w), or RGB (h, w, 3), whose luma is rgb2gray.
        """
        return cls._of(frame_of(frame), "", "")

    @classmethod
    def _of(cls, frame: Frame, name: str, when: str) -> Self:
        from ..extractors.handcrafted.niqe import MODEL
        from ..kernels.brisque_niqe import BLOCK, niqe_block_features, niqe_distance
        from ..resources import load_arrays

        plane = frame.view("luma")
        blocks, pristine = niqe_block_features(plane), load_arrays(MODEL)
        whole = ~np.isnan(blocks).any(axis=1)
        if whole.sum() < 2:
            height, width = plane.shape
            raise ParameterError(
                f"a quality map needs two textured blocks of {BLOCK}x{BLOCK} pixels, and this frame of "
                f"{width}x{height} has {whole.sum()}"
            )
        mean, covariance = pristine["mean"], pristine["covariance"]
        away = blocks - mean
        pooled = (np.cov(blocks[whole], rowvar=False) + covariance) / 2
        distances = np.full(len(blocks), np.nan)
        distances[whole] = np.sqrt(np.sum(away[whole] * np.linalg.solve(pooled, away[whole].T).T, axis=1))
        grid = distances.reshape(plane.shape[0] // BLOCK, plane.shape[1] // BLOCK)
        score = niqe_distance(blocks, mean, covariance)
        return cls(gray_rgb(frame), grid, score, title_of(name, f"{when}NIQE {score:.2f}"))

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
        from ..kernels.brisque_niqe import BLOCK

        height, width = self.picture.shape[:2]
        ax = self._start(ax, picture_size(height, width, beside=0.9))
        down, across = self.distances.shape
        ax.imshow(self.picture, extent=(0, width, height, 0))
        extent = (0, across * BLOCK, down * BLOCK, 0)
        shown = ax.imshow(self.distances, extent=extent, cmap="inferno", alpha=0.55)
        ax.set_xlim(0, width)
        ax.set_ylim(height, 0)
        bar = shown.figure.colorbar(shown, ax=ax, fraction=0.04, pad=0.02)
        bar.set_label("distance from pristine pictures (higher is worse)")
        if bar.solids is not None:
            bar.solids.set(alpha=1)
        ax.set_title(self.title, loc="left", fontsize="medium")
        ax.set_axis_off()
        return self
