"""Settings in words: labels and values that a reader understands without the source."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from ..comparison.result import COMMAND_LINE, as_json
from .formatting import shown
from .messages import MOST_TEXT, Piece, pieces_of

MOST_NESTED = 100_000
"""Greatest length of one nested setting."""
MOST_INLINE = 200
"""Greatest length of a mapping that is shown in one line."""
MOST_ENTRIES = 100
"""Greatest number of settings."""
LABELS = {
    "protocol": "Protocol",
    "splits": "Number of splits",
    "splits_given": "Splits given by the user",
    "splits_from": "Origin of the splits",
    "scheme": "Kind of random splits",
    "test_size": "Share of the test part",
    "folds": "Folds of k-fold splits",
    "validation": "Validation videos of given splits",
    "seed": "Seed",
    "regressors": "Regressors",
    "search": "Search asked for",
    "searched": "Searches that were made",
    "grids": "Grids given by the user",
    "recipes": "Regressors in detail",
    "given_scores": "Given scores",
    "fusion": "Fusion of the tables",
    "components": "Principal components",
    "margin": "Difference in SRCC that counts as none",
    "bootstrap": "Bootstrap resamples",
    "logistic": "Logistic map before PLCC and RMSE",
    "analyses": "Further analyses",
    "error_by": "Errors by property",
    "duplicates": "Equal and nearly equal videos",
    "use_metadata": "Metadata used as features",
    "ignore_case": "Case of ids ignored",
    "trusted": "Columns taken as features by hand",
    "mos": "File of the opinion scores",
    "videos": "Videos compared",
    "groups": "Groups of source content",
    "tables": "Feature tables in detail",
    "target": "Target",
    "align": "Alignment of MOS",
    "reference": "Reference data set",
    "joint": "Joint training sets",
    "within": "Scores within a data set",
    "files": "SHA-256 of the files",
    "versions": "Versions",
    "platform": "Platform",
    "command": "Options and files of the command",
}
"""Label of a setting by its key; others are shown by their key."""
VALUES: Mapping[str, Mapping[object, str]] = {
    "splits_from": {"drawn": "drawn at random by this program", "given": "given in Python"},
    "scheme": {
        "holdout": "random hold-out",
        "kfold": "repeated k-fold cross-validation",
        "leave-one-group-out": "one group left out at a time",
    },
    "validation": {"join": "joined to the training videos", "search": "used for the search"},
    "search": {None: "the usual one of the protocol"},
    "components": {None: "tables as they are"},
    "logistic": {"logistic4": "4 parameters", "logistic5": "5 parameters"},
    "duplicates": {"error": "stop the run", "warn": "are a warning", "group": "are put into one group"},
    "mos": {"": "given in Python", None: "given in Python"},
    "align": {"none": "none, as given", "inlsa": "to one scale by INLSA", "rank": "ranks within a data set"},
}
"""Words for values by the key of the setting."""
_SHARES = ("test_size",)


class Setting(NamedTuple):
    """One setting on a page."""

    label: str
    value: list[Piece]
    nested: str = ""
    """Several lines of JSON in the place of `value`."""


def settings_in_words(settings: Mapping[str, object]) -> list[Setting]:
    """Return the first `MOST_ENTRIES` settings with labels and values in words, nested ones last.

    Parameters
    ----------
    settings : mapping
        Of a comparison or a cross-dataset evaluation. The command line is left out: see `command_line_of`.
    """
    named = {key: value for key, value in settings.items() if key != COMMAND_LINE}
    found = [_setting(key, named[key]) for key in list(named)[:MOST_ENTRIES]]
    found.sort(key=lambda one: bool(one.nested))
    if len(named) > MOST_ENTRIES:
        more = f"{len(named) - MOST_ENTRIES:,} more settings are in settings.json"
        found.append(Setting("Not shown", [Piece(more)]))
    return found


def command_line_of(settings: Mapping[str, object]) -> str:
    """Return the command line of a run, empty where none is recorded."""
    line = settings.get(COMMAND_LINE)
    return shown(line, MOST_NESTED) if isinstance(line, str) else ""


def _setting(key: str, given: object) -> Setting:
    label, value = shown(LABELS.get(key, key)), as_json(given)
    words = VALUES.get(key, {})
    if isinstance(value, str | None) and value in words:
        return Setting(label, [Piece(words[value])])
    if value is None or value in ("", [], {}):
        return Setting(label, [Piece("none")])
    if isinstance(value, bool):
        return Setting(label, [Piece("yes" if value else "no")])
    if key in _SHARES and isinstance(value, float):
        return Setting(label, [Piece(f"{100 * value:g} %")])
    if isinstance(value, list):
        return Setting(label, _text(", ".join(map(str, value))))
    if not isinstance(value, dict):
        return Setting(label, _text(value))
    short = _inline(value)
    return Setting(label, [], _nested(value)) if len(short) > MOST_INLINE else Setting(label, _text(short))


def _inline(value: Mapping[str, object]) -> str:
    """Return a mapping as one line of text."""
    nested = any(isinstance(inner, dict) for inner in value.values())
    parts = [
        f"{name}: {_inline(inner)}" if isinstance(inner, dict) else f"{name} {inner}"
        for name, inner in value.items()
    ]
    return ("; " if nested else ", ").join(parts)


def _text(value: object) -> list[Piece]:
    return pieces_of(shown(value, MOST_TEXT))


def _nested(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, indent=1)
    lines = "\n".join(shown(line, MOST_TEXT) for line in text[:MOST_NESTED].split("\n"))
    return lines if len(text) <= MOST_NESTED else f"{lines}\n… {len(text):,} characters are in settings.json"
