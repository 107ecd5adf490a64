"""The figure of a section: the clip above, its damaged version below, a column for each panel."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .clips import Clip
from .maps import Panel

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

#: Inches of a panel's width, and pixels per inch.
WIDTH, DOTS = 3.4, 100
#: Quality of the WebP files, of 100.
QUALITY = 70
#: Colour of what has no value.
MISSING = "#9aa3b2"


def draw(path: Path, pair: tuple[Clip, Clip], panels: tuple[Panel, ...]) -> None:
    """Write the figure of a pair of clips as WebP; both have the same colours for the same values."""
    from matplotlib.figure import Figure

    found = [[panel.of(clip) for panel in panels] for clip in pair]
    tallest = max(array.shape[0] / array.shape[1] for array in found[0])
    size = (WIDTH * len(panels) + 0.3, 2 * WIDTH * tallest + 0.9)
    figure = Figure(figsize=size, dpi=DOTS, layout="constrained")
    rows = figure.add_gridspec(3, len(panels), height_ratios=(1, 1, 0.05))
    for column, panel in enumerate(panels):
        both = found[0][column], found[1][column]
        axes = [figure.add_subplot(rows[row, column]) for row in range(2)]
        images = [_show(ax, array, panel, both) for ax, array in zip(axes, both, strict=True)]
        axes[0].set_title(panel.title, fontsize="medium")
        if column == 0:
            axes[0].set_ylabel("original")
            axes[1].set_ylabel("damaged")
        if both[0].ndim == 2:
            figure.colorbar(images[1], cax=figure.add_subplot(rows[2, column]), orientation="horizontal")
    figure.savefig(path, format="webp", pil_kwargs={"quality": QUALITY, "method": 6})


def _show(ax: Axes, array: NDArray[Any], panel: Panel, both: tuple[NDArray[Any], ...]) -> AxesImage:
    """Draw one picture without ticks and frame."""
    from matplotlib import colormaps

    colours = colormaps[panel.colours].with_extremes(bad=MISSING)
    low, high = panel.limits or _limits(*both)
    how = "nearest" if small(array) else "antialiased"
    image = ax.imshow(array, cmap=colours, vmin=low, vmax=high, interpolation=how)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(False)
    return image


def small(array: NDArray[Any]) -> bool:
    """Return whether the samples of an array are seen one by one."""
    return max(array.shape[:2]) < 120


def _limits(one: NDArray[Any], other: NDArray[Any]) -> tuple[float, float]:
    both = np.concatenate([one.ravel(), other.ravel()])
    low, high = np.nanpercentile(both, (1, 99)).tolist()
    if low < 0 < high:
        low, high = -max(-low, high), max(-low, high)
    return (low, high) if high > low else (low - 1, low + 1)
