"""Figures of a Comparison, after scikit-learn's Display convention.

``ScoreBoxDisplay.from_comparison(comparison).plot()`` computes and draws; the display keeps what it drew in
``ax_`` and ``figure_``, and what it computed in plain attributes, so that a figure can be drawn again in
another style.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from ...comparison.result import Comparison
from .. import view
from ..headline import Contrast, contrasts, decimal, signed
from ..palette import style
from ..view import Model
from .display import GRID, INK, SOFT, Display

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass
class ScoreBoxDisplay(Display):
    """Box plots of one metric over the splits, best model on top.

    Attributes
    ----------
    models : list of Model
    values : list of arrays, one value per split
    metric : str
    """

    models: list[Model]
    values: list[NDArray[np.float64]]
    metric: str = "srcc"

    @classmethod
    def from_comparison(
        cls, comparison: Comparison, *, metric: str = "srcc", protocol: str | None = None
    ) -> Self:
        """Take the scores of one protocol (by default the strict one where it was run)."""
        chosen = protocol or view.protocols(comparison)[0]
        found: list[tuple[float, Model, NDArray[np.float64]]] = []
        for model in view.models(view.summarise(comparison), chosen):
            values = view.split_scores(comparison, chosen, model, metric)
            values = values[np.isfinite(values)]
            if values.size:
                found.append((float(np.median(values)), model, values))
        found.sort(key=lambda item: item[0], reverse=metric not in view.ERRORS)
        return cls([model for _, model, _ in found], [values for _, _, values in found], metric)

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw on the given axes, or on new ones."""
        ax = self._start(ax, (7.5, 1.1 + 0.42 * len(self.models)))
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
        ax.set_yticks(range(1, len(self.models) + 1), [model.label for model in self.models], color=INK)
        ax.invert_yaxis()
        ax.grid(axis="x", color=GRID)
        ax.set_xlabel(f"{view.METRIC_NAMES[self.metric]} over the splits")
        return self


@dataclass
class PredictionDisplay(Display):
    """Mean out-of-split prediction against MOS, one dot per video.

    Attributes
    ----------
    model : Model
    mos, predicted : arrays, shape (videos,)
    """

    model: Model
    mos: NDArray[np.float64]
    predicted: NDArray[np.float64]

    @classmethod
    def from_comparison(
        cls, comparison: Comparison, *, model: Model | None = None, protocol: str | None = None
    ) -> Self:
        """Take the predictions of one model, by default the best one."""
        chosen = protocol or view.protocols(comparison)[0]
        model = model or view.best_of_each(view.summarise(comparison), chosen)[0]
        videos = view.per_video(comparison, chosen, [model])
        return cls(model, videos["mos"].to_numpy(dtype=float), videos[0].to_numpy(dtype=float))

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw on the given axes, or on new ones."""
        ax = self._start(ax, (4.2, 4.0))
        look = style(self.model.role)
        ax.axline((float(self.mos.mean()),) * 2, slope=1, color=SOFT, linestyle="--", linewidth=1)
        size = 8 if self.mos.size > 400 else 20
        ax.scatter(
            self.mos, self.predicted, s=size, color=look.light, marker=look.marker, alpha=0.45, linewidths=0
        )
        ax.grid(color=GRID)
        ax.set(xlabel="true score", ylabel="predicted", title=self.model.label)
        return self


@dataclass
class ResidualDisplay(Display):
    """Residuals of two models against each other, and their correlation.

    Attributes
    ----------
    models : the two models
    residuals : array, shape (videos, 2), prediction − MOS
    correlation : float
    """

    models: tuple[Model, Model]
    residuals: NDArray[np.float64]
    correlation: float

    @classmethod
    def from_comparison(
        cls,
        comparison: Comparison,
        *,
        models: tuple[Model, Model] | None = None,
        protocol: str | None = None,
    ) -> Self:
        """Take two models, by default the best of the two leading families."""
        chosen = protocol or view.protocols(comparison)[0]
        if models is None:
            first, second = view.rivals(view.summarise(comparison), chosen)[:2]
            models = (first, second)
        videos = view.per_video(comparison, chosen, models)
        residuals = videos[[0, 1]].sub(videos["mos"], axis=0).dropna().to_numpy(dtype=float)
        return cls(models, residuals, float(view.residual_correlation(videos)[0, 1]))

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw on the given axes, or on new ones."""
        ax = self._start(ax, (4.4, 4.2))
        ax.axhline(0, color=SOFT, linewidth=1, linestyle="--")
        ax.axvline(0, color=SOFT, linewidth=1, linestyle="--")
        ax.scatter(
            self.residuals[:, 0],
            self.residuals[:, 1],
            s=9,
            color=style("other").light,
            alpha=0.45,
            linewidths=0,
        )
        ax.grid(color=GRID)
        ax.set_xlabel(f"{self.models[0].label}: residual", color=style(self.models[0].role).light)
        ax.set_ylabel(f"{self.models[1].label}: residual", color=style(self.models[1].role).light)
        ax.set_title(f"r = {decimal(self.correlation, 2)}")
        return self


@dataclass
class SignificanceDisplay(Display):
    """Matrix of differences in mean SRCC, row minus column, coloured where they are real.

    Attributes
    ----------
    models : list of Model
    tested : dict of Contrast by (row, column)
    """

    models: list[Model]
    tested: dict[tuple[Model, Model], Contrast]

    @classmethod
    def from_comparison(
        cls, comparison: Comparison, *, models: Sequence[Model] | None = None, protocol: str | None = None
    ) -> Self:
        """Take the tested pairs among the given models, by default the best of each table."""
        chosen = protocol or view.protocols(comparison)[0]
        picked = models or view.best_of_each(view.summarise(comparison), chosen)
        return cls(list(picked), contrasts(comparison, chosen))

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw on the given axes, or on new ones."""
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
        names = [model.label for model in self.models]
        ax.set_xticks(range(count), names, rotation=35, ha="right")
        ax.set_yticks(range(count), names)
        ax.set(xlim=(-0.5, count - 0.5), ylim=(count - 0.5, -0.5), title="difference in SRCC, row − column")
        return self
