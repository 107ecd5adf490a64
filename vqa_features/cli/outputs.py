"""Files that `extract` writes: checked before the work, and kept from harm after it.

An existing table is replaced by the table of a complete run that has at least one row that did not fail, or
by one that has every good row of the old. Any other result goes beside it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from ..batch.store_files import BESIDE, check_store_file
from ..errors import ParameterError, first_few
from ..files.writable import check_distinct, check_file
from ..progress import say
from ..tables.csv_style import PLAIN, CsvStyle
from ..tables.json_table import json_text
from ..tables.settings import settings_beside
from ..tables.writing import FORMATS, check_format, json_settings
from ._config import used
from .part_output import PartOutput, names_parts
from .table_file import good_ids, print_csv, print_text, write_or_rescue

if TYPE_CHECKING:
    import pandas as pd

    from ..batch.inputs import Input

_PER_FRAME_FORMATS = (".parquet", ".csv", ".json")
#: The name of stdout as an output.
STDOUT = "-"


@dataclass(frozen=True)
class Outputs:
    """The table, the per-frame table and the store of `extract`, by their absolute paths.

    Parameters
    ----------
    table : str or None
        Feature table; None for stdout.
    per_frame : str or None
        Table of per-frame rows.
    store : str or None
        SQLite file of finished results.
    csv : CsvStyle
        How CSV files are written.
    as_json : bool
        Write the table to stdout as JSON, where it goes there.
    table_parts, frame_parts : PartOutput or None
        The tables that are written in parts, in folders or at addresses.
    """

    table: str | None
    per_frame: str | None
    store: str | None
    csv: CsvStyle = PLAIN
    as_json: bool = False
    table_parts: PartOutput | None = None
    frame_parts: PartOutput | None = None

    @classmethod
    def of(
        cls,
        table: str,
        per_frame: str | None,
        store: str | None,
        csv: CsvStyle = PLAIN,
        as_json: bool = False,
        *,
        parts: bool = False,
        remote: bool = False,
        shard: tuple[int, int] | None = None,
    ) -> Self:
        """Return the outputs by their absolute paths, so that a working folder that vanishes does no harm.

        With `parts`, a folder or an address stands for a table in parts; `remote` and `shard` are those of
        `vqa_features.cli.part_output.PartOutput`.
        """
        for name, path in {"--output": table, "--per-frame": per_frame, "--store": store}.items():
            if path == "":
                raise ParameterError(f"{name} is empty: name a file")
            if path == STDOUT and name != "--output":
                raise ParameterError(f"{name} is a file of its own: - is for --output")
        in_parts = {"remote": remote, "shard": shard, "to_stdout": lambda rows: print_csv(rows, PLAIN)}
        rows, frames = (
            PartOutput(name, **in_parts) if parts and name is not None and names_parts(name) else None
            for name in (table, per_frame)
        )
        return cls(
            None if table == STDOUT else _absolute(table, rows),
            None if per_frame is None else _absolute(per_frame, frames),
            None if store is None else os.path.abspath(store),
            csv,
            as_json,
            rows,
            frames,
        )

    @property
    def table_file(self) -> str | None:
        """The table, if it is a file."""
        return None if self.table_parts else self.table

    @property
    def frame_file(self) -> str | None:
        """The table of per-frame rows, if it is a file."""
        return None if self.frame_parts else self.per_frame

    @property
    def suffix(self) -> str:
        """Format of the table."""
        name = ".parquet" if self.table_parts else Path(self.table or ".csv").suffix
        return (name or ".csv").lower()

    @property
    def replaced(self) -> list[str]:
        """Tables that exist."""
        files = [path for path in (self.table_file, self.frame_file) if path and os.path.exists(path)]
        return files + [one.name for one in (self.table_parts, self.frame_parts) if one and one.replaces]

    def check(self, named: Sequence[str], videos: Sequence[Input], log: str | None = None) -> None:
        """Refuse what cannot be written or would replace something else, before any video is opened.

        Parameters
        ----------
        named : sequence of str
            Inputs as they were named, e.g. a CSV of paths.
        videos : sequence of Input
            The videos found.
        log : str, optional
            A log that is written beside them.

        Raises
        ------
        ParameterError, TableError
            In one sentence.
        """
        if self.table_file is not None:
            check_format(self.table_file, FORMATS)
        if self.frame_file is not None:
            check_format(self.frame_file, _PER_FRAME_FORMATS)
        files = {**self._files(), **({} if log is None else {"the log": log})}
        check_distinct(files, (*named, *(video.path for video in videos)))
        if self.store is not None:
            check_store_file(self.store)
        for path in files.values():
            check_file(path)
        for parts in filter(None, (self.table_parts, self.frame_parts)):
            parts.check((*named, *(video.path for video in videos)))
        kept = self.replaced
        missing = [video.path for video in videos if not (video.remote or os.path.lexists(video.path))]
        if kept and len(missing) == len(videos):
            raise ParameterError(
                f"none of the {len(videos)} videos exists ({first_few(missing, 3)}): {kept[0]!r} is kept"
            )

    def tell_replaced(self, quiet: bool) -> None:
        """Say which existing tables a complete run will replace."""
        for path in self.replaced:
            say(f"note: {path} exists; it is replaced when the run is complete", quiet)

    def write(self, table: pd.DataFrame, frames: Sequence[pd.DataFrame], complete: bool) -> Written:
        """Write what was computed, where it harms nothing.

        Parameters
        ----------
        table : DataFrame
            Finished rows.
        frames : sequence of DataFrame
            Per-frame rows of each video.
        complete : bool
            Whether every video has its row.

        Returns
        -------
        Written
            Where the tables are.
        """
        if table.empty and not complete:
            return Written(None, [])
        table.attrs["settings"] = {**table.attrs.get("settings", {}), **used()}
        notes: list[str] = []
        good = good_ids(table)
        whole = complete and bool(good)
        if self.table_file is None:
            place = self._print(table)
        else:
            place = write_or_rescue(table, self.table_file, self.csv, whole=whole, good=good, notes=notes)
        self.write_frames(frames, table.attrs["settings"], whole, good, notes)
        return Written(place, notes)

    def write_frames(
        self,
        frames: Sequence[pd.DataFrame],
        settings: dict[str, Any],
        whole: bool,
        good: set[str],
        notes: list[str],
    ) -> None:
        """Write the table of per-frame rows, if it is a file.

        Parameters
        ----------
        frames : sequence of DataFrame
            Rows of each video.
        settings : dict
            Of the run.
        whole : bool
            Whether every video has its row and one did not fail.
        good : set of str
            Ids of the videos that did not fail.
        notes : list of str
            Gets a sentence if the rows are not where they were asked for.
        """
        if self.frame_file is not None and frames:
            import pandas as pd

            rows = pd.concat(frames)
            rows.attrs = {"settings": settings}
            write_or_rescue(rows, self.frame_file, self.csv, whole=whole, good=good, notes=notes)
        elif self.frame_file is not None:
            say(f"note: no video has per-frame rows: {self.per_frame} is not written")

    def _print(self, table: pd.DataFrame) -> str:
        """Print the table where it is asked for on stdout, and return that place."""
        if self.as_json:
            print_text(json_text(table, json_settings(table.attrs["settings"], "stdout")))
        else:
            print_csv(table, self.csv)
        return "stdout"

    def _files(self) -> dict[str, str]:
        """Every file that is written or replaced, by what it is."""
        named = {"the table": self.table_file, "the per-frame table": self.frame_file}
        files = {role: path for role, path in named.items() if path is not None}
        for role, path in list(files.items()):
            if (beside := settings_beside(Path(path))) is not None:
                files[f"the settings of {role}"] = str(beside)
        if self.store is not None:
            for suffix in BESIDE:
                files[f"the store{f' ({suffix})' if suffix else ''}"] = self.store + suffix
        return files


@dataclass(frozen=True)
class Written:
    """Where the table is, if anywhere, and a sentence for each table that is not where it was asked for."""

    place: str | None
    notes: list[str]


def _absolute(name: str, parts: PartOutput | None) -> str:
    return os.path.abspath(name) if parts is None else parts.name
