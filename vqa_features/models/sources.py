"""Where the columns of a model come from: extractors, sampling and pools, checked before every prediction.

A table that `extract` wrote carries its settings. A model keeps the part of them that its columns need, and
can then extract from videos by itself. Columns of other tables have no settings: such a model predicts from
tables only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from ..batch.options import Extraction
from ..batch.replay import Replay
from ..errors import TableError, UnknownName, first_few
from ..pooling import columns as pooled_columns
from ..pooling import parse_column
from ..tables.settings import SETTINGS_KEY
from ..video import DECODING_VERSION

if TYPE_CHECKING:
    import pandas as pd


#: Parts of an extractor's identity, as messages name them.
_PARTS = {"version": "version", "parameters": "parameters", "weights": "weights"}
#: Fields of a table's settings that a model keeps.
_FIELDS = frozenset("command version extractors identities pool sampling decoding luma raw area".split())
#: Fields that settings of before lack, and what they mean then.
_DEFAULTS = {"area": "full"}
_SHOWN = 60


@dataclass(frozen=True)
class Source:
    """One table that a model was trained on.

    Parameters
    ----------
    name : str
        Name of the table.
    columns : tuple of str
        The columns that the model uses, in its order.
    settings : mapping, optional
        The settings of `extract` that give these columns; None for a table that it did not write.
    """

    name: str
    columns: tuple[str, ...]
    settings: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, name: str, columns: Sequence[str], frame: pd.DataFrame) -> tuple[Source, str]:
        """Return the source of a training table, and why it cannot be extracted again ("" if it can).

        Parameters
        ----------
        name : str
            Name of the table.
        columns : sequence of str
            Its columns that the model uses.
        frame : DataFrame
            The table, with ``attrs["settings"]``.
        """
        plain, settings = cls(name, tuple(columns)), frame.attrs.get(SETTINGS_KEY) or {}
        if settings.get("command") != "extract":
            return plain, "it was not made by extract"
        parsed = [parse_column(column) for column in columns]
        used = [column.label for column in parsed if column is not None]
        if len(used) < len(columns):
            return plain, "it has columns of no extractor"
        try:
            replay = Replay.of(settings, name)
            by_label = dict(zip(replay.extractors, _listed(settings.get("identities")), strict=True))
            missing = sorted(set(used) - set(by_label))
            if missing:
                raise ValueError(f"its settings do not name {first_few(missing)}")
        except (TableError, UnknownName, ValueError) as error:
            return plain, str(error)
        kept = [label for label in replay.extractors if label in set(used)]
        return replace(
            plain,
            settings={
                "command": "extract",
                "version": settings.get("version"),
                "extractors": kept,
                "identities": [by_label[label] for label in kept],
                "pool": list(replay.pools),
                "sampling": asdict(replay.sampling),
                "decoding": settings.get("decoding"),
                "luma": replay.luma,
                "raw": settings.get("raw"),
                "area": replay.area,
            },
        ), ""

    def check(self) -> None:
        """Raise ValueError if settings that come from a file do not have the fields that `of` writes."""
        if self.settings is None:
            return
        if {*self.settings, *_DEFAULTS} != _FIELDS or self.settings["command"] != "extract":
            raise ValueError(f"the settings of {self.name} have other fields than extract writes")
        labels = self.settings["extractors"]
        if not isinstance(labels, list) or len(_listed(self.settings["identities"])) != len(labels):
            raise ValueError(f"the extractors and identities of {self.name} differ in number")

    @property
    def labels(self) -> list[str]:
        """Labels of the extractors, empty without settings."""
        return [] if self.settings is None else list(self.settings["extractors"])

    def identities(self) -> dict[str, Mapping[str, Any]]:
        """Return name, version, parameters and weights of every extractor in training, by label."""
        if self.settings is None:
            return {}
        return dict(zip(self.labels, self.settings["identities"], strict=True))

    def extraction(self) -> Extraction:
        """Return what computes the columns from videos, as in training.

        Raises
        ------
        TableError
            If the table was not made by extract, an extractor or the decoding has another version than in
            training, or a column is not given any more.
        WeightsMissing, UnknownName
            If an extractor or its weights are not here.
        """
        if self.settings is None:
            raise TableError(
                f"the model was trained on the table {self.name!r}, which extract did not write: it predicts "
                "from tables with its columns, not from videos"
            )
        replay = Replay.of(self.settings, f"the model's table {self.name}")
        extraction = Extraction.of(
            list(replay.extractors), replay.pools, replay.sampling, replay.luma, replay.raw, replay.area
        )
        remedy = f"train it again, or predict with vqa-features {self.settings.get('version')}"
        here = {one.label: _plain(one.identity()) for one in extraction.extractors}
        self._check_identities(here, "this program has", remedy)
        if self.settings["decoding"] != DECODING_VERSION:
            raise TableError(
                f"the model was trained on frames of decoding version {self.settings['decoding']}, this "
                f"program has {DECODING_VERSION}: {remedy}"
            )
        given = {name for one in extraction.extractors for name in pooled_columns(one, extraction.pools)}
        lost = [name for name in self.columns if name not in given]
        if lost:
            raise TableError(f"the extractors do not give {first_few(lost)} any more: {remedy}")
        return extraction

    def check_table(self, settings: Mapping[str, Any], name: str) -> bool:
        """Return whether a table says how its columns were made; refuse one that was made otherwise.

        Parameters
        ----------
        settings : mapping
            ``table.attrs["settings"]``.
        name : str
            The table, for messages.

        Raises
        ------
        TableError
            Naming the extractor or the setting that differs from training.
        """
        if self.settings is None:
            return True
        labels, identities = settings.get("extractors"), settings.get("identities")
        if settings.get("command") != "extract" or not isinstance(labels, list):
            return False
        known = dict(zip(labels, _listed(identities), strict=False))
        shared = [label for label in self.labels if label in known]
        remedy = "extract it again with the model's settings (vqa-features predict does from videos)"
        self._check_identities({label: known[label] for label in shared}, f"{name} has", remedy)
        for key in ("sampling", "luma", "area", "decoding"):
            trained, found = ({**_DEFAULTS, **one}.get(key) for one in (self.settings, settings))
            if shared and trained != found:
                what = "decoding version" if key == "decoding" else key
                told = f"{_text(trained)}, {name} has {_text(found)}"
                raise TableError(f"the model was trained with {what} {told}: {remedy}")
        return len(shared) == len(self.labels)

    def _check_identities(self, found: Mapping[str, Any], who: str, remedy: str) -> None:
        trained = self.identities()
        for label, identity in found.items():
            for key, what in _PARTS.items():
                before, now = trained[label].get(key), identity.get(key)
                if before != now:
                    raise TableError(
                        f"{label}: the model was trained on {what} {_text(before)}, {who} {_text(now)}: "
                        f"{remedy}"
                    )


def _listed(value: object) -> list[dict[str, Any]]:
    """Return the identities of a table's settings as plain JSON; ValueError if they are something else."""
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise ValueError("its settings hold no identities of extractors")
    return [_plain(one) for one in value]


def _plain(identity: Mapping[str, Any]) -> dict[str, Any]:
    """Return an identity as JSON keeps it: tuples are lists."""
    return dict(json.loads(json.dumps(identity, default=str)))


def _text(value: object) -> str:
    """Return a setting for a message: what is None or 0 of a mapping is left out."""
    if isinstance(value, Mapping):
        named = ", ".join(f"{key} {one}" for key, one in value.items() if one not in (None, 0, 0.0))
        return named or "all"
    text = str(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
