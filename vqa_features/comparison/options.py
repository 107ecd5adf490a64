"""Options of a comparison, grouped by what they decide and checked when they are made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ..errors import ParameterError
from ..evaluation import regressors
from ..evaluation.splits import Scheme, check_seed
from ..evaluation.training_part import SEARCHES, Protocol, Search
from . import fusion as fused
from .blocks import Prepared, in_components
from .checks import Duplicates
from .result import BASELINE

ProtocolChoice = Literal["strict", "literature", "both"]
PROTOCOLS = ("strict", "literature", "both")
GivenSplits = tuple[tuple[ArrayLike, ArrayLike], ...]


@dataclass(frozen=True)
class SplitOptions:
    """How videos are divided into training and test parts."""

    protocol: ProtocolChoice = "strict"
    count: int = 100
    """Number of splits, unless they are given."""
    given: GivenSplits | None = None
    """Splits as pairs (train, test) of arrays of video ids."""
    scheme: Scheme = "holdout"
    test_size: float = 0.2
    folds: int = 5

    def __post_init__(self) -> None:
        if self.protocol not in PROTOCOLS:
            raise ParameterError(f"protocol must be one of {', '.join(PROTOCOLS)}, got {self.protocol!r}")
        if self.count < 1:
            raise ParameterError(f"splits must be a whole number of at least 1, got {self.count!r}")

    @classmethod
    def of(
        cls,
        protocol: ProtocolChoice,
        splits: int | Iterable[tuple[ArrayLike, ArrayLike]],
        scheme: Scheme,
        test_size: float,
        folds: int,
    ) -> SplitOptions:
        """Return the options of a number of splits, or of splits given by video id."""
        if isinstance(splits, int | np.integer):
            return cls(protocol, int(splits), None, scheme, test_size, folds)
        if not isinstance(splits, Iterable):
            raise ParameterError(f"splits must be a whole number of at least 1, got {splits!r}")
        given = tuple((train, test) for train, test in splits)
        return cls(protocol, max(len(given), 1), given, scheme, test_size, folds)

    @property
    def protocols(self) -> tuple[Protocol, ...]:
        """The protocols to run, in order."""
        return ("strict", "literature") if self.protocol == "both" else (self.protocol,)


@dataclass(frozen=True)
class ModelOptions:
    """Which models are made of every table."""

    regressors: tuple[str, ...]
    search: Search | None = None
    fusion: bool = False
    components: int | None = None

    def __post_init__(self) -> None:
        if self.search is not None and self.search not in SEARCHES:
            raise ParameterError(f"search must be one of {', '.join(SEARCHES)}, got {self.search!r}")
        for name in self.regressors:
            regressors.make(name)

    @classmethod
    def of(
        cls,
        names: Sequence[str] | None,
        search: Search | None = None,
        fusion: bool = False,
        components: int | None = None,
    ) -> ModelOptions:
        """Return the options; `names` None stands for the default regressors and the baseline."""
        chosen = tuple(dict.fromkeys(names if names is not None else (*regressors.DEFAULT, BASELINE)))
        if isinstance(names, str) or not chosen:
            raise ParameterError(
                f"regressors must be a list of names such as ['svr-rbf', 'ridge'], got {names!r}"
            )
        return cls(chosen, search, fusion, components)

    def check(self, prepared: Prepared) -> None:
        """Raise ParameterError if tables or their names do not allow fusion or the number of components."""
        blocks, rows = prepared.blocks, len(prepared.videos.ids)
        added = [fused.EARLY, fused.LATE] if self.fusion else []
        if self.components is not None:
            added += [in_components(block, self.components).name for block in blocks]
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


@dataclass(frozen=True)
class InputOptions:
    """How feature tables are read."""

    duplicates: Duplicates = "error"
    use_metadata: bool = False
    ignore_case: bool = False
    trusted: Sequence[str] = ()
    """Columns that are features whatever they are called and however well they rank."""

    def __post_init__(self) -> None:
        if isinstance(self.trusted, str):
            raise ParameterError(f"trusted must be a list of column names, got {self.trusted!r}")


@dataclass(frozen=True)
class RunOptions:
    """How the work is run."""

    seed: int = 0
    jobs: int = 1
    progress: Callable[[int, int], None] | None = None

    def __post_init__(self) -> None:
        check_seed(self.seed)


@dataclass(frozen=True)
class Options:
    """All options of a comparison."""

    splits: SplitOptions
    models: ModelOptions
    statistics: StatisticsOptions = field(default_factory=StatisticsOptions)
    inputs: InputOptions = field(default_factory=InputOptions)
    run: RunOptions = field(default_factory=RunOptions)
