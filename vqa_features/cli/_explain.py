"""Explanations of `predict`: printed, written beside the table, and drawn."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..errors import ParameterError
from ..files.atomic import atomic_path
from ..files.writable import check_distinct, check_file
from ..progress import say
from ..tables.csv_style import PLAIN, CsvStyle
from ._figures import check_figure, write_figure
from ._json import print_json, rows_of
from .outputs import Outputs
from .spreadsheets import tell_formulas

if TYPE_CHECKING:
    import pandas as pd

    from ..batch.options import Extraction
    from ..models import QualityModel
    from ..models.explanation import Explanation
    from ..video_task import VideoResult

F = TypeVar("F", bound=Callable[..., object])
#: Rows by frame are kept of at most so many videos; the seconds of further ones are not told.
MOST_SECONDS = 200


def explain_options(command: F) -> F:
    """Add ``--explain`` and ``--explain-plot`` to a command."""
    flag = click.option(
        "--explain",
        is_flag=True,
        help="Print which features and seconds pull each prediction up or down, in place of the table; "
        "with -o also write OUTPUT.explained.csv (contributions) and OUTPUT.seconds.csv.",
    )
    plot = click.option(
        "--explain-plot", metavar="FILE", help="Draw the explanation of one video: .png, .svg or .pdf."
    )
    return flag(plot(command))


@dataclass
class Explainer:
    """What is told of each prediction, and where it is written."""

    model: QualityModel
    files: tuple[Path, Path] | None
    """Contributions and seconds."""
    figure: Path | None
    csv: CsvStyle
    as_json: bool = False
    results: dict[str, list[VideoResult]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        model: QualityModel,
        outputs: Outputs | None,
        explain: bool,
        figure: str | None,
        named: Sequence[str],
        count: int,
        as_json: bool = False,
    ) -> Explainer | None:
        """Return what the options ask for, None if they ask for nothing; files are checked."""
        if not explain and figure is None:
            return None
        from ..models.explaining import check_explainable

        check_explainable(model)
        if figure is not None:
            check_figure(figure)
        if figure is not None and count != 1:
            raise ParameterError(f"--explain-plot draws one prediction, and there are {count}")
        files, written = None, dict[str, str]()
        if outputs is not None and outputs.table is not None:
            stem = Path(outputs.table).with_suffix("")
            files = stem.with_name(f"{stem.name}.explained.csv"), stem.with_name(f"{stem.name}.seconds.csv")
            written = {"the predictions": outputs.table, "the contributions": str(files[0])}
            written["the seconds"] = str(files[1])
        if figure is not None:
            written["the figure"] = os.path.abspath(figure)
        check_distinct(written, named)
        for path in written.values():
            check_file(path)
        return cls(
            model,
            files,
            None if figure is None else Path(os.path.abspath(figure)),
            PLAIN if outputs is None else outputs.csv,
            as_json,
        )

    def keep(self, result: VideoResult) -> None:
        """Keep the rows of a video by frame, for its seconds."""
        if result.id in self.results or len(self.results) < MOST_SECONDS:
            self.results.setdefault(result.id, []).append(result)

    def tell(
        self,
        predicted: pd.DataFrame,
        tables: Mapping[str, pd.DataFrame],
        extractions: Sequence[Extraction] = (),
    ) -> None:
        """Print and write the explanation of every video that has a prediction."""
        known = predicted.index[predicted["mos"].notna()]
        found = []
        for name in known:
            rows = {table: features.loc[[name]] for table, features in tables.items()}
            found.append(self._explanation(str(name), rows, extractions))
            if not self.as_json:
                click.echo(repr(found[-1]))
        if self.as_json:
            print_json(rows_with_explanations(predicted, found))
        if extractions and len(known) > MOST_SECONDS:
            say(f"note: seconds are told of the first {MOST_SECONDS} videos only")
        if self.files is not None:
            self._write(found)
        if self.figure is not None and found:
            from ..plots import ExplanationDisplay

            write_figure(ExplanationDisplay.from_explanation(found[0]), self.figure)

    def _explanation(
        self, name: str, rows: Mapping[str, pd.DataFrame], extractions: Sequence[Extraction]
    ) -> Explanation:
        from ..models.one_video import explanation_of

        parts = list(zip(extractions, self.results.get(name, ()), strict=False))
        if len(parts) == len(rows):
            return explanation_of(self.model, rows, parts)
        return self.model.explain(rows)

    def _write(self, found: Sequence[Explanation]) -> None:
        """Write contributions, and seconds where there are any."""
        import pandas as pd

        assert self.files is not None
        parts = (
            {one.name: one.table for one in found},
            {one.name: one.seconds for one in found if one.seconds is not None},
        )
        for file, tables in zip(self.files, parts, strict=True):
            if not tables:
                continue
            table = pd.concat(tables, names=["id"]).reset_index(level=1).reset_index().set_index("id")
            self._write_csv(table, file)
            say(f"{len(table)} rows in {file}")

    def _write_csv(self, table: pd.DataFrame, file: Path) -> None:
        with atomic_path(file) as part:
            Path(part).write_text(self.csv.text(table, index_label="id"), encoding="utf-8", newline="")
        tell_formulas(str(file), self.csv, table)


def rows_with_explanations(predicted: pd.DataFrame, found: Sequence[Explanation]) -> list[dict[str, Any]]:
    """Return the rows of `predict`, each with its explanation, which is None without a prediction."""
    told = {
        one.name: {
            "method": one.method,
            "mean": one.score.mean,
            "contributions": rows_of(one.table, "column"),
            "extractors": rows_of(one.by_extractor, "extractor"),
            "seconds": None if one.seconds is None else rows_of(one.seconds, "start_s"),
            "notes": one.notes,
        }
        for one in found
    }
    return [row | {"explanation": told.get(str(row["id"]))} for row in rows_of(predicted, "id")]
