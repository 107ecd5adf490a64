"""Figures of a prediction: what pulls it up or down, and how it changes over time."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from ..errors import ParameterError, UnknownName
from .display import GRID, INK, SOFT, Display, figure_name, title_of
from .palette import DOWN, UP
from .stills import Stills

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from ..models.explanation import Explanation
    from ..models.quality_model import QualityModel

By = Literal["column", "extractor"]
BARS = 10
"""Number of bars by default, without the bar of all others."""
MOST_BARS = 40
"""Greatest number of bars in one figure."""
_MOST_COLUMN = 60
"""Greatest length of the name of a column, in characters."""
_VISIBLE = 0.02
"""Errors below this share of the longest bar are not drawn."""


@dataclass
class ExplanationDisplay(Display):
    """The strongest pulls on one prediction as bars, in MOS.

    Attributes
    ----------
    pulls : DataFrame
        One row per bar, strongest first: contribution and error in MOS, and ``told``, the text beside it. The
        last row sums all others, where there are more.
    title : str
        The prediction and the mean that it is held against.
    """

    pulls: pd.DataFrame
    title: str

    @classmethod
    def from_explanation(cls, explanation: Explanation, *, by: By = "column", count: int = BARS) -> Self:
        """Return the display of an explanation.

        Parameters
        ----------
        explanation : Explanation
            Of `QualityModel.explain`.
        by : {"column", "extractor"}
            One bar for each column, or for each extractor.
        count : int
            Number of bars, 1 to 40; all others are summed in one more.

        Returns
        -------
        Self
            A display that is not drawn yet.

        Raises
        ------
        UnknownName, ParameterError
            If a parameter is not allowed.
        """
        if by not in ("column", "extractor"):
            raise UnknownName("by", str(by), ("column", "extractor"), "column or extractor")
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST_BARS:
            raise ParameterError(f"count must be a whole number from 1 to {MOST_BARS}, got {count!r}")
        score = explanation.score
        told = f"MOS {score.mos:.2f}, mean of the training {score.mean:.2f}"
        bars = _by_column(explanation.table) if by == "column" else _by_extractor(explanation.by_extractor)
        return cls(_with_others(bars, count, by), title_of(explanation.name, told))

    @classmethod
    def from_model(cls, model: QualityModel, video: Any, *, by: By = "column", count: int = BARS) -> Self:
        """Return the display of a video, or of the features of one, explained by a model.

        Parameters
        ----------
        model : QualityModel
            Fitted.
        video : path, Series, DataFrame of one row or (columns,)
            As in `QualityModel.explain`.
        by, count
            As in `from_explanation`.
        """
        return cls.from_explanation(model.explain(video), by=by, count=count)

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
        ax = self._start(ax, (9.5, 1.3 + 0.33 * len(self.pulls)))
        pulls = self.pulls["contribution"].to_numpy(dtype=float)
        places = np.arange(len(pulls))
        colours = [UP if pull > 0 else DOWN for pull in pulls]
        errors = 1.96 * self.pulls["error"].to_numpy(dtype=float)
        ax.barh(places, pulls, color=colours, height=0.68)
        if errors.max() > _VISIBLE * np.abs(pulls).max():
            ax.errorbar(pulls, places, xerr=errors, fmt="none", ecolor=INK, elinewidth=1, capsize=2)
        ax.axvline(0, color=SOFT, linewidth=1)
        names = [figure_name(str(name), _MOST_COLUMN) for name in self.pulls.index]
        ax.set_yticks(places, names)
        ax.tick_params(axis="y", length=0, labelcolor=INK)
        ax.invert_yaxis()
        right = ax.secondary_yaxis("right")
        right.set_yticks(places, self.pulls["told"].tolist())
        right.tick_params(axis="y", length=0, labelcolor=SOFT)
        right.spines["right"].set_visible(False)
        ax.spines["left"].set_visible(False)
        ax.grid(axis="x", color=GRID)
        ax.margins(x=0.06)
        ax.set_xlabel("contribution to the MOS")
        ax.set_title(self.title, loc="left", fontsize="medium")
        return self


def _by_column(table: pd.DataFrame) -> pd.DataFrame:
    """Return contribution, error and the value of every column in words."""
    found = table[["contribution", "error"]].copy()
    told = []
    for value, rank in zip(table["value"], table["percentile"], strict=True):
        text = "missing" if np.isnan(value) else f"{value:.3g}"
        told.append(text if np.isnan(rank) else f"{text}, percentile {rank:.0f}")
    found["told"] = told
    return found


def _by_extractor(sums: pd.DataFrame) -> pd.DataFrame:
    found = sums[["contribution"]].assign(error=0.0)
    return found.assign(told=[f"{count} column{'s' * (count != 1)}" for count in sums["columns"]])


def _with_others(bars: pd.DataFrame, count: int, noun: str) -> pd.DataFrame:
    """Return the first bars and one that sums the others; a single other one is shown itself."""
    import pandas as pd

    if len(bars) <= count + 1:
        return bars
    others = bars.iloc[count:]
    rest = pd.DataFrame(
        {"contribution": [others["contribution"].sum()], "error": [0.0], "told": [""]},
        index=[f"{len(others)} other {noun}s"],
    )
    return pd.concat([bars.iloc[:count], rest])


@dataclass
class PredictionTimelineDisplay(Display):
    """Predicted MOS of each second of a video, and how far each second pulls the whole.

    Attributes
    ----------
    seconds : DataFrame
        See `vqa_features.models.time_line.time_line`.
    stills : Stills
        Pictures of the video above the figure; may be none.
    title : str
        The video and its prediction.
    """

    seconds: pd.DataFrame
    stills: Stills
    title: str = ""

    @classmethod
    def from_model(
        cls, model: QualityModel, video: str | os.PathLike[str], *, window_s: float = 1.0, stills: int = 6
    ) -> Self:
        """Return the display of a video.

        Parameters
        ----------
        model : QualityModel
            Fitted on a table of `extract`.
        video : path
            A video file.
        window_s : float
            Length of a window in seconds.
        stills : int
            Number of pictures above the figure, 0 for none.

        Returns
        -------
        Self
            A display that is not drawn yet.
        """
        pictures = Stills.of(video, stills)
        seconds = model.predict_over_time(video, window_s)
        title = title_of(os.path.basename(video), f"MOS {seconds.attrs['mos']:.2f}, over time")
        return cls(seconds, pictures, title)

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw the figure.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Axes of a grid of subplots, which are divided; by default those of a new figure.

        Returns
        -------
        Self
            This display, with `ax_` (the axes that were divided), `axes_` (the parts) and `figure_` set.
        """
        strip, mos, pull = self._panels(ax, (8.5, 4.6), (self.stills.height, 2.2, 1.2))
        self.axes_ = [strip, mos, pull]
        starts, ends = self.seconds.index.to_numpy(dtype=float), self.seconds["end_s"].to_numpy(dtype=float)
        span = float(starts.min()), float(ends.max())
        self.stills.draw(strip, span)
        strip.set_title(self.title, loc="left", fontsize="medium")
        values = self.seconds["mos"].to_numpy(dtype=float)
        outside = self.seconds["extrapolates"].to_numpy(dtype=bool)
        mos.hlines(values[~outside], starts[~outside], ends[~outside], color=INK, linewidth=2.5)
        if outside.any():
            lines = values[outside], starts[outside], ends[outside]
            label = "outside the training range"
            mos.hlines(*lines, color=INK, linewidth=2.5, linestyles=":", label=label)
        told = self.seconds.attrs
        mos.axhline(told["mos"], color=SOFT, linestyle="--", linewidth=1, label="whole video")
        mos.axhspan(told["low"], told["high"], color=GRID, alpha=0.6, linewidth=0, label="its interval")
        if not np.isfinite(values).any():
            text = "a window of one frame has no prediction"
            mos.text(0.5, 0.4, text, transform=mos.transAxes, ha="center", color=SOFT)

        mos.margins(y=0.08)
        mos.set_ylabel("MOS")
        pulls = self.seconds["pull"].to_numpy(dtype=float)
        colours = [UP if one > 0 else DOWN for one in pulls]
        pull.bar((starts + ends) / 2, pulls, width=(ends - starts) * 0.92, color=colours)
        pull.axhline(0, color=SOFT, linewidth=1)
        pull.set(xlabel="time in s", ylabel="pull on the MOS")
        for panel in (mos, pull):
            panel.set_xlim(span)
            panel.grid(color=GRID)
        mos.legend(frameon=False, loc="upper right", labelcolor=SOFT, fontsize="small", ncols=3)
        mos.tick_params(labelbottom=False)
        return self
