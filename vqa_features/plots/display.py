"""Base of all figures: scikit-learn's Display convention and the common look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from ..errors import ParameterError
from ..extras import require
from ..files.names import shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_MODELS = 40
"""Greatest number of models in one figure."""
MOST_NAME = 40
"""Greatest length of a name in a figure, in characters."""
MOST_VECTOR = 5000
"""A cloud of more dots is a picture within the figure, so that its file stays small."""
INK, SOFT, GRID = "#14181f", "#586070", "#e3e7ed"


def figure_name(name: str, most: int = MOST_NAME) -> str:
    r"""Return a name as matplotlib draws it as it is: ``$`` as ``\$``, which begins no formula."""
    return shown(name, most).replace("$", r"\$")


def title_of(name: str, told: str = "") -> str:
    """Return a title: what is shown on the first line, what is told of it on the second."""
    return "\n".join(filter(None, (figure_name(name) if name else "", told)))


@dataclass
class Display:
    """A figure that holds its data.

    A constructor ``from_…`` computes the data, `plot` draws them. The data stay in plain
    attributes, so a figure can be drawn again with another look.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        Those of the last call of `plot`; None before.
    """

    ax_: Axes | None = field(default=None, init=False, repr=False)
    figure_: Figure | None = field(default=None, init=False, repr=False)

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw the figure on the given axes, or on those of a new figure."""
        raise NotImplementedError

    def _start(self, ax: Axes | None, size: tuple[float, float]) -> Axes:
        """Return the given axes, or those of a new pyplot figure of `size` inches, with the common look."""
        if ax is None:
            require("a figure", ("matplotlib",))
            import matplotlib.pyplot as plt

            _, ax = plt.subplots(figsize=size, layout="constrained")
        self.ax_ = ax
        self.figure_ = ax.get_figure(root=True)
        return dressed(ax)

    def _panels(
        self, ax: Axes | None, size: tuple[float, float], heights: Sequence[float], across: int = 1
    ) -> list[Axes]:
        """Return axes in rows, row by row, in the place of the given axes or on a new figure.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Axes of a grid of subplots.
        size : (float, float)
            Width and height of a new figure in inches.
        heights : sequence of float
            Relative heights of the rows.
        across : int
            Number of axes in a row.

        Raises
        ------
        ParameterError
            If the axes are in no grid of subplots, so that they cannot be divided.
        """
        ax = self._start(ax, size)
        place, figure = ax.get_subplotspec(), self.figure_
        if place is None or figure is None:
            raise ParameterError("ax must be axes of a grid, as plt.subplots makes them: they are divided")
        ax.set_axis_off()
        grid = place.subgridspec(len(heights), across, height_ratios=heights)
        return [dressed(figure.add_subplot(grid[number])) for number in range(len(heights) * across)]


def dressed(ax: Axes) -> Axes:
    """Return axes with the common look."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(colors=SOFT)
    ax.set_axisbelow(True)
    return ax
