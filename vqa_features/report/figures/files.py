"""Write the figures of a comparison as PNG and SVG files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ...files.atomic import atomic_path
from ..tradeoffs import cross_scores
from ..view import ProtocolView
from .display import Display
from .model_figures import ScoreBoxDisplay, SignificanceDisplay
from .tradeoff_figures import CostDisplay, CrossDisplay, LearningCurveDisplay
from .video_figures import PredictionDisplay, ResidualDisplay

MOST_SCATTERS = 4
"""Greatest number of models in the scatter figure."""
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
    folder.mkdir(parents=True, exist_ok=True)
    files = list(figure_files(view))
    for file in files:
        _save(file, folder)
    return [file.name for file in files]


def _save(file: FigureFile, folder: Path) -> None:
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    count = len(file.displays)
    figure = Figure(figsize=(file.size[0] * count, file.size[1]), layout="constrained")
    axes = np.atleast_1d(figure.subplots(1, count, sharex=True, sharey=True))
    for display, ax in zip(file.displays, axes, strict=True):
        display.plot(ax)
    with rc_context({"svg.hashsalt": file.name}), atomic_path(folder / f"{file.name}.svg") as part:
        figure.savefig(part, format="svg", metadata={"Date": None})
    with atomic_path(folder / f"{file.name}.png") as part:
        figure.savefig(part, format="png", dpi=PNG_DPI)


def figure_files(view: ProtocolView) -> Iterator[FigureFile]:
    """Yield the figures that the comparison has data for."""
    best = view.best_of_tables
    boxes = ScoreBoxDisplay.from_view(view)
    if boxes.models:
        yield FigureFile("boxes", (7.5, 1.1 + 0.42 * len(boxes.models)), [boxes])
    if best:
        scatters = [PredictionDisplay.from_view(view, model=model) for model in best[:MOST_SCATTERS]]
        yield FigureFile("scatter", (4.2, 4.2), scatters)
    if len(view.rivals) > 1:
        yield FigureFile("residuals", (4.6, 4.4), [ResidualDisplay.from_view(view)])
    cost = CostDisplay.from_view(view)
    if len(cost.costs) > 1:
        yield FigureFile("cost", (6.0, 3.8), [cost])
    curve = LearningCurveDisplay.from_view(view)
    if curve.curves:
        yield FigureFile("curve", (6.4, 3.8), [curve])
    transfers = [CrossDisplay(scores) for scores in cross_scores(view.comparison)]
    if transfers:
        side = len(transfers[0].scores.datasets)
        yield FigureFile("cross", (1.6 + side, 1.6 + 0.8 * side), transfers)
    if len(best) > 1 and view.contrasts:
        size = (2.4 + 0.95 * len(best), 1.6 + 0.6 * len(best))
        yield FigureFile("significance", size, [SignificanceDisplay.from_view(view, models=best)])
