"""Histogram of the normalised coefficients of a frame with the distribution that BRISQUE fits to them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import gamma

from ..errors import ParameterError, UnknownName
from ..frame import Frame
from ..specs import Luma, RawFormat
from .display import GRID, INK, Display, title_of
from .frames import frame_of, frames_at
from .palette import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Values = NDArray[np.float64]

#: Shift of the neighbour, rows and columns, and name of each product of neighbours.
NEIGHBOURS = {"h": (0, 1), "v": (1, 0), "d1": (1, 1), "d2": (1, -1)}
FIELDS = {
    "mscn": "MSCN coefficients",
    "h": "products with the left neighbour",
    "v": "products with the upper neighbour",
    "d1": "products with the upper left neighbour",
    "d2": "products with the upper right neighbour",
}
BINS = 121
"""Number of bars of the histogram, over all but one of a thousand coefficients."""
MOST_HALVED = 5


@dataclass
class MscnHistogramDisplay(Display):
    """Histogram of the MSCN coefficients of a frame, or of products of neighbours, with its fit.

    Coefficients are fitted by a generalised Gaussian (GGD), products by an asymmetric one (AGGD), as BRISQUE
    does: ``brisque.mscn_alpha_s1`` of the frame is `shape`.

    Attributes
    ----------
    edges, density : ndarray
        Edges of the bars, (n + 1,), and their density, (n,).
    shape, left, right : float
        The fit: its shape (2 is normal), and the root mean squares of the negative and of the positive side.
        nan where the frame is flat.
    label, title : str
        What is counted, and of which frame.
    """

    edges: Values
    density: Values
    shape: float
    left: float
    right: float
    label: str
    title: str = ""

    @classmethod
    def from_video(
        cls,
        path: str | os.PathLike[str],
        time_s: float | None = None,
        *,
        field: str = "mscn",
        scale: int = 1,
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
        field : {"mscn", "h", "v", "d1", "d2"}
            Coefficients, or products with the left, upper, upper left or upper right neighbour.
        scale : int
            1 for the full size, 2 for half of it, up to 6.
        luma, raw
            As in `vqa_features.extract`.

        Returns
        -------
        Self
            A display that is not drawn yet.

        Raises
        ------
        UnknownName, ParameterError
            If a parameter is not allowed, or the video has no such frame.
        DecodeError
            If the video cannot be decoded.
        """
        _check(field, scale)
        (frame,) = frames_at(path, time_s, luma=luma, raw=raw)
        title = title_of(os.path.basename(path), f"at {frame.time_s:.2f} s")
        return cls._of(frame, field, scale, title)

    @classmethod
    def from_frame(cls, frame: Any, *, field: str = "mscn", scale: int = 1) -> Self:
        """Return the display of a frame held in memory.

        Parameters
        ----------
        frame : array, uint8 or uint16
            Luma (h, w), or RGB (h, w, 3), whose luma is rgb2gray.
        field, scale
            As in `from_video`.
        """
        _check(field, scale)
        return cls._of(frame_of(frame), field, scale, "")

    @classmethod
    def _of(cls, frame: Frame, field: str, scale: int, title: str) -> Self:
        from ..kernels.fits import aggd_fit, ggd_fit
        from ..kernels.nss import mscn
        from ..kernels.resize import halve

        plane: NDArray[Any] = frame.view("luma")
        for _ in range(scale - 1):
            plane = halve(plane)
        values = mscn(plane, border="zero")
        if field == "mscn":
            fit = ggd_fit(values)
            shape, left = float(fit.shape), float(np.sqrt(fit.variance))
            right = left
        else:
            values = values * np.roll(values, NEIGHBOURS[field], axis=(0, 1))
            sides = aggd_fit(values)
            shape, left, right = float(sides.shape), float(sides.left), float(sides.right)
        reach = float(np.percentile(np.abs(values), 99.9)) or 1.0
        density, edges = np.histogram(values, bins=BINS, range=(-reach, reach))
        width = edges[1] - edges[0]
        label = FIELDS[field] + (f" at scale {scale}" if scale > 1 else "")
        return cls(edges, density / (values.size * width), shape, left, right, label, title)

    def fitted(self, x: Values) -> Values:
        """Return the density of the fit at `x`, of the same shape; nan where there is none."""
        per_std = np.sqrt(gamma(1 / self.shape) / gamma(3 / self.shape))
        left, right = self.left * per_std, self.right * per_std
        scale = np.where(x < 0, left, right)
        top = self.shape / ((left + right) * gamma(1 / self.shape))
        return np.asarray(top * np.exp(-((np.abs(x) / scale) ** self.shape)))

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
        ax = self._start(ax, (6.4, 4.2))
        look = style("handcrafted").light
        ax.stairs(self.density, self.edges, fill=True, color=look, alpha=0.45, label="histogram")
        if np.isfinite([self.shape, self.left, self.right]).all() and self.left > 0:
            x = np.linspace(self.edges[0], self.edges[-1], 801)
            ax.plot(x, self.fitted(x), color=INK, linewidth=1.5, label=self._fit_text())
        else:
            ax.plot([], [], " ", label="no fit: the frame is flat")
        top = float(self.density.max())
        ax.set_ylim(0, 1.12 * top if top > 0 else 1)
        ax.set_xlim(self.edges[0], self.edges[-1])
        ax.set(xlabel=self.label, ylabel="density")
        ax.set_title(self.title, loc="left", fontsize="medium")
        ax.grid(color=GRID)
        ax.legend(frameon=False, loc="upper right", fontsize="small")
        return self

    def _fit_text(self) -> str:
        if self.left == self.right:
            return f"GGD: shape {self.shape:.3f}\nvariance {self.left * self.left:.3f}"
        sides = f"left {self.left * self.left:.3f}, right {self.right * self.right:.3f}"
        return f"AGGD: shape {self.shape:.3f}\nvariance {sides}"


def _check(field: str, scale: int) -> None:
    if field not in FIELDS:
        raise UnknownName("field", str(field), FIELDS, f"known: {', '.join(FIELDS)}")
    if isinstance(scale, bool) or not isinstance(scale, int) or not 1 <= scale <= 1 + MOST_HALVED:
        raise ParameterError(f"scale must be a whole number from 1 to {1 + MOST_HALVED}, got {scale!r}")
