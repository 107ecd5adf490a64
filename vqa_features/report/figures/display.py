"""Base of the figures: scikit-learn's Display convention and the common look."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, SOFT, GRID = "#14181f", "#586070", "#e3e7ed"


@dataclass
class Display:
    """A figure that holds its data.

    ``XDisplay.from_comparison(comparison)`` computes the data, `plot` draws them. The data stay in plain
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
            import matplotlib.pyplot as plt

            _, ax = plt.subplots(figsize=size, layout="constrained")
        self.ax_ = ax
        self.figure_ = ax.get_figure(root=True)
        ax.spines[["top", "right"]].set_visible(False)
        ax.tick_params(colors=SOFT)
        ax.set_axisbelow(True)
        return ax
