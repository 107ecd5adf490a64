"""Distribution of feature columns over the videos of a table, by the levels of another column."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Self

import numpy as np

from ..errors import ParameterError, TableError, UnknownName, first_few
from ..specs import Sampling
from .display import GRID, INK, MOST_VECTOR, SOFT, Display, figure_name
from .palette import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from ..extraction.single_video import Extractors

MOST_COLUMNS, MOST_LEVELS = 12, 20
"""Greatest numbers of columns, and of levels, in one figure."""
_ACROSS = 3


@dataclass
class FeatureDistributionDisplay(Display):
    """Distribution of columns over the videos of a table: quartiles as a box, and one dot per video.

    Attributes
    ----------
    values : DataFrame
        One row per video, one column per feature.
    levels : Series
        Level of each video, in words.
    by : str
        Name of the column of the levels; empty if there is one level.
    axes_ : list of matplotlib Axes
        One for each column; after `plot`.
    """

    values: pd.DataFrame
    levels: pd.Series
    by: str = ""

    @classmethod
    def from_table(
        cls,
        table: pd.DataFrame | str | os.PathLike[str],
        columns: str | Sequence[str] | None = None,
        *,
        by: str | None = None,
    ) -> Self:
        """Return the display of a feature table.

        Parameters
        ----------
        table : DataFrame or path
            A feature table, or its file.
        columns : str or list of str, optional
            Feature columns, or patterns such as ``siti.*``; by default all, at most 12.
        by : str, optional
            Column whose values divide the videos, such as ``status`` or ``group``; at most 20 values.

        Returns
        -------
        Self
            A display that is not drawn yet.

        Raises
        ------
        UnknownName
            If there is no such column; the closest one is named.
        ParameterError, TableError
            If there are too many columns or levels, or the table cannot be read.
        """
        import pandas as pd

        from ..tables.columns import feature_columns
        from ..tables.reading import read_table

        frame = table if isinstance(table, pd.DataFrame) else read_table(table)
        known = list(map(str, feature_columns(frame).names))
        names = _chosen([columns] if isinstance(columns, str) else columns, known)
        if by is not None and by not in frame.columns:
            raise UnknownName("column", by, map(str, frame.columns), "of the table")
        levels = pd.Series("", index=frame.index) if by is None else frame[by].map(_level)
        if levels.nunique() > MOST_LEVELS:
            raise ParameterError(f"{by} has {levels.nunique()} values, a figure shows at most {MOST_LEVELS}")
        if not len(frame):
            raise TableError("the table has no rows")
        return cls(frame[names].astype(float), levels, by or "")

    @classmethod
    def from_videos(
        cls,
        paths: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
        extractors: Extractors,
        columns: str | Sequence[str] | None = None,
        *,
        by: str | None = None,
        fps: float | None = None,
        jobs: int = 1,
    ) -> Self:
        """Return the display of videos whose features are extracted now.

        Parameters
        ----------
        paths : path, or list of paths
            Files, folders, patterns or a CSV of paths, as in `vqa_features.extract_many`.
        extractors : str, Extractor or list of them
            Names or labels.
        columns, by
            As in `from_table`; ``by="status"`` divides the videos by how they were decoded.
        fps : float, optional
            Frames per second that are used.
        jobs : int
            Worker processes.
        """
        from ..batch import extract_many

        table = extract_many(paths, extractors, sampling=Sampling(fps=fps), jobs=jobs)
        return cls.from_table(table, columns, by=by)

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
        names, levels = list(self.values.columns), sorted(self.levels.unique())
        across = min(_ACROSS, len(names))
        down = math.ceil(len(names) / across)
        size = (1.2 + 2.9 * across, 0.3 + down * (1.15 + 0.42 * len(levels)))
        panels = self._panels(ax, size, [1.0] * down, across)
        self.axes_, empty = panels[: len(names)], panels[len(names) :]
        for panel in empty:
            panel.set_axis_off()
        for number, (name, panel) in enumerate(zip(names, self.axes_, strict=True)):
            self._draw(panel, name, levels)
            if number % across:
                panel.tick_params(labelleft=False)
            elif self.by:
                panel.set_ylabel(figure_name(self.by))
        return self

    def _draw(self, panel: Axes, name: str, levels: Sequence[str]) -> None:
        """Draw one column: a box and the dots of each level."""
        from ..tables.columns import family_of

        colour = style(family_of(self.values[[name]])).light
        random = np.random.default_rng(0)
        missing = 0
        for place, level in enumerate(levels):
            cells = self.values.loc[self.levels == level, name].to_numpy()
            known = cells[np.isfinite(cells)]
            missing += len(cells) - len(known)
            if not len(known):
                continue
            spread = place + random.uniform(-0.28, 0.28, len(known))
            many = len(known) > MOST_VECTOR
            panel.scatter(known, spread, s=9, color=colour, alpha=0.4, linewidths=0, rasterized=many)
            low, middle, high = np.percentile(known, [25, 50, 75])
            panel.barh(place, high - low, left=low, height=0.62, fill=False, edgecolor=INK, linewidth=1)
            panel.vlines(middle, place - 0.31, place + 0.31, color=INK, linewidth=2)
        panel.set_yticks(range(len(levels)), [figure_name(level) if level else "" for level in levels])
        panel.set_ylim(len(levels) - 0.5, -0.5)
        panel.tick_params(axis="y", length=0, labelcolor=INK)
        panel.locator_params(axis="x", nbins=5)
        panel.grid(axis="x", color=GRID)
        panel.set_title(figure_name(name), loc="left", fontsize="medium", pad=3)
        if missing:
            panel.set_xlabel(f"{missing} of {len(self.values)} missing", color=SOFT)


def _chosen(wanted: Sequence[str] | None, known: Sequence[str]) -> list[str]:
    """Return the columns that are wanted, in the order of the wishes."""
    if wanted is None:
        wanted = known
    found: list[str] = []
    for name in wanted:
        matching = [name] if name in known else [one for one in known if fnmatchcase(one, name)]
        if not matching:
            raise UnknownName("column", name, known, "of the table's features")
        found += matching
    found = list(dict.fromkeys(found))
    if not 1 <= len(found) <= MOST_COLUMNS:
        raise ParameterError(
            f"a figure shows 1 to {MOST_COLUMNS} columns, name them: {len(found)} are meant, "
            f"{first_few(found, 3) or 'none'}"
        )
    return found


def _level(cell: object) -> str:
    return "missing" if cell is None or cell != cell else str(cell)
