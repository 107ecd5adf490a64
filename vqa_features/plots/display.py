"""Base of all figures: scikit-learn's Display convention and the common look."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

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


def figure_name(name: str) -> str:
    r"""Return a name as matplotlib draws it as it is: ``$`` as ``\$``, which begins no formula."""
    return shown(name, MOST_NAME).replace("$", r"\$")


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
            import matplotlib.pyplot as plt

            _, ax = plt.subplots(figsize=size, layout="constrained")
        self.ax_ = ax
        self.figure_ = ax.get_figure(root=True)
        ax.spines[["top", "right"]].set_visible(False)
        ax.tick_params(colors=SOFT)
        ax.set_axisbelow(True)
        return ax
