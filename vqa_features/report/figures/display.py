"""The base of every figure: scikit-learn's Display convention and the look that all share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, SOFT, GRID = "#14181f", "#586070", "#e3e7ed"


@dataclass
class Display:
    """What all displays share: where they drew.

    Attributes
    ----------
    ax_, figure_ : axes and figure of the last plot
    """

    ax_: Axes | None = field(default=None, init=False, repr=False)
    figure_: Figure | None = field(default=None, init=False, repr=False)

    def _start(self, ax: Axes | None, size: tuple[float, float]) -> Axes:
        """Take the given axes or make a figure through pyplot, as scikit-learn's displays do."""
        if ax is None:
            import matplotlib.pyplot as plt

            _, ax = plt.subplots(figsize=size, layout="constrained")
        self.ax_ = ax
        self.figure_ = ax.get_figure(root=True)
        ax.spines[["top", "right"]].set_visible(False)
        ax.tick_params(colors=SOFT)
        ax.set_axisbelow(True)
        return ax
