"""Figures of cost, training size and transfer, after scikit-learn's Display convention."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from ...comparison.result import Comparison
from .. import view
from ..headline import decimal
from ..palette import style
from ..tradeoffs import Cost, Curve, Reach, costs, curves, reaches
from .display import GRID, SOFT, Display

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass
class CostDisplay(Display):
    """Median SRCC against seconds per video, and the line of what is best for the time.

    Attributes
    ----------
    costs : list of Cost
    """

    costs: list[Cost]

    @classmethod
    def from_comparison(cls, comparison: Comparison, *, protocol: str | None = None) -> Self:
        """Take the best model of every table whose extraction time is known."""
        chosen = protocol or view.protocols(comparison)[0]
        return cls(costs(view.summarise(comparison), chosen))

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw on the given axes, or on new ones."""
        ax = self._start(ax, (6.0, 3.8))
        ax.set_xscale("log")
        ordered = sorted(self.costs, key=lambda one: (one.seconds, -one.srcc))
        reached = np.maximum.accumulate([one.srcc for one in ordered])
        ax.step(
            [one.seconds for one in ordered], reached, where="post", color=SOFT, linestyle=":", linewidth=1
        )
        for one in self.costs:
            look = style(one.model.role)
            ax.vlines(one.seconds, one.low, one.high, color=look.light, alpha=0.45)
            ax.plot(one.seconds, one.srcc, look.marker, color=look.light)
            ax.annotate(
                one.model.table, (one.seconds, one.srcc), (7, 5), textcoords="offset points", color=look.light
            )
        ax.grid(color=GRID)
        ax.margins(x=0.2)
        ax.set(xlabel="extraction time per video, s", ylabel="median SRCC")
        return self


@dataclass
class LearningCurveDisplay(Display):
    """SRCC against the number of training videos, with its band.

    Attributes
    ----------
    curves : list of Curve
    """

    curves: list[Curve]

    @classmethod
    def from_comparison(cls, comparison: Comparison, *, protocol: str | None = None) -> Self:
        """Take the learning curves of one protocol."""
        return cls(curves(comparison, protocol or view.protocols(comparison)[0]))

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw on the given axes, or on new ones."""
        ax = self._start(ax, (6.4, 3.8))
        for one in self.curves:
            look = style(one.model.role)
            ax.fill_between(one.n_train, one.low, one.high, color=look.light, alpha=0.13, linewidth=0)
            ax.plot(one.n_train, one.srcc, color=look.light, marker=look.marker, markersize=4)
        ax.grid(color=GRID)
        gap = 0.055 * float(np.ptp(ax.get_ylim()))
        ceiling = np.inf
        for one in sorted(self.curves, key=lambda curve: -curve.srcc[-1]):
            ceiling = min(ceiling - gap, float(one.srcc[-1]))  # labels in the curves' order, none on another
            ax.annotate(
                one.model.label,
                (1.02, ceiling),
                xycoords=ax.get_yaxis_transform(),
                va="center",
                color=style(one.model.role).light,
                annotation_clip=False,
            )
        ax.set(xlabel="training videos", ylabel="SRCC")
        return self


@dataclass
class CrossDisplay(Display):
    """SRCC of one model trained on one data set (row) and tested on another (column).

    Attributes
    ----------
    reach : Reach
    """

    reach: Reach

    @classmethod
    def from_comparison(cls, comparison: Comparison, *, model: view.Model | None = None) -> Self:
        """Take one model's matrix, by default the first one's."""
        found = reaches(comparison)
        return cls(next(one for one in found if model is None or one.model == model))

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw on the given axes, or on new ones."""
        names, values = self.reach.datasets, self.reach.srcc
        ax = self._start(ax, (1.6 + len(names), 1.4 + 0.7 * len(names)))
        ax.imshow(values, cmap="RdPu", vmin=0, vmax=1.6)
        for i, j in np.ndindex(values.shape):
            ax.text(j, i, decimal(float(values[i, j])), ha="center", va="center")
        ax.set_xticks(range(len(names)), names, rotation=35, ha="right")
        ax.set_yticks(range(len(names)), names)
        ax.set(title=self.reach.model.label, xlabel="tested on", ylabel="trained on")
        return self
