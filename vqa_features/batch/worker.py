"""What a worker process does before the work on a video: get ready, and describe the video."""

from __future__ import annotations

from dataclasses import dataclass

from ..extraction.allocator import give_back_freed_pages
from ..extraction.readiness import prove_all
from ..extraction.source_stream import enough_for
from ..extraction.task_video import task_video
from ..kernels.compiling import stored
from ..specs import VideoInfo
from ..video.timeline import Timeline
from ..video_task import VideoTask
from .compiled import with_kernels
from .deadlines import deadline_for, frames_before
from .time_ranges import is_long

#: Seconds a clip took in this process, by label of the extractors of scope "clip".
_CLIP_S: dict[str, float] = {}


@dataclass(frozen=True)
class Described:
    """A video before its work: what it is, how long the work may take, and how a long one can be divided."""

    info: VideoInfo
    deadline_s: float
    timeline: Timeline | None = None


def get_ready(task: VideoTask) -> bool:
    """Load the networks and compile the kernels of a task's extractors.

    Parameters
    ----------
    task : VideoTask
        Its video is not opened.

    Returns
    -------
    bool
        Whether a fresh process should do the work: kernels were compiled, and no network was loaded.

    Raises
    ------
    VqaError
        If an extractor cannot work for any video.
    """
    kernels_alone = with_kernels(task.extractors) == {one.name for one in task.extractors}
    before = stored()
    _CLIP_S.update(prove_all(task.extractors))
    give_back_freed_pages()
    return kernels_alone and stored() > before


def describe(task: VideoTask) -> Described:
    """Describe a task's video, in the worker because the file may crash the decoder.

    Parameters
    ----------
    task : VideoTask
        The video.

    Raises
    ------
    DecodeError
        If the file cannot be opened or its first picture does not decode.
    """
    with task_video(task) as (video, _):
        info, expected = video.info, video.outcome.frames_expected
        decoded = (expected or info.frames or 0) + frames_before(task.sampling.start_s)
        whole = is_long(task, info, decoded)
        enough = enough_for(task.extractors, info) if whole and task.sparse else None
        if enough is not None:
            whole = video.plan(enough) is None
        timeline = video.timeline() if whole else None
    decoded *= 2 if task.area == "active" else 1  # once to find it
    return Described(info, deadline_for(info, task.extractors, _CLIP_S, decoded), timeline)
