"""From joined tables to a fitted pipeline and its card."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, get_args

import numpy as np
import pandas as pd

from .. import __version__
from ..comparison.blocks import Prepared
from ..comparison.checks import Duplicates, ValidityWarnings
from ..comparison.option_checks import check_choice, check_number, check_whole
from ..comparison.options import InputOptions
from ..comparison.preparation import prepare
from ..errors import ParameterError, TableError
from ..evaluation.parallel import OnProgress, Processes
from ..evaluation.regressors import Regressor, find
from ..evaluation.splits import MOST_SEED
from ..evaluation.training_part import SEARCHES, Search
from ..processes.cores import processes_of
from ..tables.feature_table import FeatureTable
from ..tables.labels import Labels
from .background import sample_of
from .card import DIRECTIONS, Card, Direction, TrainingData, digest_of
from .model_file import Stored
from .sources import Source
from .training import FOLDS, Recipe, Trained, train
from .training_range import TrainingRange
from .training_tables import check_names, file_of

MOST_REPETITIONS = 100


@dataclass(frozen=True)
class Parameters:
    """The parameters of `vqa_features.QualityModel`, checked; a wrong one is a ParameterError."""

    regressor: Any
    seed: int
    search: Search
    repetitions: int
    level: float
    direction: Direction
    scale: tuple[float, float] | None
    duplicates: Duplicates
    trusted: Sequence[str]
    jobs: int
    progress: OnProgress | None

    def __post_init__(self) -> None:
        check_whole("seed", self.seed, 0, MOST_SEED - MOST_REPETITIONS)
        check_choice("search", self.search, SEARCHES)
        check_choice("direction", self.direction, DIRECTIONS)
        check_choice("duplicates", self.duplicates, get_args(Duplicates))
        check_whole("repetitions", self.repetitions, 1, MOST_REPETITIONS)
        check_number("level", self.level, above=0, below=1)
        object.__setattr__(self, "jobs", processes_of(self.jobs))
        check_whole("jobs", self.jobs, 1)
        if self.scale is None:
            return
        try:
            low, high = (float(one) for one in self.scale)
        except (TypeError, ValueError) as error:
            raise ParameterError(
                f"scale must be two numbers, the ends of the MOS scale, got {self.scale!r}"
            ) from error
        if not (np.isfinite([low, high]).all() and low < high):
            raise ParameterError(f"scale must rise from its lower to its upper end, got {self.scale!r}")

    @property
    def record(self) -> Regressor:
        """The regressor; UnknownName or ParameterError if there is none."""
        return find(self.regressor)

    @property
    def ends(self) -> tuple[float, float] | None:
        """The ends of the MOS scale as floats."""
        return None if self.scale is None else (float(self.scale[0]), float(self.scale[1]))


class Fitted(NamedTuple):
    """A fitted model."""

    stored: Stored
    out_of_fold: pd.DataFrame
    """By video id: ``mos`` and ``predicted``, see `vqa_features.QualityModel`."""


def fitted(records: Sequence[FeatureTable], labels: Labels, parameters: Parameters) -> Fitted:
    """Return what a fit on all videos with features and MOS gives.

    Parameters
    ----------
    records : sequence of FeatureTable
        Feature tables.
    labels : Labels
        MOS and groups by video id.
    parameters : Parameters
        How it is trained.

    Raises
    ------
    TableError, ParameterError, UnknownName
        If tables and labels do not match, a leak is found, or there are too few videos.
    """
    regressor, found = parameters.record, ValidityWarnings()
    options = InputOptions(duplicates=parameters.duplicates, trusted=parameters.trusted)
    prepared = prepare(records, labels, found, options).in_id_order()
    check_names(records, [block.columns for block in prepared.blocks])
    _check_rows(prepared, parameters)
    recipe = Recipe(
        regressor,
        parameters.search,
        parameters.seed,
        parameters.repetitions,
        parameters.level,
        Processes(parameters.jobs),
        parameters.progress,
    )
    trained = train(prepared, recipe)
    sources = []
    for record, block in zip(records, prepared.blocks, strict=True):
        source, reason = Source.of(record.name, block.columns, record.frame)
        sources.append(source)
        if reason:
            found.add(f"{record.name}: the model predicts from tables only, not from videos: {reason}")
    if trained.curve.is_constant:
        found.add("the out-of-fold predictions do not rise with the MOS: the model predicts the mean MOS")
    data = _data(prepared, labels, records, parameters)
    told = _without_folders(found.all(), [labels.source, *(str(record.file or "") for record in records)])
    values = np.hstack([block.values for block in prepared.blocks])
    card = _card(prepared, parameters, data, sources, trained, told)
    mapped = pd.DataFrame({"mos": prepared.videos.mos, "predicted": trained.out_of_fold}, prepared.videos.ids)
    mapped.index.name = "id"
    return Fitted(Stored(card, trained.pipeline, sample_of(values, prepared.videos.mos)), mapped)


def _without_folders(texts: Sequence[str], files: Sequence[str]) -> tuple[str, ...]:
    """Return warnings with the names of files alone: a model is given to others."""
    for file in filter(None, files):
        texts = [text.replace(file, Path(file).name) for text in texts]
    return tuple(texts)


def _check_rows(prepared: Prepared, parameters: Parameters) -> None:
    """Refuse too few videos for the level, and MOS outside the scale that was given."""
    mos, level, ends = prepared.videos.mos, parameters.level, parameters.ends
    least = int(np.ceil(level / (1 - level) - 1e-9))
    if len(mos) < least:
        raise TableError(f"an interval of level {level:g} needs {least} videos, and there are {len(mos)}")
    if ends is not None and not (ends[0] <= mos.min() and mos.max() <= ends[1]):
        raise TableError(
            f"the MOS go from {mos.min():g} to {mos.max():g}, outside the scale {ends[0]:g} to {ends[1]:g} "
            "that was given"
        )


def _data(
    prepared: Prepared, labels: Labels, records: Sequence[FeatureTable], parameters: Parameters
) -> TrainingData:
    videos, blocks = prepared.videos, prepared.blocks
    columns = [name for block in blocks for name in block.columns]
    return TrainingData(
        sha256=digest_of(videos.ids, videos.mos, columns, np.hstack([block.values for block in blocks])),
        tables=tuple(file_of(record) for record in records),
        mos_source=Path(labels.source).name,
        mos_column=str(labels.mos.name or ""),
        mos_low=float(videos.mos.min()),
        mos_high=float(videos.mos.max()),
        scale=parameters.ends,
        direction=parameters.direction,
        videos=len(videos.ids),
        groups=None if videos.groups is None else len(np.unique(videos.groups)),
    )


def _card(
    prepared: Prepared,
    parameters: Parameters,
    data: TrainingData,
    sources: Sequence[Source],
    trained: Trained,
    told: tuple[str, ...],
) -> Card:
    import sklearn

    regressor = parameters.record
    return Card(
        sources=tuple(sources),
        data=data,
        regressor=parameters.regressor if isinstance(parameters.regressor, str) else regressor.name,
        search=parameters.search,
        searched=regressor.searched(parameters.search),
        chosen=trained.chosen,
        seed=int(parameters.seed),
        folds=FOLDS,
        repetitions=int(parameters.repetitions),
        level=float(parameters.level),
        performance=trained.performance,
        curve=trained.curve,
        span=TrainingRange.of(np.hstack([block.values for block in prepared.blocks])),
        warnings=told,
        made_with={
            "vqa-features": __version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scikit-learn": sklearn.__version__,
        },
    )
