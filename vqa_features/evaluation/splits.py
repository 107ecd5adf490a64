"""Seeded, group-aware train/test splits.

A split is a pair of integer arrays (train, test) of row positions. It depends on the number of rows, the
groups and the seed only, not on features or MOS. A strict split never has a group on both sides.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ParameterError, first_few

Positions = NDArray[np.intp]
Scheme = Literal["holdout", "kfold", "leave-one-group-out"]
SCHEMES = ("holdout", "kfold", "leave-one-group-out")
#: The random states of splits and folds are counted up from a seed and stay within 32 bits.
MOST_SEED = 2**31 - 1
MOST_SPLITS = 100_000


class Split(NamedTuple):
    """Row positions of one training and one test part."""

    train: Positions
    test: Positions


def literature_splits(rows: int, splits: int = 100, test_size: float = 0.2) -> list[Split]:
    """Return the published random hold-outs: for i = 1 .. `splits`, random state ceil(8.8 i).

    They depend on the order of rows, which must be the published one, and ignore groups, as the public
    scripts do.

    Parameters
    ----------
    rows : int
        Number of videos.
    splits : int
        Number of splits.
    test_size : float
        Share of the rows in the test part.

    Raises
    ------
    ParameterError
        If a number is out of range, or a part would be empty.
    """
    from sklearn.model_selection import train_test_split

    _check_parts(rows, splits, test_size)
    found = []
    for i in range(1, splits + 1):
        train, test = train_test_split(np.arange(rows), test_size=test_size, random_state=math.ceil(8.8 * i))
        found.append(Split(train, test))
    return found


def strict_splits(
    rows: int,
    groups: ArrayLike | None = None,
    splits: int = 100,
    test_size: float = 0.2,
    seed: int = 0,
    scheme: Scheme = "holdout",
    folds: int = 5,
) -> list[Split]:
    """Return seeded splits that keep every group on one side.

    Parameters
    ----------
    rows : int
        Number of videos.
    groups : (rows,), optional
        Source content, scene or channel of each video.
    splits : int
        Number of hold-outs; for ``kfold``, of test parts in all, so ``splits / folds`` repetitions.
    test_size : float
        Share of the rows (of the groups, if given) in the test part; ``holdout`` only.
    seed : int
        Seed of the draws.
    scheme : {"holdout", "kfold", "leave-one-group-out"}
        ``kfold`` shuffles before each repetition; ``leave-one-group-out`` tests each group once.
    folds : int
        Number of folds; ``kfold`` only.

    Returns
    -------
    list of Split
        Pairs of row positions.

    Raises
    ------
    ParameterError
        If the scheme does not fit the number of rows or groups.

    See Also
    --------
    literature_splits : The published random hold-outs, which ignore groups.

    Examples
    --------
    >>> from vqa_features.evaluation.splits import strict_splits
    >>> (split,) = strict_splits(6, groups=["a", "a", "b", "b", "c", "c"], splits=1, test_size=0.34)
    >>> len(split.train), len(split.test)
    (2, 4)
    """
    from sklearn.model_selection import GroupShuffleSplit, LeaveOneGroupOut, ShuffleSplit

    labels = None if groups is None else np.asarray(groups)
    check_seed(seed)
    _check_scheme(scheme, labels)
    _check_parts(rows if labels is None else len(np.unique(labels)), splits, test_size, scheme)
    blank = np.zeros((rows, 1))
    if scheme == "leave-one-group-out":
        return [Split(*pair) for pair in LeaveOneGroupOut().split(blank, groups=labels)]
    if scheme == "kfold":
        return _kfold_splits(rows, labels, splits, folds, seed)
    if labels is None:
        return [Split(*p) for p in ShuffleSplit(splits, test_size=test_size, random_state=seed).split(blank)]
    shuffle = GroupShuffleSplit(splits, test_size=test_size, random_state=seed)
    return [Split(*pair) for pair in shuffle.split(blank, groups=labels)]


def _check_parts(items: int, splits: int, test_size: float, scheme: str = "holdout") -> None:
    """Refuse numbers out of range, and a hold-out of videos or groups that leaves a part empty."""
    if not 1 <= splits <= MOST_SPLITS or not 0 < test_size < 1:
        raise ParameterError(
            f"need 1 <= splits <= {MOST_SPLITS} and 0 < test_size < 1, got {splits} and {test_size}"
        )
    if scheme == "holdout" and not 0 < math.ceil(test_size * items) < items:
        raise ParameterError(
            f"a test part of {test_size} of {items} videos or groups leaves none to train on"
        )


def check_seed(seed: int) -> None:
    """Raise ParameterError if `seed` is negative or above `MOST_SEED`."""
    if not 0 <= seed <= MOST_SEED:
        raise ParameterError(f"seed must be from 0 to {MOST_SEED}, got {seed}")


def _check_scheme(scheme: str, labels: NDArray[np.generic] | None) -> None:
    if scheme not in SCHEMES:
        raise ParameterError(f"scheme must be one of {', '.join(SCHEMES)}, got {scheme!r}")
    if labels is not None and len(np.unique(labels)) < 2:
        raise ParameterError("all videos are in one group, so no split can keep groups apart: give no groups")
    if labels is None and scheme == "leave-one-group-out":
        raise ParameterError("leave-one-group-out needs groups")


def _kfold_splits(
    rows: int, labels: NDArray[np.generic] | None, splits: int, folds: int, seed: int
) -> list[Split]:
    """Return the first `splits` splits of repeated k-fold, shuffled anew in each repetition."""
    found = [
        Split(np.setdiff1d(np.arange(rows), test), test)
        for repetition in range(math.ceil(splits / folds))
        for test in fold_tests(rows, labels, folds, seed + repetition)
    ]
    return found[:splits]


def fold_tests(rows: int, groups: ArrayLike | None, folds: int, seed: int) -> list[Positions]:
    """Return the test parts of one shuffled k-fold; groups stay whole, at most one fold per group."""
    from sklearn.model_selection import GroupKFold, KFold

    check_seed(seed)
    if groups is None:
        if rows < 2:
            raise ParameterError(f"cannot make folds of {rows} row(s)")
        keyed = KFold(min(folds, rows), shuffle=True, random_state=seed).split(np.zeros(rows))
        return [test for _, test in keyed]
    labels = np.asarray(groups)
    count = len(np.unique(labels))
    if count < 2:  # a training part of one group cannot be divided by groups
        return fold_tests(rows, None, folds, seed)
    grouped = GroupKFold(min(folds, count), shuffle=True, random_state=seed)
    return [test for _, test in grouped.split(np.zeros((rows, 1)), groups=labels)]


def given_splits(pairs: Iterable[tuple[ArrayLike, ArrayLike]], rows: int) -> list[Split]:
    """Return given pairs of row positions as splits, after checks of range, repeats and overlap."""
    found = []
    for number, (train, test) in enumerate(pairs):
        split = Split(np.asarray(train, dtype=np.intp), np.asarray(test, dtype=np.intp))
        both = np.intersect1d(split.train, split.test)
        if len(both):
            raise ParameterError(
                f"split {number}: row(s) {first_few(both.tolist())} are in the training and the test part"
            )
        for name, part in zip(("training", "test"), split, strict=True):
            if not len(part):
                raise ParameterError(f"split {number}: the {name} part is empty")
            if part.min() < 0 or part.max() >= rows or len(np.unique(part)) < len(part):
                raise ParameterError(
                    f"split {number}: the {name} part must name each row at most once, from 0 to {rows - 1}"
                )
        found.append(split)
    if not found:
        raise ParameterError("no split was given")
    return found


def shared_groups(splits: Sequence[Split], groups: ArrayLike) -> dict[int, list[str]]:
    """Return the groups on both sides of a split, by number of the split; splits without any are absent."""
    labels = np.asarray(groups).astype(str)
    shared = {
        number: sorted(set(labels[split.train]) & set(labels[split.test]))
        for number, split in enumerate(splits)
    }
    return {number: names for number, names in shared.items() if names}


def splits_from_index(index: ArrayLike, reference_ids: ArrayLike, test_size: float = 0.2) -> list[Split]:
    """Return the splits of a VSFA-format file: each column of `index` permutes the reference contents.

    Parameters
    ----------
    index : (references, splits) or (splits, references)
        Permutations of the reference numbers.
    reference_ids : (rows,)
        Reference number of each video.
    test_size : float
        Share of the references in the test part: the last ones of the permutation, as in VSFA (its train
        part is the first 60 %, its validation part the next 20 %; here both are trained on).
    """
    references = np.asarray(reference_ids).ravel()
    table = np.asarray(index)
    known = np.unique(references)
    if table.ndim != 2 or len(known) > max(table.shape):
        raise ParameterError(f"index of shape {table.shape} does not permute {len(known)} references")
    if not _permutes(table[:, 0], known):
        table = table.T
    if not _permutes(table[:, 0], known):
        raise ParameterError("the index columns are no permutations of the reference numbers")
    first_tested = math.ceil((1 - test_size) * len(table) - 1e-9)  # (1 - 0.2) * n is not exact
    found = []
    for order in table.T:
        tested = np.isin(references, order[first_tested:])
        found.append(Split(np.flatnonzero(~tested), np.flatnonzero(tested)))
    return found


def _permutes(order: NDArray[np.generic], known: NDArray[np.generic]) -> bool:
    return set(known.tolist()) <= set(order.tolist()) and len(set(order.tolist())) == len(order)
