r"""Result of a comparison: tidy tables, settings and warnings, and how they are written to files.

A *model* is one feature table with one regressor. `Comparison` holds these DataFrames; `Comparison.save`
writes each as a CSV file of the same name:

scores
    One row per protocol, test part, split and model: ``protocol`` (strict, literature, official), ``part``
    (name of the test part, ``test`` unless the splits name it), ``split`` (int from 0: one fitted model),
    ``table``, ``family`` (handcrafted, deep, fusion, unknown, or that of a given score), ``regressor``
    (``none``: a given score, whose name is in the place of the table's), ``srcc``, ``krcc``,
    ``plcc_raw`` (no map), ``plcc`` (strict: logistic map fitted on out-of-fold training predictions;
    literature: the same as the next), ``plcc_test_mapped`` (map fitted on the test part, as published
    tables do), ``rmse`` and ``mae`` (after the map of ``plcc``), ``outlier_ratio`` (nan without opinion
    deviations), ``interval`` (half-width of the 90 % conformal prediction interval, in MOS units),
    ``coverage`` (share of test MOS inside it), ``n_train``, ``n_test``, ``columns``, ``chosen`` (JSON:
    hyperparameters, exactly), ``at_edge`` (text: those at an end of their grid), ``seconds``
    (to search, fit and predict; the only column that differs between equal runs). The correlation of a
    constant prediction counts as 0.
summary
    One row per protocol, part and model: ``protocol, part, table, family, regressor, columns, n`` (videos
    tested at least once), ``videos`` (videos joined), ``splits``, for each metric ``m`` of
    `vqa_features.evaluation.metrics.METRICS` the median ``m``, and ``m_mean, m_std, m_low, m_high`` (2.5
    and 97.5 percentiles over splits), then ``srcc_pooled, srcc_pooled_low, srcc_pooled_high`` (each video's
    predictions averaged over the splits that tested it; interval by bootstrap over videos or groups) and
    ``seconds_per_video`` (extraction; nan if the table has no such columns).
significance
    One row per protocol, part and pair of models: ``protocol, part, metric, table_a, regressor_a, table_b,
    regressor_b, test, difference`` (mean over splits, a minus b), ``low, high`` (95 %), ``t, df, p``,
    ``p_holm`` (over all pairs of the protocol and part), ``p_equivalence`` (TOST),
    ``p_equivalence_holm``, ``margin, equivalent`` (bool: `p_equivalence_holm` below .05),
    ``pooled_difference, pooled_low, pooled_high`` (bootstrap over videos), ``f_ratio, f_p`` and
    ``verdict`` (a, b, equivalent or open). ``test`` is ``splits``: Nadeau-Bengio; or, where one model was
    fitted, ``videos``: ``low, high`` are those of the bootstrap, ``t`` is a standard normal z (no ``df``),
    and ``f_ratio, f_p`` compare squared errors, see `vqa_features.comparison.fixed_set`. The baseline
    ``mean`` is not tested.
predictions
    One row per protocol, part, split, model and test video: ``protocol, part, split, table, regressor, id,
    mos, predicted, mapped``.
splits
    One row per video, ``id`` and one column per protocol and split, ``strict-0`` ...: ``train``, the name of
    a test part (``test`` if there is one) or empty. Test parts that share videos have a column each.
    `compare` reads such a file as splits.
extras
    Further tables by name, empty unless asked for, e.g. ``cost``, ``learning_curve``,
    ``residual_correlation``, ``cross``.
settings, warnings
    Settings of the run and warnings about validity. The command line adds ``command``, its options and the
    files that it read with their SHA-256: enough to repeat it (``compare --settings FOLDER``), and
    ``command_line`` as it was typed.

Text is written as UTF-8; what is no character there is written ``\xHH``. ``settings.json`` is always valid
JSON: see `as_json`.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ParameterError
from ..files.atomic import atomic_path
from ..files.names import ESCAPE, escaped_text
from ..tables.csv_style import PLAIN, CsvStyle, Excel
from ..tables.formulas import CSV_SAFE_KEY
from .notebook import as_html, as_text
from .notices import notices_of

if TYPE_CHECKING:
    import pandas as pd

BASELINE = "mean"
FUSION = "fusion"
SETTINGS = "settings.json"
#: Setting of the command line: the command as it was typed.
COMMAND_LINE = "command_line"
#: Tables that every comparison has.
RESULTS = ("scores", "summary", "significance", "predictions", "splits")
#: Digits in files: few enough that the last bit of a platform does not show.
DIGITS = "%.10g"
#: Levels of nested settings that are written.
DEEPEST = 40


@dataclass(frozen=True)
class Comparison:
    """Result of `vqa_features.compare`; the module's docstring lists the columns of every table."""

    scores: pd.DataFrame
    summary: pd.DataFrame
    significance: pd.DataFrame
    predictions: pd.DataFrame
    settings: dict[str, Any]
    warnings: tuple[str, ...] = ()
    splits: pd.DataFrame | None = None
    extras: dict[str, pd.DataFrame] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Return a sentence and one line per model; the tables are attributes."""
        return as_text(self)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the medians of every model, and the warnings."""
        return as_html(self)

    def with_extra(self, name: str, table: pd.DataFrame) -> Comparison:
        """Return the comparison with one more table, which `save` writes and the report shows.

        Warnings in ``table.attrs["warnings"]``, as analyses leave them, become warnings of the comparison.
        """
        told = [text for text in notices_of(table) if text not in self.warnings]
        warnings = tuple(dict.fromkeys([*self.warnings, *(f"{name}: {text}" for text in told)]))
        return replace(self, extras={**self.extras, name: table}, warnings=warnings)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return every table by the name of its file."""
        return {
            "scores": self.scores,
            "summary": self.summary,
            "significance": self.significance,
            "predictions": self.predictions,
            **({} if self.splits is None else {"splits": self.splits}),
            **self.extras,
        }

    def digests(self) -> dict[str, str]:
        """Return the SHA-256 of the text of scores (without ``seconds``), predictions and splits, by name.

        They are written into ``settings.json``, and tell whether a repeated run gave the same.
        """
        timed = self.scores.drop(columns="seconds", errors="ignore")
        tables = {"scores": timed, "predictions": self.predictions}
        if self.splits is not None:
            tables["splits"] = self.splits
        return {
            name: sha256(result_csv(table).encode("utf-8", ESCAPE)).hexdigest()
            for name, table in tables.items()
        }

    def save(
        self, folder: str | os.PathLike[str], *, csv_safe: bool = False, excel: Excel | None = None
    ) -> Path:
        """Write every table as CSV, settings and warnings as JSON; return the folder.

        Files of an earlier comparison are replaced when every new one is complete.
        `vqa_features.comparison.saved.read_comparison` reads the folder.

        Parameters
        ----------
        folder : path
            Made if it does not exist.
        csv_safe : bool
            Write an apostrophe before texts that a spreadsheet would run as a formula.
        excel : {"comma", "semicolon"}, optional
            Write CSV files as Excel opens them, see `vqa_features.tables.csv_style`; it implies `csv_safe`.

        Raises
        ------
        ParameterError
            If the name of an extra table is no file name, or that of another table.
        """
        for name in self.extras:
            if name in RESULTS or not name or Path(name).name != name:
                raise ParameterError(f"an extra table is written to a file of its name: {name!r} is not free")
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        style = CsvStyle(csv_safe, excel)
        texts = {f"{name}.csv": result_csv(table, style) for name, table in self.tables().items()}
        told: dict[str, Any] = {"results": self.digests(), "warnings": list(self.warnings)}
        told |= {CSV_SAFE_KEY: True} if style.quotes else {}
        settings = as_json({**self.settings, **told})
        texts[SETTINGS] = json.dumps(settings, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        with ExitStack() as all_or_none:
            for name, text in texts.items():
                part = all_or_none.enter_context(atomic_path(target / name))
                part.write_text(text, encoding="utf-8", errors=ESCAPE, newline="")
        return target


def result_csv(table: pd.DataFrame, style: CsvStyle = PLAIN) -> str:
    """Return a table of results as the text of a CSV file, without its index."""
    return style.text(table, index=False, float_format=DIGITS)


def as_json(value: object, depth: int = 0) -> Any:
    r"""Return a setting as JSON can hold it, whatever a table from elsewhere brought along.

    Parameters
    ----------
    value : object
        A setting, or all of them.
    depth : int
        Levels above it.

    Returns
    -------
    object
        Numbers that are not finite as the texts ``nan``, ``inf`` and ``-inf``, what is no character as
        ``\xHH``, other objects as their text, and a sentence in place of what lies deeper than `DEEPEST`.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(float(value))
    if isinstance(value, Mapping | list | tuple) and depth >= DEEPEST:
        return f"not written: nested deeper than {DEEPEST} levels"
    if isinstance(value, Mapping):
        return {escaped_text(str(key)): as_json(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(inner, depth + 1) for inner in value]
    return escaped_text(str(value))
