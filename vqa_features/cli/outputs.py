"""Files that `extract` writes: checked before the work, and kept from harm after it.

An existing table is replaced by the table of a complete run that has at least one row that did not fail, or
by one that has every good row of the old. Any other result goes beside it. A table that cannot be written
where it was asked for goes to another folder, in several files if one is too large, or at last to stdout.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ..batch.store_files import BESIDE, check_store_file
from ..errors import NoRows, ParameterError, TableError, first_few
from ..files.writable import check_distinct, check_file, free_name, other_places, write_somewhere
from ..progress import say
from ..tables.csv_style import PLAIN, CsvStyle
from ..tables.json_table import json_text
from ..tables.reading import read_table
from ..tables.settings import settings_beside
from ..tables.writing import FORMATS, check_format, json_settings, remove_table, write_table
from ._config import used
from .failures import NOT_AS_ASKED, EndedEarly
from .spreadsheets import tell_formulas

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
    """

    table: str | None
    per_frame: str | None
    store: str | None
    csv: CsvStyle = PLAIN
    as_json: bool = False

    @classmethod
    def of(
        cls,
        table: str,
        per_frame: str | None,
        store: str | None,
        csv: CsvStyle = PLAIN,
        as_json: bool = False,
    ) -> Self:
        """Return the outputs by their absolute paths, so that a working folder that vanishes does no harm."""
        for name, path in {"--output": table, "--per-frame": per_frame, "--store": store}.items():
            if path == "":
                raise ParameterError(f"{name} is empty: name a file")
            if path == STDOUT and name != "--output":
                raise ParameterError(f"{name} is a file of its own: - is for --output")
        return cls(
            None if table == STDOUT else os.path.abspath(table),
            None if per_frame is None else os.path.abspath(per_frame),
            None if store is None else os.path.abspath(store),
            csv,
            as_json,
        )

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
        if self.table is not None:
            check_format(self.table, FORMATS)
        if self.per_frame is not None:
            check_format(self.per_frame, _PER_FRAME_FORMATS)
        files = {**self._files(), **({} if log is None else {"the log": log})}
        check_distinct(files, (*named, *(video.path for video in videos)))
        if self.store is not None:
            check_store_file(self.store)
        for path in files.values():
            check_file(path)
        kept = [path for path in (self.table, self.per_frame) if path and os.path.exists(path)]
        missing = [video.path for video in videos if not (video.remote or os.path.lexists(video.path))]
        if kept and len(missing) == len(videos):
            raise ParameterError(
                f"none of the {len(videos)} videos exists ({first_few(missing, 3)}): {kept[0]!r} is kept"
            )

    def tell_replaced(self, quiet: bool) -> None:
        """Say which existing tables a complete run will replace."""
        for path in (self.table, self.per_frame):
            if path is not None and os.path.exists(path):
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
        good = _good_ids(table)
        whole = complete and bool(good)
        if self.table is None:
            place = self._print(table)
        else:
            place = self._place(table, self.table, whole, good, notes)
        if self.per_frame is not None and frames:
            import pandas as pd

            rows = pd.concat(frames)
            rows.attrs = {"settings": table.attrs["settings"]}
            self._place(rows, self.per_frame, whole, good, notes)
        elif self.per_frame is not None:
            say(f"note: no video has per-frame rows: {self.per_frame} is not written")
        return Written(place, notes)

    def _place(self, table: pd.DataFrame, asked: str, whole: bool, good: set[str], notes: list[str]) -> str:
        """Write one table and return where it is; add a sentence to `notes` if that is another place."""
        target = Path(asked)
        if target.exists() and not (whole or _covers(good, target)):
            target = free_name(target, "incomplete")
            notes.append(f"{asked} is kept, since this run lacks good rows that it has: see {target}")
        suffixes = dict.fromkeys((target.suffix, ".csv"))
        places = (place.with_suffix(suffix) for place in other_places(target) for suffix in suffixes)
        try:
            target, problem = write_somewhere(lambda path: self._write(table, path), target, places)
        except Exception as error:  # still other ways to keep the rows
            parts = self._write_parts(table, target)
            if not parts:
                notes.append(f"no file could be written for {asked} ({error}): the rows are on stdout as CSV")
                _print(PLAIN.text(table, index_label="id"))
                return "stdout"
            named = ", ".join(map(str, parts))
            notes.append(f"{asked} could not be written whole ({error}): its rows are in the files {named}")
            return named
        if problem is not None:
            notes.append(f"{asked} could not be written ({problem}): the rows are in {target}")
        return str(target)

    def _write_parts(self, table: pd.DataFrame, target: Path) -> list[Path]:
        """Write the rows in as few files as the folder takes; return none if it takes nothing."""
        count, written = 1, list[Path]()
        while count < len(table):
            count = min(2 * count, len(table))
            size = -(-len(table) // count)
            try:
                for first in range(0, len(table), size):
                    place = free_name(target, "part") if target.exists() else target
                    self._write(table.iloc[first : first + size], place)
                    written.append(place)
                return written
            except Exception:  # too large still
                while written:
                    remove_table(written.pop())
        return []

    def _write(self, table: pd.DataFrame, file: Path) -> None:
        """Write one table, and say once what a spreadsheet would run of it."""
        write_table(table, file, csv_safe=self.csv.safe, excel=self.csv.excel)
        if file.suffix.lower() == ".csv":
            tell_formulas(str(file), self.csv, table)

    def _print(self, table: pd.DataFrame) -> str:
        """Print the table where it is asked for on stdout, and return that place."""
        if self.as_json:
            _print(json_text(table, json_settings(table.attrs["settings"], "stdout")))
        else:
            print_csv(table, self.csv)
        return "stdout"

    def _files(self) -> dict[str, str]:
        """Every file that is written or replaced, by what it is."""
        files = {} if self.table is None else {"the table": self.table}
        if self.per_frame is not None:
            files["the per-frame table"] = self.per_frame
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


def _print(text: str) -> None:
    """Write rows to stdout, the last place there is."""
    try:
        sys.stdout.write(text.encode("utf-8", "backslashreplace").decode())
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has enough
        raise
    except (OSError, AttributeError) as error:  # full, closed or absent
        raise EndedEarly(f"the rows could be written nowhere: {error}", NOT_AS_ASKED) from error


def print_csv(table: pd.DataFrame, style: CsvStyle) -> None:
    """Print a table with its ids as CSV on stdout."""
    tell_formulas("stdout", style, table)
    _print(style.text(table, index_label="id"))


def _good_ids(table: pd.DataFrame) -> set[str]:
    """Ids of the rows that did not fail."""
    if "status" not in table:
        return set(map(str, table.index))
    return set(map(str, table.index[~table["status"].astype(str).str.startswith("failed")]))


def _covers(good: Iterable[str], old: Path) -> bool:
    """Whether every good row of the table in `old` is among `good`; False if it cannot be read."""
    try:
        return _good_ids(read_table(old)) <= set(good)
    except NoRows:  # e.g. of an empty shard
        return True
    except (TableError, OSError, ValueError):
        return False
