"""Sizes of the files of a run, and a sample of them: strata of equal bytes, a seed, no file opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .inputs import Input
from .remote_inputs import sizes_of
from .two_phase import Mean, Strata, mean_of

#: Files whose sizes are looked up; of a larger set a random part.
MOST_SIZES = 10_000
#: The largest files are in every sample.
_CERTAIN = 5
_MOST_STRATA = 10


@dataclass(frozen=True)
class Sizes:
    """The sizes that are known.

    Parameters
    ----------
    numbers : ndarray of int, (n,)
        Places of these files among the inputs, increasing.
    bytes : ndarray, (n,)
        Their sizes; nan where a file is missing.
    inputs : int
        Number of all inputs.
    """

    numbers: NDArray[np.int64]
    bytes: NDArray[np.float64]
    inputs: int

    @property
    def missing(self) -> int:
        """Files that are not there."""
        return int(np.isnan(self.bytes).sum())

    @property
    def present(self) -> float:
        """Share of the files that are there."""
        return 1 - self.missing / len(self.bytes)

    def total(self, population: int) -> Mean:
        """Return the bytes of `population` such videos."""
        sizes = np.nan_to_num(self.bytes)
        strata = Strata(np.array([float(len(sizes))]), np.zeros(len(sizes), np.int64), population)
        ones = np.ones_like(sizes)
        if len(sizes) >= population or not sizes.any():
            return Mean(*[float(sizes.mean()) * population] * 3)
        return mean_of(strata, ones, sizes).times(population)


def known_sizes(videos: Sequence[Input], seed: int) -> Sizes:
    """Return the sizes of all files, or of a random `MOST_SIZES` of them.

    Parameters
    ----------
    videos : sequence of Input
        At least one.
    seed : int
        Of the choice.
    """
    numbers = np.arange(len(videos))
    if len(videos) > MOST_SIZES:
        numbers = np.sort(np.random.default_rng(seed).choice(len(videos), MOST_SIZES, replace=False))
    looked_at = [videos[number] for number in numbers.tolist()]
    sizes = sizes_of(looked_at)
    found = [np.nan if (size := sizes[one.path]) is None else float(size) for one in looked_at]
    return Sizes(numbers, np.array(found), len(videos))


def drawn_by_size(sizes: Sizes, most: int, seed: int) -> tuple[NDArray[np.int64], Strata]:
    """Return a random sample in the order in which it is measured, and its strata.

    Files are sorted by size and cut where the sums of their sizes are equal, so that each stratum has about
    the same work. The largest files are a stratum of which all are taken.

    Parameters
    ----------
    sizes : Sizes
        At least one file is there.
    most : int
        Members of the sample.
    seed : int
        Of the choice.

    Returns
    -------
    numbers : ndarray of int, (n,)
        Places among the inputs; every stratum once, then every stratum again, and so on.
    strata : Strata
        With the number of inputs as population.
    """
    there = np.flatnonzero(~np.isnan(sizes.bytes))
    order = there[np.argsort(sizes.bytes[there], kind="stable")]
    groups = _cut(order, sizes.bytes, most)
    rng = np.random.default_rng([seed, 1])
    each = max(2, most // len(groups))
    taken = [rng.permutation(group)[: len(group) if group is groups[-1] else each] for group in groups]
    rounds = [(turn, stratum, member) for stratum, one in enumerate(taken) for turn, member in enumerate(one)]
    rounds.sort()
    members = np.array([member for _, _, member in rounds], dtype=np.int64)
    strata = Strata(
        np.array([float(len(group)) for group in groups]),
        np.array([stratum for _, stratum, _ in rounds], dtype=np.int64),
        sizes.inputs,
    )
    return sizes.numbers[members], strata


def _cut(order: NDArray[np.int64], sizes: NDArray[np.float64], most: int) -> list[NDArray[np.int64]]:
    """Return the files of each stratum, the largest files last."""
    if len(order) <= most:
        return [order]
    certain = min(_CERTAIN, most // 4)
    rest, largest = order[: len(order) - certain], order[len(order) - certain :]
    count = max(1, min(_MOST_STRATA, (most - certain) // 4))
    below = np.cumsum(np.maximum(sizes[rest], 1.0))
    number = np.minimum(count - 1, (below - below[0]) * count // below[-1]).astype(int)
    groups = [rest[number == one] for one in range(count)]
    return [group for group in (*groups, largest) if len(group)]
