"""R3D-18, MC3-18 and R(2+1)D-18: 3D convolutional networks trained on Kinetics-400.

Tran et al., "A closer look at spatiotemporal convolutions for action recognition", CVPR 2018.
Weights, keys, clip and preprocessing are torchvision's: 16 frames at 15 per second, resized to
128 x 171 without antialias, centre crop 112, five clips per video.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from vqa_features.specs import Checkpoint

from . import _sampling
from ._base import DeepExtractor, check_positive
from ._preprocess import Preprocess

if TYPE_CHECKING:
    from ._networks.layers import Backbone

_LICENCE = "BSD-3-Clause (torchvision); trained on Kinetics-400"
_SEEN = "seen in torchvision 0.28 (models/video/resnet.py)"
_CONFIG = {"layers": [2, 2, 2, 2], "widths": [64, 128, 256, 512], "num_classes": 400}


def _checkpoint(file: str, digest: str, size: int) -> Checkpoint:
    url = f"https://download.pytorch.org/models/{file}-{digest[:8]}.pth"
    return Checkpoint(
        "kinetics400", url, _LICENCE, sha256=digest, size=size, layout="torchvision", seen=_SEEN
    )


@dataclass(frozen=True)
class _VideoResNet(DeepExtractor):
    """The recipe the three networks share.

    Parameters
    ----------
    frames : int
        Frames per clip.
    fps : float
        Frames per second of a clip.
    """

    group: ClassVar[str] = "3d-cnn"
    config: ClassVar[Mapping[str, Any]] = _CONFIG
    dim: ClassVar[int] = 512
    taps: ClassVar[Mapping[str, int]] = {"layer1": 64, "layer2": 128, "layer3": 256, "layer4": 512}
    preprocess: ClassVar[Preprocess] = Preprocess(
        (128, 171), 112, (0.43216, 0.394666, 0.37645), (0.22803, 0.22145, 0.216989), "tensor"
    )
    references: ClassVar[tuple[str, ...]] = (
        "Tran et al., A closer look at spatiotemporal convolutions for action recognition, CVPR 2018",
        "torchvision 0.28, models/video/resnet.py, weights KINETICS400_V1",
    )
    kinds: ClassVar[tuple[str, ...]] = ()

    clips: int = 5
    frames: int = 16
    fps: float = 15.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_positive(self, "frames", "fps")

    def windows(self, n_frames: int, fps: float) -> NDArray[np.int64]:
        """Clips of `frames` frames, `fps` per second, spread evenly."""
        return _sampling.at_rate(n_frames, fps, self.frames, self.fps, self.clips)

    @classmethod
    def network(cls, config: Mapping[str, Any]) -> Backbone:
        """Return the module of a configuration."""
        from ._networks import resnet3d

        return resnet3d.build(cls.kinds, config)


@dataclass(frozen=True)
class R3D18(_VideoResNet):
    """Full 3x3x3 convolutions in every stage; 512 values per clip."""

    name: ClassVar[str] = "r3d-18"
    architecture: ClassVar[str] = "r3d-18"
    kinds: ClassVar[tuple[str, ...]] = ("3d", "3d", "3d", "3d")
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = (
        _checkpoint("r3d_18", "b3b3357ead25631ec9c57362ff2128a92d0427e01e2cd184951a44380c3f2e9d", 133546016),
    )


@dataclass(frozen=True)
class MC318(_VideoResNet):
    """3D convolutions in the first stage, 2D after it; 512 values per clip."""

    name: ClassVar[str] = "mc3-18"
    architecture: ClassVar[str] = "mc3-18"
    kinds: ClassVar[tuple[str, ...]] = ("3d", "2d", "2d", "2d")
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = (
        _checkpoint("mc3_18", "a90a0ba35ca1242d15b77511ff28bfb29cc596988b5ea36081042f8e2f54212b", 46841888),
    )


@dataclass(frozen=True)
class R2Plus1D18(_VideoResNet):
    """Each convolution split into space and time; 512 values per clip."""

    name: ClassVar[str] = "r2plus1d-18"
    architecture: ClassVar[str] = "r2plus1d-18"
    kinds: ClassVar[tuple[str, ...]] = ("2+1d", "2+1d", "2+1d", "2+1d")
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = (
        _checkpoint(
            "r2plus1d_18", "91a641e6c2ab531d1aca5f4321b4d802ec5c3babc15df855cdb6e39c6a1107c8", 126162996
        ),
    )
