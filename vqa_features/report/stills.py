"""Stills of the videos of largest error, decoded from their files.

The files come from anywhere. A still is made in a process of its own, which may crash, hang or grow without
harm, by the decoder that extraction uses: it opens nothing but the file (docs/decoding.md). What reaches the
page is a JPEG that is decoded and written again by `vqa_features.report.thumbnails`.
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from ..errors import DecodeError
from ..extras import require
from ..files.names import opened_name
from ..files.reading import reason_of
from ..processes.isolation import read_isolated
from ..specs import Sampling
from ..tables.ids import match
from ..video import Video
from .formatting import shown
from .thumbnails import MOST_SIDE, QUALITY

if TYPE_CHECKING:
    import pandas as pd

    Videos = Mapping[str, str | os.PathLike[str]] | pd.DataFrame

MOST_STILLS = 60
"""Greatest number of videos that are opened."""
DEADLINE_S = 20.0
"""Greatest time for one video, in seconds."""
BUDGET_S = 120.0
"""Greatest time for all videos, in seconds."""
MEMORY_MB = 1536.0
"""Greatest memory of the process that decodes, in MiB."""
MOST_REASON = 120
_NO_FILE = "no table names a file in a column path"
_UNWANTED = f"only {MOST_STILLS} videos are opened, in {BUDGET_S:g} s"


class Stills(NamedTuple):
    """Stills of some videos."""

    pictures: dict[str, bytes]
    """JPEG by video id."""
    missing: dict[str, str]
    """Why a video has none, by id."""

    @property
    def note(self) -> str:
        """Why no video has one, where that is the same for all; empty otherwise."""
        reasons = set(self.missing.values())
        return f"There are no stills: {reasons.pop()}." if len(reasons) == 1 and not self.pictures else ""


def stills_of(videos: Videos, ids: Sequence[str]) -> Stills:
    """Return a still of the middle of some videos.

    Parameters
    ----------
    videos : mapping or DataFrame
        File by video id, or a table with the column ``path`` whose index is the ids.
    ids : sequence of str
        Ids of the videos that are wanted, the most important first.

    Returns
    -------
    Stills
        Each video has a picture or a reason.

    Raises
    ------
    ExtraMissing
        If pillow is not installed.
    """
    require("stills of videos", ("PIL",))
    files = paths_of(videos)
    named = list(files)
    found = Stills({}, {})
    started, opened = time.monotonic(), 0
    for video, row in zip(ids, match(ids, named).rows, strict=True):
        if row < 0:
            found.missing[video] = _NO_FILE
            continue
        left = BUDGET_S - (time.monotonic() - started)
        if opened >= MOST_STILLS or left <= 0:
            found.missing[video] = _UNWANTED
            continue
        opened += 1
        try:
            found.pictures[video] = read_isolated(
                _still,
                opened_name(files[named[row]], in_table=True),
                deadline_s=min(DEADLINE_S, left),
                memory_mb=MEMORY_MB,
            )
        except FileNotFoundError:
            found.missing[video] = "file not found"
        except DecodeError as error:  # its text names the whole path
            found.missing[video] = error.kind
        except Exception as error:  # the edge of one video: whatever a decoder raises is told on its card
            found.missing[video] = shown(reason_of(error), MOST_REASON)
    return found


def paths_of(videos: Videos) -> dict[str, str]:
    """Return the file of each video by its id; a table without the column ``path`` has none."""
    if isinstance(videos, Mapping):
        return {str(name): os.fspath(path) for name, path in videos.items()}
    if "path" not in videos.columns:
        return {}
    cells = zip(videos.index.astype(str), videos["path"], strict=True)
    return {name: path for name, path in cells if isinstance(path, str) and path}


def _still(path: str) -> bytes:
    """Return the picture in the middle of a video as JPEG; the first one where there is none."""
    from PIL import Image

    with Video(path) as video:
        middle = (video.info.duration_s or 0) / 2
    for start_s in (middle, 0.0):
        with suppress(DecodeError), Video(path, sampling=Sampling(start_s=start_s)) as video:
            for frame in video:
                small = Image.fromarray(frame.view("rgb"))
                small.thumbnail((MOST_SIDE, MOST_SIDE))
                out = io.BytesIO()
                small.save(out, "JPEG", quality=QUALITY)
                return out.getvalue()
    raise DecodeError("no picture of it decodes", "no pictures")
