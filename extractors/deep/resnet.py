"""ResNet-50: the image network of many quality models, with taps at each stage.

He et al., "Deep residual learning for image recognition", CVPR 2016. On KoNViD-1k a stack of its
layers (``resnet-50[tap=layer1+layer2+layer3+layer4,reduce=mean+std]``) says more about quality than
the pooled vector. Weights and preprocessing are torchvision's; transformers' spelling loads as well.
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

_LICENCE = "BSD-3-Clause (torchvision); trained on ImageNet"
_SEEN = "seen in torchvision 0.28 (models/resnet.py)"


def _checkpoint(tag: str, digest: str, size: int) -> Checkpoint:
    url = f"https://download.pytorch.org/models/resnet50-{digest[:8]}.pth"
    return Checkpoint(tag, url, _LICENCE, sha256=digest, size=size, layout="torchvision", seen=_SEEN)


@dataclass(frozen=True)
class ResNet50(ImageExtractor):
    """2048 values per frame: the pooled output of the last stage.

    Parameters
    ----------
    fps : float
        Frames sampled per second of video.
    """

    name: ClassVar[str] = "resnet-50"
    architecture: ClassVar[str] = "resnet-50"
    dim: ClassVar[int] = 2048
    taps: ClassVar[Mapping[str, int]] = {f"layer{stage}": 128 << stage for stage in range(1, 5)}
    preprocess: ClassVar[Preprocess] = Preprocess(256, 224, way="pil")
    references: ClassVar[tuple[str, ...]] = (
        "He et al., Deep residual learning for image recognition, CVPR 2016",
        "torchvision, models/resnet.py, weights IMAGENET1K_V1 and IMAGENET1K_V2",
    )
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = (
        _checkpoint(
            "imagenet", "0676ba61b6795bbe1773cffd859882e5e297624d384b6993f7c9e683e722fb8a", 102530333
        ),
        _checkpoint(
            "imagenet-v2", "11ad3fa62ca79e40addfd354a8ec4b7c75143b3038b8d2a807fbc68deab379ca", 102540417
        ),
    )

    @classmethod
    def network(cls, config: Mapping[str, Any]) -> Backbone:
        """Return the module of a configuration."""
        from ._networks import resnet

        return resnet.build(config)
