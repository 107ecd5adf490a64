"""Base class of the extractors whose network sees single frames."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from vqa_features.column_facts import ColumnFacts
from vqa_features.specs import Cost

from . import _sampling
from ._base import DeepExtractor, check_positive


@dataclass(frozen=True)
class ImageExtractor(DeepExtractor):
    """A network of single frames, sampled a few times per second.

    Parameters
    ----------
    fps : float
        Frames sampled per second of video.
    """

    group: ClassVar[str] = "cnn"
    cost: ClassVar[Cost] = "medium"
    column_facts: ClassVar[ColumnFacts] = {**DeepExtractor.column_facts, "frame": "the sampled frame"}

    fps: float = 1.0
    batch: int = field(default=8, metadata={"identity": False})

    def __post_init__(self) -> None:
        super().__post_init__()
        check_positive(self, "fps")

    def windows(self, n_frames: int, fps: float) -> NDArray[np.int64]:
        """Return single frames, `fps` per second; see `Extractor.windows`."""
        return _sampling.every(n_frames, fps, self.fps)
