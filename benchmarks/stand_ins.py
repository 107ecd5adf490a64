"""Functions that stand in for the work on a video; workers import them from here."""

from __future__ import annotations

import time

import numpy as np

from vqa_features.specs import VideoInfo
from vqa_features.video_task import Rows, VideoResult, VideoTask

_FRAMES = 10


def nothing(task: VideoTask) -> VideoResult:
    """Return a result at once."""
    return VideoResult(task.id, task.path, "ok")


def made_up(task: VideoTask) -> VideoResult:
    """Return rows as an extractor gives them, at once."""
    rng = np.random.default_rng(int(task.id))
    times = np.arange(_FRAMES) / 25
    rows = {
        one.label: Rows(times, np.arange(_FRAMES), rng.random((_FRAMES, len(one.features))))
        for one in task.extractors
    }
    info = VideoInfo(task.path, 480, 270, 25.0, _FRAMES, _FRAMES / 25, "h264", "yuv420p")
    seconds = dict.fromkeys(("decode", *rows), 0.0)
    return VideoResult(task.id, task.path, "ok", "", (), _FRAMES, _FRAMES, info, rows, seconds)


def sleep(task: VideoTask) -> VideoResult:
    """Stand in for the work: wait as long as the task's name says."""
    time.sleep(float(task.path))
    return VideoResult(task.id, task.path, "ok")
