"""Datasets of a cross-dataset evaluation: joined, checked, and their MOS brought onto one scale."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError, TableError, UnknownName, first_few
from ..evaluation.scale_alignment import MOST_DEVIATIONS, Affine, inlsa, share_below, usual
from ..tables.feature_table import feature_tables
from ..tables.given import GivenTable
from ..tables.ids import aligned
from ..tables.labels import Labels
from .blocks import Block, Prepared
from .checks import ValidityWarnings
from .options import InputOptions
from .preparation import prepare

if TYPE_CHECKING:
    import pandas as pd

Values = NDArray[np.float64]
Align = Literal["none", "inlsa", "rank"]
#: Between the names of the datasets of one training set.
JOINED = "+"
LEAVE_ONE_OUT = "leave-one-out"
#: MOS scales that are pooled as given differ by at most this ratio of spreads, and this many of them in mean.
MOST_APART = 2.0


class Dataset(NamedTuple):
    """Feature tables (the same names in every dataset) and labels of one dataset."""

    tables: Mapping[str, GivenTable]
    mos: pd.Series | Labels
    groups: pd.Series | Mapping[str, object] | None = None
    measurements: pd.Series | None = None
    """By id: a score with the same meaning in every dataset (such as NIQE), to map MOS onto one scale."""


class Ready(NamedTuple):
    """One dataset after every check, sorted by id."""

    prepared: Prepared
    measurements: Values | None
    source: str
    warnings: tuple[str, ...]

    @property
    def mos(self) -> Values:
        """MOS as given."""
        return self.prepared.videos.mos

    @property
    def groups(self) -> NDArray[np.generic] | None:
        """Source contents."""
        return self.prepared.videos.groups

    @property
    def blocks(self) -> dict[str, Block]:
        """Feature tables by name."""
        return {block.name: block for block in self.prepared.blocks}


def ready_datasets(datasets: Mapping[str, Dataset], options: InputOptions) -> dict[str, Ready]:
    """Return every dataset joined and checked, with the columns of the first.

    Parameters
    ----------
    datasets : mapping of str to Dataset
        At least two.
    options : InputOptions
        How ids, duplicates, metadata and trusted columns are handled.

    Raises
    ------
    ParameterError, TableError
        If there are fewer than two, or their tables or columns differ.
    """
    if len(datasets) < 2:
        raise ParameterError(f"need at least two datasets, got {len(datasets)}")
    ready = {name: _ready(name, dataset, options) for name, dataset in datasets.items()}
    (first, one), *others = ready.items()
    return {first: one} | {name: _with_columns_of(one, first, other, name) for name, other in others}


def _ready(name: str, dataset: Dataset, options: InputOptions) -> Ready:
    labels, warnings = Labels.of(dataset.mos, dataset.groups), ValidityWarnings()
    try:
        prepared = prepare(feature_tables(dataset.tables), labels, warnings, options).in_id_order()
    except TableError as error:
        raise TableError(f"{name}: {error}") from error
    measured: Values | None = None
    if dataset.measurements is not None:
        given = aligned(dataset.measurements, prepared.videos.ids, ignore_case=options.ignore_case)
        measured = given.to_numpy(dtype=np.float64)
    return Ready(prepared, measured, labels.source, warnings.all())


def _with_columns_of(first: Ready, name: str, other: Ready, other_name: str) -> Ready:
    """Return a dataset with tables and columns in the order of the first."""
    wanted, given = first.blocks, other.blocks
    if set(wanted) != set(given):
        raise ParameterError(
            f"every dataset needs the same tables; {name} has {', '.join(wanted)}, "
            f"{other_name} has {', '.join(given)}: give only those that all have (--tables)"
        )
    blocks = []
    for table, block in wanted.items():
        place = {column: number for number, column in enumerate(given[table].columns)}
        if set(place) != set(block.columns):
            only = [
                f"only in {where}: {first_few(sorted(columns))}"
                for where, columns in (
                    (name, set(block.columns) - set(place)),
                    (other_name, set(place) - set(block.columns)),
                )
                if columns
            ]
            raise TableError(
                f"the columns of {table} differ between {name} and {other_name} ({'; '.join(only)})"
            )
        order = [place[column] for column in block.columns]
        blocks.append(given[table]._replace(columns=block.columns, values=given[table].values[:, order]))
    return other._replace(prepared=other.prepared._replace(blocks=blocks))


def training_sets(
    joint: Sequence[Sequence[str]] | Literal["leave-one-out"], names: Sequence[str]
) -> list[tuple[str, ...]]:
    """Return the sets of datasets that are trained on together, each with the names in order.

    Parameters
    ----------
    joint : sequence of sequences of str, or "leave-one-out"
        Sets of dataset names; ``"leave-one-out"`` stands for all datasets but one, each once.
    names : sequence of str
        Names of the datasets.

    Raises
    ------
    UnknownName, ParameterError
        If a name is unknown, or a set has fewer than two datasets or all of them.
    """
    if joint == LEAVE_ONE_OUT:
        if len(names) < 3:
            raise ParameterError(f"leaving one dataset out needs at least three, got {len(names)}")
        return [tuple(other for other in names if other != name) for name in names]
    if isinstance(joint, str) or any(isinstance(one, str) for one in joint):
        raise ParameterError(f'joint is "{LEAVE_ONE_OUT}" or a list of lists of dataset names, got {joint!r}')
    found = []
    for one in joint:
        for name in one:
            if name not in names:
                raise UnknownName("dataset", name, names, f"given: {', '.join(names)}")
        if not 2 <= len(set(one)) < len(names):
            raise ParameterError(
                f"a joint training set has at least two datasets and leaves one to test on, got {list(one)}"
            )
        found.append(tuple(name for name in names if name in one))
    return list(dict.fromkeys(found))


class Scales:
    """The MOS of the datasets as models are trained on them, and as errors are measured.

    Parameters
    ----------
    ready : mapping of str to Ready
        The datasets.
    align : {"none", "inlsa", "rank"}
        See `vqa_features.comparison.cross.cross`.
    reference : str, optional
        Dataset whose scale is kept (``inlsa``).

    Raises
    ------
    ParameterError, TableError
        If a dataset lacks measurements, or `reference` has no use.
    """

    def __init__(self, ready: Mapping[str, Ready], align: Align, reference: str | None) -> None:
        if align != "inlsa" and reference is not None:
            raise ParameterError(f'a reference scale is for align="inlsa", and align is {align!r}')
        self._ready, self.align, self.reference = ready, align, reference
        self.outliers: dict[str, int] = {}
        if align == "inlsa":
            self._measured = {name: self._with_measurements(name) for name in ready}
            self.maps = self._maps(tuple(ready), reference or next(iter(ready)))

    def _with_measurements(self, name: str) -> tuple[Values, Values]:
        """Return MOS and measurements of the videos that decide the map of a dataset."""
        mos, measured = self._ready[name].mos, self._ready[name].measurements
        if measured is None:
            raise ParameterError(
                f"bringing MOS onto one scale needs measurements of every dataset; {name} has none "
                "(measurements, --measure)"
            )
        if missing := int((~np.isfinite(measured)).sum()):
            raise TableError(f"{name}: {missing} video(s) have no measurement")
        kept = usual(measured)
        self.outliers[name] = int((~kept).sum())
        return mos[kept], measured[kept]

    def _maps(self, names: Sequence[str], reference: str) -> dict[str, Affine]:
        return inlsa({name: self._measured[name] for name in names}, reference)

    def notes(self) -> list[str]:
        """Return a sentence on every dataset with videos that have no part in its map."""
        return [
            f"{name}: {count} video(s) with an unusual measurement (more than {MOST_DEVIATIONS:g} median "
            "absolute deviations from the median) have no part in the map of its MOS"
            for name, count in self.outliers.items()
            if count
        ]

    def within(self, name: str) -> Values:
        """Return the MOS that a model inside one dataset learns: on the reference scale, if there is one."""
        mos = self._ready[name].mos
        return self.maps[name](mos) if self.align == "inlsa" else mos

    def targets(self, members: Sequence[str]) -> Values:
        """Return the MOS of a training set, its datasets one after the other.

        With ``inlsa`` the maps of several datasets are fitted on these alone, so that the MOS of a dataset
        that is tested has no part in them.
        """
        mos = [self._ready[name].mos for name in members]
        if self.align == "rank":
            return np.concatenate([share_below(one) for one in mos])
        if self.align == "inlsa":
            maps = self.maps if len(members) == 1 else self._maps(members, self.scale_of(members))
            mos = [maps[name](one) for name, one in zip(members, mos, strict=True)]
        return np.concatenate(mos)

    def truth(self, members: Sequence[str], test: str) -> Values | None:
        """Return the MOS of a test dataset on the scale of the predictions, None if that is not known."""
        if self.align != "inlsa":
            return None
        maps = self.maps if len(members) == 1 else self._maps([*members, test], self.scale_of(members))
        return maps[test](self._ready[test].mos)

    def scale_of(self, members: Sequence[str], within: bool = False) -> str:
        """Return the dataset whose scale the predictions of a training set have; empty if it is of none."""
        if self.align == "inlsa":
            wanted = self.reference or next(iter(self._ready))
            return wanted if len(members) == 1 or wanted in members else members[0]
        return members[0] if len(members) == 1 and (within or self.align == "none") else ""

    def check_joint(self, sets: Sequence[Sequence[str]]) -> None:
        """Raise ParameterError if datasets whose scales differ are pooled as given."""
        if self.align != "none":
            return
        for one, other in (pair for names in sets for pair in itertools.combinations(names, 2)):
            a, b = self._ready[one].mos, self._ready[other].mos
            spreads = sorted((float(a.std()), float(b.std())))
            apart = abs(float(a.mean() - b.mean()))
            if spreads[1] > MOST_APART * spreads[0] or apart > MOST_APART * spreads[0]:
                raise ParameterError(
                    f"the MOS of {one} ({a.min():g} .. {a.max():g}) and {other} ({b.min():g} .. {b.max():g}) "
                    'are not on one scale: train on both with align="inlsa" or "rank" (--align)'
                )
