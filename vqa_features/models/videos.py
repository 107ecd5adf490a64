"""Predictions for videos: features extracted as in training, then one row per video."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..batch.failures import INCOMPLETE
from ..batch.inputs import Input, Named, find_inputs, named_inputs, with_part
from ..batch.many_videos import ExtractionRun
from ..batch.options import Reporting, Workers
from ..batch.shards import Shard
from ..errors import first_few
from .prediction import Matrix, matrix_of

if TYPE_CHECKING:
    import pandas as pd

    from .quality_model import QualityModel

COLUMNS = ("path", "status", "mos", "low", "high", "extrapolates", "error")
#: Status of a video that was decoded, but of which an extractor gave no value.
NO_FEATURES = "failed(no features)"
_OK = "ok"


class VideoPredictions:
    """A run of a model over videos whose finished rows can be had however it ends.

    Parameters
    ----------
    model : QualityModel
        Fitted on tables of `extract`.
    videos : sequence of Input
        The videos.
    workers : Workers
        Processes that extract.
    reporting : Reporting
        Who hears of the results of each video and each table of the training.
    store : path, optional
        SQLite file that keeps finished features.
    shard : Shard, optional
        The part of the videos to predict.

    Raises
    ------
    TableError, WeightsMissing, UnknownName
        If the model cannot extract its features here, see `vqa_features.models.sources.Source.extraction`.
    """

    def __init__(
        self,
        model: QualityModel,
        videos: Sequence[Input],
        workers: Workers = Workers(),  # noqa: B008 (frozen)
        reporting: Reporting = Reporting(),  # noqa: B008 (frozen)
        store: str | os.PathLike[str] | None = None,
        shard: Shard | None = None,
    ) -> None:
        self._model = model
        self.extractions = [source.extraction() for source in model.card_.sources]
        self._runs = [
            ExtractionRun(
                videos,
                extraction,
                workers=workers,
                reporting=reporting,
                store=store,
                exclusive=True,
                shard=shard,
            )
            for extraction in self.extractions
        ]

    @property
    def steps(self) -> int:
        """Number of extractions for each video: one per table of the training."""
        return len(self._runs)

    @property
    def store_failed(self) -> bool:
        """Whether the store was given up during the run."""
        return any(run.store_failed for run in self._runs)

    def work(self) -> None:
        """Extract the features of every video; KeyboardInterrupt ends it after the workers have ended."""
        for run in self._runs:
            run.work()

    def features(self) -> dict[str, pd.DataFrame]:
        """Return the features of the videos that are finished, by the names of the model's tables."""
        names = [source.name for source in self._model.card_.sources]
        tables = {name: run.table() for name, run in zip(names, self._runs, strict=True)}
        first, *others = tables.values()
        ids = [name for name in first.index if all(name in table.index for table in others)]
        return {name: table.loc[ids] for name, table in tables.items()}

    def table(self) -> pd.DataFrame:
        """Return the predictions of the videos that are finished.

        Returns
        -------
        DataFrame
            Index ``id``; columns path, status, mos, low, high, extrapolates, error. A video that failed has
            no numbers. ``attrs["settings"]`` holds the model's data and the settings of the extractions,
            ``attrs["notes"]`` what limits the predictions.
        """
        return predictions(self._model, self.features())


def predict_videos(
    model: QualityModel,
    inputs: Named,
    jobs: int,
    *,
    start_s: float,
    duration_s: float | None,
) -> pd.DataFrame:
    """Return what `QualityModel.predict_videos` returns."""
    videos = with_part(find_inputs(named_inputs(inputs)), start_s, duration_s)
    run = VideoPredictions(model, videos, Workers(jobs))
    run.work()
    return run.table()


def predictions(model: QualityModel, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return one row of predictions per row of feature tables, see `VideoPredictions.table`.

    Parameters
    ----------
    model : QualityModel
        Fitted.
    tables : mapping of str to DataFrame
        One, or several with the same ids.
    """
    import pandas as pd

    frames = list(tables.values())
    if not len(frames[0]):
        return pd.DataFrame(index=frames[0].index, columns=list(COLUMNS))
    given = matrix_of(model.card_.sources, tables)
    found = model.predicted(given).reindex(columns=list(COLUMNS))
    for name in ("path", "status", "error"):
        found[name] = _texts(name, frames)
    failed = found["status"].str.startswith("failed").to_numpy(dtype=bool)
    empty = ~given.usable & ~failed
    found.loc[empty, "error"] = [
        "; ".join(filter(None, (error, "an extractor gave no value"))) for error in found.loc[empty, "error"]
    ]
    found.loc[empty & (found["status"] != INCOMPLETE).to_numpy(), "status"] = NO_FEATURES
    found.loc[failed, ["mos", "low", "high"]] = np.nan
    found["extrapolates"] = found["extrapolates"].astype(bool) & found["mos"].notna()
    found["error"] = _with_missing(found, given, model.card_.columns)
    found.index.name = "id"
    found.attrs["notes"] = list(given.notes)
    found.attrs["settings"] = {
        "command": "predict",
        "model": {"sha256_of_training": model.card_.data.sha256, "regressor": model.card_.regressor},
        "made_with": dict(model.card_.made_with),
        "features": [dict(source.settings or {}) for source in model.card_.sources],
    }
    return found


def _texts(name: str, tables: Sequence[pd.DataFrame]) -> list[str]:
    """Return path, status or error of every row: the first that tells something, errors joined."""
    columns = [_column(name, table) for table in tables]
    if name == "error":
        return ["; ".join(dict.fromkeys(filter(None, told))) for told in zip(*columns, strict=True)]
    if name == "status":
        rows = zip(*columns, strict=True)
        return [next((one for one in told if one not in (_OK, "")), _OK) for told in rows]
    return columns[0]


def _column(name: str, table: pd.DataFrame) -> list[str]:
    if name not in table.columns:
        return [""] * len(table)
    return ["" if cell is None or cell != cell else str(cell) for cell in table[name]]


def _with_missing(found: pd.DataFrame, given: Matrix, columns: Sequence[str]) -> list[Any]:
    """Return the cells of ``error`` with a word on values that were replaced."""
    absent = ~np.isfinite(given.values)
    told = []
    for error, lost, predicted in zip(found["error"], absent, found["mos"].notna(), strict=True):
        names = [columns[position] for position in np.flatnonzero(lost).tolist()]
        text = f"{len(names)} missing value(s) replaced by the training mean: {first_few(names, 3)}"
        told.append("; ".join(filter(None, (error, text))) if names and predicted else error)
    return told
