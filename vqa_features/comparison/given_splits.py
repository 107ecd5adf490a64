"""Splits that a caller gives: pairs of arrays of video ids, and what is given in their place by mistake."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from ..errors import ParameterError, first_few
from ..tables.split_lists import Pair, SplitList

_WANTED = "splits must be a whole number, or pairs (train ids, test ids)"
_BY_POSITION = "write [(ids[train], ids[test]) for train, test in"


def split_list(splits: object) -> SplitList:
    """Return splits as pairs of arrays, with the names of their test parts if they have them.

    Parameters
    ----------
    splits : iterable of (train, test)
        Arrays of video ids.

    Raises
    ------
    ParameterError
        If it is something else: a splitter of scikit-learn, a table, one pair that is not in a list.
    """
    if isinstance(splits, SplitList):
        return splits
    if hasattr(splits, "split") and hasattr(splits, "get_n_splits"):
        raise ParameterError(
            f"{_WANTED}, got {splits!r}, which divides rows: {_BY_POSITION} splitter.split(ids)]"
        )
    if not isinstance(splits, Iterable) or isinstance(splits, str | bytes | Mapping):
        raise ParameterError(f"{_WANTED}, got {reprlib.repr(splits)}")
    if hasattr(splits, "columns"):
        raise ParameterError(f"{_WANTED}, got a {type(splits).__name__}")
    found: list[Pair] = []
    for number, pair in enumerate(splits):
        parts = list(pair) if isinstance(pair, Sequence | np.ndarray) and not isinstance(pair, str) else []
        if len(parts) != 2 or not all(np.ndim(part) == 1 for part in parts):
            raise ParameterError(
                f"{_WANTED}: split {number} is no pair of two lists of ids"
                + ("" if number else "; put a single split into a list, [(train, test)]")
            )
        found.append((parts[0], parts[1]))
    return SplitList(tuple(found))


def refuse_positions(splits: SplitList, unknown: Sequence[str]) -> None:
    """Raise ParameterError for splits that hold row positions or masks where ids are expected.

    Parameters
    ----------
    splits : SplitList
        The splits.
    unknown : sequence of str
        The ids in them that have no row in the MOS. Whole numbers are ids if one of them has a row, unless
        they count the rows from 0.
    """
    parts = [np.asarray(part) for split in splits for part in split if len(part)]
    kinds = {part.dtype.kind for part in parts}
    if not (unknown and kinds and kinds <= set("iub")):
        return
    numbers = np.unique(np.concatenate(parts))
    if len(unknown) >= len(numbers) or np.array_equal(numbers, np.arange(len(numbers))):
        held = "truth values" if kinds == {"b"} else "whole numbers, which look like row positions"
        raise ParameterError(
            f"the splits hold {held}; ids of videos are expected, and {first_few(unknown, 3)} are none: "
            f"{_BY_POSITION} splits]"
        )
