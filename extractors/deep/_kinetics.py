"""The test that PySlowFast runs on Kinetics, which its networks share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from vqa_features.specs import Checkpoint

from . import _sampling
from ._base import DeepExtractor, check_positive
from ._preprocess import HALF_MEAN, HALF_STD, Preprocess

APACHE = "Apache-2.0 (the code; the model zoo names no other for the weights); trained on Kinetics-400"
_ZOO = "https://dl.fbaipublicfiles.com/pytorchvideo/model_zoo/kinetics/"
_SEEN = "seen in pytorchvideo 0.1.5 (models/hub) and its docs/source/model_zoo.md"


def pytorchvideo_weights(file: str, sha256: str | None = None, size: int | None = None) -> Checkpoint:
    """Return the set of a file of pytorchvideo's model zoo.

    Parameters
    ----------
    file : str
        Its name.
    sha256 : str, optional
        Its digest, where public projects measured it.
    size : int, optional
        Bytes.

    Returns
    -------
    Checkpoint
    """
    seen = f"{_SEEN}; digest and size from public projects that fetched it" if sha256 else _SEEN
    return Checkpoint(
        "kinetics400", f"{_ZOO}{file}", APACHE, sha256=sha256, size=size, layout="pytorchvideo", seen=seen
    )


@dataclass(frozen=True)
class KineticsExtractor(DeepExtractor):
    """Clips of `frames` frames spread over frames x stride frames of a video of 30 per second.

    Parameters
    ----------
    frames, stride : int
        Frames per clip, and their distance at 30 frames per second; the distance in the video follows from
        its own rate.
    """

    group: ClassVar[str] = "3d-cnn"
    preprocess: ClassVar[Preprocess] = Preprocess(256, 256, HALF_MEAN, HALF_STD, "float")
    #: Whether the last clip ends with the video, as of `_sampling.kinetics`.
    to_the_end: ClassVar[bool] = False

    clips: int = 10
    crops: int = 3
    frames: int = 8
    stride: int = 8
    batch: int = field(default=1, metadata={"identity": False})

    def __post_init__(self) -> None:
        super().__post_init__()
        check_positive(self, "frames", "stride")

    def windows(self, n_frames: int, fps: float) -> NDArray[np.int64]:
        """Clips spread evenly; a video that is too short repeats its last frame."""
        return _sampling.kinetics(n_frames, fps, self.frames, self.stride, self.clips, self.to_the_end)
