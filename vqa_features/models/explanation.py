"""Explanation of one prediction: which columns and which extractors pull it up or down, and by how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from .explanation_text import explanation_html, explanation_text

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from ..plots.explanation import ExplanationDisplay

Method = Literal["exact", "sampled"]
#: Number of pulls up, and of pulls down, that are told.
TOP = 5


class Score(NamedTuple):
    """The prediction that is explained, in MOS."""

    mos: float
    low: float
    high: float
    extrapolates: bool
    mean: float
    """What the model predicts where nothing pulls: its mean prediction on the training videos, mapped."""


@dataclass(frozen=True, eq=False)
class Explanation:
    """What pulls the predicted MOS of one video up or down, against the training videos.

    Parameters
    ----------
    name : str
        Id of the video.
    score : Score
        Its prediction, and the one that it is held against.
    table : DataFrame
        One row per column of the model, strongest pull first: extractor, family, value, median of the
        training sample, percentile of the value in it (0 .. 100), contribution in MOS, and standard error of
        the contribution (0 where it is exact).
    method : {"exact", "sampled"}
        How the contributions were found.
    seconds : DataFrame, optional
        Predictions over time (`QualityModel.predict_over_time`), where a video was given and has them.
    notes : tuple of str
        What limits the explanation, in sentences.
    """

    name: str
    score: Score
    table: pd.DataFrame
    method: Method
    seconds: pd.DataFrame | None = None
    notes: tuple[str, ...] = ()

    @property
    def by_extractor(self) -> pd.DataFrame:
        """Sums over the columns of each extractor: family, columns, contribution; strongest pull first."""
        grouped = self.table.groupby("extractor", sort=False)
        found = grouped.agg(
            family=("family", "first"), columns=("value", "size"), contribution=("contribution", "sum")
        )
        return found.sort_values("contribution", key=np.abs, ascending=False, kind="stable")

    def pulls(self, count: int = TOP) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the `count` rows of `table` that pull up most, and those that pull down most."""
        up = self.table[self.table["contribution"] > 0].head(count)
        return up, self.table[self.table["contribution"] < 0].head(count)

    def plot(self, ax: Axes | None = None) -> ExplanationDisplay:
        """Draw the strongest pulls as bars; see `vqa_features.plots.ExplanationDisplay`.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Axes to draw on; by default those of a new figure.
        """
        from ..plots.explanation import ExplanationDisplay

        return ExplanationDisplay.from_explanation(self).plot(ax)

    def __repr__(self) -> str:
        return explanation_text(self)

    def _repr_html_(self) -> str:
        return explanation_html(self)
