"""Inputs: files, folders, globs and CSV files of paths, expanded to one `Input` per video."""

from __future__ import annotations

import glob
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from ..errors import ParameterError, first_few
from ..files.names import PICTURE_SUFFIXES, VIDEO_SUFFIXES, escaped_name, opened_name
from ..remote.addresses import Access, is_remote
from ..specs import RawFormat
from ..tables.foreign import as_frame
from .distinct_ids import distinct_ids
from .folders import Tell, files_below, is_video_name, matching, without_thumbnails
from .path_list import listed_in, read_list
from .plain_list import PLAIN_SUFFIX, plain_list
from .remote_inputs import LIST_SUFFIXES, located, remote_inputs, remote_lines
from .video_input import Input as Input

if TYPE_CHECKING:
    import pandas as pd


#: How inputs are named: one path, a sequence of them, or a table with a column ``path``.
Named: TypeAlias = "str | os.PathLike[str] | Input | Iterable[str | os.PathLike[str] | Input] | pd.DataFrame"


def _warn(text: str) -> None:
    warnings.warn(text, stacklevel=4)


def named_inputs(named: Named, tell: Tell = _warn) -> list[str | os.PathLike[str] | Input]:
    """Return names and records of inputs that are given in any way, as a list for `find_inputs`.

    Parameters
    ----------
    named : path, Input, iterable of them, or DataFrame
        A DataFrame, also of polars or pyarrow, has a column ``path`` and may have those of a list file:
        ``id``, ``mos``, ``group``, ``fps``, ``every``, ``offset``, ``frames``, ``start_s``, ``duration_s``.
    tell : callable
        As in `find_inputs`.

    Raises
    ------
    ParameterError, TableError
        If `named` is something else, or a table has no column ``path`` or a cell that cannot be read.
    """
    if isinstance(named, str | bytes | os.PathLike | Input):
        return [named]
    frame = as_frame(named)
    if frame is not None:
        listed, notes = listed_in(frame)
        for note in notes:
            tell(note)
        return [Input(opened_name(row.path, in_table=True), *row[1:]) for row in listed]
    if not isinstance(named, Iterable):
        raise ParameterError(
            f"inputs must be paths or a table with a column 'path', got {type(named).__name__}"
        )
    found: list[Any] = list(named)
    for one in found:
        if not isinstance(one, str | bytes | os.PathLike | Input):
            raise ParameterError(f"an input must be a path, got {type(one).__name__}: {one!r:.80}")
    return found


def find_inputs(
    names: Sequence[str | os.PathLike[str] | Input],
    tell: Tell = _warn,
    complete: Callable[[list[Input]], list[Input]] | None = None,
    access: Access | None = None,
) -> list[Input]:
    r"""Expand files, folders, glob patterns and CSV files, in the order given, each with its own id.

    A folder gives the files below it that have the suffix of a video or of a still picture, sorted. A picture
    with the name of a video beside it is taken for its thumbnail and left out. Links to folders are followed;
    every folder is read once. Hidden names (``.x``, ``._x``) are left out. A pattern gives the same, of the
    files and folders that match it. A name that exists is used as it is, even if it contains glob characters.
    A name that does not exist and has no glob character is kept, so that its row reports the missing file. A
    file that is named again, also through a link or by another spelling, has one row.

    Ids are file names without folder and suffix. Equal ids are made distinct by as many folder names
    as needed (``folder/clip``), those of files that differ by suffix only by the suffix (``clip.mp4``).
    Names that are not UTF-8 are written with ``\xHH``, here and in the result, see
    `vqa_features.files.names`.

    Parameters
    ----------
    names : sequence of paths or Input
        Files, folders, glob patterns, lists (.csv, .tsv, .txt and .parquet files with a column ``path``, or
        .txt files with one of these names per line, see `plain_list`), or records of single videos.
    tell : callable
        Called with one sentence about what is left out (hidden videos, folders that cannot be read, files
        that are named again) and about a list: how it was read, cells of MOS that are no numbers. By
        default it becomes a Python warning.
    complete : callable, optional
        Returns the videos with what is known of them from elsewhere, before each gets its id.
    access : Access, optional
        Permission to open addresses (``s3://``, ``gs://``, ``https://``): files, lists, and of the first two
        also prefixes and patterns.

    Returns
    -------
    list of Input
        One per video.

    Raises
    ------
    ParameterError
        If a folder or a pattern holds no video, two inputs have the same id, or an address is named without
        permission.
    TableError
        If a list has no column ``path`` or a cell that cannot be read.
    """
    found: list[Input] = []
    for name in _listed_names(names, access):
        if isinstance(name, Input):
            found.append(name)
            continue
        text = opened_name(name)
        path = Path(text)
        if is_remote(text):
            found += remote_inputs(text, access, tell)
        elif os.path.isdir(path):
            below = [*filter(is_video_name, files_below(text, tell))]
            found += _nonempty(text, without_thumbnails(below, tell))
        elif path.suffix.lower() in LIST_SUFFIXES and os.path.isfile(path):
            found += _from_list(path, tell)
        elif os.path.lexists(text) or not glob.has_magic(text):
            found.append(Input(text))
        else:
            found += _nonempty(text, matching(text, tell))
    distinct = _once_each(located(found, access), tell)
    if complete is not None:
        distinct = complete(distinct)
    ids = distinct_ids([one.path for one in distinct], [one.id for one in distinct])
    return [replace(one, id=name) for one, name in zip(distinct, ids, strict=True)]


