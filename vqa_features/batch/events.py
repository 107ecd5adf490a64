"""What happens in a run over many videos, one record per event, for a log or a display."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Literal, TypeAlias

from ..video_task import VideoResult, VideoTask
from .failures import with_failures

#: Start and end of the work on a video or a part of it, a second try, a worker that came or was lost.
Kind: TypeAlias = Literal["start", "end", "retry", "worker", "worker lost"]


@dataclass(frozen=True)
class Event:
    """One event of a run.

    Parameters
    ----------
    kind : str
        One of `Kind`. An end without a start is that of a video whose worker did not get ready.
    id, path : str
        The video, "" for events of a worker.
    worker : str
        Where: ``host/process id`` of the process that does the work.
    status, error : str
        Of an end: as in the row. Of a retry or a lost worker: why.
    seconds : float or None
        Of an end or a retry: seconds since its start.
    peak_memory_mb : float or None
        Of an end or a retry: largest resident memory of the process since the start of the video, in MiB.
        None where it is not known: the process has ended, or it is the user's own.
    frames_decoded : int or None
        Of an end: frames of the source that were decoded.
    part : str
        What part of a video's work it is: an extractor, or frames of a time range; "" for the whole.
    time_s : float
        Unix time.
    """

    kind: Kind
    id: str = ""
    path: str = ""
    worker: str = ""
    status: str = ""
    error: str = ""
    seconds: float | None = None
    peak_memory_mb: float | None = None
    frames_decoded: int | None = None
    part: str = ""
    time_s: float = field(default_factory=time.time)


OnEvent: TypeAlias = Callable[[Event], None]


def event_of(
    kind: Kind,
    worker: int,
    task: VideoTask | None = None,
    result: VideoResult | None = None,
    *,
    seconds: float | None = None,
    peak_memory_mb: float | None = None,
    part: str = "",
) -> Event:
    """Return the event of a process on this machine.

    Parameters
    ----------
    kind : str
        What happened.
    worker : int
        Id of the process that does the work.
    task, result : VideoTask, VideoResult, optional
        The video, and how its work ended.
    seconds, peak_memory_mb, part
        As in `Event`.
    """
    if task and result:
        result = with_failures(result, task.extractors)
    return Event(
        kind,
        id=task.id if task else "",
        path=task.path if task else "",
        worker=f"{_host()}/{worker}",
        status=result.status if result else "",
        error=result.error if result else "",
        seconds=seconds if result else None,
        peak_memory_mb=peak_memory_mb if result else None,
        frames_decoded=result.frames_decoded if result and kind == "end" else None,
        part=part,
    )


@cache
def _host() -> str:
    return socket.gethostname()
