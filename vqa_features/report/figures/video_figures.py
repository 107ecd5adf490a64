"""Figures with one dot per video: predictions against MOS, residuals of two models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from ...comparison.diagnosis import correlate
from ...comparison.result import Comparison
from ...plots.display import GRID, MOST_VECTOR, SOFT, Display, figure_name
from ...plots.palette import style
from ..formatting import decimal
from ..view import Model, ProtocolView
from .extremes import leave_out_extremes

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass
class PredictionDisplay(Display):
    """Mean out-of-split predictions of one model against MOS, one dot per video.

    Attributes
    ----------
    model : Model
        The model that predicts.
    mos, predicted : ndarray
        Shape (videos,), both on the MOS scale.
    beside : ndarray, optional
        Predictions of all models on axes that share the vertical one.
    """

    model: Model
    mos: NDArray[np.float64]
    predicted: NDArray[np.float64]
    beside: NDArray[np.float64] | None = None

    @classmethod
    def from_comparison(
        cls, comparison: Comparison, *, model: Model | None = None, protocol: str | None = None
    ) -> Self:
        """Return the display of the predictions of one model.

        Parameters
        ----------
        comparison : Comparison
            Result of :func:`vqa_features.compare`.
        model : Model, optional
            By default the one of highest median SRCC.
        protocol : str, optional
            Protocol to read; by default strict where it was run.

        Returns
        -------
        Self
            A display that is not drawn yet.
        """
        return cls.from_view(ProtocolView(comparison, protocol), model=model)

    @classmethod
    def from_view(cls, view: ProtocolView, *, model: Model | None = None) -> Self:
        """Return the same from a `ProtocolView`, which several displays can share."""
        model = model or view.best_of_tables[0]
        return cls(model, np.asarray(view.mos, dtype=float), np.asarray(view.predicted(model), dtype=float))

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
        ax = self._start(ax, (4.2, 4.0))
        look = style(self.model.role)
        ax.axline((float(self.mos.mean()),) * 2, slope=1, color=SOFT, linestyle="--", linewidth=1)
        size = 8 if self.mos.size > 400 else 20
        ax.scatter(
            self.mos,
            self.predicted,
            s=size,
            color=look.light,
            marker=look.marker,
            alpha=0.45,
            linewidths=0,
            rasterized=self.mos.size > MOST_VECTOR,
        )
        leave_out_extremes(ax, self.mos, self.predicted, all_y=self.beside)
        ax.grid(color=GRID)
        ax.set(xlabel="true score", ylabel="predicted", title=figure_name(self.model.label))
        return self


@dataclass
class ResidualDisplay(Display):
    """Residuals of two models against each other, and their correlation.

    Attributes
    ----------
    models : tuple of Model
        The models on the horizontal and on the vertical axis.
    residuals : ndarray
        Prediction − MOS, shape (videos, 2).
    correlation : float
        Pearson's correlation of the two columns.
    """

    models: tuple[Model, Model]
    residuals: NDArray[np.float64]
    correlation: float

    @classmethod
    def from_comparison(
        cls, comparison: Comparison, *, models: tuple[Model, Model] | None = None, protocol: str | None = None
    ) -> Self:
        """Return the display of the residuals of two models.

        Parameters
        ----------
        comparison : Comparison
            Result of :func:`vqa_features.compare`.
        models : tuple of two Model, optional
            By default the two models that the report compares.
        protocol : str, optional
            Protocol to read; by default strict where it was run.

        Returns
        -------
        Self
            A display that is not drawn yet.
        """
        return cls.from_view(ProtocolView(comparison, protocol), models=models)

    @classmethod
    def from_view(cls, view: ProtocolView, *, models: tuple[Model, Model] | None = None) -> Self:
        """Return the same from a `ProtocolView`, which several displays can share."""
        if models is None:
            first, second = view.rivals[:2]
            models = (first, second)
        errors = view.residuals(models).dropna()
        return cls(models, errors.to_numpy(dtype=float), float(correlate(errors).to_numpy(dtype=float)[0, 1]))

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
            rasterized=len(self.residuals) > MOST_VECTOR,
        )
        leave_out_extremes(ax, *self.residuals.T)
        ax.grid(color=GRID)
        for model, axis in zip(self.models, (ax.xaxis, ax.yaxis), strict=True):
            axis.set_label_text(f"{figure_name(model.label)}: residual", color=style(model.role).light)
        ax.set_title(f"r = {decimal(self.correlation, 2)}")
        return self
