"""Figures with one row per model: scores over the splits, tested differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from ...comparison.result import Comparison
from ...plots.display import GRID, INK, MOST_MODELS, Display, figure_name
from ...plots.palette import style
from ..formatting import signed
from ..sections import MOST_COMPARED
from ..view import ERRORS, METRIC_NAMES, Contrast, Model, ProtocolView
from .extremes import leave_out_extremes

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass
class ScoreBoxDisplay(Display):
    """Box plots of one metric over the splits, best model on top.

    Attributes
    ----------
    models : list of Model
        In order of their median.
    values : list of ndarray
        Finite values of each model, one per split.
    metric : str
        Column of `Comparison.scores`.
    left_out : int
        Number of models that are not drawn, because there are more than `MOST_MODELS`.
    intervals : list of (float, float), optional
        Where one model was fitted: its interval over videos, in place of the box; nan where it has none.
    """

    models: list[Model]
    values: list[NDArray[np.float64]]
    metric: str = "srcc"
    left_out: int = 0
    intervals: list[tuple[float, float]] | None = None

    @classmethod
    def from_comparison(
        cls, comparison: Comparison, *, metric: str = "srcc", protocol: str | None = None
    ) -> Self:
        """Return the display of one metric of a comparison.

        Parameters
        ----------
        comparison : Comparison
            Result of :func:`vqa_features.compare`.
        metric : str
            Column of `Comparison.scores`.
        protocol : str, optional
            Protocol to read; by default strict where it was run.

        Returns
        -------
        Self
            A display that is not drawn yet.
        """
        return cls.from_view(ProtocolView(comparison, protocol), metric=metric)

    @classmethod
    def from_view(cls, view: ProtocolView, *, metric: str = "srcc") -> Self:
        """Return the same from a `ProtocolView`, which several displays can share."""
        found: list[tuple[float, Model, NDArray[np.float64]]] = []
        for model in view.models:
            values = view.split_scores(model, metric)
            values = values[np.isfinite(values)]
            if values.size:
                found.append((float(np.median(values)), model, values))
        found.sort(key=lambda item: item[0], reverse=metric not in ERRORS)
        kept = found[:MOST_MODELS]
        models, values_of = [model for _, model, _ in kept], [values for _, _, values in kept]
        ends = [
            (float(view.rows[one][f"{metric}_low"]), float(view.rows[one][f"{metric}_high"]))
            for one in models
        ]
        return cls(models, values_of, metric, len(found) - len(kept), ends if view.over_videos else None)

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
        ax = self._start(ax, (7.5, 1.1 + 0.42 * len(self.models)))
        if self.intervals is None:
            self._boxes(ax)
            leave_out_extremes(ax, np.concatenate(self.values))
        else:
            for position, (model, (score,), ends) in enumerate(
                zip(self.models, self.values, self.intervals, strict=True), start=1
            ):
                look = style(model.role)
                ax.plot(score, position, look.marker, color=look.light)
                ax.hlines(position, *ends, color=look.light)
        names = [figure_name(model.label) for model in self.models]
        ax.set_yticks(range(1, len(self.models) + 1), names, color=INK)
        ax.invert_yaxis()
        ax.grid(axis="x", color=GRID)
        where = "over the splits" if self.intervals is None else "on the fixed test part"
        ax.set_xlabel(f"{METRIC_NAMES[self.metric]} {where}")
        if self.left_out:
            ax.set_title(f"the best {len(self.models)} of {len(self.models) + self.left_out} models")
        return self

    def _boxes(self, ax: Axes) -> None:
        """Draw the scores of every split as a box and dots."""
        drawn = ax.boxplot(
            self.values,
            orientation="horizontal",
            whis=(2.5, 97.5),
            widths=0.55,
            patch_artist=True,
            showfliers=False,
        )
        for position, (model, values) in enumerate(zip(self.models, self.values, strict=True)):
            colour = style(model.role).light
            drawn["boxes"][position].set(facecolor=colour + "2a", edgecolor=colour)
            drawn["medians"][position].set(color=colour, linewidth=2.5)
            for line in drawn["whiskers"][2 * position : 2 * position + 2]:
                line.set_color(colour)
            for line in drawn["caps"][2 * position : 2 * position + 2]:
                line.set_visible(False)
            spread = position + 1 + (np.arange(values.size) * 0.618034 % 1 - 0.5) * 0.4
            ax.scatter(values, spread, s=7, color=colour, alpha=0.35, linewidths=0)


@dataclass
class SignificanceDisplay(Display):
    """Matrix of differences in mean SRCC, row minus column, coloured where they are significant.

    Attributes
    ----------
    models : list of Model
        Rows and columns of the matrix.
    tested : dict
        Contrast by pair of models (row, column).
    """

    models: list[Model]
    tested: dict[tuple[Model, Model], Contrast]

    @classmethod
    def from_comparison(
        cls, comparison: Comparison, *, models: Sequence[Model] | None = None, protocol: str | None = None
    ) -> Self:
        """Return the display of the tested pairs of a comparison.

        Parameters
        ----------
        comparison : Comparison
            Result of :func:`vqa_features.compare`.
        models : sequence of Model, optional
            By default the best of each table, at most `MOST_COMPARED`.
        protocol : str, optional
            Protocol to read; by default strict where it was run.

        Returns
        -------
        Self
            A display that is not drawn yet.
        """
        return cls.from_view(ProtocolView(comparison, protocol), models=models)

    @classmethod
    def from_view(cls, view: ProtocolView, *, models: Sequence[Model] | None = None) -> Self:
        """Return the same from a `ProtocolView`, which several displays can share."""
        return cls(list(models or view.best_of_tables[:MOST_COMPARED]), view.contrasts)

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
        count = len(self.models)
        ax = self._start(ax, (2.4 + 0.95 * count, 1.6 + 0.6 * count))
        fills = {"better": "#d6efdd", "worse": "#ecdff3"}
        for i, row in enumerate(self.models):
            for j, column in enumerate(self.models):
                found = self.tested.get((row, column))
                if found is None:
                    continue
                colour = fills.get(found.verdict, "#f6f7f9")
                ax.fill_between([j - 0.46, j + 0.46], i - 0.46, i + 0.46, color=colour, linewidth=0)
                ax.text(j, i, signed(found.difference), ha="center", va="center", fontsize=9)
        names = [figure_name(model.label) for model in self.models]
        ax.set_xticks(range(count), names, rotation=35, ha="right")
        ax.set_yticks(range(count), names)
        ax.set(xlim=(-0.5, count - 0.5), ylim=(count - 0.5, -0.5), title="difference in SRCC, row − column")
        return self
