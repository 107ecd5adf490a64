"""Protocol and splits of `compare`: official ones of a dataset, those of a file, or random ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from ._tables import read_splits

if TYPE_CHECKING:
    from ..tables.split_lists import SplitList

PROTOCOLS = ("official", "strict", "random", "literature", "both")
#: Random splits, and most of the official permutations, without --splits.
SPLITS = 100


@dataclass(frozen=True)
class SplitChoice:
    """What the options of `compare` say of splits."""

    protocol: str | None
    split_file: str | None
    splits: int | None
    test_size: float
    dataset: str | None

    def decide(self, official: SplitList | None) -> tuple[Any, Any]:
        """Return the keywords ``protocol`` and ``splits`` of `vqa_features.compare`.

        Parameters
        ----------
        official : SplitList or None
            Official splits of the dataset, if they are on this machine.

        Raises
        ------
        click.UsageError
            If options contradict each other.
        """
        if self.split_file:
            return self._of_file(self.split_file)
        if self.protocol == "official" and not self.dataset:
            raise click.UsageError("--protocol official needs --dataset NAME or --split-file FILE")
        if self.dataset and self.protocol in (None, "official"):
            from ..datasets.loading import require_splits

            if (found := require_splits(self.dataset, official)) is not None:
                return self._official(found)
            if self.protocol == "official":
                raise click.UsageError(f"{self.dataset} has no official splits: use --protocol strict")
        drawn = "strict" if self.protocol in (None, "random") else self.protocol
        return drawn, SPLITS if self.splits is None else self.splits

    def _of_file(self, file: str) -> tuple[str, SplitList]:
        if self.protocol == "random":
            raise click.UsageError("--protocol random draws its splits: leave out --split-file")
        given = read_splits(file, self.test_size)
        _refuse("scheme")
        if Path(file).suffix.lower() != ".mat":
            _refuse("test_size")
        return self.protocol or "strict", given.first(self.splits, len(given))

    def _official(self, official: SplitList) -> tuple[str, SplitList]:
        for name in ("scheme", "test_size"):
            _refuse(name)
        found = official.first(self.splits, SPLITS)
        note = "these are the splits of this comparison; --protocol strict draws random ones"
        return "official", replace(found, notes=(note, *found.notes))


def _refuse(option: str) -> None:
    """Refuse an option of random splits that was given beside splits that are not drawn."""
    if click.get_current_context().get_parameter_source(option) == ParameterSource.COMMANDLINE:
        raise click.UsageError(
            f"--{option.replace('_', '-')} is for random splits, and the splits are given: leave it out"
        )
