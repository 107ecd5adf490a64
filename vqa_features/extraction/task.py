"""The work on one video of a table."""

from __future__ import annotations

import time

from ..video import open_video
from ..video_task import VideoResult, VideoTask
from .active_area import area_of
from .allocator import give_back_freed_pages
from .engine import feed_each
from .ranges import in_range
from .source_stream import surroundings


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
        If the file cannot be opened or no frame of it decodes.
    """
    if task.part is not None:
        give_back_freed_pages()  # of the timeline, or of the rows of the range before
    with open_video(
        task.path,
        sampling=task.sampling,
        raw=task.raw,
        luma=task.luma,
        threads=task.threads,
        part=task.part,
    ) as video:
        start = time.perf_counter()
        area = area_of(video, task.sampling) if task.area == "active" else None
        looked_s = time.perf_counter() - start
        frames, info = video.frames(surroundings(task.extractors, video.info)), video.info
        if area is not None:
            frames, info = area.crop(frames), area.described(info)
        done = feed_each(frames, info, task.extractors, alone=alone)
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
            sight=done.sight if task.part is not None else {},
        )
