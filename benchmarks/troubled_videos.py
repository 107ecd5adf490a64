"""An extractor that meets trouble with videos of some names, for trials of workers: crash, hang, hoard."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from vqa_features.extractor import Extractor, Session, Values
from vqa_features.frame import Views
from vqa_features.specs import Feature, VideoInfo


class _Troubled(Session):
    def __init__(self, name: str) -> None:
        self._name = name

    def push(self, window: Sequence[Views]) -> Values:
        hoard = []
        match self._name:
            case "crash":
                os.kill(os.getpid(), signal.SIGSEGV)
            case "hang":
                time.sleep(1000)
            case "hoard":
                while True:
                    hoard.append(np.ones(5_000_000))
        return np.array([window[0].luma.mean()])


@dataclass(frozen=True)
class TroubledVideos(Extractor):
    """Mean of luma; the videos ``crash``, ``hang`` and ``hoard`` do to the process what their names say."""

    name: ClassVar[str] = "troubled-videos"
    group: ClassVar[str] = "artefact"

    @property
    def features(self) -> tuple[Feature, ...]:
        """The mean of luma."""
        return (Feature("luma", "mean of luma"),)

    def open(self, info: VideoInfo) -> Session:
        """Return a session that knows the name of the video."""
        return _Troubled(Path(info.path).stem)
