"""Figures of accuracy against extraction time, training size and data set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from ...comparison.result import Comparison
from ...plots.display import GRID, MOST_MODELS, SOFT, Display, figure_name
from ...plots.palette import style
from ..formatting import decimal
from ..tradeoffs import Cost, CrossScores, Curve, best_curves, costs, cross_scores
from ..view import Model, ProtocolView

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass
class CostDisplay(Display):
    """SRCC against extraction time, with the Pareto front as a line and its models ringed.

    Attributes
    ----------
    costs : list of Cost
        Extraction time and SRCC of each model.
    statistic : str
        What the SRCC is.
    """

    costs: list[Cost]
    statistic: str = "median SRCC"

    @classmethod
    def from_comparison(cls, comparison: Comparison, *, protocol: str | None = None) -> Self:
        """Return the display of the best model of the tables whose extraction time is known.

        These are at most `MOST_MODELS` tables, those of highest median SRCC.

        Parameters
        ----------
        comparison : Comparison
            Result of :func:`vqa_features.compare`.
        protocol : str, optional
            Protocol to read; by default strict where it was run.

        Returns
        -------
        Self
            A display that is not drawn yet.
        """
        return cls.from_view(ProtocolView(comparison, protocol))

    @classmethod
    def from_view(cls, view: ProtocolView) -> Self:
        """Return the same from a `ProtocolView`, which several displays can share."""
        return cls(costs(view)[:MOST_MODELS], view.statistic)

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
        ax = self._start(ax, (6.0, 3.8))
        ax.set_xscale("log")
        front = sorted((one for one in self.costs if one.on_front), key=lambda one: one.seconds)
        times, scores = [one.seconds for one in front], [one.srcc for one in front]
        ax.step(times, scores, where="post", color=SOFT, linestyle=":", linewidth=1)
        ax.plot(times, scores, "o", color=SOFT, markersize=12, fillstyle="none")
        for one in self.costs:
            look = style(one.model.role)
            ax.vlines(one.seconds, one.low, one.high, color=look.light, alpha=0.45)
            ax.plot(one.seconds, one.srcc, look.marker, color=look.light)
            ax.annotate(
                figure_name(one.model.table),
                (one.seconds, one.srcc),
                (7, 5),
                textcoords="offset points",
                color=look.light,
            )
        ax.grid(color=GRID)
        ax.margins(x=0.2)
        ax.set(xlabel="extraction time per video, s", ylabel=self.statistic)
        return self


@dataclass
class LearningCurveDisplay(Display):
    """SRCC against the number of training videos, with its interval as a band.

    Attributes
    ----------
    curves : list of Curve
        Learning curve of each model.
    """

    curves: list[Curve]

    @classmethod
    def from_comparison(cls, comparison: Comparison, *, protocol: str | None = None) -> Self:
        """Return the display of the learning curves of a comparison.

        Parameters
        ----------
        comparison : Comparison
            Result of :func:`vqa_features.compare`.
        protocol : str, optional
            Protocol to read; by default strict where it was run.

        Returns
        -------
        Self
            A display that is not drawn yet.
        """
        return cls.from_view(ProtocolView(comparison, protocol))

    @classmethod
    def from_view(cls, view: ProtocolView) -> Self:
        """Return the same from a `ProtocolView`, which several displays can share."""
        return cls(best_curves(view))

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
        ax = self._start(ax, (6.4, 3.8))
        for one in self.curves:
            look = style(one.model.role)
            ax.fill_between(one.n_train, one.low, one.high, color=look.light, alpha=0.13, linewidth=0)
            ax.plot(one.n_train, one.srcc, color=look.light, marker=look.marker, markersize=4)
        ax.grid(color=GRID)
        gap = 0.055 * float(np.ptp(ax.get_ylim()))
        ceiling = np.inf
        for one in sorted(self.curves, key=lambda curve: -curve.srcc[-1]):
            ceiling = min(
                ceiling - gap, float(one.srcc[-1])
            )  # labels in the order of the curves, without overlap
            ax.annotate(
                figure_name(one.model.label),
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
    """Matrix of the SRCC of one model, trained on the data set of the row and tested on that of the column.

    Attributes
    ----------
    scores : CrossScores
        SRCC by pair of data sets.
    """

    scores: CrossScores

    @classmethod
    def from_comparison(cls, comparison: Comparison, *, model: Model | None = None) -> Self:
        """Return the display of the cross-data-set scores of one model.

        Parameters
        ----------
        comparison : Comparison
            Result of :func:`vqa_features.compare`, with the extra table ``cross``.
        model : Model, optional
            By default the first in the table.

        Returns
        -------
        Self
            A display that is not drawn yet.
        """
        return cls(next(one for one in cross_scores(comparison) if model is None or one.model == model))

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
        trained, tested = (
            [figure_name(name) for name in names] for names in (self.scores.trained, self.scores.datasets)
        )
        values = self.scores.srcc
        ax = self._start(ax, (1.6 + len(tested), 1.4 + 0.7 * len(trained)))
        ax.imshow(values, cmap="RdPu", vmin=0, vmax=1.6)
        for i, j in np.ndindex(values.shape):
            ax.text(j, i, decimal(float(values[i, j])), ha="center", va="center")
        ax.set_xticks(range(len(tested)), tested, rotation=35, ha="right")
        ax.set_yticks(range(len(trained)), trained)
        ax.set(title=figure_name(self.scores.model.label), xlabel="tested on", ylabel="trained on")
        return self
