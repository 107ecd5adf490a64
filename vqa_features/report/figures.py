"""Figures of a Comparison, after scikit-learn's Display convention.

``ScoreBoxDisplay.from_comparison(comparison).plot()`` computes and draws; the display keeps what it drew in
``ax_`` and ``figure_``, and what it computed in plain attributes, so that a figure can be drawn again in
another style.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from . import digest
from .digest import ComparisonLike, Model
from .headline import Contrast, contrasts, decimal
from .palette import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

METRIC_NAMES = {
    "srcc": "SRCC",
    "krcc": "KRCC",
    "plcc_raw": "PLCC, raw",
    "plcc": "PLCC",
    "plcc_test_mapped": "PLCC, map on test",
    "rmse": "RMSE",
    "mae": "MAE",
}
INK, SOFT, GRID = "#14181f", "#586070", "#e3e7ed"


@dataclass
class _Display:
    """What all displays share: where they drew."""

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


@dataclass
class ScoreBoxDisplay(_Display):
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
        cls, comparison: ComparisonLike, *, metric: str = "srcc", protocol: str | None = None
    ) -> Self:
        """Take the scores of one protocol (by default the strict one where it was run)."""
        chosen = protocol or digest.protocols(comparison)[0]
        found: list[tuple[float, Model, NDArray[np.float64]]] = []
        for model in digest.models(digest.summarise(comparison), chosen):
            values = digest.split_scores(comparison, chosen, model, metric)
            values = values[np.isfinite(values)]
            if values.size:
                found.append((float(np.median(values)), model, values))
        found.sort(key=lambda item: item[0], reverse=metric not in digest.ERRORS)
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
        ax.set_xlabel(f"{METRIC_NAMES[self.metric]} over the splits")
        return self


@dataclass
class PredictionDisplay(_Display):
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
        cls, comparison: ComparisonLike, *, model: Model | None = None, protocol: str | None = None
    ) -> Self:
        """Take the predictions of one model, by default the best one."""
        chosen = protocol or digest.protocols(comparison)[0]
        model = model or digest.best_of_each(digest.summarise(comparison), chosen)[0]
        videos = digest.per_video(comparison, chosen, [model])
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
class ResidualDisplay(_Display):
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
        comparison: ComparisonLike,
        *,
        models: tuple[Model, Model] | None = None,
        protocol: str | None = None,
    ) -> Self:
        """Take two models, by default the best of the two leading families."""
        chosen = protocol or digest.protocols(comparison)[0]
        if models is None:
            first, second = digest.rivals(digest.summarise(comparison), chosen)[:2]
            models = (first, second)
        videos = digest.per_video(comparison, chosen, models)
        residuals = videos[[0, 1]].sub(videos["mos"], axis=0).dropna().to_numpy(dtype=float)
        return cls(models, residuals, float(digest.residual_correlation(videos)[0, 1]))

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw on the given axes, or on new ones."""
        ax = self._start(ax, (4.4, 4.2))
        ax.axhline(0, color=SOFT, linewidth=1, linestyle="--")
        ax.axvline(0, color=SOFT, linewidth=1, linestyle="--")
        ax.scatter(*self.residuals.T, s=9, color=style("other").light, alpha=0.45, linewidths=0)
        ax.grid(color=GRID)
        ax.set_xlabel(f"{self.models[0].label}: residual", color=style(self.models[0].role).light)
        ax.set_ylabel(f"{self.models[1].label}: residual", color=style(self.models[1].role).light)
        ax.set_title(f"r = {decimal(self.correlation, 2)}")
        return self


@dataclass
class SignificanceDisplay(_Display):
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
        cls, comparison: ComparisonLike, *, models: Sequence[Model] | None = None, protocol: str | None = None
    ) -> Self:
        """Take the tested pairs among the given models, by default the best of each table."""
        chosen = protocol or digest.protocols(comparison)[0]
        picked = models or digest.best_of_each(digest.summarise(comparison), chosen)
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
                sign = "+" if found.difference > 0 else ""
                ax.text(j, i, sign + decimal(found.difference), ha="center", va="center", fontsize=9)
        names = [model.label for model in self.models]
        ax.set_xticks(range(count), names, rotation=35, ha="right")
        ax.set_yticks(range(count), names)
        ax.set(xlim=(-0.5, count - 0.5), ylim=(count - 0.5, -0.5), title="difference in SRCC, row − column")
        return self


def save_figures(comparison: ComparisonLike, folder: Path) -> list[str]:
    """Write every figure that the comparison can fill as PNG and SVG, and return their names.

    No global state of matplotlib is touched: the figures are made without pyplot.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    protocol = digest.protocols(comparison)[0]
    summary = digest.summarise(comparison)
    best = digest.best_of_each(summary, protocol)
    folder.mkdir(parents=True, exist_ok=True)
    written: list[str] = []

    def save(name: str, size: tuple[float, float], displays: Sequence[Any]) -> None:
        figure = Figure(figsize=(size[0] * len(displays), size[1]), layout="constrained")
        axes = np.atleast_1d(figure.subplots(1, len(displays), sharex=True, sharey=True))
        for display, ax in zip(displays, axes, strict=True):
            display.plot(ax)
        with rc_context({"svg.hashsalt": name}):  # the same comparison gives the same bytes
            figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
        figure.savefig(folder / f"{name}.png", dpi=150)
        written.append(name)

    boxes = ScoreBoxDisplay.from_comparison(comparison)
    if boxes.models:
        save("boxes", (7.5, 1.1 + 0.42 * len(boxes.models)), [boxes])
    if best:
        save(
            "scatter",
            (4.2, 4.2),
            [PredictionDisplay.from_comparison(comparison, model=model) for model in best[:4]],
        )
    if len(digest.rivals(summary, protocol)) > 1:
        save("residuals", (4.6, 4.4), [ResidualDisplay.from_comparison(comparison)])
    if contrasts(comparison, protocol):
        save(
            "significance",
            (2.4 + 0.95 * len(best), 1.6 + 0.6 * len(best)),
            [SignificanceDisplay.from_comparison(comparison, models=best)],
        )
    return written
