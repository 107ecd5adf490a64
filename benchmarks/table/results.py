"""The results of the table as files: one CSV per part, and how the run was made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vqa_features.errors import TableError

if TYPE_CHECKING:
    import pandas as pd

#: The results that the documentation shows.
COMMITTED = Path(__file__).parent / "results"
RUN = "run.json"
_DIGITS = "%.5g"


@dataclass(frozen=True)
class Results:
    """Everything that the documentation and the page are written from."""

    rows: pd.DataFrame
    """`benchmarks.table.measure.summary_of` of every dataset."""
    families: pd.DataFrame
    """The same of the joined families and their fusion."""
    gains: pd.DataFrame
    """`benchmarks.table.measure.gains_of` of every dataset with two families."""
    cross: pd.DataFrame
    shortcuts: pd.DataFrame
    ceilings: pd.DataFrame
    costs: pd.DataFrame
    run: Mapping[str, Any] = field(default_factory=dict)
    """Surroundings, splits, warnings, and what was left out."""

    def save(self, folder: Path) -> None:
        """Write one CSV per table, and ``run.json``."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in _tables():
            getattr(self, name).to_csv(folder / f"{name}.csv", index=False, float_format=_DIGITS)
        (folder / RUN).write_text(json.dumps(self.run, indent=1) + "\n", encoding="utf-8")


def read_results(folder: Path = COMMITTED) -> Results:
    """Return saved results.

    Raises
    ------
    TableError
        If a file is missing.
    """
    import pandas as pd

    missing = [name for name in (*(f"{one}.csv" for one in _tables()), RUN) if not (folder / name).is_file()]
    if missing:
        raise TableError(f"{folder} lacks {', '.join(missing)}: run `make tables`")
    frames = {name: _read(pd, folder / f"{name}.csv") for name in _tables()}
    return Results(**frames, run=json.loads((folder / RUN).read_text(encoding="utf-8")))


def _tables() -> list[str]:
    return [one.name for one in fields(Results) if one.name != "run"]


def _read(pd: Any, file: Path) -> pd.DataFrame:
    if not file.read_text(encoding="utf-8").strip():
        return pd.DataFrame()
    return pd.read_csv(file, keep_default_na=False, na_values=[""])
