"""Feature columns, metadata columns and family of a table, from its column names."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..errors import TableError
from ..pooling import parse_column
from .metadata_names import names_metadata

if TYPE_CHECKING:
    import pandas as pd

#: Names (lower case) of columns of opinions and of splits: never features.
LABELS = frozenset(
    "mos mosfull moschunk00 moschunk05 moschunk10 dmos std stdfull sos score_mean subjects x_subjects "
    "count split is_test".split()
)
#: Names (lower case) of columns that name a video or say something of it in words; their cells stay text.
TEXT_COLUMNS = frozenset(
    "id vid flickr_id file filename name path video group scene content channel category split status error "
    "warnings".split()
)
#: Names (lower case) of columns that describe a video; features only with `use_metadata`.
METADATA = TEXT_COLUMNS | frozenset(
    "frames_decoded frames_expected width height resolution pixfmt pix_fmt fps framerate frame_rate "
    "nb_frames frames bitdepth bit_depth bitrate bit_rate duration size index".split()
)
#: Columns that describe a video begin with it, e.g. ``video.width``; features only with `use_metadata`.
VIDEO_PREFIX = "video."
#: More columns than all extractors with all pools give; each takes memory of its own.
MOST_COLUMNS = 100_000
UNKNOWN_FAMILY = "unknown"
_UNNAMED = re.compile(r"unnamed column \d+|Unnamed: \d+")


def check_width(columns: int, source: object) -> None:
    """Raise TableError if a table has more than `MOST_COLUMNS` columns."""
    if columns > MOST_COLUMNS:
        raise TableError(f"{source} has {columns} columns, at most {MOST_COLUMNS} are read")


class FeatureColumns(NamedTuple):
    """Names of the feature columns and of the numeric metadata columns."""

    names: list[str]
    metadata: list[str]


def feature_columns(
    table: pd.DataFrame, use_metadata: bool = False, trusted: Collection[str] = ()
) -> FeatureColumns:
    """Return the feature and the metadata columns of a table, distinguished by name.

    If any column has the name of an extractor's column (``brisque.mscn_alpha_s1.mean``), only such columns
    are features; otherwise all numeric columns but those without a name, of `METADATA`, ``video.*``,
    ``seconds.*`` and names of opinions, studies and files (`vqa_features.tables.metadata_names`).

    Parameters
    ----------
    table : DataFrame
        Any feature table.
    use_metadata : bool
        Count numeric metadata columns, except timing and `LABELS`, as features.
    trusted : collection of str
        Numeric columns that are features whatever they are called.
    """
    numeric = [name for name in table.columns if np.asarray(table[name]).dtype.kind in "fiub"]
    named = [name for name in numeric if parse_column(str(name)) is not None]
    names = named or [name for name in numeric if not is_metadata(str(name))]
    aside = [name for name in numeric if name not in set(names) and not str(name).startswith("seconds.")]
    asked = [name for name in aside if str(name) in trusted or (use_metadata and not _is_label(str(name)))]
    return FeatureColumns(names + asked, [name for name in aside if name not in asked])


def _is_label(name: str) -> bool:
    return name.lower() in LABELS or is_unnamed(name)


def is_metadata(name: str) -> bool:
    """Return whether a column is named as one that describes a video, its label or the extraction."""
    described = name.lower() in METADATA or name.startswith((VIDEO_PREFIX, "seconds."))
    return described or _is_label(name) or (names_metadata(name) and parse_column(name) is None)


def is_unnamed(name: str) -> bool:
    """Return whether a column has no name of its own; pandas calls such a column ``Unnamed: 0``."""
    return _UNNAMED.fullmatch(name) is not None


def counts_rows(name: str, cells: pd.Series) -> bool:
    """Return whether a column without a name counts the rows from 0 or 1, as an index that was saved does."""
    if not is_unnamed(name):
        return False
    listed = [str(cell) for cell in cells]
    return any(listed == [str(row + first) for row in range(len(listed))] for first in (0, 1))


def extractor_names(table: pd.DataFrame) -> list[str]:
    """Return the extractors named in the columns, in order; empty if no column names one."""
    parsed = (parse_column(str(name)) for name in table.columns)
    return list(dict.fromkeys(column.extractor for column in parsed if column is not None))


def family_of(table: pd.DataFrame) -> str:
    """Return ``handcrafted`` or ``deep``, ``fusion`` for columns of both, else ``unknown``."""
    from ..registry import registry

    names = extractor_names(table)
    if not names:
        return UNKNOWN_FAMILY
    known = registry()
    families = {known[name].family if name in known else _scheme_family(name) for name in names}
    if len(families) == 1:
        return str(families.pop())
    return "fusion" if families == {"handcrafted", "deep"} else UNKNOWN_FAMILY


def _scheme_family(name: str) -> str:
    """Return the family of an extractor whose name carries its parameter, such as ``hf:MODEL``."""
    from ..registry import registry

    scheme, colon, _ = name.partition(":")
    cls = registry().get(scheme + ":") if colon else None
    return cls.family if cls is not None else UNKNOWN_FAMILY


def split_families(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return one table per family of the feature columns, each with all non-feature columns."""
    features = feature_columns(table).names
    members: dict[str, list[str]] = {}
    for name in features:
        members.setdefault(family_of(table[[name]]), []).append(name)
    others = table.columns.difference(features, sort=False)
    return {family: table[[*others, *names]] for family, names in members.items()}
