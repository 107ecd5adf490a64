"""Write the figures of a comparison as PNG and SVG files."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ...files.atomic import atomic_path
from ...plots.display import Display
from ..figure_folder import ENDINGS, MAKER
from ..tradeoffs import shown_transfers
from ..view import ProtocolView
from .model_figures import ScoreBoxDisplay, SignificanceDisplay
from .tradeoff_figures import CostDisplay, CrossDisplay, LearningCurveDisplay
from .video_figures import PredictionDisplay, ResidualDisplay

MOST_SCATTERS = 4
"""Greatest number of models in the scatter figure."""
MOST_MATRICES = 8
"""Greatest number of models in the figure of cross-data-set scores."""
PNG_DPI = 150


class FigureFile(NamedTuple):
    """Displays drawn side by side in one file."""

    name: str
    size: tuple[float, float]
    """Width and height of one display in inches."""
    displays: Sequence[Display]


def save_figures(view: ProtocolView, folder: Path) -> list[str]:
    """Write every figure that the comparison has data for, as PNG and SVG.

    The global state of matplotlib is not changed: the figures are made without pyplot.

    Parameters
    ----------
    view : ProtocolView
        The protocol to draw.
    folder : Path
        Made if it does not exist.

    Returns
    -------
    list of str
        Names of the files written, without the ending.
    """
    with ExitStack() as all_or_none:
        return draw_figures(view, folder, all_or_none)


def draw_figures(view: ProtocolView, folder: Path, all_or_none: ExitStack) -> list[str]:
    """Draw every figure into temporary files, which get their names when `all_or_none` ends without an error.

    Parameters and result are those of `save_figures`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for file in figure_files(view):
        parts = [all_or_none.enter_context(atomic_path(folder / f"{file.name}{end}")) for end in ENDINGS]
        _draw(file, *parts)
        names.append(file.name)
    return names


def _draw(file: FigureFile, svg: Path, png: Path) -> None:
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    count = len(file.displays)
    # LaTeX is never run on names, even where the user's settings of matplotlib ask for it
    look = rc_context({"svg.hashsalt": file.name, "text.usetex": False, "text.parse_math": True})
    with look, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from")
        figure = Figure(figsize=(file.size[0] * count, file.size[1]), layout="constrained")
        axes = np.atleast_1d(figure.subplots(1, count, sharex=True, sharey=True))
        for display, ax in zip(file.displays, axes, strict=True):
            display.plot(ax)
        figure.savefig(svg, format="svg", dpi=PNG_DPI, metadata={"Creator": MAKER, "Date": None})
        figure.savefig(png, format="png", dpi=PNG_DPI, metadata={"Software": MAKER})


def figure_files(view: ProtocolView) -> Iterator[FigureFile]:
    """Yield the figures that the comparison has data for."""
    best = view.best_of_tables
    boxes = ScoreBoxDisplay.from_view(view)
    if boxes.models:
        yield FigureFile("boxes", (7.5, 1.1 + 0.42 * len(boxes.models)), [boxes])
    if best:
        scatters = [PredictionDisplay.from_view(view, model=model) for model in best[:MOST_SCATTERS]]
        beside = np.concatenate([one.predicted for one in scatters])
        yield FigureFile("scatter", (4.2, 4.2), [replace(one, beside=beside) for one in scatters])
    if len(view.rivals) > 1:
        yield FigureFile("residuals", (4.6, 4.4), [ResidualDisplay.from_view(view)])
    cost = CostDisplay.from_view(view)
    if len(cost.costs) > 1:
        yield FigureFile("cost", (6.0, 3.8), [cost])
    curve = LearningCurveDisplay.from_view(view)
    if curve.curves:
        yield FigureFile("curve", (6.4, 3.8), [curve])
    transfers = [CrossDisplay(scores) for scores in shown_transfers(view.comparison)[0][:MOST_MATRICES]]
    if transfers:
        first = transfers[0].scores
        size = (1.6 + len(first.datasets), 1.6 + 0.8 * len(first.trained))
        yield FigureFile("cross", size, transfers)
    if len(best) > 1 and view.contrasts:
        significance = SignificanceDisplay.from_view(view)
        count = len(significance.models)
        yield FigureFile("significance", (2.4 + 0.95 * count, 1.6 + 0.6 * count), [significance])