def _listed_names(
    names: Sequence[str | os.PathLike[str] | Input], access: Access | None
) -> Iterator[str | os.PathLike[str] | Input]:
    """Yield the inputs, with the lines of plain lists in their place."""
    for name in names:
        if isinstance(name, Input):
            yield name
        elif is_remote(text := opened_name(name)):
            lines = remote_lines(text, access)
            yield from [name] if lines is None else lines
        elif Path(text).suffix.lower() == PLAIN_SUFFIX:
            lines = plain_list(Path(text)) if os.path.isfile(text) else None
            yield from [name] if lines is None else lines
        else:
            yield name


def with_part(videos: Sequence[Input], start_s: float, duration_s: float | None) -> list[Input]:
    """Return videos of each of which a part is used.

    Parameters
    ----------
    videos : sequence of Input
        What their lists say of `start_s` and `duration_s` goes first.
    start_s, duration_s : float
        As in `Sampling`.
    """
    part = {"start_s": start_s or None, "duration_s": duration_s}
    given: dict[str, Any] = {name: value for name, value in part.items() if value is not None}
    return [replace(one, sampling=given | one.sampling) for one in videos]


def _nonempty(name: str, paths: Iterable[str]) -> list[Input]:
    inputs = [Input(str(Path(path))) for path in paths]
    if not inputs:
        raise ParameterError(
            f"'{escaped_name(name)}' holds no video and no picture: name files with one of "
            f"{' '.join(sorted(VIDEO_SUFFIXES | PICTURE_SUFFIXES))}"
        )
    return inputs


def _once_each(inputs: list[Input], tell: Tell) -> list[Input]:
    """Leave out a file that is named again with nothing of its own; a link gives way to the file."""
    files = [one.remote.address if one.remote else os.path.realpath(one.path) for one in inputs]
    order = sorted(range(len(inputs)), key=lambda i: (inputs[i].is_plain, os.path.islink(inputs[i].path)))
    kept: dict[object, int] = {}
    for i in order:
        one = inputs[i]
        own = (files[i], one.id, *one.sampling.items(), *one.extra.items())
        if not (one.is_plain and files[i] in kept):
            kept.setdefault(own, i)
            kept.setdefault(files[i], i)
    rows = set(kept.values())
    again = [escaped_name(one.path) for i, one in enumerate(inputs) if i not in rows]
    if again:
        tell(
            f"{len(again)} name(s) are of files that have a row already and are left out: {first_few(again)}"
        )
    return [one for i, one in enumerate(inputs) if i in rows]


def _from_list(path: Path, tell: Tell) -> list[Input]:
    rows, notes = read_list(path)
    for note in notes:
        tell(note)
    return [Input(opened_name(row.path, in_table=True), *row[1:]) for row in rows]


def parse_raw(text: str) -> RawFormat:
    """Read ``WxH:PIX_FMT:FPS``, e.g. ``576x324:yuv420p10le:24``.

    Parameters
    ----------
    text : str
        Width, height, FFmpeg pixel format and frames per second.

    Raises
    ------
    ParameterError
        If the text has another form or a number is not above 0.
    """
    try:
        size, pix_fmt, fps = text.split(":")
        width, height = size.lower().split("x")
        raw = RawFormat(int(width), int(height), pix_fmt, float(fps))
    except ValueError:
        raise ParameterError(
            f"raw geometry is WxH:PIX_FMT:FPS, e.g. 576x324:yuv420p:25, got {text!r}"
        ) from None
    if raw.width < 1 or raw.height < 1 or not raw.fps > 0:
        raise ParameterError(f"raw width, height and rate must be above 0, got {text!r}")
    return raw
