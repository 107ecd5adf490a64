"""The settings that travel in a table, read back: declared fields with their types, and no paths.

A table may come from a stranger. Its settings choose what is computed, never which files are read or
written: inputs, outputs and stores are named by the user.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self, cast, get_args

from ..errors import TableError
from ..extractor import Extractor
from ..files.reading import reason_of
from ..pooling import check_pools
from ..registry import make_all
from ..specs import Area, Luma, RawFormat, Sampling
from ..video.sampling_options import check_sampling
from .recorded_sampling import check_numbers
from .recorded_videos import RecordedVideos

_RAW = {"width": int, "height": int, "pix_fmt": str, "fps": (int, float)}


@dataclass(frozen=True)
class Replay:
    """What the settings of a table say about an extraction.

    Parameters
    ----------
    extractors : tuple of str
        Labels.
    pools : tuple of str
        Statistics over time.
    sampling : Sampling
        Frames that are sampled.
    luma : {"y", "rgb2gray", "pq", "pu21"}
        Source of luma.
    raw : RawFormat or None
        Geometry of headerless YUV files.
    area : {"full", "active"}
        The whole pictures, or what lies between black bars; tables of before have no such setting.
    videos : RecordedVideos
        Ids and sampling of single videos.
    """

    extractors: tuple[str, ...]
    pools: tuple[str, ...]
    sampling: Sampling
    luma: Luma
    raw: RawFormat | None
    area: Area = "full"
    videos: RecordedVideos = field(default_factory=RecordedVideos)

    @classmethod
    def of(cls, settings: Mapping[str, Any], source: str, *, chosen: bool = False) -> Self:
        """Read the settings of a table.

        Parameters
        ----------
        settings : mapping
            ``table.attrs["settings"]``.
        source : str
            The table, for messages.
        chosen : bool
            The user names the extractors: those of the table are not made.

        Raises
        ------
        TableError
            If `extract` did not write them, a field has another type or range, or a label names a file.
        """
        if settings.get("command") != "extract":
            raise TableError(f"{source!r} was not made by extract and cannot be replayed")
        try:
            luma, area = settings.get("luma"), settings.get("area", "full")
            if luma not in get_args(Luma):
                raise TableError(f"luma must be one of {', '.join(get_args(Luma))}, got {luma!r}")
            if area not in get_args(Area):
                raise TableError(f"area must be one of {', '.join(get_args(Area))}, got {area!r}")
            return cls(
                () if chosen else _labels(settings.get("extractors")),
                check_pools(_texts("pool", settings.get("pool"))),
                _sampling(settings.get("sampling")),
                cast("Luma", luma),
                _raw(settings.get("raw")),
                cast("Area", area),
                RecordedVideos.of(settings.get("videos")),
            )
        except (ValueError, OverflowError) as error:  # ours too: told with the table they come from
            raise TableError(f"the settings in {source!r} cannot be replayed: {reason_of(error)}") from error


def _texts(name: str, value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise TableError(f"{name} must be a list of texts, got {value!r}")
    return value


def _labels(value: object) -> tuple[str, ...]:
    """Return labels of extractors none of which names a file or a folder."""
    labels = _texts("extractors", value)
    for extractor in make_all(labels):
        if named := named_file(extractor):
            raise TableError(
                f"{extractor.label} names the file {named!r}: name this extractor with -e if you trust it"
            )
    return tuple(labels)


def named_file(extractor: Extractor) -> str | None:
    """Return a file or folder that a parameter of an extractor names, None if there is none."""
    texts = (getattr(extractor, field.name) for field in fields(extractor))
    return next((text for text in texts if isinstance(text, str) and text and _is_path(text)), None)


def _is_path(text: str) -> bool:
    """Tell whether a text names a file here; an id on the hub (``owner/model``) does not."""
    separated = "/" in text or "\\" in text
    is_id = text.count("/") == 1 and "\\" not in text and text[0] not in "/.~"
    return separated and (not is_id or os.path.lexists(text))


def _sampling(value: object) -> Sampling:
    sampling = Sampling(**check_numbers(value))
    check_sampling(sampling)
    return sampling


def _raw(value: object) -> RawFormat | None:
    if value is None:
        return None
    if not isinstance(value, dict) or set(value) != set(_RAW):
        raise TableError(f"raw must have the fields {', '.join(_RAW)}, got {value!r}")
    for name, kind in _RAW.items():
        if isinstance(value[name], bool) or not isinstance(value[name], kind):  # type: ignore[arg-type]
            raise TableError(f"raw.{name} has another type: {value[name]!r}")
    if not (value["width"] > 0 and value["height"] > 0 and 0 < value["fps"] < math.inf):
        raise TableError(f"raw width, height and rate must be above 0, got {value!r}")
    return RawFormat(**value)
