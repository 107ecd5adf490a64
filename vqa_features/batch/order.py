"""The order in which videos are begun: long ones first, so that none of them is alone at the end."""

from __future__ import annotations

import heapq
import os
from collections.abc import Iterable, Iterator

from ..video_task import VideoTask

#: Tasks among which the largest is looked for. No header is read for it, and of a million files no more than
#: these are looked at before the work begins.
WINDOW = 1024


def large_first(tasks: Iterable[VideoTask], window: int = WINDOW) -> Iterator[VideoTask]:
    """Yield every task, each time the one with the largest file of the next `window`.

    The size of a file stands for the length of its video: it is known without opening it. Files that do not
    exist, and equal ones, keep their order.

    Parameters
    ----------
    tasks : iterable of VideoTask
        Read `window` ahead.
    window : int
        Number of tasks that are compared; 1 keeps the order.
    """
    if window == 1:
        yield from tasks
        return
    waiting: list[tuple[int, int, VideoTask]] = []
    for number, task in enumerate(tasks):
        entry = (-_size(task), number, task)
        if len(waiting) < window - 1:
            heapq.heappush(waiting, entry)
        else:
            yield heapq.heappushpop(waiting, entry)[2]
    while waiting:
        yield heapq.heappop(waiting)[2]


def _size(task: VideoTask) -> int:
    if task.remote is not None:  # of a listed object the size is known
        return task.remote.mark[0] if task.remote.mark else 0
    try:
        return os.stat(task.path).st_size
    except (OSError, ValueError):
        return 0
