"""Which columns of a table are features, of which family, and what the rest is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..pooling import parse_column

if TYPE_CHECKING:
    import pandas as pd

#: Names (lower case) that describe a video or its label and are never features unless asked for.
METADATA = frozenset(
    [
        "id",
        "vid",
        "flickr_id",
        "file",
        "filename",
        "name",
        "path",
        "video",
        "group",
        "scene",
        "content",
        "channel",
        "category",
        "split",
        "status",
        "error",
        "warnings",
        "frames_decoded",
        "frames_expected",
        "mos",
        "mosfull",
        "moschunk00",
        "moschunk05",
        "moschunk10",
        "dmos",
        "std",
        "stdfull",
        "sos",
        "score_mean",
        "subjects",
        "x_subjects",
        "count",
        "width",
        "height",
        "resolution",
        "pixfmt",
        "pix_fmt",
        "fps",
        "framerate",
        "frame_rate",
        "nb_frames",
        "frames",
        "bitdepth",
        "bit_depth",
        "bitrate",
        "bit_rate",
        "duration",
        "size",
        "index",
        "is_test",
    ]
)
UNKNOWN_FAMILY = "unknown"


class FeatureColumns(NamedTuple):
    """Names of the features, and of the numeric columns that were set aside as metadata."""

    names: list[str]
    metadata: list[str]


def feature_columns(table: pd.DataFrame, use_metadata: bool = False) -> FeatureColumns:
    """Tell features from metadata by name.

    If any column is named as an extractor names it (``brisque.mscn_alpha_s1.mean``), those are the features;
    otherwise all numeric columns but those of `METADATA` and ``seconds.*``. `use_metadata` adds the numeric
    metadata columns back, except timing.
    """
    numeric = [name for name in table.columns if np.asarray(table[name]).dtype.kind in "fiub"]
    named = [name for name in numeric if parse_column(str(name)) is not None]
    names = named or [name for name in numeric if not _is_metadata(str(name))]
    aside = [name for name in numeric if name not in set(names) and not str(name).startswith("seconds.")]
    return FeatureColumns(names + aside, []) if use_metadata else FeatureColumns(names, aside)


def _is_metadata(name: str) -> bool:
    return name.lower() in METADATA or name.startswith("seconds.")


def extractor_names(table: pd.DataFrame) -> list[str]:
    """Return the extractors whose columns the table holds, in order; empty when names do not tell."""
    parsed = (parse_column(str(name)) for name in table.columns)
    return list(dict.fromkeys(column.extractor for column in parsed if column is not None))


def family_of(table: pd.DataFrame) -> str:
    """Return ``handcrafted`` or ``deep`` if all extractors of the table are, ``fusion`` if both, else
    ``unknown``."""
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
    """Return one table per family (``handcrafted``, ``deep``, ``unknown``), each with all non-feature
    columns."""
    features = feature_columns(table).names
    members: dict[str, list[str]] = {}
    for name in features:
        members.setdefault(family_of(table[[name]]), []).append(name)
    others = table.columns.difference(features, sort=False)
    return {family: table[[*others, *names]] for family, names in members.items()}
