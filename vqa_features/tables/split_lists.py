"""Splits given by video id: named test parts, official permutations, and the text files that hold them.

A split file has a column of ids and one column per split. A cell is ``train``, ``val``, a test part or
empty. A test part is called ``test``, or starts or ends with it: ``test2``, ``test-1080p``, ``lsvq-test``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, Self, overload

import numpy as np

from ..errors import ParameterError, TableError, first_few
from ..files.names import id_text
from .text import read_text

#: Name of the only test part of a split.
TEST = "test"
TRAIN = "train"
VALIDATION = ("val", "valid", "validation")
UNUSED = ("", "none")
#: Names of test parts in a split file; a slip such as ``tset`` is none.
_TEST_PART = re.compile(r"(.+[-_. ])?test(\d+|[-_. ].+)?")

Pair = tuple[Any, Any]


class Training(NamedTuple):
    """One training part and the test parts of the model fitted on it."""

    train: tuple[str, ...]
    tests: dict[str, tuple[str, ...]]
    """Video ids by name of the test part."""
    validation: tuple[str, ...] = ()
    """Validation videos, which are in `train` too."""


@dataclass(frozen=True)
class SplitList(Sequence[Pair]):
    """Pairs (train, test) of arrays of video ids, with the names of the test parts and their origin."""

    pairs: tuple[Pair, ...]
    parts: tuple[str, ...] = ()
    """Name of the test part of each pair; without them they are named by `trainings`."""
    source: str = ""
    """Where they come from: ``official splits of lsvq`` or a file."""
    notes: tuple[str, ...] = ()
    """What a user should know of them."""
    validations: tuple[Any, ...] = ()
    """Ids of the validation videos of each pair, which are in its training part too; none without them."""

    def __post_init__(self) -> None:
        if self.validations and len(self.validations) != len(self.pairs):
            raise ParameterError(
                f"{len(self.pairs)} split(s) need as many lists of validation videos, "
                f"got {len(self.validations)}"
            )
        if self.parts and len(self.parts) != len(self.pairs):
            raise ParameterError(
                f"{len(self.pairs)} split(s) need as many names of test parts, got {len(self.parts)}"
            )

    @overload
    def __getitem__(self, index: int) -> Pair: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Pair, ...]: ...
    def __getitem__(self, index: int | slice) -> Pair | tuple[Pair, ...]:
        """Return one pair, or the pairs of a slice."""
        return self.pairs[index]

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.pairs)

    @classmethod
    def of(cls, splits: Sequence[Pair]) -> SplitList:
        """Return splits as they are if they have names, else with the default ones."""
        return (
            splits if isinstance(splits, SplitList) else cls(tuple((train, test) for train, test in splits))
        )

    def trainings(self) -> list[Training]:
        """Return the training parts in order, each once, with their test parts.

        Pairs of one training part that follow each other are test parts of one model. Unnamed parts are
        ``test``, ``test2``, ….
        """
        found: list[Training] = []
        for number, (train, test) in enumerate(self.pairs):
            ids, validation = _ids(train), self._validation(number, train)
            same = found and (train is self.pairs[number - 1][0] or set(ids) == set(found[-1].train))
            if not (same and set(validation) == set(found[-1].validation)):
                found.append(Training(ids, {}, validation))
            tests = found[-1].tests
            name = self.parts[number] if self.parts else TEST + (str(len(tests) + 1) if tests else "")
            if name in tests:
                raise ParameterError(f"two test parts of one training part are called {name!r}")
            tests[name] = _ids(test)
        return found

    def _validation(self, number: int, train: Any) -> tuple[str, ...]:
        """Return the validation videos of one pair."""
        found = _ids(self.validations[number]) if self.validations else ()
        foreign = sorted(set(found) - set(_ids(train))) if found else []
        if foreign:
            raise ParameterError(
                f"validation videos belong to the training part too; these do not: {first_few(foreign)}"
            )
        return found

    def first(self, count: int | None, default: int) -> Self:
        """Return the splits of the first `count` training parts.

        Parameters
        ----------
        count : int or None
            As asked for; None takes up to `default` and tells how many there are.
        default : int
            Most training parts without a wish.

        Raises
        ------
        ParameterError
            If there are fewer than asked for.
        """
        trainings = self.trainings()
        if count is not None and count > len(trainings):
            raise ParameterError(
                f"{self.source or 'the list of splits'}: {count} splits were asked for, and there "
                f"{'is' if len(trainings) == 1 else 'are'} {len(trainings)}"
            )
        kept = trainings[: default if count is None else count]
        pairs = sum(len(one.tests) for one in kept)
        notes = self.notes
        if len(kept) < len(trainings):
            notes = (*notes, f"the first {len(kept)} of {len(trainings)} splits are used")
        kinds = {name: getattr(self, name)[:pairs] for name in ("pairs", "parts", "validations")}
        return replace(self, notes=notes, **kinds)


def _ids(part: Any) -> tuple[str, ...]:
    return tuple(id_text(name) for name in np.asarray(part).ravel())


def read_split_file(path: Path) -> SplitList:
    """Return the splits of a text file; its validation videos are in the training part too.

    Parameters
    ----------
    path : Path
        A text table: ids, then one column per split, as in the module's docstring.

    Raises
    ------
    TableError
        If an id is listed twice, a cell is none of the words, or there is no column of splits.
    """
    text = read_text(path, "a split file")
    ids = text.frame.iloc[:, 0].map(id_text)
    _check_ids(path, ids)
    pairs: list[Pair] = []
    parts: list[str] = []
    validations: list[Any] = []
    for name in text.frame.columns[1:]:
        side = text.frame[name].str.strip().str.lower()
        validation = side.isin(VALIDATION)
        tests = list(_test_parts(path, name, side))
        if not tests:
            raise TableError(f"column {name!r} of {path} has no test videos")
        train = ids[(side == TRAIN) | validation].to_numpy()
        pairs += [(train, ids[side == part].to_numpy()) for part in tests]
        parts += tests
        validations += [ids[validation].to_numpy()] * len(tests)
    if not pairs:
        raise TableError(f"{path} needs a column of ids and at least one column of train/test")
    validated = tuple(validations) if any(map(len, validations)) else ()
    return SplitList(tuple(pairs), tuple(parts), str(path), tuple(text.notes), validated)


def _check_ids(path: Path, ids: Any) -> None:
    listed = ids[ids != ""]
    twice = listed[listed.duplicated(keep=False)]
    if len(twice):
        lines = twice.index[twice == twice.iloc[0]]
        raise TableError(f"{path} lists the id {twice.iloc[0]!r} in lines {first_few(list(lines))}")


def _test_parts(path: Path, column: str, side: Any) -> Iterator[str]:
    """Yield the test parts of one column in the order of the file; refuse other words."""
    for cell in dict.fromkeys(side):
        if cell == TRAIN or cell in VALIDATION or cell in UNUSED:
            continue
        if not _TEST_PART.fullmatch(cell):
            raise TableError(
                f"line {side.index[side == cell][0]} of {path}: column {column!r} must hold train, val, test "
                f"or the name of a test part such as test2 or test-1080p, got {cell!r}"
            )
        yield str(cell)
