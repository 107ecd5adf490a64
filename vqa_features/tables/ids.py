"""Ids of two lists matched: the one rule by which tables, MOS, groups, splits and pictures are joined.

An id is text and stays as it was written. Two ids can be of one video if their last names are equal, as
they are or without one video suffix. Of several, that one is chosen whose folders agree furthest, read
from the end, and which needs no suffix dropped. An id for which two are equally good, or one better in
folders and another in the suffix, is ambiguous and is not matched. Upper and lower case differ unless
`ignore_case` is set. Composed and decomposed letters do not differ, nor do slash and backslash.

If more last names of the two lists are equal once one list is rid of its suffixes, that list holds file
names: ``x.mov.mp4`` is then the video ``x.mov``.

Two ids with different folders are matched by their last names only if no folder agrees anywhere in the
two lists: there the folders say where files lay, not which video it is.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..files.names import id_text, name_parts, without_suffix

if TYPE_CHECKING:
    import pandas as pd

K = TypeVar("K", bound=Hashable)
Pandas = TypeVar("Pandas", "pd.Series", "pd.DataFrame")
#: More ids than this of one name in different folders are ambiguous without a closer look.
_MANY = 16


@dataclass(frozen=True)
class Matching:
    """Result of `match`."""

    rows: NDArray[np.intp]
    """(wanted,): position of each wanted id in the other list, -1 where there is none."""
    ambiguous: dict[str, tuple[str, ...]]
    """Ids of either list that are not matched because they could be several of the other list: those."""
    moved: tuple[tuple[str, str], ...]
    """Pairs matched by their last names although their folders differ."""

    @property
    def found(self) -> NDArray[np.bool_]:
        """(wanted,): whether each wanted id was matched."""
        return self.rows >= 0


@dataclass(frozen=True)
class _Id:
    """One id taken apart."""

    folders: tuple[str, ...]
    last: str
    bare: str

    @classmethod
    def of(cls, text: str, ignore_case: bool) -> _Id:
        plain = unicodedata.normalize("NFC", text)
        parts = name_parts(plain.casefold() if ignore_case else plain) or [plain]
        return cls(tuple(parts[:-1]), parts[-1], without_suffix(parts[-1]))

    @property
    def names(self) -> set[str]:
        return {self.last, self.bare}

    def ends(self, depth: int) -> list[tuple[str, ...]]:
        """Return the id with its last `depth` folders, with and without suffix."""
        return [(*self.folders[len(self.folders) - depth :], name) for name in self.names]

    def agreeing(self, other: _Id) -> int:
        """Return the number of folders that agree, read from the end."""
        pairs = zip(reversed(self.folders), reversed(other.folders), strict=False)
        depth = next((n for n, (a, b) in enumerate(pairs) if a != b), None)
        return min(len(self.folders), len(other.folders)) if depth is None else depth


class _List:
    """One list of ids, with the ids by their ends."""

    def __init__(self, ids: Sequence[str], ignore_case: bool) -> None:
        self.texts = ids
        self.ids = [_Id.of(text, ignore_case) for text in ids]
        self.of_files = False
        self.partner = [-1] * len(ids)
        self.exact = [False] * len(ids)
        self.ambiguous: dict[int, tuple[str, ...]] = {}

    def name(self, row: int) -> str:
        """Return the last name of an id, without suffix in a list of file names."""
        return self.ids[row].bare if self.of_files else self.ids[row].last

    def path(self, row: int) -> tuple[str, ...]:
        """Return the folders and the last name of an id."""
        return (*self.ids[row].folders, self.name(row))

    def text(self, row: int) -> str:
        """Return an id as it was written."""
        return self.texts[row]

    def score(self, row: int, other: _List, there: int) -> tuple[int, int]:
        """Return the number of folders that agree, and 4 to 0: how little is dropped from the last names."""
        one, two = self.ids[row], other.ids[there]
        if self.name(row) == other.name(there):
            kept = 4 if one.last == two.last else 3
        elif one.last == two.last:
            kept = 2
        else:
            kept = int(one.last == two.bare or one.bare == two.last)
        return one.agreeing(two), kept

    @cached_property
    def _by_end(self) -> dict[tuple[str, ...], list[int]]:
        return _index((end, i) for i, one in enumerate(self.ids) for end in _all_ends(one))

    @cached_property
    def _without_folder(self) -> dict[str, list[int]]:
        return _index((name, i) for i, one in enumerate(self.ids) if not one.folders for name in one.names)

    @cached_property
    def _flat(self) -> dict[str, list[int]]:
        """Unmatched ids with folders, written as earlier versions did: ``folder__clip``, ``folder_clip``."""
        return _index(
            (mark.join(end), i)
            for i in self.free()
            for end in _all_ends(self.ids[i])
            if len(end) > 1
            for mark in ("__", "_")
        )

    def free(self) -> Iterator[int]:
        """Yield the ids that are neither matched nor ambiguous."""
        return (i for i in range(len(self.ids)) if self.partner[i] < 0 and i not in self.ambiguous)

    def in_folder(self, one: _Id) -> set[int]:
        """Return the ids whose folders do not contradict those of `one`, of deepest agreement."""
        if not one.folders:
            return self.of_name(one)
        found = {i for name in one.names for i in self._without_folder.get(name, ())}
        for depth in range(len(one.folders), 0, -1):
            if deepest := self._ending(one, depth):
                return found | deepest
        return found

    def of_name(self, one: _Id) -> set[int]:
        """Return the ids of the same last name in any folder."""
        return self._ending(one, 0)

    def _ending(self, one: _Id, depth: int) -> set[int]:
        """Return the ids that end as `one` does, some of them where there are many."""
        return {i for end in one.ends(depth) for i in self._by_end.get(end, [])[: _MANY + 1]}

    def flat(self, one: _Id) -> set[int]:
        """Return the ids with folders that `one`, an id without, means in the form of earlier versions."""
        return set() if one.folders else {i for name in one.names for i in self._flat.get(name, ())}


def match(wanted: Iterable[object], given: Iterable[object], *, ignore_case: bool = False) -> Matching:
    """Return where each wanted id is in another list; every id is matched at most once.

    Parameters
    ----------
    wanted, given : sequence
        Ids, paths or numbers, each distinct within its list. An id of the same text is matched first.
    ignore_case : bool
        Match ``Clip`` with ``clip``.

    Returns
    -------
    Matching
        Positions in `given`, and what is ambiguous.

    Examples
    --------
    >>> match(["a/clip.mp4", "b/clip.mp4", "x.mov"], ["x", "/data/b/clip", "x.mov"]).rows.tolist()
    [-1, 1, 2]
    >>> match(["clip"], ["a/clip", "b/clip"]).ambiguous
    {'clip': ('a/clip', 'b/clip')}
    """
    one, other = (_List([id_text(name) for name in ids], ignore_case) for ids in (wanted, given))
    _tell_file_names(one, other)
    common = set(map(one.path, one.free())) & set(map(other.path, other.free()))
    for i, j in _equal(one, other, _List.text):
        # unless each of the two has another partner once suffixes of file names are dropped
        if one.path(i) == other.path(j) or not common.issuperset((one.path(i), other.path(j))):
            _pair(one, i, other, j, exact=True)
    for i, j in _equal(one, other, _List.path):
        _pair(one, i, other, j, exact=True)
    _match_best(one, other, _List.in_folder)
    moved: list[tuple[str, str]] = []
    if not any(j >= 0 and one.score(i, other, j)[0] for i, j in enumerate(one.partner)):
        moved = _match_best(one, other, _List.of_name)
    for a, b in ((one, other), (other, one)):
        _match_flat(a, b)
    ambiguous = {side.texts[i]: rivals for side in (one, other) for i, rivals in side.ambiguous.items()}
    return Matching(np.array(one.partner, dtype=np.intp), ambiguous, tuple(moved))


def aligned(values: Pandas, ids: Iterable[object], *, ignore_case: bool = False) -> Pandas:
    """Return the values of some ids, indexed by these ids; nan where an id is not matched.

    Parameters
    ----------
    values : Series or DataFrame
        Indexed by ids.
    ids : sequence
        Ids to look up.
    ignore_case : bool
        As in `match`.
    """
    wanted = list(ids)
    rows = match(wanted, values.index, ignore_case=ignore_case).rows
    return values.reset_index(drop=True).reindex(rows).set_axis(wanted, axis=0)


def _tell_file_names(one: _List, other: _List) -> None:
    """Take a list for file names, whose suffix is no part of the id, if more last names are equal then."""

    def equal(way: tuple[bool, bool]) -> int:
        one.of_files, other.of_files = way
        return len(set(map(one.name, one.free())) & set(map(other.name, other.free())))

    ways = ((False, False), (True, False), (False, True), (True, True))
    one.of_files, other.of_files = max(ways, key=equal)


def _equal(one: _List, other: _List, key: Callable[[_List, int], Hashable]) -> list[tuple[int, int]]:
    """Return the pairs of unmatched ids whose key is the same and occurs once in each list."""
    here, there = (_index((key(side, i), i) for i in side.free()) for side in (one, other))
    return [(rows[0], there[k][0]) for k, rows in here.items() if len(rows) == len(there.get(k, ())) == 1]


def _match_best(
    one: _List, other: _List, candidates: Callable[[_List, _Id], set[int]]
) -> list[tuple[str, str]]:
    """Match the ids that are each other's best candidate; return the pairs."""
    best = {(a, i): _best(a, i, b, candidates) for a, b in ((one, other), (other, one)) for i in a.free()}
    pairs = [(i, j) for (side, i), j in best.items() if side is one and j >= 0 and best.get((other, j)) == i]
    for i, j in pairs:
        _pair(one, i, other, j)
    return [(one.texts[i], other.texts[j]) for i, j in pairs]


