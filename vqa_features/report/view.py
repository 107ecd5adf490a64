"""One protocol of a Comparison, or one of its test parts, as the page and the figures show it.

All results are per *model*: one feature table with one regressor. Predictions are averaged per video over the
splits whose test part held the video, so the size of a page depends on the number of videos, not of splits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..comparison.diagnosis import residuals_of
from ..comparison.result import BASELINE, FUSION, Comparison
from ..comparison.summary import MODEL, pooled_predictions
from ..evaluation.metrics import METRICS
from ..plots.palette import STYLES
from ..tables.split_lists import TEST
from .formatting import shown

if TYPE_CHECKING:
    from ..comparison.options import ProtocolName

METRIC_NAMES = {metric.name: metric.label for metric in METRICS}
ERRORS = tuple(metric.name for metric in METRICS if not metric.higher_is_better)
"""Metrics of which a smaller value is better; the others are correlations."""
VERDICTS = {"a": "better", "b": "worse", "equivalent": "equal", "open": "open"}
"""Verdict on model a by the value in the significance table."""
OVER_SPLITS = "2.5 and 97.5 percentiles over the splits"
OPPOSITE = {"better": "worse", "worse": "better"}


class Model(NamedTuple):
    """One feature table with one regressor."""

    table: str
    regressor: str
    family: str

    @property
    def key(self) -> tuple[str, str]:
        """Table and regressor: the columns that identify the model in a comparison's tables."""
        return self.table, self.regressor

    @property
    def role(self) -> str:
        """``baseline`` for the training mean, else the family; ``other`` where it has no style."""
        if self.regressor == BASELINE:
            return "baseline"
        return self.family if self.family in STYLES and self.family != "baseline" else "other"

    @property
    def name(self) -> str:
        """Name of the table as it is shown."""
        return shown(self.table)

    @property
    def label(self) -> str:
        """Name on the page, in one line."""
        return " · ".join(self.parts) if self.role != "baseline" else "training mean"

    @property
    def parts(self) -> tuple[str, str]:
        """Name on the page in two lines: table and regressor."""
        if self.role == "baseline":
            return "training mean", "baseline"
        return self.name, shown(self.regressor)


class Contrast(NamedTuple):
    """The tested difference in SRCC between two models, first minus second."""

    first: Model
    second: Model
    difference: float
    low: float
    high: float
    p: float
    """After Holm's correction over all tested pairs."""
    verdict: str
    """On the first model: ``better``, ``worse``, ``equal`` (within the equivalence margin) or ``open``."""

    def reversed(self) -> Contrast:
        """Return the same test as second minus first."""
        verdict = OPPOSITE.get(self.verdict, self.verdict)
        return Contrast(self.second, self.first, -self.difference, -self.high, -self.low, self.p, verdict)


