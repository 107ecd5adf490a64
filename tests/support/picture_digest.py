"""Extractors whose rows are checksums of pictures: rows are equal where pictures are, to the last bit."""

from __future__ import annotations

import os
import signal
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from vqa_features.extractor import Extractor, PairExtractor, Session, Values
from vqa_features.frame import Views
from vqa_features.specs import Cost, Feature, VideoInfo


class _Digests(Session):
    """Checksums of the frames of a window, 0 where there is none."""

    def __init__(self, ends_at: int = -1, once: str = "", with_parent: bool = False, meet: str = "") -> None:
        self._ends_at, self._once, self._with_parent, self._meet = ends_at, once, with_parent, meet

    def prepare(self, frame: Views) -> Any:
        if self._meet and frame.source in (30, 100):
            _meet_another(Path(self._meet))
        if frame.source == self._ends_at and not (self._once and Path(self._once).exists()):
            if self._once:
                Path(self._once).touch()
            if self._with_parent:
                os.kill(os.getppid(), signal.SIGKILL)
            os.kill(os.getpid(), signal.SIGSEGV)
        planes = [frame.luma, *frame.chroma]
        luma, *chroma = (zlib.crc32(np.ascontiguousarray(plane)) for plane in planes)
        return luma, sum(chroma)

    def push(self, window: Sequence[Any]) -> Values:
        return np.array([value for one in window for value in (one or (0, 0))], dtype=np.float64)


def _meet_another(folder: Path) -> None:
    (folder / str(os.getpid())).touch()
    until = time.monotonic() + 60
    while len(os.listdir(folder)) < 2 and time.monotonic() < until:
        time.sleep(0.02)


@dataclass(frozen=True)
class PictureDigest(Extractor):
    """Checksums of luma and chroma; crashes at frame `ends_at`, with `once` only until that file exists.

    `with_parent` kills the worker of a cluster too, whose process does the work. With `meet`, a folder, a
    process that has come to frame 30 or 100 waits until another one has.
    """

    name: ClassVar[str] = "picture-digest"
    group: ClassVar[str] = "artefact"
    cost: ClassVar[Cost] = "heavy"
    needs: ClassVar[tuple[str, ...]] = ("luma", "chroma")

    ends_at: int = field(default=-1, metadata={"identity": False})
    once: str = field(default="", metadata={"identity": False})
    with_parent: bool = field(default=False, metadata={"identity": False})
    meet: str = field(default="", metadata={"identity": False})

    @property
    def features(self) -> tuple[Feature, ...]:
        return (
            Feature("luma", "checksum of luma"),
            Feature("chroma", "sum of those of both chroma planes"),
        )

    def open(self, info: VideoInfo) -> Session:
        return _Digests(self.ends_at, self.once, self.with_parent, self.meet)


@dataclass(frozen=True)
class WindowDigest(PairExtractor):
    """Checksums of the frames of a window of four."""

    name: ClassVar[str] = "window-digest"
    group: ClassVar[str] = "artefact"
    separable: ClassVar[bool] = True
    before: ClassVar[int] = 2
    after: ClassVar[int] = 1
    needs: ClassVar[tuple[str, ...]] = ("luma", "chroma")

    @property
    def features(self) -> tuple[Feature, ...]:
        names = [f"{view}{place}" for place in range(4) for view in ("luma", "chroma")]
        return tuple(Feature(name, "checksum of a frame") for name in names)

    def open(self, info: VideoInfo) -> Session:
        return _Digests()
