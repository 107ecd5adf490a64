"""Feature tables put side by side by video id, with their settings; and the feature columns of a table."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Hashable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..errors import ParameterError, TableError, first_few
from . import columns
from .given import with_given_ids
from .ids import match
from .reading import NOTES_KEY, has_ids, with_ids
from .settings import SETTINGS_KEY

if TYPE_CHECKING:
    from .given import GivenTable

#: Columns of a run, and not of the videos: joined and not compared.
_TEXTS = ("error", "warnings")
_STATUS, _PATH, _DECODE = "status", "path", "seconds.decode"
_OF_A_RUN = (*_TEXTS, _STATUS, _PATH, _DECODE)
_FAILED, _INCOMPLETE = "failed", "incomplete"
#: The worst status first.
_WORST = ("partial", "suspect")
#: Settings in which tables of one extraction may differ.
_OWN = ("extractors", "identities", "inputs")


def feature_columns(
    table: GivenTable, *, use_metadata: bool = False, trusted: Collection[str] = ()
) -> list[str]:
    """Return the names of the feature columns of a table, as `vqa_features.compare` takes them.

    Parameters
    ----------
    table : DataFrame
        Of `extract_many`, of a file, or any other.
    use_metadata : bool
        Count numeric metadata columns, except times and labels, as features.
    trusted : collection of str
        Numeric columns that are features whatever they are called.

    Returns
    -------
    list of str
        In the order of the table. Where one column has the name of an extractor's column, such columns only;
        else the numeric columns that do not describe a video, a label or a run.

    Examples
    --------
    >>> import pandas as pd
    >>> import vqa_features as vf
    >>> table = pd.DataFrame({"path": ["a.mp4"], "mos": [3.0], "seconds.siti": [0.1], "siti.si.mean": [50.0]})
    >>> vf.feature_columns(table)
    ['siti.si.mean']
    """
    frame = _by_id("the table", table)
    return [str(name) for name in columns.feature_columns(frame, use_metadata, trusted).names]


def join_tables(*tables: GivenTable) -> pd.DataFrame:
    """Return feature tables side by side, one row for each video that all of them have.

    Ids are matched as everywhere (without folders and suffixes where that is clear); those of the first
    table are kept, in its order.

    Parameters
    ----------
    *tables : DataFrame
        Two or more, by video id; for example the tables of two runs of `extract_many`.

    Returns
    -------
    DataFrame
        All columns. A column that several tables have is there once; a missing cell is filled from the next
        table. ``status`` is ``incomplete`` where a part failed, else the worse one; ``error`` and
        ``warnings`` are joined; ``path`` is that of the first; ``seconds.decode`` is the sum.
        ``attrs["settings"]`` are those of one extraction where the tables differ in their extractors only,
        else ``{"command": "join", "tables": [...]}`` with the settings of each.

    Raises
    ------
    ParameterError
        If fewer than two tables are given, or one has no ids.
    TableError
        If no id matches, or a column that two tables have differs; the message names columns and videos.

    Warns
    -----
    UserWarning
        Names the ids that only one table has: their rows are left out.

    Examples
    --------
    >>> import pandas as pd
    >>> import vqa_features as vf
    >>> one = pd.DataFrame({"siti.si.mean": [50.0, 60.0]}, index=["a", "b"])
    >>> other = pd.DataFrame({"niqe.score.mean": [3.0, 4.0]}, index=["b.mp4", "a.mp4"])
    >>> vf.join_tables(one, other).loc["a"].to_dict()
    {'siti.si.mean': 50.0, 'niqe.score.mean': 4.0}
    """
    if len(tables) < 2:
        raise ParameterError(f"join_tables takes two tables or more, got {len(tables)}")
    frames = [_by_id(f"table {number}", one) for number, one in enumerate(tables, start=1)]
    joined = frames[0]
    for number, frame in enumerate(frames[1:], start=2):
        joined = _joined(joined, frame, f"table {number}")
    joined.attrs = dict(_attrs(frames))
    return joined


def _by_id(name: str, table: Any) -> pd.DataFrame:
    found = with_given_ids({name: table}, None)[name]
    if not isinstance(found, pd.DataFrame):
        raise ParameterError(f"{name} must be a DataFrame, got {type(table).__name__}")
    if not has_ids(found):
        raise ParameterError(f"{name} has no ids: index it by video id, or give it a column 'id'")
    return with_ids(found, found.index, name)


def _joined(first: pd.DataFrame, other: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return two tables side by side; `name` is that of the second in messages."""
    found = match(first.index, other.index)
    kept = first[found.found]
    if not len(kept):
        raise TableError(
            f"no id of {name} is in the tables before it: they have {first_few(list(first.index), 3)}, it "
            f"has {first_few(list(other.index), 3)}"
        )
    _tell_unmatched(list(first.index[~found.found]), _others(other, found.rows), name)
    matched = other.iloc[found.rows[found.found]].set_axis(kept.index, axis=0)
    shared = [column for column in kept.columns if column in other.columns]
    _check_equal(kept, matched, [column for column in shared if column not in _OF_A_RUN], name)
    parts = {column: _merged(str(column), kept[column], matched[column]) for column in shared}
    if _STATUS in first.columns and _STATUS in other.columns:
        parts[_STATUS] = _statuses(kept[_STATUS], matched[_STATUS])
    return pd.concat([kept.assign(**parts), matched.drop(columns=shared)], axis=1)