class ProtocolView:
    """One protocol of a comparison. Each attribute is computed on first use and kept.

    Parameters
    ----------
    comparison : Comparison
        Result of :func:`vqa_features.compare`; it must not change while the view is used.
    protocol : str, optional
        ``"strict"``, ``"literature"`` or ``"official"``; by default strict where it was run.
    part : str, optional
        Name of a test part; by default the first.
    """

    def __init__(self, comparison: Comparison, protocol: str | None = None, part: str | None = None) -> None:
        self.comparison = comparison
        self.protocol = protocol or protocols(comparison)[0]
        self.part = part or test_parts(comparison, self.protocol)[0]

    @cached_property
    def over_videos(self) -> bool:
        """Whether one model was fitted, so that differences are tested over the videos of its test part."""
        return self.scores["split"].nunique() == 1

    @property
    def protocol_name(self) -> ProtocolName:
        """The protocol as the type of its names."""
        return cast("ProtocolName", self.protocol)

    @cached_property
    def scores(self) -> pd.DataFrame:
        """Rows of the comparison's scores."""
        return self._of_protocol(self.comparison.scores)

    @cached_property
    def significance(self) -> pd.DataFrame:
        """Rows of the comparison's significance, none where no pair was tested."""
        table = self.comparison.significance
        return self._of_protocol(table) if len(table) else table

    @property
    def statistic(self) -> str:
        """What the summary holds of each model: ``median SRCC``, or ``SRCC on the fixed test part``."""
        return "SRCC on the fixed test part" if self.over_videos else "median SRCC"

    @property
    def interval(self) -> str:
        """What the interval of an SRCC is."""
        return "95 % bootstrap interval over videos" if self.over_videos else OVER_SPLITS

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Rows of the comparison's summary, highest median SRCC first.

        The training mean does not depend on the table, so only its first row is kept. It ranks nothing, so
        its correlations are missing rather than 0. Where one model was fitted there are no percentiles over
        splits: the interval of SRCC is that of the bootstrap over videos, the other metrics have none.
        """
        table = self._of_protocol(self.comparison.summary).copy()
        if self.over_videos:
            for end in ("low", "high"):
                table[[f"{name}_{end}" for name in METRIC_NAMES]] = np.nan
                table[f"srcc_{end}"] = table[f"srcc_pooled_{end}"]
        baseline = table["regressor"] == BASELINE
        ranking = tuple(name for name in METRIC_NAMES if name not in ERRORS)
        correlations = [name for name in table.columns if str(name).startswith(ranking)]
        table[correlations] = table[correlations].mask(baseline)
        table = table[~(baseline & table.duplicated("regressor"))]
        return table.sort_values("srcc", ascending=False, na_position="last", kind="stable")

    @cached_property
    def rows(self) -> dict[Model, Mapping[str, Any]]:
        """Row of `summary` by model, in its order."""
        found: dict[Model, Mapping[str, Any]] = {}
        for row in self.summary.to_dict("records"):
            model = Model(str(row["table"]), str(row["regressor"]), str(row["family"]))
            found[model] = {str(name): value for name, value in row.items()}
        return found

    @property
    def models(self) -> list[Model]:
        """Every model, highest median SRCC first, the baseline last."""
        return list(self.rows)

    @property
    def trained(self) -> list[Model]:
        """Every model except the baseline."""
        return [model for model in self.rows if model.role != "baseline"]

    @cached_property
    def best_of_tables(self) -> list[Model]:
        """Model of highest median SRCC of every table."""
        return _first_of_each(self.trained, "table")

    @cached_property
    def best_of_families(self) -> list[Model]:
        """Model of highest median SRCC of every family."""
        return _first_of_each(self.trained, "family")

    @cached_property
    def rivals(self) -> list[Model]:
        """Models that the headline compares: the best of each family, or of each table of a single family.

        Fusions are left out because they contain the rivals.
        """
        by_family, by_table = (
            [model for model in best if model.family != FUSION]
            for best in (self.best_of_families, self.best_of_tables)
        )
        return by_family if len(by_family) > 1 else by_table

    def median_srcc(self, model: Model) -> float:
        """Return the median SRCC of a model over the splits: that of the split if there is one."""
        return float(self.rows[model]["srcc"])

    @cached_property
    def contrasts(self) -> dict[tuple[Model, Model], Contrast]:
        """Every tested difference in SRCC by pair of models, in both directions."""
        table = self.significance
        if table.empty:
            return {}
        by_key = {model.key: model for model in self.models}
        found: dict[tuple[Model, Model], Contrast] = {}
        for row in table[table["metric"] == "srcc"].to_dict("records"):
            first = by_key[str(row["table_a"]), str(row["regressor_a"])]
            second = by_key[str(row["table_b"]), str(row["regressor_b"])]
            size = (float(row["difference"]), float(row["low"]), float(row["high"]), float(row["p_holm"]))
            contrast = Contrast(first, second, *size, VERDICTS[row["verdict"]])
            found[first, second], found[second, first] = contrast, contrast.reversed()
        return found

    @cached_property
    def videos(self) -> pd.DataFrame:
        """MOS and mean out-of-split predictions of every tested video.

        Index ``id`` (str, sorted by MOS), columns ``("mos", "")`` and `Model.key` of every model. Predictions
        are on the MOS scale, before any logistic map.
        """
        table = pooled_predictions(self._of_protocol(self.comparison.predictions))
        table.index = table.index.astype(str)
        return table.sort_values(("mos", ""), kind="stable")

    @property
    def mos(self) -> pd.Series[float]:
        """MOS of every tested video, ascending."""
        return self.videos["mos", ""]

    def predicted(self, model: Model) -> pd.Series[float]:
        """Return the predictions of one model: its column of `videos`."""
        return self.videos[model.key]

    def residuals(self, models: Sequence[Model]) -> pd.DataFrame:
        """Return prediction − MOS of some models: the rows of `videos`, one column per model."""
        return residuals_of(self.videos[[("mos", ""), *(model.key for model in models)]])

    def split_scores(self, model: Model, metric: str) -> NDArray[np.float64]:
        """Return one metric of one model, shape (splits,), in the order of the splits.

        The training mean ranks nothing, so its correlations are missing (nan).
        """
        values = self._scores[model.key][metric].to_numpy(dtype=float)
        return np.full_like(values, np.nan) if model.role == "baseline" and metric not in ERRORS else values

    def split_numbers(self, model: Model) -> NDArray[np.int64]:
        """Return the number of the split of each of `split_scores`."""
        return self._scores[model.key]["split"].to_numpy(dtype=int)

    @cached_property
    def _scores(self) -> dict[tuple[str, str], pd.DataFrame]:
        """Scores by `Model.key`, sorted by split."""
        groups = self.scores.sort_values("split").groupby(MODEL, sort=False)
        return {(str(table), str(regressor)): rows for (table, regressor), rows in groups}

    def _of_protocol(self, table: pd.DataFrame) -> pd.DataFrame:
        table = table[table["protocol"] == self.protocol]
        return table[table["part"] == self.part] if "part" in table.columns else table


def _first_of_each(models: Sequence[Model], attribute: str) -> list[Model]:
    found: dict[str, Model] = {}
    for model in models:
        found.setdefault(getattr(model, attribute), model)
    return list(found.values())


def protocols(comparison: Comparison) -> list[str]:
    """Return the names of the protocols that were run, strict first."""
    present = [str(name) for name in comparison.scores["protocol"].unique()]
    return sorted(present, key=lambda name: (name != "strict", name))


def test_parts(comparison: Comparison, protocol: str) -> list[str]:
    """Return the names of the test parts of one protocol in the order of the scores."""
    scores = comparison.scores
    if "part" not in scores.columns:
        return [TEST]
    return [str(name) for name in scores.loc[scores["protocol"] == protocol, "part"].unique()] or [TEST]


def views_of(comparison: Comparison) -> dict[str, ProtocolView]:
    """Return a view of every protocol that was run, strict first, and of each of its test parts.

    The key is the name of the protocol, with that of the test part where it has one: ``official: lsvq-test``.
    """
    return {
        name if part == TEST else f"{name}: {part}": ProtocolView(comparison, name, part)
        for name in protocols(comparison)
        for part in test_parts(comparison, name)
    }
