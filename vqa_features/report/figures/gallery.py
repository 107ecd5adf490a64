"""Every figure that a Comparison can fill, as PNG and SVG files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...comparison.result import Comparison
from ...files.atomic import atomic_path
from .. import view
from ..headline import contrasts
from ..tradeoffs import reaches
from .score_figures import PredictionDisplay, ResidualDisplay, ScoreBoxDisplay, SignificanceDisplay
from .tradeoff_figures import CostDisplay, CrossDisplay, LearningCurveDisplay


def save_figures(comparison: Comparison, folder: Path) -> list[str]:
    """Write every figure that the comparison can fill as PNG and SVG, and return their names.

    No global state of matplotlib is touched: the figures are made without pyplot.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    protocol = view.protocols(comparison)[0]
    summary = view.summarise(comparison)
    best = view.best_of_each(summary, protocol)
    folder.mkdir(parents=True, exist_ok=True)
    written: list[str] = []

    def save(name: str, size: tuple[float, float], displays: Sequence[Any]) -> None:
        figure = Figure(figsize=(size[0] * len(displays), size[1]), layout="constrained")
        axes = np.atleast_1d(figure.subplots(1, len(displays), sharex=True, sharey=True))
        for display, ax in zip(displays, axes, strict=True):
            display.plot(ax)
        # the same comparison gives the same bytes
        with rc_context({"svg.hashsalt": name}), atomic_path(folder / f"{name}.svg") as part:
            figure.savefig(part, format="svg", metadata={"Date": None})
        with atomic_path(folder / f"{name}.png") as part:
            figure.savefig(part, format="png", dpi=150)
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
    if len(view.rivals(summary, protocol)) > 1:
        save("residuals", (4.6, 4.4), [ResidualDisplay.from_comparison(comparison)])
    priced = CostDisplay.from_comparison(comparison)
    if len(priced.costs) > 1:
        save("cost", (6.0, 3.8), [priced])
    grown = LearningCurveDisplay.from_comparison(comparison)
    if grown.curves:
        save("curve", (6.4, 3.8), [grown])
    transfers = [CrossDisplay(reach) for reach in reaches(comparison)]
    if transfers:
        side = len(transfers[0].reach.datasets)
        save("cross", (1.6 + side, 1.6 + 0.8 * side), transfers)
    if len(best) > 1 and contrasts(comparison, protocol):
        save(
            "significance",
            (2.4 + 0.95 * len(best), 1.6 + 0.6 * len(best)),
            [SignificanceDisplay.from_comparison(comparison, models=best)],
        )
    return written
