"""Content of the page for one protocol: the models of each section and the data of its charts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ..comparison.diagnosis import correlate, largest
from ..comparison.result import FUSION
from .formatting import p_text
from .headline import Headline, headline
from .tradeoffs import costs, curves
from .view import METRIC_NAMES, Model, ProtocolView

GALLERY_SIZE = 6
"""Videos in one gallery."""
MATRIX_LIMIT = 8
"""The significance matrix shows all models up to this number, else the best of each table."""
MOST_PANELS = 9
"""Greatest number of models drawn video by video: the two rivals, then the best of the other tables."""


class GalleryVideo(NamedTuple):
    """One video of a gallery."""

    id: str
    mos: float
    predicted: list[tuple[Model, float]]
    """Mean out-of-split prediction of each rival."""


class Gallery(NamedTuple):
    """The videos of largest error of one model, or of largest difference between two."""

    models: tuple[Model, ...]
    videos: list[GalleryVideo]


class ProtocolSection:
    """One protocol on the page. Each attribute is computed on first use and kept.

    Parameters
    ----------
    view : ProtocolView
        The protocol to show.
    proxy : bool
        The target is a proxy of MOS.
    """

    def __init__(self, view: ProtocolView, proxy: bool = False) -> None:
        self.view = view
        self.proxy = proxy

    @cached_property
    def headline(self) -> Headline:
        """The finding in words."""
        return headline(self.view, proxy=self.proxy)

    @property
    def rivals(self) -> list[Model]:
        """The two models that residuals and galleries compare."""
        return self.view.rivals[:2]

    @cached_property
    def drawn(self) -> list[Model]:
        """Models drawn video by video: the rivals, then the best of the other tables."""
        others = [model for model in self.view.best_of_tables if model not in self.rivals]
        return [*self.rivals, *others][:MOST_PANELS]

    @property
    def left_out(self) -> int:
        """Number of tables that are not drawn video by video."""
        return len(self.view.best_of_tables) - len(self.drawn)

    @property
    def matrix(self) -> list[Model]:
        """Models of the significance matrix."""
        trained = self.view.trained
        return trained if len(trained) <= MATRIX_LIMIT else self.view.best_of_tables

    @property
    def singles(self) -> list[Model]:
        """Models of the residual correlation: those drawn, without fusions."""
        return [model for model in self.drawn if model.family != FUSION]

    @cached_property
    def residual_correlation(self) -> NDArray[np.float64]:
        """Correlation of the residuals of `singles`, shape (models, models)."""
        return correlate(self.view.residuals(self.singles)).to_numpy(dtype=float)

    @cached_property
    def residual_correlation_given_mos(self) -> NDArray[np.float64]:
        """The same with MOS held fixed."""
        return correlate(self.view.residuals(self.singles), self.view.mos).to_numpy(dtype=float)

    @cached_property
    def galleries(self) -> list[Gallery]:
        """Videos of largest error of each rival, and those where the two differ most."""
        errors = self.view.residuals(self.rivals)
        found = [self._gallery((model,), errors[model.key]) for model in self.rivals]
        if len(self.rivals) == 2:
            first, second = self.rivals
            difference = self.view.predicted(first) - self.view.predicted(second)
            found.append(self._gallery((first, second), difference))
        return found

    def _gallery(self, models: tuple[Model, ...], size: pd.Series[float]) -> Gallery:
        mos, predicted = self.view.mos, {model: self.view.predicted(model) for model in self.rivals}
        videos = [
            GalleryVideo(
                str(video),
                float(mos[video]),
                [(model, float(predicted[model][video])) for model in predicted],
            )
            for video in largest(size, GALLERY_SIZE)
        ]
        return Gallery(models, videos)

    @property
    def digits(self) -> int:
        """Decimals of MOS and predictions: 3 where MOS spans 1 or less, else 2."""
        return 2 if float(np.ptp(self.view.mos)) > 1 else 3

    @cached_property
    def script_data(self) -> dict[str, Any]:
        """Data of the charts, ready for JSON."""
        view = self.view
        return {
            "models": [_tag(model) for model in view.models],
            "scores": [
                {name: _numbers(view.split_scores(model, name)) for name in METRIC_NAMES}
                for model in view.models
            ],
            "contrasts": [{**_record(test), "p": p_text(test.p)} for test in self.headline.contrasts],
            "videos": {
                "ids": list(view.videos.index),
                "mos": _numbers(view.mos),
                "digits": self.digits,
                "models": [_tag(model) for model in self.drawn],
                "predicted": [_numbers(view.predicted(model)) for model in self.drawn],
            },
            "cost": _records(costs(view)),
            "curve": _records(curves(view)),
        }


def _records(records: Sequence[NamedTuple]) -> list[dict[str, Any]]:
    return [_record(record) for record in records]


def _record(record: NamedTuple) -> dict[str, Any]:
    """Return a record for JSON: models by name and role, numbers rounded, arrays as lists."""
    found: dict[str, Any] = {}
    for name, value in record._asdict().items():
        if isinstance(value, Model):
            found[name] = _tag(value)
        elif isinstance(value, np.ndarray):
            found[name] = _numbers(value)
        else:
            found[name] = _number(value) if isinstance(value, float) else value
    return found


def _tag(model: Model) -> dict[str, str]:
    return {"label": model.label, "table": model.table, "regressor": model.regressor, "role": model.role}


def _number(value: float) -> float | None:
    """Return five significant digits, or None for a number that JSON cannot hold."""
    return float(f"{value:.5g}") if math.isfinite(value) else None


def _numbers(values: ArrayLike) -> list[float | None]:
    return [_number(float(value)) for value in np.asarray(values, dtype=float)]
