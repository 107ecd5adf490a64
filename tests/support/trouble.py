"""An extractor that meets the trouble it is told to, for workers and the tests that start them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np

from vqa_features.extractor import Extractor, Session, Values
from vqa_features.frame import Views
from vqa_features.specs import Feature, VideoInfo

#: Whether this process has slept.
SLEPT: list[bool] = []


def _meet(how: str) -> None:
    match how:
        case "value":
            raise ValueError("a strange\npicture")
        case "memory":
            raise MemoryError
        case "cuda":
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")
        case "file":
            raise FileNotFoundError(2, "No such file or directory", "model.json")
        case "module":
            raise ModuleNotFoundError("No module named 'torch'", name="torch")
        case "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "hang":
            time.sleep(1000)
        case "slow once" if not SLEPT:
            SLEPT.append(True)
            time.sleep(4)


class _Troubled(Session):
    def __init__(self, extractor: Trouble, info: VideoInfo) -> None:
        self._how = extractor.how if info.width == extractor.at_width else "none"

    def push(self, window: Sequence[Views]) -> Values:
        if window[0].index == 1:
            _meet(self._how)
        return np.array([window[0].luma.mean()])


@dataclass(frozen=True)
class Trouble(Extractor):
    """Mean of luma; `how` happens at the second frame of videos of a width, `opening` in every opening.

    Every opening adds a line with the process id to the file `log`.
    """

    name: ClassVar[str] = "trouble"
    group: ClassVar[str] = "artefact"

    how: str = "none"
    at_width: int = field(default=64, metadata={"identity": False})
    opening: str = "none"
    log: str = field(default="", metadata={"identity": False})

    @property
    def features(self) -> tuple[Feature, ...]:
        return (Feature("luma", "mean of luma"),)

    def open(self, info: VideoInfo) -> Session:
        if self.log:
            with Path(self.log).open("a") as file:
                file.write(f"{os.getpid()}\n")
        _meet(self.opening)
        return _Troubled(self, info)
