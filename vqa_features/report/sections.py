"""Content of the page for one protocol: the models of each section and the data of its charts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ..comparison.diagnosis import correlate, largest
from ..comparison.result import FUSION
from .excerpt import Excerpt, excerpt_of, shown_splits, sizes_of
from .formatting import p_text, shown
from .headline import Headline, headline
from .limits import robust_limits
from .table_facts import MOST_TABLES, TableFacts, table_facts
from .tradeoffs import Cost, Curve, best_curves, costs, curves
from .view import METRIC_NAMES, Model, ProtocolView

GALLERY_SIZE = 6
"""Videos in one gallery."""
MATRIX_LIMIT = 8
"""The significance matrix shows all models up to this number, else the best of each table."""
MOST_MODELS = 200
"""Greatest number of models in the summary table and in the charts of scores."""
MOST_COMPARED = 20
"""Greatest number of models in a matrix."""
QUANTILES = (0.025, 0.25, 0.5, 0.75, 0.975)
"""Of the scores of one model: whiskers, box and median."""
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

    @cached_property
    def rows(self) -> dict[Model, Mapping[str, Any]]:
        """Rows of the summary table: up to `MOST_MODELS` models of highest median SRCC, and the baseline."""
        kept = {*self.view.trained[:MOST_MODELS], *(m for m in self.view.models if m.role == "baseline")}
        return {model: row for model, row in self.view.rows.items() if model in kept}

    @cached_property
    def splits(self) -> NDArray[np.intp]:
        """Positions of the splits whose scores are drawn."""
        return shown_splits(self.split_count, len(self.rows))

    @cached_property
    def split_count(self) -> int:
        """Number of all splits."""
        return max(len(self.view.split_scores(model, "srcc")) for model in self.view.models)

    @cached_property
    def excerpt(self) -> Excerpt:
        """The videos on the page."""
        return excerpt_of(self.view, self.rivals)

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
        return trained if len(trained) <= MATRIX_LIMIT else self.view.best_of_tables[:MOST_COMPARED]

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
        rivals = tuple(self.rivals)
        compared = [*((model,) for model in rivals), rivals]
        sizes = sizes_of(self.view, rivals)
        return [self._gallery(models, size) for models, size in zip(compared, sizes, strict=False)]

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
    def costs(self) -> list[Cost]:
        """Extraction times of up to `MOST_MODELS` tables, those of highest median SRCC."""
        return costs(self.view)[:MOST_MODELS]

    @cached_property
    def curves(self) -> list[Curve]:
        """The learning curves that are drawn."""
        return best_curves(self.view)

    @cached_property
    def tables(self) -> list[TableFacts]:
        """The feature tables, up to `MOST_TABLES`."""
        return table_facts(self.view)[:MOST_TABLES]

    @property
    def rest(self) -> dict[str, str]:
        """What each section leaves out, in a sentence that says where it is; none where all is shown."""
        view, videos = self.view, self.excerpt
        told = {
            "summary": _rest(
                len(view.rows) - len(self.rows), "models of lower SRCC are not shown", "summary"
            ),
            "splits": _rest(
                self.split_count - len(self.splits),
                "splits have no dot, but count in boxes, lines and whiskers",
                "scores",
            ),
            "significance": _rest(
                len(view.best_of_tables) - MOST_COMPARED if len(view.trained) > MATRIX_LIMIT else 0,
                "tables of lower SRCC are not shown",
                "significance",
            ),
            "scatter": _rest(
                videos.total - videos.drawn,
                f"videos are not drawn: the {videos.drawn:,} dots are evenly spaced in order of MOS",
                "predictions",
            ),
            "videos": _rest(videos.left_out, "videos are not on this page", "predictions"),
            "cost": _rest(
                len(costs(view)) - len(self.costs), "tables of lower SRCC are not drawn", "summary"
            ),
            "curve": _rest(len(curves(view)) - len(self.curves), "curves are not drawn", "learning_curve"),
        }
        return {section: text for section, text in told.items() if text}

    @cached_property
    def script_data(self) -> dict[str, Any]:
        """Data of the charts, ready for JSON."""
        return {
            "single": self.view.over_videos,
            "statistic": self.view.statistic,
            "interval": self.view.interval,
            "models": [_tag(model) for model in self.rows],
            "tables": self._tables(),
            "splits": self.splits.tolist(),
            "scores": [{name: self._scores(model, name) for name in METRIC_NAMES} for model in self.rows],
            "contrasts": [{**_record(test), "p": p_text(test.p)} for test in self.headline.contrasts],
            "videos": self._videos(),
            "limits": self._limits(),
            "cost": _records(self.costs),
            "curve": _records(self.curves),
        }

    def _scores(self, model: Model, metric: str) -> dict[str, Any]:
        """Return the scores of the drawn splits, and quantiles and number of those of all splits.

        The outer quantiles of a single score are the ends of its bootstrap interval, where it has one.
        """
        values = self.view.split_scores(model, metric)
        finite = values[np.isfinite(values)]
        spread = np.quantile(finite, QUANTILES) if finite.size else finite
        if self.view.over_videos and finite.size:
            row = self.view.rows[model]
            spread[[0, -1]] = np.nan_to_num([row[f"{metric}_low"], row[f"{metric}_high"]], nan=finite[0])
        kept = self.splits[self.splits < len(values)]
        return {"values": _numbers(values[kept]), "spread": _numbers(spread), "count": int(finite.size)}

    def _limits(self) -> dict[str, list[float | None]]:
        """Return the ends of the axes: of MOS, predictions and residuals, and of each metric."""
        mos, models = self.view.mos.to_numpy(), self.drawn
        predicted = np.concatenate([mos, *(self.view.predicted(model).to_numpy() for model in models)])
        residuals = self.view.residuals(models[:2]).to_numpy(dtype=float)
        found = {"mos": mos, "predicted": predicted, "residual": residuals} | {
            name: np.concatenate([self.view.split_scores(model, name) for model in self.rows])
            for name in METRIC_NAMES
        }
        return {name: _numbers(robust_limits(values)) for name, values in found.items()}

    def _tables(self) -> list[int]:
        """Return the number of the table of each model; two tables may look the same by name."""
        numbers: dict[str, int] = {}
        return [numbers.setdefault(model.table, len(numbers)) for model in self.rows]

    def _videos(self) -> dict[str, Any]:
        view, (rows, drawn, total) = self.view, self.excerpt
        first_two = correlate(view.residuals(self.drawn[:2])).to_numpy(dtype=float)
        return {
            "ids": [shown(name) for name in view.videos.index[rows]],
            "drawn": drawn,
            "total": total,
            "mos": _numbers(view.mos.to_numpy()[rows]),
            "digits": self.digits,
            "models": [_tag(model) for model in self.drawn],
            "predicted": [_numbers(view.predicted(model).to_numpy()[rows]) for model in self.drawn],
            "correlation": _number(float(first_two[0, 1])) if len(first_two) > 1 else None,
        }


def _rest(count: int, what: str, file: str) -> str:
    return f"{count:,} {what}; all are in {file}.csv." if count > 0 else ""


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
    return {"label": model.label, "table": model.name, "regressor": model.parts[1], "role": model.role}


def _number(value: float) -> float | None:
    """Return five significant digits, or None for a number that JSON cannot hold."""
    return float(f"{value:.5g}") if math.isfinite(value) else None


def _numbers(values: ArrayLike) -> list[float | None]:
    return [_number(float(value)) for value in np.asarray(values, dtype=float)]
