"""What happens in a run over many videos, one record per event, for a log or a display."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

#: Start and end of the work on a video or a part of it, a second try, a worker that came or was lost.
Kind: TypeAlias = Literal["start", "end", "retry", "worker", "worker lost"]


@dataclass(frozen=True)
class Event:
    """One event of a run.

    Parameters
    ----------
    kind : str
        One of `Kind`.
    id, path : str
        The video, "" for events of a worker.
    worker : str
        Where: ``host/process id`` of the process that does the work.
    status, error : str
        Of an end: status of the result. Of a retry or a lost worker: why.
    seconds : float or None
        Of an end: seconds since its start.
    peak_memory_mb : float or None
        Of an end: largest resident memory of the process since the start of the video, in MiB.
    part : str
        What part of a video's work it is, "" for the whole.
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
    part: str = ""
    time_s: float = field(default_factory=time.time)


OnEvent: TypeAlias = Callable[[Event], None]
