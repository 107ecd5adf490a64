"""The card of a trained model: all that is known of it beside the fitted pipeline, as plain JSON."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ..errors import TableError
from ..files.reading import parse_json
from .monotone_map import MonotoneMap
from .sources import Source
from .training import Performance
from .training_range import TrainingRange

Values = NDArray[np.float64]
Direction = Literal["higher", "lower"]
DIRECTIONS = get_args(Direction)
#: Version of the format; a later one is refused.
FORMAT = 1
_WORDS = {"higher": "higher is better", "lower": "lower is better"}


@dataclass(frozen=True)
class TrainingData:
    """What a model was trained on.

    Parameters
    ----------
    sha256 : str
        Digest of ids, MOS, column names and feature values as they were used (`digest_of`).
    tables : tuple of str
        File of each table, or its name where it has none.
    mos_source, mos_column : str
        File and column of the MOS.
    mos_low, mos_high : float
        Least and greatest MOS.
    scale : tuple of float, optional
        Ends of the scale, where they were given.
    direction : {"higher", "lower"}
        Whether higher or lower MOS is better.
    videos : int
        Number of videos.
    groups : int, optional
        Number of groups that were kept on one side of every fold.
    """

    sha256: str
    tables: tuple[str, ...]
    mos_source: str
    mos_column: str
    mos_low: float
    mos_high: float
    scale: tuple[float, float] | None
    direction: Direction
    videos: int
    groups: int | None

    @property
    def direction_text(self) -> str:
        """The direction in words."""
        return _WORDS[self.direction]


@dataclass(frozen=True)
class Card:
    """What is known of a trained model.

    Parameters
    ----------
    sources : tuple of Source
        The tables, with their columns in the order of the pipeline's.
    data : TrainingData
        What it was trained on.
    regressor : str
        Name or import path.
    search : str
        Kind of search that was asked for.
    searched : str
        What was searched, in words.
    chosen : mapping
        Hyperparameters.
    seed, folds, repetitions : int
        Of the cross-validation.
    level : float
        Coverage of the interval.
    performance : Performance
        Cross-validated scores.
    curve : MonotoneMap
        From predictions of the pipeline to MOS.
    span : TrainingRange
        Range of the training features.
    warnings : tuple of str
        What limits the validity of the model.
    made_with : mapping
        Versions of packages.
    """

    sources: tuple[Source, ...]
    data: TrainingData
    regressor: str
    search: str
    searched: str
    chosen: Mapping[str, Any]
    seed: int
    folds: int
    repetitions: int
    level: float
    performance: Performance
    curve: MonotoneMap
    span: TrainingRange
    warnings: tuple[str, ...]
    made_with: Mapping[str, str]

    @property
    def columns(self) -> list[str]:
        """Names of the columns that the model needs, in order."""
        return [name for source in self.sources for name in source.columns]

    @property
    def extracts(self) -> bool:
        """Whether the model can extract its columns from videos."""
        return all(source.settings is not None for source in self.sources)

    def to_json(self) -> str:
        """Return the card as a JSON text; nan is null."""
        plain = asdict(self)
        plain["performance"] = self.performance._asdict()
        plain["curve"] = self.curve._asdict()
        low, high = (_numbers(one) for one in (self.span.low, self.span.high))
        plain["span"] = {"low": low, "high": high, "limit": self.span.limit}
        return json.dumps({"format": FORMAT, **_without_nan(plain)}, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str, source: str) -> Card:
        """Return the card of a JSON text; what is wrong with it is a TableError that names the file."""
        found = parse_json(text, source, "a model: its card is to be JSON")
        if not isinstance(found, dict) or found.pop("format", None) != FORMAT:
            raise TableError(f"{source} is a model of another version of vqa-features than this one")
        try:
            card = _card(found)
            _check(card)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise TableError(f"{source} is no model: its card is damaged ({error})") from error
        return card


def digest_of(ids: Sequence[str], mos: Values, columns: Sequence[str], values: Values) -> str:
    """Return the SHA-256 of training data: JSON of ids and columns, then MOS and values as float64.

    Parameters
    ----------
    ids : sequence of str
        Ids of the videos.
    mos : (videos,)
        MOS.
    columns : sequence of str
        Names of the columns.
    values : (videos, columns)
        Features, little-endian and row by row in the digest.
    """
    found = hashlib.sha256(json.dumps([list(ids), list(columns)]).encode())
    for array in (mos, values):
        found.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
    return found.hexdigest()


def _card(found: dict[str, Any]) -> Card:
    """Return the card of a JSON object of the right fields."""
    span, data, scale = found["span"], found["data"], found["data"]["scale"]
    low, high = (
        np.array([math.nan if one is None else float(one) for one in span[key]]) for key in ("low", "high")
    )
    scores = {key: math.nan if one is None else float(one) for key, one in found["performance"].items()}
    replaced = {
        "sources": tuple(
            Source(one["name"], tuple(map(_text, one["columns"])), one["settings"])
            for one in found["sources"]
        ),
        "data": TrainingData(
            **{
                **data,
                "tables": tuple(map(_text, data["tables"])),
                "scale": None if scale is None else (float(scale[0]), float(scale[1])),
            }
        ),
        "performance": Performance(**scores),
        "curve": MonotoneMap(**{key: float(one) for key, one in found["curve"].items()}),
        "span": TrainingRange(low, high, float(span["limit"])),
        "warnings": tuple(map(_text, found["warnings"])),
    }
    return Card(**{**found, **replaced})


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is to be a text")
    return value


def _check(card: Card) -> None:
    """Raise ValueError if parts of a card contradict one another."""
    columns = len(card.columns)
    if not columns or len(set(card.columns)) < columns:
        raise ValueError("it names no columns, or one twice")
    if len(card.span.low) != columns or len(card.span.high) != columns:
        raise ValueError("it has another number of ranges than of columns")
    if card.curve.high < card.curve.low or not card.curve.width > 0:
        raise ValueError("its map is not monotone")
    if card.data.direction not in DIRECTIONS or not 0 < card.level < 1:
        raise ValueError("a value is not allowed")
    data = card.data
    for text in (card.regressor, card.search, card.searched, data.sha256, data.mos_source, data.mos_column):
        _text(text)
    for source in card.sources:
        _text(source.name)
        source.check()
    counts = [card.seed, card.folds, card.repetitions, data.videos, 0 if data.groups is None else data.groups]
    for number in counts:
        if isinstance(number, bool) or not isinstance(number, int):
            raise ValueError(f"{number!r} is to be a whole number")
    if not all(isinstance(one, Mapping) for one in (card.chosen, card.made_with)):
        raise ValueError("hyperparameters and versions are to be objects")


def _numbers(values: Values) -> list[float | None]:
    return [float(one) if math.isfinite(one) else None for one in values]


def _without_nan(value: Any) -> Any:
    """Return JSON data with None in the place of numbers that are not finite, which JSON does not have."""
    if isinstance(value, Mapping):
        return {key: _without_nan(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(one) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
