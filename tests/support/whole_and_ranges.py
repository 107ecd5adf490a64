"""One video computed at once and in ranges, for tests that hold one against the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from vqa_features.batch.time_ranges import TimeParts, separable_of
from vqa_features.extraction.ranges import ranges_of
from vqa_features.extraction.task import run_task
from vqa_features.specs import Sampling
from vqa_features.video import open_video
from vqa_features.video_task import VideoResult, VideoTask

ALL = Sampling()


def parts_of(task: VideoTask, count: int) -> TimeParts | None:
    """Divide a video of any length into at most `count` ranges; None where it cannot be divided."""
    with open_video(task.path, sampling=task.sampling, luma=task.luma) as video:
        timeline, info = video.timeline(), video.info
    if timeline is None:
        return None
    ranges = ranges_of(timeline, separable_of(task), info, count)
    return TimeParts(task, info, timeline, ranges, 60.0) if len(ranges) > 1 else None


def joined(task: VideoTask, parts: TimeParts) -> VideoResult | VideoTask | None:
    """Compute the parts, the last one first."""
    found: VideoResult | VideoTask | None = None
    for part in reversed(list(parts.tasks())):
        found = parts.add(part, run_task(part))
        if found is not None:
            return found
    return found


def assert_ranges_equal_the_whole(
    path: Path | str, extractors: Sequence[Any], counts: Sequence[int], sampling: Sampling = ALL
) -> int:
    """Assert equality to the bit for each number of ranges; return the most ranges there were."""
    task = VideoTask("clip", str(path), tuple(extractors), sampling)
    whole, most = run_task(task), 0
    for count in counts:
        parts = parts_of(task, count)
        if parts is None:
            continue
        most = max(most, len(list(parts.tasks())))
        found = joined(task, parts)
        assert isinstance(found, VideoResult), (path, count, found)
        assert replace(found, rows={}, seconds={}) == replace(whole, rows={}, seconds={}), (path, count)
        assert found.rows.keys() == whole.rows.keys()
        assert found.seconds.keys() == whole.seconds.keys()
        for label, rows in whole.rows.items():
            for name in ("times_s", "frames", "values"):
                one, other = getattr(found.rows[label], name), getattr(rows, name)
                assert np.array_equal(one, other, equal_nan=True), (path, count, label, name)
    return most
