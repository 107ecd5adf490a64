"""A table that `extract` writes in parts: the place is tried before the work, and no row is lost after it.

A part that cannot be written, and all after it, go to a folder on this machine, or at last to stdout. The
list of parts is written when the run is complete; until then a table of before stays as it was.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..batch.part_rows import PartRows
from ..errors import ParameterError, TableError
from ..files.reading import reason_of
from ..files.writable import other_places
from ..remote.addresses import SCHEMES, is_remote
from ..tables.part_layout import PartLayout, unpacked
from ..tables.part_names import PartNames
from ..tables.part_places import LocalFolder, place_of
from ..tables.part_writer import PartWriter
from ..tables.writing import FORMATS

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from ..batch.inputs import Input

#: Schemes that cannot be written.
_READ_ONLY = ("https",)


def names_parts(name: str) -> bool:
    """Whether an output is in parts: an address, a name that ends in ``/``, or a folder that exists."""
    if "://" in name or name.endswith("/"):
        return True
    return os.path.isdir(name) and Path(name).suffix.lower() not in FORMATS


class PartOutput:
    """One table in parts.

    Parameters
    ----------
    name : str
        Folder or address.
    remote : bool
        Addresses are allowed.
    shard : (int, int) or None
        The shard of the run and the number of shards.
    to_stdout : callable
        Prints rows that can be written nowhere.

    Raises
    ------
    ParameterError
        If the address is not allowed, or is none that can be written.
    """

    def __init__(
        self,
        name: str,
        *,
        remote: bool,
        shard: tuple[int, int] | None,
        to_stdout: Callable[[pd.DataFrame], None],
    ) -> None:
        _check_address(name)
        self._place = place_of(name if is_remote(name) else os.path.abspath(name), remote)
        self.name = self._place.name.rstrip("/") + "/"
        self._names = PartNames(shard)
        self._to_stdout = to_stdout
        self._elsewhere: list[PartWriter] = []
        self._problem: Exception | None = None
        self._printed = 0

    def check(self, inputs: Iterable[str]) -> None:
        """Refuse a place that cannot be written or holds something else; a file is written for a trial.

        Raises
        ------
        ParameterError
            In one sentence.
        """
        self._place.check()
        inside = [
            path for path in inputs if os.path.realpath(path).startswith(os.path.realpath(self.name) + os.sep)
        ]
        if inside and isinstance(self._place, LocalFolder):
            raise ParameterError(f"{self.name!r} holds the input {inside[0]!r}: name another folder")
        try:
            self._writer = PartWriter(self._place, self._names)
        except ParameterError:
            raise
        except Exception as error:  # whatever a client of a store raises
            raise ParameterError(f"cannot read what is in {self.name!r}: {reason_of(error)}") from error

    @property
    def replaces(self) -> bool:
        """Whether the place holds parts of an earlier run."""
        return self._writer.replaces

    def open(self, layout: PartLayout, named: Sequence[Input], settings: Mapping[str, Any]) -> PartRows:
        """Return what takes the rows of the run.

        Parameters
        ----------
        layout : PartLayout
            Columns.
        named : sequence of Input
            All videos of the run.
        settings : mapping
            Of the run.
        """
        self._writer.recover()
        self._rows = PartRows(layout, named, settings, self._put, self.name)
        return self._rows

    def finish(self, complete: bool, good: bool) -> tuple[str | None, list[str]]:
        """Write what is left, and the list of parts if the run is complete.

        Parameters
        ----------
        complete : bool
            Whether every video has its row.
        good : bool
            Whether a row did not fail.

        Returns
        -------
        str or None
            Where the rows are.
        list of str
            A sentence if they are not where they were asked for.
        """
        self._rows.flush()
        written = self._writer.rows
        if self._problem is None and not written and not complete:
            return None, []
        kept = self._writer.replaces_complete and not (complete and good)
        if self._problem is None and not kept:
            try:
                self._writer.write_settings(self._rows.settings_text)
                if complete:
                    self._writer.commit()
            except Exception as error:  # the rows are in their parts
                reason = str(error) if isinstance(error, TableError) else reason_of(error)
                return self.name, [f"{self.name} is not complete ({reason}): run again to complete it"]
        if self._problem is not None:
            return self._told_elsewhere()
        if kept:
            told = f"its {len(written)} part(s) end in .new" if written else "nothing is written"
            return self.name, [f"the table in {self.name} is kept, since this run lacks good rows: {told}"]
        return self.name, []

    def _put(self, table: pa.Table) -> None:
        """Write a part where it was asked for, or where it can be written."""
        if self._problem is None:
            try:
                self._writer.put(table)
                return
            except Exception as error:  # still other ways to keep the rows
                self._problem = error
        if self._elsewhere:
            with suppress(Exception):
                self._elsewhere[-1].put(table)
                return
        for folder in other_places(Path(Path(self.name).name or "features")):
            try:
                writer = PartWriter(LocalFolder(folder), self._names)
                writer.put(table)
            except Exception:
                continue
            self._elsewhere.append(writer)
            return
        self._printed += len(table)
        self._to_stdout(unpacked(table, self.name).to_pandas())

    def _told_elsewhere(self) -> tuple[str, list[str]]:
        """Return where the rows are that could not be written where they were asked for, and a sentence."""
        assert self._problem is not None
        places = {self.name: self._writer, **{one.place.name: one for one in self._elsewhere}}
        counts = {name: sum(one.rows.values()) for name, one in places.items()}
        told = [f"{count} rows are in {name}" for name, count in counts.items() if count]
        told += [f"{self._printed} rows are on stdout as CSV"] * bool(self._printed)
        for one in self._elsewhere:
            one.write_settings(self._rows.settings_text)
        where = next((name for name, count in reversed(counts.items()) if count), "stdout")
        note = f"{self.name} could not be written ({reason_of(self._problem)}): {', '.join(told)}"
        return where, [note]


def _check_address(name: str) -> None:
    """Refuse an address that is none of a folder that can be written."""
    scheme = name.partition("://")[0].lower()
    if "://" not in name:
        return
    writable = [one for one in SCHEMES if one not in _READ_ONLY]
    if scheme not in writable:
        shown = f"{scheme}://…"
        raise ParameterError(
            f"{shown!r} cannot be written: an output is a file, a folder, or an address of "
            f"{', '.join(writable)}"
        )
    if Path(name).suffix.lower() in FORMATS:
        raise ParameterError(
            f"an address holds a table in parts: end the name in /, not in {Path(name).suffix}"
        )
