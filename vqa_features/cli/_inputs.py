"""Feature tables and opinion scores of `compare`, given as files or as a published dataset."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from ..errors import TableError
from ._tables import read_tables

if TYPE_CHECKING:
    from ..tables.labels import Labels
    from ..tables.split_lists import SplitList

_OPTIONS = (
    click.option(
        "--features",
        "specs",
        multiple=True,
        metavar="FILE[:NAME[:FAMILY]]",
        help="Feature table; repeat for more tables.",
    ),
    click.option("--dataset", help="Published dataset: its labels, groups and tables (see datasets list)."),
    click.option("--mos", help="CSV or other text, Parquet or VSFA .mat file with ids and MOS."),
    click.option(
        "--id",
        "id_column",
        help="Column of ids; by default the first with unique values.",
    ),
    click.option(
        "--mos-column",
        help="Column of MOS; by default one of a usual name: mos, MOSFull ... Several, separated by commas, "
        "are targets of one comparison each.",
    ),
    click.option("--group", "group_column", help="Column of source content, kept on one side of a split."),
    click.option("--std-column", help="Column of the standard deviation of the opinions of each video."),
    click.option("--count-column", help="Column of the number of opinions of each video."),
    click.option(
        "--ids", multiple=True, metavar="NAME=CSV:COL", help="Ids in the row order of a table without ids."
    ),
)


def input_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that `Inputs` holds to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True)
class Inputs:
    """Options that name feature tables and opinion scores."""

    specs: tuple[str, ...]
    dataset: str | None
    mos: str | None
    id_column: str | None
    mos_column: str | None
    group_column: str | None
    std_column: str | None
    count_column: str | None
    ids: tuple[str, ...]

    def paths(self) -> list[str]:
        """Return the files that are read."""
        from ..tables.reading import parse_spec

        named = [str(parse_spec(text).path) for text in self.specs]
        orders = [text.partition("=")[2].rpartition(":")[0] for text in self.ids]
        return [path for path in (*named, self.mos, *orders) if path]

    def target_names(self) -> list[str]:
        """Return the names of several targets in ``--mos-column a,b,c``; none if it names one column."""
        names = [name.strip() for name in (self.mos_column or "").split(",")]
        if len(names) < 2:
            return []
        if len(set(names)) < len(names) or not all(names):
            raise click.UsageError(f"--mos-column names a column twice, or none: {self.mos_column!r}")
        return names

    def of_target(self, name: str) -> Inputs:
        """Return the inputs with one target in the place of several."""
        return replace(self, mos_column=name)

    def read(self) -> tuple[dict[str, Any], Labels, SplitList | None]:
        """Return tables, labels and official splits, of a published dataset, of given files, or of both."""
        tables: dict[str, Any] = {}
        labels = splits = None
        self._refuse_columns()
        if self.dataset:
            from ..datasets.loading import load

            published = load(self.dataset)
            tables, labels, splits = dict(published.tables), published.labels, published.splits
        labels = self.labels() or labels
        if labels is None:
            raise click.UsageError(
                "name the opinion scores with --mos FILE, or a published set with --dataset NAME"
            )
        for name, table in read_tables(self.specs, self.ids).items():
            if name in tables:
                raise TableError(f"two feature tables are called {name!r}: write FILE:NAME")
            tables[name] = table
        if not tables:
            raise click.UsageError("name at least one feature table with --features FILE")
        return tables, labels, splits

    def _refuse_columns(self) -> None:
        """Refuse options that name a column of a MOS file where there is no such file."""
        named = {
            "--id": self.id_column,
            "--mos-column": self.mos_column,
            "--group": self.group_column,
            "--std-column": self.std_column,
            "--count-column": self.count_column,
        }
        given = [option for option, column in named.items() if column]
        if given and self.dataset and not self.mos:
            raise click.UsageError(
                f"{given[0]} names a column of the file of --mos, but the labels are those of "
                f"--dataset {self.dataset}: leave it out, or give --mos FILE"
            )

    def labels(self) -> Labels | None:
        from ..tables.labels import read_labels

        if not self.mos:
            return None
        return read_labels(
            self.mos,
            id_column=self.id_column,
            mos_column=self.mos_column,
            group_column=self.group_column,
            std_column=self.std_column,
            count_column=self.count_column,
        )
