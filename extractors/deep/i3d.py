"""I3D with a ResNet-50 as its base.

Carreira and Zisserman, "Quo vadis, action recognition? A new model and the Kinetics dataset", CVPR 2017,
in the form of Wang et al., "Non-local neural networks", CVPR 2018 (without non-local blocks). Weights and
keys are pytorchvideo's, the recipe is the test of its authors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from vqa_features.specs import Checkpoint

from ._kinetics import KineticsExtractor, pytorchvideo_weights

if TYPE_CHECKING:
    from ._networks.layers import Backbone


@dataclass(frozen=True)
class I3DR50(KineticsExtractor):
    """2048 values per clip: the pooled output of the last stage."""

    name: ClassVar[str] = "i3d-r50"
    architecture: ClassVar[str] = "i3d"
    dim: ClassVar[int] = 2048
    config: ClassVar[Mapping[str, Any]] = {"depths": [3, 4, 6, 3]}
    taps: ClassVar[Mapping[str, int]] = {"blocks.1": 256, "blocks.3": 512, "blocks.4": 1024, "blocks.5": 2048}
    references: ClassVar[tuple[str, ...]] = (
        "Carreira and Zisserman, Quo vadis, action recognition?, CVPR 2017",
        "pytorchvideo 0.1.5, models/hub/resnet.py; facebookresearch/SlowFast 287ec00",
    )
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = (pytorchvideo_weights("I3D_8x8_R50.pyth"),)

    @classmethod
    def network(cls, config: Mapping[str, Any]) -> Backbone:
        """Return the module of a configuration."""
        from ._networks import i3d

        return i3d.build(config)
