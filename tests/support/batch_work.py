"""Work for the tests of the batch: what a worker does is in the task's id."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from pathlib import Path

import numpy as np

from vqa_features.errors import DecodeError
from vqa_features.video import open_video
from vqa_features.video_task import VideoResult, VideoTask


def task(name: str, path: str = "") -> VideoTask:
    return VideoTask(name, path or name, ())


def work(task: VideoTask) -> VideoResult:
    """Do what the first word of the id says; the second one only makes ids differ."""
    match task.id.split("-")[0]:
        case "segv":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "exit":
            os._exit(3)
        case "hang":
            time.sleep(1000)
        case "lock":
            Path(task.path).touch()
            ctypes.PyDLL(None).sleep(1000)  # with the interpreter lock held
        case "hog":
            hoard = []
            while True:
                hoard.append(np.ones(5_000_000))
                time.sleep(0.01)
        case "grow":
            np.ones(200 * 2**17)  # 200 MiB, given back at once
        case "decode":
            raise DecodeError("broken", "decode")
        case "value":
            raise ValueError("strange")
        case "unpicklable":
            return VideoResult(task.id, task.path, "ok", rows={"a": lambda: None})  # type: ignore[dict-item]
        case "large":
            return VideoResult(task.id, task.path, "ok", error="x" * 3_000_000)
        case "twice":  # an error of reading, the first time
            if not _tried(task):
                raise OSError(5, "Input/output error")
        case "crash2":  # a crash, the first time
            if not _tried(task):
                os.kill(os.getpid(), signal.SIGKILL)
        case "io":
            with open(task.path, "a", encoding="utf-8") as log:
                log.write("x")
            raise OSError(5, "Input/output error")
        case "orphan":  # the end of the process that started this one
            with open(task.path, "a", encoding="utf-8") as log:
                log.write("x")
            os.kill(os.getppid(), signal.SIGKILL)
            time.sleep(1000)
        case "slow":
            time.sleep(0.3)
    return VideoResult(task.id, task.path, "ok", frames_decoded=os.getpid())


def read(task: VideoTask) -> VideoResult:
    """Decode every frame and report how it went."""
    with open_video(task.path, sampling=task.sampling, raw=task.raw) as video:
        for frame in video:
            frame.view("luma")
        outcome = video.outcome
        return VideoResult(
            task.id,
            task.path,
            outcome.status,
            outcome.error,
            outcome.warnings,
            outcome.frames_decoded,
            outcome.frames_expected,
            video.info,
        )


def _tried(task: VideoTask) -> bool:
    tried = Path(task.path).exists()
    Path(task.path).touch()
    return tried
