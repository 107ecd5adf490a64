"""Options of a comparison, grouped by what they decide and checked when they are made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from ..errors import ParameterError, UnknownName
from ..evaluation import regressors
from ..evaluation.estimators import named
from ..evaluation.grids import grids_by_name
from ..evaluation.model_search import DEFAULT_SEARCH
from ..evaluation.regressors import GivenRegressor, Regressor
from ..evaluation.splits import MOST_SPLITS, SCHEMES, Scheme
from ..evaluation.training_part import SEARCHES, Protocol, Search
from ..tables.split_lists import SplitList
from . import fusion as fused
from .blocks import Prepared, in_components
from .checks import Duplicates
from .given_scores import GivenScore
from .given_splits import split_list
from .option_checks import check_choice, check_flag, check_number, check_whole
from .result import BASELINE
from .run_options import RunOptions

ProtocolChoice = Literal["strict", "literature", "both", "official"]
PROTOCOLS = ("strict", "literature", "both", "official")
ProtocolName = Literal["strict", "literature", "official"]
Validation = Literal["join", "search"]
Logistic = Literal["logistic4", "logistic5"]
MOST_RESAMPLES = 1_000_000
GivenRegressors = Sequence[GivenRegressor] | Mapping[str, GivenRegressor]


def recipe(protocol: ProtocolName) -> Protocol:
    """Return how a protocol fits and searches; official splits are fitted as strict ones."""
    return "literature" if protocol == "literature" else "strict"


@dataclass(frozen=True)
class SplitOptions:
    """How videos are divided into training and test parts."""

    protocol: ProtocolChoice = "strict"
    count: int = 100
    """Number of splits, unless they are given."""
    given: SplitList | None = None
    """Splits as pairs (train, test) of arrays of video ids."""
    scheme: Scheme = "holdout"
    test_size: float = 0.2
    folds: int = 5
    validation: Validation = "join"
    """Use of validation videos: as training videos, or to choose hyperparameters."""

    def __post_init__(self) -> None:
        check_choice("validation", self.validation, get_args(Validation))
        check_choice("protocol", self.protocol, PROTOCOLS)
        check_choice("scheme", self.scheme, SCHEMES)
        check_whole("splits", self.count, 1, MOST_SPLITS)
        check_number("test_size", self.test_size, above=0, below=1)
        check_whole("folds", self.folds, least=2)
        if self.validation == "search" and self.given is None:
            raise ParameterError(
                "validation 'search' needs given splits with validation videos; drawn ones have inner folds"
            )
        if self.protocol == "official" and self.given is None:
            raise ParameterError(
                "protocol 'official' needs the official splits as splits, such as load(name).splits"
            )

    @classmethod
    def of(
        cls,
        protocol: ProtocolChoice,
        splits: int | Iterable[tuple[ArrayLike, ArrayLike]],
        scheme: Scheme,
        test_size: float,
        folds: int,
        validation: Validation = "join",
    ) -> SplitOptions:
        """Return the options of a number of splits, or of splits given by video id."""
        if isinstance(splits, int | np.integer):
            return cls(protocol, splits, None, scheme, test_size, folds, validation)
        given = split_list(splits)
        return cls(protocol, max(len(given), 1), given, scheme, test_size, folds, validation)

    @property
    def fitted(self) -> int:
        """Number of training parts, each of one model."""
        return self.count if self.given is None else len(self.given.trainings())

    @property
    def source(self) -> str:
        """Where the splits come from."""
        return "drawn" if self.given is None else self.given.source or "given"

    @property
    def drawn(self) -> dict[str, str | float | None]:
        """How splits are drawn: None for each if they are given."""
        how: dict[str, str | float | None] = {
            "scheme": self.scheme,
            "test_size": self.test_size,
            "folds": self.folds,
        }
        return how if self.given is None else dict.fromkeys(how, None)

    @property
    def protocols(self) -> tuple[ProtocolName, ...]:
        """The protocols to run, in order."""
        return ("strict", "literature") if self.protocol == "both" else (self.protocol,)


@dataclass(frozen=True)
class ModelOptions:
    """Which models are made of every table."""

    records: tuple[Regressor, ...]
    search: Search | None = None
    fusion: bool = False
    components: int | None = None
    scores: tuple[GivenScore, ...] = ()
    """Scores that are not trained here."""

    def __post_init__(self) -> None:
        if not all(isinstance(one, GivenScore) for one in self.scores):
            raise ParameterError(
                f"given_scores must be a list of GivenScore, which declares a direction, got {self.scores!r}"
            )
        if self.search is not None:
            check_choice("search", self.search, SEARCHES)
        check_flag("fusion", self.fusion)
        if self.components is not None:
            check_whole("components", self.components, least=1)

    @classmethod
    def of(
        cls,
        given: GivenRegressors | None,
        search: Search | None = None,
        fusion: bool = False,
        components: int | None = None,
        grids: Mapping[str, Mapping[str, object]] | None = None,
        scores: Sequence[GivenScore] = (),
    ) -> ModelOptions:
        """Return the options of regressors; None stands for the default ones and the baseline.

        Parameters
        ----------
        given : sequence or mapping
            Names, import paths and estimators, each once; a mapping gives each its name in the results.
        search, fusion, components
            As for `compare`.
        grids : mapping of str to grid, optional
            Values to search, by the name of the regressor.
        scores : sequence of GivenScore
            Scores that are not trained here.

        Raises
        ------
        UnknownName, ParameterError
            If one is unknown or no regressor, or a grid is of no regressor in the list.
        """
        pairs = named((*regressors.DEFAULT, BASELINE) if given is None else given)
        wanted, names = grids_by_name(grids), [name for name, _ in pairs]
        for name in wanted:
            if name not in names:
                raise UnknownName("regressor in the grid", name, names, f"compared: {', '.join(names)}")
        records = tuple(regressors.find(one, wanted.get(name), name) for name, one in pairs)
        return cls(records, search, fusion, components, tuple(scores))

    def joined(self, ids: Sequence[str], ignore_case: bool) -> ModelOptions:
        """Return the options with the given scores of the compared videos."""
        return replace(self, scores=tuple(one.joined(ids, ignore_case=ignore_case) for one in self.scores))

    @property
    def regressors(self) -> tuple[str, ...]:
        """Names of the regressors."""
        return tuple(one.name for one in self.records)

    def searched(self, protocol: Protocol) -> dict[str, str]:
        """Return what one protocol searches, in words, by the name of the regressor."""
        search = self.search or DEFAULT_SEARCH[protocol]
        return {one.name: one.searched(search) for one in self.records}

    def notes(self) -> list[str]:
        """Return a sentence on every regressor whose hyperparameters are not searched."""
        how = {"defaults": "its default hyperparameters", "given": "the hyperparameters it was given"}
        return [
            f"{one.name} runs with {how[one.search]}, which are not searched: "
            "give a grid (grids=, --grid) to search them"
            for one in self.records
            if one.search in how
        ]

    def check(self, prepared: Prepared) -> None:
        """Raise ParameterError if tables or their names do not allow fusion or the number of components."""
        blocks, rows = prepared.blocks, len(prepared.videos.ids)
        added = [fused.EARLY, fused.LATE] if self.fusion else []
        if self.components is not None:
            added += [in_components(block, self.components).name for block in blocks]
        names = [*(block.name for block in blocks), *added]
        for score in self.scores:
            if score.name in names:
                raise ParameterError(f"a table or another score is called {score.name!r}: rename the score")
            names.append(score.name)
        taken = {block.name for block in blocks} & set(added)
        if taken:
            raise ParameterError(
                f"a table is called {min(taken)!r}, and fusion or components add one of that name: "
                "give the table another name"
            )
        if self.fusion and len(blocks) < 2:
            raise ParameterError(f"fusion needs at least two feature tables, got {len(blocks)}")
        smallest = min(min(len(block.columns) for block in blocks), rows // 2)
        if self.components is not None and not 1 <= self.components <= smallest:
            raise ParameterError(
                f"components must be from 1 to {smallest} (the smallest table, half the videos), "
                f"got {self.components}"
            )


@dataclass(frozen=True)
class StatisticsOptions:
    """How differences and intervals are computed."""

    margin: float = 0.01
    """Difference in SRCC that counts as none."""
    bootstrap: int = 1000
    """Resamples of the videos."""
    logistic: Logistic = "logistic4"
    """Map from predictions to MOS before PLCC and RMSE."""

    def __post_init__(self) -> None:
        check_choice("logistic", self.logistic, get_args(Logistic))
        check_number("margin", self.margin, above=0)
        check_whole("bootstrap", self.bootstrap, 1, MOST_RESAMPLES)


@dataclass(frozen=True)
class InputOptions:
    """How feature tables are read."""

    duplicates: Duplicates = "error"
    use_metadata: bool = False
    ignore_case: bool = False
    trusted: Sequence[str] = ()
    """Columns that are features whatever they are called and however well they rank."""

    def __post_init__(self) -> None:
        check_choice("duplicates", self.duplicates, get_args(Duplicates))
        check_flag("use_metadata", self.use_metadata)
        check_flag("ignore_case", self.ignore_case)
        if isinstance(self.trusted, str):
            raise ParameterError(f"trusted must be a list of column names, got {self.trusted!r}")


@dataclass(frozen=True)
class AnalysisOptions:
    """What is computed beyond the comparison."""

    names: Sequence[str] = ()
    """Of `vqa_features.comparison.analyses.ANALYSES`."""
    error_by: Sequence[str] = ()
    """Properties of the videos, see `vqa_features.comparison.properties`."""

    def __post_init__(self) -> None:
        for name, given in (("analyses", self.names), ("error_by", self.error_by)):
            if isinstance(given, str) or not all(isinstance(one, str) for one in given):
                raise ParameterError(f"{name} must be a list of names, got {given!r}")


@dataclass(frozen=True)
class Options:
    """All options of a comparison."""

    splits: SplitOptions
    models: ModelOptions
    statistics: StatisticsOptions = field(default_factory=StatisticsOptions)
    inputs: InputOptions = field(default_factory=InputOptions)
    run: RunOptions = field(default_factory=RunOptions)
    analyses: AnalysisOptions = field(default_factory=AnalysisOptions)
