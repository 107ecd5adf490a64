"""The video of a task: its file opened, or the bytes of its address fetched once and then opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..video import StillPicture, Video, open_video
from ..video_task import VideoTask

if TYPE_CHECKING:
    from ..remote.scratch import Fetched, Scratch

#: The copy that `fetch` left for the next call in this process.
_kept: list[Scratch] = []


def fetch(task: VideoTask) -> Fetched | None:
    """Fetch the bytes of a task's address, and keep them until its work is done.

    Parameters
    ----------
    task : VideoTask
        The video.

    Returns
    -------
    Fetched or None
        Hash and mark; None for a file of this machine.

    Raises
    ------
    DecodeError
        If it cannot be fetched.
    """
    if task.remote is None:
        return None
    return _copy_of(task).fetched


def forget() -> None:
    """Remove the copy that is kept."""
    while _kept:
        _kept.pop().close()


@contextmanager
def task_video(task: VideoTask) -> Iterator[tuple[Video | StillPicture, Fetched | None]]:
    """Open the video of a task; a context manager.

    A copy of an address is kept afterwards, unless an error is raised: call `forget` when the work is done.
    Only the last one is kept.

    Yields
    ------
    Video or StillPicture
        The open video.
    Fetched or None
        Hash and mark of the bytes at an address.

    Raises
    ------
    DecodeError
        If the file cannot be opened or fetched, or its first picture does not decode.
    """
    copy = None if task.remote is None else _copy_of(task)
    try:
        with open_video(
            task.path,
            sampling=task.sampling,
            raw=task.raw,
            luma=task.luma,
            part=task.part,
            descriptor=None if copy is None else copy.descriptor(),
        ) as video:
            yield video, None if copy is None else copy.fetched
    except BaseException:
        forget()
        raise


def _copy_of(task: VideoTask) -> Scratch:
    from ..remote.scratch import Scratch

    assert task.remote is not None
    if not _kept or _kept[0].address != task.remote.address:
        forget()
        _kept.append(Scratch(task.remote, task.path))
    return _kept[0]
