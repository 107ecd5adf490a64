"""The column ``status`` of a table: which rows were extracted in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import TableError, first_few
from .checks import ValidityWarnings

if TYPE_CHECKING:
    import pandas as pd

COLUMN = "status"
SUSPECT, INCOMPLETE = "suspect", "incomplete"
#: Words, in any case, of a row that holds features: those of this program and the usual ones of others.
USABLE = frozenset("ok okay done success successful succeeded complete completed finished passed".split()) | {
    SUSPECT,
    INCOMPLETE,
}
#: How a text shows a cell without a status.
_ABSENT = frozenset(("", "nan", "na", "none", "null", "<na>", "nat"))


def status_columns(frame: pd.DataFrame) -> list[Any]:
    """Return the names of the columns ``status``, in any case: none or one, unless a table has several."""
    return [column for column in frame.columns if str(column).strip().lower() == COLUMN]


def statuses(frame: pd.DataFrame) -> pd.Series[str] | None:
    """Return the status of every row, trimmed and in lower case; None without a column ``status``."""
    named = status_columns(frame)
    return None if not named else frame[named[0]].astype(object).map(lambda cell: str(cell).strip().lower())


def usable_rows(name: str, frame: pd.DataFrame, warnings: ValidityWarnings) -> pd.DataFrame:
    """Return the rows that were extracted in full: any word but those of `USABLE` counts as a failure.

    Parameters
    ----------
    name : str
        Name of the table.
    frame : DataFrame
        Its rows by id.
    warnings : ValidityWarnings
        Receives the rows left out, and suspect ones and ones without a status, which are used.

    Raises
    ------
    TableError
        If no row is left.
    """
    status = statuses(frame)
    if status is None:
        return frame
    absent = status.isin(_ABSENT)
    left_out = ~status.isin(USABLE) & ~absent
    written = frame.loc[left_out, status_columns(frame)[0]]
    listed = [f"{video} ({word})" for video, word in written.items()]
    if len(listed) == len(frame):
        raise TableError(
            f"{name}: by its column {COLUMN!r} no video was extracted in full: {first_few(listed)}; "
            f"give the column another name if it says something else (usable: {', '.join(sorted(USABLE))})"
        )
    if listed:
        warnings.add(
            f"{name}: {len(listed)} video(s) were not extracted in full and are left out: {first_few(listed)}"
        )
    for used, rows in (("are suspect but used", status == SUSPECT), ("have no status but are used", absent)):
        if rows.any():
            warnings.add(f"{name}: {rows.sum()} video(s) {used}: {first_few(list(frame.index[rows]))}")
    return frame[~left_out]
