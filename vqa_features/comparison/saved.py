"""A comparison read from the folder that `Comparison.save` wrote.

The folder may come from a stranger. Only the files of `RESULTS` and the settings are read, each up to a size;
nothing in them names a file or code. Every column has a declared kind, and the summary must be that of the
scores. What does not fit is one sentence.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import TableError, first_few
from ..evaluation.metrics import METRICS
from ..files.names import escaped_name, visible_text
from ..files.reading import MOST_JSON, parse_json, reading
from ..files.regular import open_regular
from ..tables.formulas import CSV_SAFE_KEY, unquoted
from ..tables.layout import recognise
from ..tables.numbers import as_texts, numbers
from ..tables.text import read_numeric_text
from .result import SETTINGS, Comparison
from .summary import MODEL

if TYPE_CHECKING:
    import pandas as pd

#: Greatest size of one table in bytes; 100 splits of 7000 test videos and ten models have 700 MB.
MOST_BYTES = 1 << 30
MOST_WARNINGS = 10_000
#: Largest difference of the summary from the medians of the scores; files have ten digits.
ROUNDING = 1e-6

_METRICS = [one.name for one in METRICS]
_CORRELATIONS = [one.name for one in METRICS if one.higher_is_better]
_PART = ["protocol", "part"]
_PAIR = ["table_a", "regressor_a", "table_b", "regressor_b"]
#: Columns that each table must have.
NEEDED = {
    "scores": [*_PART, "split", *MODEL, "family", *_METRICS, "interval", "coverage", "columns"],
    "summary": [*_PART, *MODEL, "family", "columns", "n", "videos", "splits", *_METRICS],
    "significance": [*_PART, "metric", *_PAIR, "test", "difference", "p_holm", "equivalent", "verdict"],
    "predictions": [*_PART, "split", *MODEL, "id", "mos", "predicted", "mapped"],
    "splits": ["id"],
}
#: Files that are read.
FILES = (*(f"{name}.csv" for name in NEEDED), SETTINGS)
TEXTS = {*_PART, *MODEL, *_PAIR, "family", "chosen", "at_edge", "metric", "test", "verdict", "id"}
WHOLE = {"split", "n_train", "n_test", "columns", "n", "videos", "splits"}
FLAGS = {"equivalent"}


def read_comparison(folder: str | os.PathLike[str]) -> Comparison:
    """Return the comparison in a folder that `Comparison.save` or the command ``compare`` wrote.

    Parameters
    ----------
    folder : path
        With ``scores.csv``, ``summary.csv``, ``significance.csv``, ``predictions.csv`` and ``settings.json``,
        and ``splits.csv`` if there is one.

    Returns
    -------
    Comparison
        Its tables, to the ten digits of the files, its settings and warnings, without `extras`. A table that
        has changed since the run, by the SHA-256 in the settings, is one more warning.

    Raises
    ------
    TableError
        If a file is missing, damaged, too large or a symbolic link, or the tables do not belong together.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> import numpy as np, pandas as pd
    >>> import vqa_features as vf
    >>> mos = pd.Series(np.random.default_rng(0).uniform(1, 5, 40), index=[f"clip{i}" for i in range(40)])
    >>> tables = {"x": (pd.DataFrame({"x": mos + np.arange(40) % 7}), "handcrafted")}
    >>> folder = vf.compare(tables, mos, splits=2, regressors=["ridge"], bootstrap=5).save(mkdtemp())
    >>> read_comparison(folder).summary["table"].tolist()
    ['x']
    """
    place = Path(folder)
    if not place.is_dir():
        raise TableError(f"{escaped_name(place)} is no folder: name the folder that compare wrote")
    settings = read_settings(place / SETTINGS)
    told, digests = settings.pop("warnings", []), settings.pop("results", {})
    if not _are_texts(told) or not isinstance(digests, dict):
        raise TableError(
            f"{escaped_name(place / SETTINGS)} is damaged: warnings must be a list of texts, "
            "and results an object"
        )
    names = [name for name in NEEDED if name != "splits" or os.path.lexists(place / "splits.csv")]
    tables: dict[str, Any] = {name: _table(place / f"{name}.csv", name) for name in names}
    if settings.pop(CSV_SAFE_KEY, False):
        tables = {name: unquoted(table) for name, table in tables.items()}
    found = Comparison(**tables, settings=settings, warnings=tuple(told))
    _check_agreement(found, place)
    changed = [f"{name}.csv" for name, digest in found.digests().items() if digests.get(name) != digest]
    if changed:
        note = f"{' and '.join(changed)} changed since the run, by the SHA-256 in {SETTINGS}"
        found = Comparison(**tables, settings=settings, warnings=(*told, note))
    return found


def read_settings(file: Path) -> dict[str, Any]:
    """Return the settings of a comparison; a TableError if they are no JSON object or a symbolic link."""
    kind = "the settings of a comparison"
    _refuse_link(file)
    with reading(file, kind), open_regular(file) as stream:
        found = parse_json(stream.read(MOST_JSON + 1), file, kind)
    if not isinstance(found, dict):
        raise TableError(f"{escaped_name(file)} cannot be read as {kind}: it is no JSON object")
    return found


def _refuse_link(file: Path) -> None:
    if file.is_symlink():
        raise TableError(f"{escaped_name(file)} is a symbolic link and is not read: replace it by a file")


def _are_texts(value: object) -> bool:
    return (
        isinstance(value, list) and len(value) <= MOST_WARNINGS and all(isinstance(one, str) for one in value)
    )


def _table(file: Path, name: str) -> pd.DataFrame:
    """Return one table with columns of their kinds."""
    import pandas as pd

    kind = f"the {name} of a comparison"
    _refuse_link(file)
    with reading(file, kind), open_regular(file) as stream:
        size = os.fstat(stream.fileno()).st_size
        if size > MOST_BYTES:
            raise ValueError(f"it has {size:,} bytes, at most {MOST_BYTES:,} are read")
    with reading(file, kind):
        layout = recognise(file, kind)
        missing = [column for column in NEEDED[name] if column not in layout.columns]
        if missing:
            raise TableError(f"{escaped_name(file)} cannot be read as {kind}: it lacks {first_few(missing)}")
        if name == "significance" and not layout.sample:  # one model has no pair
            return pd.DataFrame(columns=layout.columns)
        texts = set(layout.columns) if name == "splits" else TEXTS
        frame = read_numeric_text(file, kind, lambda column: column in texts | FLAGS).frame
        made = {
            column: cells.astype(str) if column in texts else _values(cells, escaped_name(file))
            for column, cells in frame.items()
        }
        return pd.DataFrame(made).reset_index(drop=True)


def _values(cells: pd.Series, file: str) -> Any:
    """Return a column of numbers, whole ones or flags as its name says."""
    name = str(cells.name)
    shown = visible_text(name)[:80]
    if name in FLAGS:
        _require(bool(cells.isin(("True", "False")).all()), file, name, "True or False")
        return cells == "True"
    texts = as_texts(cells.astype("float64") if cells.dtype.kind in "fiub" else cells, file)
    found = numbers(texts)
    odd = np.flatnonzero(found.odd | found.grouped)
    if len(odd):
        value = visible_text(str(texts[int(odd[0])]))[:80]
        raise TableError(f"{file}: the column {shown!r} must hold numbers, row {odd[0] + 1} has {value!r}")
    values = found.values
    if name in _CORRELATIONS:
        _require(not (np.abs(values) > 1).any(), file, name, "numbers from -1 to 1")
    if name in WHOLE:
        fits = bool(((values >= 0) & (values < 2**53) & (values == np.floor(values))).all())
        _require(fits, file, name, "whole numbers")
        return values.astype(np.int64)
    return values


def _require(fits: bool, file: str, column: str, what: str) -> None:
    if not fits:
        raise TableError(f"{file}: the column {column!r} must hold {what}")


def _check_agreement(found: Comparison, folder: Path) -> None:
    """Raise TableError unless the summary is that of the scores and counts the videos of the predictions."""
    key = [*_PART, *MODEL]
    medians: dict[Any, Any] = {
        model: np.median(mine[_METRICS].to_numpy(), axis=0) for model, mine in found.scores.groupby(key)
    }
    summary = found.summary.set_index(key)
    tested = found.predictions.groupby(_PART)["id"].nunique()
    same = summary.index.is_unique and set(summary.index) == set(medians)
    rows: Iterable[tuple[Any, Any]] = summary.iterrows() if same else ()
    for model, row in rows:
        expected, n = medians[model], tested.get(model[:2])
        close = np.allclose(row[_METRICS].astype(float), expected, ROUNDING, ROUNDING, equal_nan=True)
        same = same and close and row["n"] == n
    if not same:
        raise TableError(
            f"{escaped_name(folder)}: summary.csv is not the summary of scores.csv and predictions.csv: its "
            "files are of different runs or were changed"
        )
