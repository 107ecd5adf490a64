"""The work on one video of a table."""

from __future__ import annotations

from ..video import open_video
from ..video_task import VideoResult, VideoTask
from .engine import feed_each
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
    with open_video(
        task.path, sampling=task.sampling, raw=task.raw, luma=task.luma, threads=task.threads
    ) as video:
        frames = video.frames(surroundings(task.extractors, video.info))
        done = feed_each(frames, video.info, task.extractors, alone=alone)
        outcome = video.outcome
        return VideoResult(
            id=task.id,
            path=task.path,
            status=outcome.status,
            error=outcome.error,
            warnings=(*outcome.warnings, *done.warnings),
            frames_decoded=outcome.frames_decoded,
            frames_expected=outcome.frames_expected,
            info=video.info,
            rows=done.rows,
            seconds=done.seconds,
            failures=done.failures,
        )
