"""Features of one video over time, below stills of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from ..errors import ParameterError, UnknownName, first_few
from ..specs import Luma, RawFormat
from .display import GRID, INK, SOFT, Display, figure_name, title_of
from .palette import style
from .stills import Stills

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from ..extractor import Extractor

MOST_TRACES = 12
"""Greatest number of features in one figure."""
_MARKED = 60
"""Traces of fewer rows have a dot for each."""


@dataclass
class FeatureTraceDisplay(Display):
    """Features of one video over time, each on its own axes, below stills of the video.

    Attributes
    ----------
    traces : DataFrame
        Index time in seconds, one column per feature, named ``<extractor>.<feature>``.
    stills : Stills
        Pictures of the video above the figure; may be none.
    title : str
        The video.
    axes_ : list of matplotlib Axes
        The strip of stills, then one for each feature; after `plot`.
    """

    traces: pd.DataFrame
    stills: Stills
    title: str = ""

    @classmethod
    def from_video(
        cls,
        path: str | os.PathLike[str],
        features: str | Sequence[str],
        *,
        stills: int = 6,
        fps: float | None = None,
        start_s: float = 0.0,
        duration_s: float | None = None,
        luma: Luma = "y",
        raw: RawFormat | None = None,
    ) -> Self:
        """Return the display of a video.

        Parameters
        ----------
        path : path
            A video file.
        features : str or list of str
            Features such as ``siti.ti``, or extractors such as ``siti`` for all of theirs; at most 12 in all.
        stills : int
            Number of pictures above the figure, 0 for none.
        fps, start_s, duration_s
            Which frames are used: see `Sampling`.
        luma, raw
            As in `vqa_features.extract`.

        Returns
        -------
        Self
            A display that is not drawn yet.

        Raises
        ------
        UnknownName
            If an extractor or a feature is not known; the closest one is named.
        ParameterError
            If there are too many features, or an extractor has none within a video.
        DecodeError
            If the video cannot be decoded.
        """
        from ..extraction import extract

        extractors, columns = _chosen([features] if isinstance(features, str) else features)
        rows = extract(
            path,
            extractors,
            per_frame=True,
            fps=fps,
            start_s=start_s,
            duration_s=duration_s,
            luma=luma,
            raw=raw,
        )
        pictures = Stills.of(path, stills, raw, start_s, duration_s)
        title = title_of(os.path.basename(path))
        return cls(rows[columns], pictures, title)

    @classmethod
    def from_table(cls, traces: pd.DataFrame, *, title: str = "") -> Self:
        """Return the display of rows by frame, without stills.

        Parameters
        ----------
        traces : DataFrame
            As `vqa_features.extract` returns it with ``per_frame=True``; at most 12 columns.
        title : str
            Above the figure.
        """
        _check_count(list(map(str, traces.columns)))
        return cls(traces, Stills([], []), title_of(title))

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
        names = list(self.traces.columns)
        heights = (self.stills.height, *[1.1] * len(names))
        self.axes_ = self._panels(ax, (8.5, 1.0 + 1.15 * sum(heights)), heights)
        strip, *panels = self.axes_
        times = self.traces.index.to_numpy(dtype=float)
        span = float(np.nanmin(times)), float(np.nanmax(times))
        span = span if span[1] > span[0] else (span[0] - 0.5, span[0] + 0.5)
        self.stills.draw(strip, span)
        strip.set_title(self.title, loc="left", fontsize="medium")
        for name, panel in zip(names, panels, strict=True):
            self._draw(panel, str(name), times)
            panel.set_xlim(span)
            panel.tick_params(labelbottom=panel is panels[-1])
        panels[-1].set_xlabel("time in s")
        return self

    def _draw(self, panel: Axes, name: str, times: np.ndarray) -> None:
        from ..tables.columns import family_of

        values = self.traces[name].to_numpy(dtype=float)
        known = np.isfinite(values)
        colour = style(family_of(self.traces[[name]].add_suffix(".mean"))).light
        marker = "o" if known.sum() < _MARKED else ""
        panel.plot(times[known], values[known], color=colour, linewidth=1.4, marker=marker, markersize=3)
        panel.set_title(figure_name(name), loc="left", fontsize="medium", color=INK, pad=3)
        panel.grid(color=GRID)
        panel.margins(y=0.12)
        panel.locator_params(axis="y", nbins=4)
        if not known.any():
            panel.set_yticks([])
            panel.text(0.5, 0.5, "no value", transform=panel.transAxes, ha="center", color=SOFT)


def _chosen(names: Sequence[str]) -> tuple[list[Extractor], list[str]]:
    """Return the extractors of features and the columns that are wanted."""
    extractors: dict[str, Extractor] = {}
    columns: list[str] = []
    for name in names:
        made, feature = _made(name)
        extractors[made.label] = made
        if made.scope == "video":
            raise ParameterError(f"{made.label} has one row per video, so it has no trace over time")
        found = made.feature_names if feature is None else [feature]
        if feature is not None and feature not in made.feature_names:
            hint = f"of {made.label}: see vqa-features describe {made.name}"
            raise UnknownName("feature", feature, made.feature_names, hint)
        columns += [f"{made.label}.{one}" for one in found]
    columns = list(dict.fromkeys(columns))
    _check_count(columns)
    return list(extractors.values()), columns


def _made(name: str) -> tuple[Extractor, str | None]:
    """Return the extractor that a name means, and the feature where it names one."""
    from ..registry import make

    try:
        return make(name), None
    except UnknownName:
        label, dot, feature = name.rpartition(".")
        if not dot:
            raise
        return make(label), feature


def _check_count(columns: Sequence[str]) -> None:
    if not 1 <= len(columns) <= MOST_TRACES:
        raise ParameterError(
            f"a figure shows 1 to {MOST_TRACES} features, name them: {len(columns)} are meant, "
            f"{first_few(columns, 3) or 'none'}"
        )
