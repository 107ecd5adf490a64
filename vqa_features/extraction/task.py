"""The work on one video of a table."""

from __future__ import annotations

import time

from ..video_task import VideoResult, VideoTask
from .active_area import area_of
from .allocator import give_back_freed_pages, keep_freed_pages
from .engine import feed_each
from .ranges import in_range
from .source_stream import surroundings
from .task_video import forget, task_video


def run_task(task: VideoTask, *, alone: bool = True) -> VideoResult:
    """Extract from one video; an extractor that fails leaves the others' rows.

    Parameters
    ----------
    task : VideoTask
        File, extractors and sampling.
    alone : bool
        Whether the failure of an extractor is recorded; else it is raised.

    Returns
    -------
    VideoResult
        Its status is that of decoding; its `failures` name the extractors that failed.

    Raises
    ------
    DecodeError
        If the file cannot be opened or fetched, or no frame of it decodes.
    """
    keep_freed_pages()
    if task.part is not None:
        give_back_freed_pages()  # of the timeline, or of the rows of the range before
    try:
        return _extracted(task, alone)
    finally:
        if task.part is None:  # else the next part of the video needs the same bytes
            forget()


def _extracted(task: VideoTask, alone: bool) -> VideoResult:
    with task_video(task) as (video, fetched):
        start = time.perf_counter()
        area = area_of(video, task.sampling) if task.area == "active" else None
        looked_s = time.perf_counter() - start
        frames, info = video.frames(surroundings(task.extractors, video.info)), video.info
        if area is not None:
            frames, info = area.crop(frames), area.described(info)
        done = feed_each(frames, info, task.extractors, alone=alone, threads=task.threads)
        outcome = video.outcome
        if task.part is not None:
            done = in_range(done, task.part, task.path)
        return VideoResult(
            id=task.id,
            path=task.path,
            status=outcome.status,
            error=outcome.error,
            warnings=(*outcome.warnings, *(area.warnings if area else ()), *done.warnings),
            frames_decoded=outcome.frames_decoded,
            frames_expected=outcome.frames_expected,
            info=info,
            rows=done.rows,
            seconds={**done.seconds, "decode": done.seconds["decode"] + looked_s},
            failures=done.failures,
            digest=fetched.digest if fetched else None,
            mark=fetched.mark if fetched else None,
            sight=done.sight if task.part is not None else {},
        )
