"""Inputs: files, folders, globs and CSV files of paths, expanded to one `Input` per video."""

from __future__ import annotations

import glob
import os
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..errors import ParameterError
from ..files.names import VIDEO_SUFFIXES
from ..specs import RawFormat, Sampling
from ..tables.text import TEXT_SUFFIXES
from .path_list import read_list


@dataclass(frozen=True)
class Input:
    """One input video.

    `sampling` holds the sampling columns of the CSV for this video; `extra` its ``mos`` (a number)
    and ``group``.
    """

    path: str
    id: str = ""
    sampling: dict[str, float | int] = field(default_factory=dict)
    extra: dict[str, str | float] = field(default_factory=dict)

    def sample(self, default: Sampling) -> Sampling:
        """Return `default`, overridden by the sampling columns of the CSV for this video."""
        return replace(default, **self.sampling)  # type: ignore[arg-type]


def find_inputs(
    names: Sequence[str | os.PathLike[str]], tell: Callable[[str], object] = warnings.warn
) -> list[Input]:
    """Expand files, folders, glob patterns and CSV files, in the order given, each with its own id.

    A folder gives the files below it that have a video suffix, sorted. A name that exists is used as
    it is, even if it contains glob characters. A name that does not exist and has no glob character is
    kept, so that its row reports the missing file. Ids are file names without folder and suffix; equal
    ids are made distinct by as many folder names as needed (``folder__clip``).

    Parameters
    ----------
    names : sequence of paths
        Files, folders, glob patterns, or lists: .csv, .tsv and .txt files with a column ``path``.
    tell : callable
        Called with each sentence about a list: how it was read, cells of MOS that are no numbers.

    Returns
    -------
    list of Input
        One per video.

    Raises
    ------
    ParameterError
        If a folder or a pattern holds no video, or two inputs have the same id.
    TableError
        If a list has no column ``path`` or a cell that cannot be read.
    """
    found: list[Input] = []
    for name in names:
        text = os.fspath(name)
        path = Path(text)
        if path.is_dir():
            found += _nonempty(
                text, (p for p in path.rglob("*") if p.suffix.lower() in VIDEO_SUFFIXES and not p.is_dir())
            )
        elif path.suffix.lower() in TEXT_SUFFIXES and path.is_file():
            found += _from_list(path, tell)
        elif os.path.lexists(text) or not glob.has_magic(text):
            found.append(Input(text))
        else:
            found += _nonempty(text, map(Path, glob.glob(text, recursive=True)))
    return _with_ids(found)


def _nonempty(name: str, paths: Iterable[Path]) -> list[Input]:
    inputs = [Input(str(path)) for path in sorted(paths)]
    if not inputs:
        raise ParameterError(
            f"{name!r} holds no video: name files with one of {' '.join(sorted(VIDEO_SUFFIXES))}"
        )
    return inputs


def _from_list(path: Path, tell: Callable[[str], object]) -> list[Input]:
    rows, notes = read_list(path)
    for note in notes:
        tell(note)
    return [Input(*row) for row in rows]


def _with_ids(inputs: list[Input]) -> list[Input]:
    ids = [one.id or Path(one.path).stem for one in inputs]
    folders = 0
    clashing = _clashing(ids)
    while clashing and folders < 64:
        folders += 1
        for i, one in enumerate(inputs):
            if ids[i] in clashing and not one.id:
                parents = Path(one.path).absolute().parts[1:-1]
                ids[i] = "__".join((*parents[len(parents) - folders :], Path(one.path).stem))
        clashing = _clashing(ids)
    if clashing:
        raise ParameterError(f"two inputs have the id {sorted(clashing)[0]!r}: give each its own in a CSV")
    return [replace(one, id=name) for one, name in zip(inputs, ids, strict=True)]


def _clashing(ids: list[str]) -> set[str]:
    return {name for name, count in Counter(ids).items() if count > 1}


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
