"""The result of `respond`: features of all versions, curves, summary, displacement."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from ..batch.failures import is_failure
from ..distortion import Ladder
from ..errors import TableError
from ..extractor import Extractor
from ..files.atomic import write_text
from ..pooling import parse_column
from ..tables.writing import write_table
from .clip_versions import ORIGINAL
from .statistics import curves_of, displacement_of, summary_of

if TYPE_CHECKING:
    import pandas as pd

#: Names of the tables in the folder of a response.
TABLES = ("summary.csv", "curves.csv", "displacement.csv")
FEATURES, SETTINGS, REPORT = "features.parquet", "settings.json", "report.html"
#: Family of the predictions of a model.
PREDICTIONS = "prediction"


@dataclass(frozen=True)
class Response:
    """How features and predictions react to distortions.

    Attributes
    ----------
    features : DataFrame
        One row per version: ``clip``, ``ladder``, ``strength``, ``bytes``, then as `extract_many`.
    summary : DataFrame
        One row per ladder and column: see `vqa_features.response.statistics.summary_of`; with ``extractor``
        and ``family``.
    curves : DataFrame
        One row per ladder, column and strength: see `vqa_features.response.statistics.curves_of`.
    displacement : DataFrame
        One row per ladder, extractor and strength: see `vqa_features.response.statistics.displacement_of`.
    warnings : list of str
        What limits the result: clips without a row, versions that failed, too few clips.
    settings : dict
        The request.
    """

    features: pd.DataFrame
    summary: pd.DataFrame
    curves: pd.DataFrame
    displacement: pd.DataFrame
    warnings: list[str]
    settings: dict[str, Any]

    @classmethod
    def of(
        cls,
        tables: Sequence[pd.DataFrame],
        ladders: Sequence[Ladder],
        extractors: Sequence[Extractor],
        settings: dict[str, Any],
    ) -> Self:
        """Compute the statistics of the rows of all clips.

        Raises
        ------
        TableError
            If no clip has features.
        """
        import pandas as pd

        features = pd.concat(tables)
        features.index.name = "id"
        features.attrs["settings"] = settings
        usable, warnings = _usable(features)
        originals = usable[usable["ladder"] == ORIGINAL].set_index("clip")
        versions = usable[usable["ladder"] != ORIGINAL]
        families = {one.label: one.family for one in extractors}
        columns = {
            name: column.label for name in features.columns if (column := parse_column(name)) is not None
        }
        curves, summaries, moves = [], [], []
        for ladder in ladders:
            mine = versions[versions["ladder"] == ladder.name]
            if mine.empty:
                continue
            curve = curves_of(originals, mine, list(columns))
            curves.append(curve.assign(ladder=ladder.name))
            summaries.append(summary_of(originals, mine, curve, list(columns)).assign(ladder=ladder.name))
            for label in dict.fromkeys(columns.values()):
                own = [name for name, one in columns.items() if one == label]
                moves.append(
                    displacement_of(originals, mine, own).assign(ladder=ladder.name, extractor=label)
                )
        summary, displacement = pd.concat(summaries), pd.concat(moves)
        summary["extractor"] = summary["column"].map(columns)
        for table in (summary, displacement):
            table["family"] = table["extractor"].map(families).fillna(PREDICTIONS)
        return cls(
            features,
            _first(summary, "ladder", "family", "extractor", "column"),
            _first(pd.concat(curves), "ladder", "column"),
            _first(displacement, "ladder", "family", "extractor"),
            warnings,
            settings,
        )

    @property
    def failed(self) -> int:
        """Number of versions without features, a clip that cannot be read being one."""
        return int(self.features["status"].map(is_failure).sum())

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Write the tables and the settings into a folder, which is made if it is missing."""
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        write_table(self.features, place / FEATURES)
        for name in TABLES:
            table: pd.DataFrame = getattr(self, name.removesuffix(".csv"))
            write_text(place / name, table.to_csv(index=False))
        write_text(place / SETTINGS, json.dumps(self.settings, indent=1, default=str) + "\n")

    def report(self, path: str | os.PathLike[str]) -> Path:
        """Write the page, one file without scripts, and return its path."""
        from .page import render_response

        target = Path(path)
        write_text(
            target,
            render_response(self.summary, self.curves, self.displacement, self.warnings, self.settings),
        )
        return target


def _usable(features: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows that statistics can use, and what was left out."""
    failed = features[features["status"].map(is_failure)]
    warnings = [
        f"{row['clip']}, {_version(row['ladder'], row['strength'])}: {row['status']}: {row['error']}"
        for row in failed.to_dict("records")
    ]
    good = features.drop(failed.index)
    lost = sorted(set(failed.loc[failed["ladder"] == ORIGINAL, "clip"]))
    good = good[~good["clip"].isin(lost)]
    count = good["clip"].nunique()
    if not count:
        raise TableError(
            f"no clip has features, so there is no response: {warnings[0] if warnings else 'no clip'}"
        )
    if count < 3:
        warnings.append(
            f"{count} clip(s): changes are divided by the spread over at least 3 clips, so they are missing"
        )
    elif count < 6:
        warnings.append(
            f"{count} clips: the test of the smallest strength that is told apart needs at least 6"
        )
    return good, warnings


def _version(ladder: str, strength: float) -> str:
    return ladder if ladder == ORIGINAL else f"{ladder} {strength:g}"


def _first(table: pd.DataFrame, *names: str) -> pd.DataFrame:
    """Return a table with some columns in front."""
    return table[[*names, *(name for name in table.columns if name not in names)]].reset_index(drop=True)
