"""Results of videos to the rows of one feature table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..extraction.tabulate import per_frame_table, pooled_row
from ..files.names import escaped_name, escaped_text
from ..pooling import columns, pool_warnings
from ..specs import VideoInfo
from ..tables.columns import VIDEO_PREFIX
from ..tables.part_layout import COUNT, FLAG, NUMBER, TEXT, WHOLE
from ..video_task import VideoResult
from .inputs import Input
from .options import Extraction
from .resume import StoredColumns

if TYPE_CHECKING:
    import pandas as pd

#: Columns every feature table has beside its features, then ``seconds.<extractor>``.
STATUS_COLUMNS = ("path", "status", "error", "warnings", "frames_decoded", "frames_expected")
#: Fields of `VideoInfo` that every feature table has as columns ``video.<name>``: the video's attributes.
VIDEO_COLUMNS = {
    "fps": "source_fps",
    **{
        name: name
        for name in (
            *("width", "height", "duration_s", "bit_rate", "bit_depth", "codec", "container", "pix_fmt"),
            *("color_range", "color_matrix", "color_transfer", "color_primaries", "rotation", "cropped"),
        )
    },
}
#: The attribute of tables of ``area="active"``.
ACTIVE_AREA = f"{VIDEO_PREFIX}active_area"
#: Kinds of those that are no texts.
_VIDEO_KINDS = {
    **dict.fromkeys(("fps", "duration_s", "bit_rate"), NUMBER),
    **dict.fromkeys(("width", "height", "bit_depth", "rotation"), WHOLE),
    "cropped": FLAG,
}
_WHOLE_NUMBERS = ("frames_expected", "video.width", "video.height", "video.bit_depth", "video.rotation")


def feature_row(result: VideoResult, extraction: Extraction, stored: StoredColumns) -> dict[str, Any]:
    """Return the row of one video by column name.

    Parameters
    ----------
    result : VideoResult
        Its per-frame rows are pooled.
    extraction : Extraction
        Extractors and pools.
    stored : dict
        Pooled columns that came from a store, by extractor label; they replace those of `result`.
    """
    pooled = pooled_row(result, extraction.extractors, extraction.pools)
    for extractor in extraction.extractors:
        if extractor.label in stored:
            names = columns(extractor, extraction.pools)
            pooled.update(zip(names, stored[extractor.label].tolist(), strict=True))
    told = [text for extractor in extraction.extractors for text in extractor.warnings()]
    for extractor in extraction.extractors:
        if extractor.label in stored or extractor.label in result.rows:
            told += pool_warnings(extractor, pooled, extraction.pools)
    return {
        "path": escaped_name(result.path),
        "status": result.status,
        "error": escaped_text(result.error),
        "warnings": escaped_text("; ".join([*result.warnings, *told])),
        "frames_decoded": result.frames_decoded,
        "frames_expected": result.frames_expected,
        **attributes(result.info),
        **({ACTIVE_AREA: result.info.active_area} if result.info else {}),
        **{f"seconds.{label}": seconds for label, seconds in result.seconds.items()},
        **pooled,
    }


def attributes(info: VideoInfo | None) -> dict[str, Any]:
    """Return the columns ``video.*`` of a video, empty cells if it could not be opened."""
    return {f"{VIDEO_PREFIX}{name}": getattr(info, field, None) for name, field in VIDEO_COLUMNS.items()}


def column_kinds(extraction: Extraction) -> dict[str, str]:
    """Return the kind of every column before the features, in order, see `vqa_features.tables.part_layout`.

    Parameters
    ----------
    extraction : Extraction
        Extractors, and the area that is used.
    """
    kinds = dict.fromkeys(STATUS_COLUMNS, TEXT) | {"frames_decoded": COUNT, "frames_expected": WHOLE}
    kinds |= {name: _VIDEO_KINDS.get(name.removeprefix(VIDEO_PREFIX), TEXT) for name in attributes(None)}
    kinds |= {ACTIVE_AREA: TEXT} if extraction.area == "active" else {}
    labels = [extractor.label for extractor in extraction.extractors]
    return kinds | {f"seconds.{name}": NUMBER for name in ("decode", *labels)}


def frame_rows(result: VideoResult, extraction: Extraction) -> pd.DataFrame | None:
    """Return the per-frame rows of one video, None if it has none.

    Index ``id`` (the same in every row), columns ``time_s`` and ``<extractor>.<feature>``.
    """
    import pandas as pd

    if not any(len(rows.values) for rows in result.rows.values()):
        return None
    table = per_frame_table(result, extraction.extractors).reset_index()
    table.index = pd.Index([result.id] * len(table), name="id")
    return table


def feature_table(
    inputs: Sequence[Input],
    rows: Mapping[str, dict[str, Any]],
    extraction: Extraction,
    settings: dict[str, Any],
) -> pd.DataFrame:
    """Return the feature table of the finished videos, in the order of `inputs`.

    Parameters
    ----------
    inputs : sequence of Input
        All videos of the run.
    rows : mapping
        Rows of `feature_row` by id; videos without one are left out.
    extraction : Extraction
        Gives the order of the columns.
    settings : dict
        Kept in ``attrs["settings"]``.
    """
    import pandas as pd

    finished = [video for video in inputs if video.id in rows]
    table = pd.DataFrame.from_dict({video.id: rows[video.id] for video in finished}, orient="index")
    features = [name for e in extraction.extractors for name in columns(e, extraction.pools)]
    table = table.reindex(columns=[*column_kinds(extraction), *features])
    table = table.astype(dict.fromkeys(_WHOLE_NUMBERS, "Int64"))
    for name in ("mos", "group"):
        values = [video.extra.get(name) for video in finished]
        if any(value is not None for value in values):
            table.insert(1, name, values)
    if "mos" in table:
        table["mos"] = table["mos"].astype("float64")
    table.index.name = "id"
    table.attrs["settings"] = settings
    return table