def _others(other: pd.DataFrame, rows: Any) -> list[str]:
    taken = set(rows.tolist())
    return [str(one) for row, one in enumerate(other.index) if row not in taken]


def _tell_unmatched(before: Sequence[str], there: Sequence[str], name: str) -> None:
    for ids, where in ((before, f"the tables before {name} only"), (there, f"{name} only")):
        if ids:
            warnings.warn(
                f"{len(ids)} video(s) are in {where} and are left out: {first_few(ids)}", stacklevel=4
            )


def _check_equal(first: pd.DataFrame, other: pd.DataFrame, shared: Sequence[Any], name: str) -> None:
    """Refuse columns of two tables in which both have a value and the values differ."""
    both = first[shared].notna() & other[shared].notna()
    differs = both & (first[shared].astype(object) != other[shared].astype(object))
    if differs.any(axis=None):
        wrong = [str(column) for column in differs.columns[differs.any()]]
        ids = list(differs.index[differs.any(axis=1)])
        raise TableError(
            f"{name} has other values than the tables before it in {first_few(wrong)}, for {len(ids)} "
            f"video(s): {first_few(ids)}; drop these columns from one of them"
        )


def _merged(name: str, first: pd.Series, other: pd.Series) -> pd.Series:
    """Return a column that two tables have; where it is compared, it is equal or missing in one."""
    if name in _TEXTS:
        pairs = zip(_words(first), _words(other), strict=True)
        return pd.Series(["; ".join(dict.fromkeys(filter(None, pair))) for pair in pairs], index=first.index)
    if name == _DECODE:
        return first.add(other, fill_value=0)
    return first.where(first.notna(), other)


def _words(cells: pd.Series) -> list[str]:
    return ["" if cell is None or cell != cell else str(cell) for cell in cells]


def _statuses(first: pd.Series, other: pd.Series) -> pd.Series:
    return pd.Series([_status(*pair) for pair in zip(_words(first), _words(other), strict=True)], first.index)


def _status(one: str, other: str) -> str:
    """Return the status of a row that is made of two."""
    failed = [status.startswith(_FAILED) for status in (one, other)]
    if all(failed) or one == other:
        return one
    if any(failed) or _INCOMPLETE in (one, other):
        return _INCOMPLETE
    return next((status for status in _WORST if status in (one, other)), one or other)


def _attrs(frames: Sequence[pd.DataFrame]) -> dict[Hashable, Any]:
    """Return settings and notes of tables that are put side by side."""
    notes = [note for frame in frames for note in frame.attrs.get(NOTES_KEY, ())]
    settings = [frame.attrs.get(SETTINGS_KEY) for frame in frames]
    found: dict[Hashable, Any] = {NOTES_KEY: list(dict.fromkeys(notes))} if notes else {}
    if any(settings):
        found[SETTINGS_KEY] = _settings([one or {} for one in settings])
    return found


def _settings(several: Sequence[dict[str, Any]]) -> dict[str, Any]:
    first = several[0]
    same = [{name: value for name, value in one.items() if name not in _OWN} for one in several]
    lists = all(isinstance(one.get(name), list) for one in several for name in _OWN)
    if first.get("command") != "extract" or not lists or any(one != same[0] for one in same):
        return {"command": "join", "tables": list(several)}
    by_label: dict[str, Any] = {}
    for one in several:
        for label, identity in zip(one["extractors"], one["identities"], strict=False):
            if by_label.setdefault(label, identity) != identity:
                return {"command": "join", "tables": list(several)}
    inputs = list(dict.fromkeys(name for one in several for name in one["inputs"]))
    return {**first, "extractors": [*by_label], "identities": [*by_label.values()], "inputs": inputs}
