"""Writing a table in parts: each appears whole, and the list of them at the very end of a complete run.

A run that replaces a table writes its parts beside those of the table, under names that the pattern
``*.parquet`` does not match. The list ``_SUCCESS`` then takes the place of the old one at once, the old parts
are removed and the new ones get their names. Whatever ends the run before that, the old table stays.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import ParameterError, TableError, first_few
from ..files.reading import MOST_JSON
from .part_names import (
    STAGED,
    PartNames,
    foreign,
    parts_of_success,
    shards_in,
    success_text,
)
from .part_places import PartPlace

if TYPE_CHECKING:
    import pyarrow as pa

#: Seconds before a write is tried again, times the number of the attempt.
_PAUSE_S = 1.0


class PartWriter:
    """Writes the parts of one run into a place.

    Parameters
    ----------
    place : PartPlace
        Folder or address.
    names : PartNames
        How the files of this run are called.

    Raises
    ------
    ParameterError
        If the place holds files that belong to no table in parts, or to one of other shards.
    """

    def __init__(self, place: PartPlace, names: PartNames = PartNames()) -> None:  # noqa: B008 (frozen)
        self.place, self.names = place, names
        found = place.sizes()
        refuse_foreign(place, list(found), names)
        self._before = [name for name in found if names.owns(name)]
        self._staged = STAGED if self._before else ""
        self._succeeded = names.success in found
        self._digests: set[str] = set()
        #: Rows of every part that was written, by its name in the table.
        self.rows: dict[str, int] = {}

    @property
    def replaces(self) -> bool:
        """Whether the place holds parts of an earlier run."""
        return bool(self._before)

    @property
    def replaces_complete(self) -> bool:
        """Whether the place holds the table of a complete run."""
        return bool(self._before) and self._succeeded

    def put(self, table: pa.Table) -> None:
        """Write a part; an attempt that fails is repeated where the place is on a network.

        Raises
        ------
        Exception
            What the last attempt raised.
        """
        content = part_bytes(table)
        name = self.names.part(len(self.rows), hashlib.sha256(content).hexdigest())
        self._write(name + self._staged, content)
        self.rows[name] = len(table)

    def write_settings(self, text: str) -> None:
        """Write the settings of the run beside its parts."""
        self._write(self.names.settings, text.encode() + b"\n")

    def commit(self) -> None:
        """Make the parts that were written the table; those of before are removed.

        Raises
        ------
        TableError
            If a part has vanished, since another run writes here too.
        """
        found = self.place.sizes()
        lost = [name for name in self.rows if name + self._staged not in found]
        if lost:
            raise TableError(
                f"{self.place.name} lacks {first_few(lost, 2)} of this run: another run writes there too"
            )
        self._write(self.names.success, success_text(self.rows).encode())
        self._tidy(list(self.rows), [name for name in self._before if name not in self.rows])
        self._complete_shards()

    def recover(self) -> None:
        """Finish what a complete run was ended in: its parts get their names."""
        if not self._succeeded:
            return
        text = self.place.read(self.names.success, MOST_JSON + 1)
        listed = parts_of_success(text, self.place.path(self.names.success))
        if listed is None or not any(name + STAGED in self._before for name in listed):
            return
        self._tidy(list(listed), [name for name in self._before if name.removesuffix(STAGED) not in listed])
        self._before = [name for name in self.place.sizes() if self.names.owns(name)]

    def _tidy(self, listed: Sequence[str], old: Sequence[str]) -> None:
        """Remove old parts, and give the new ones their names."""
        for name in old:
            self.place.remove(name)
        found = self.place.sizes()
        for name in listed:
            if name + STAGED in found:
                self.place.move(name + STAGED, name)

    def _complete_shards(self) -> None:
        """Write the mark of the whole table, if every shard has its own."""
        shards = self.names.others()
        if len(shards) > 1 and {one.success for one in shards} <= set(self.place.sizes()):
            self._write(PartNames().success, b'{"shards": %d}\n' % len(shards))

    def _write(self, name: str, content: bytes) -> None:
        for attempt in range(1, self.place.attempts + 1):
            try:
                self.place.put(name, content)
                return
            except Exception:  # whatever a client of a store raises
                if attempt == self.place.attempts:
                    raise
                time.sleep(attempt * _PAUSE_S)


def refuse_foreign(place: PartPlace, found: Sequence[str], names: PartNames) -> None:
    """Raise ParameterError if a place holds what this run may not write beside."""
    others = foreign(found)
    if others:
        raise ParameterError(
            f"{place.name!r} holds {len(others)} other file(s) or folder(s) ({first_few(others, 3)}): name a "
            "folder for this table alone"
        )
    counts = {
        None if shard is None else shard[1]
        for shard in shards_in(found)
        if shard is not None or names.shard is None
    }
    wanted = None if names.shard is None else names.shard[1]
    wrong = counts - {wanted}
    if names.shard is not None and any(PartNames().owns(name) for name in found):
        wrong = wrong | {None}
    if wrong:
        there = "a table in parts" if None in wrong else f"shards of {first_few(sorted(map(str, wrong)))}"
        mine = "a whole run" if wanted is None else f"a shard of {wanted}"
        raise ParameterError(f"{place.name!r} holds {there}, and this is {mine}: name another folder")


def part_bytes(table: pa.Table) -> bytes:
    """Return a part as the bytes of its Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    import pyarrow.types as types

    floats, coded = [], []
    for field in table.schema:
        if types.is_fixed_size_list(field.type):
            floats.append(f"{field.name}.list.element")
        elif types.is_floating(field.type):
            floats.append(field.name)
        else:
            coded.append(field.name)
    stream = pa.BufferOutputStream()
    pq.write_table(table, stream, compression="zstd", use_dictionary=coded, use_byte_stream_split=floats)
    return bytes(stream.getvalue().to_pybytes())