def _best(side: _List, row: int, other: _List, candidates: Callable[[_List, _Id], set[int]]) -> int:
    """Return the best candidate of one id, -1 if there is none or it is ambiguous (which is noted)."""
    me = side.ids[row]
    found = candidates(other, me)
    free = [i for i in found if not other.exact[i]]
    if not free:
        return -1
    scores = {i: side.score(row, other, i) for i in found}
    top = max(free, key=lambda i: scores[i])
    if len(found) > _MANY or any(
        i != top and not _better(scores[top], scores[i]) and (not other.exact[i] or scores[i] == scores[top])
        for i in found
    ):
        side.ambiguous[row] = tuple(other.texts[i] for i in sorted(found))
        return -1
    return top


def _better(a: tuple[int, int], b: tuple[int, int]) -> bool:
    return a != b and a[0] >= b[0] and a[1] >= b[1]


def _match_flat(one: _List, other: _List) -> None:
    """Match ids without folders to ids whose folders they hold in the form of earlier versions."""
    found = {i: other.flat(one.ids[i]) for i in one.free()}
    taken = _index((j, i) for i, rows in found.items() for j in rows)
    for i, rows in found.items():
        if len(rows) == 1 and len(taken[next(iter(rows))]) == 1:
            _pair(one, i, other, rows.pop())


def _pair(one: _List, i: int, other: _List, j: int, exact: bool = False) -> None:
    one.partner[i], other.partner[j] = j, i
    one.exact[i] = other.exact[j] = exact


def _all_ends(one: _Id) -> Iterator[tuple[str, ...]]:
    return (end for depth in range(len(one.folders) + 1) for end in one.ends(depth))


def _index(pairs: Iterable[tuple[K, int]]) -> dict[K, list[int]]:
    found: dict[K, list[int]] = defaultdict(list)
    for key, row in pairs:
        found[key].append(row)
    return found
