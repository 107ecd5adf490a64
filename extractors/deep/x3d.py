"""X3D-M: a 3D network of 3.8 million weights.

Feichtenhofer, "X3D: expanding architectures for efficient video recognition", CVPR 2020. Weights and keys
are pytorchvideo's, the recipe is the test of its authors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from vqa_features.specs import Checkpoint

from ._kinetics import KineticsExtractor, pytorchvideo_weights

if TYPE_CHECKING:
    from ._networks.layers import Backbone

_WIDTHS = [24, 48, 96, 192]


@dataclass(frozen=True)
class X3DM(KineticsExtractor):
    """2048 values per clip: the classifier's input, after the projection of the pooled last stage."""

    name: ClassVar[str] = "x3d-m"
    architecture: ClassVar[str] = "x3d"
    dim: ClassVar[int] = 2048
    config: ClassVar[Mapping[str, Any]] = {"depths": [3, 5, 11, 7], "widths": _WIDTHS}
    taps: ClassVar[Mapping[str, int]] = {
        f"blocks.{stage}": width for stage, width in enumerate(_WIDTHS, start=1)
    }
    references: ClassVar[tuple[str, ...]] = (
        "Feichtenhofer, X3D: expanding architectures for efficient video recognition, CVPR 2020",
        "pytorchvideo 0.1.5, models/x3d.py; facebookresearch/SlowFast 287ec00",
    )
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = (
        pytorchvideo_weights(
            "X3D_M.pyth", "eb9583d5f5a988a5c5f06f75760b070a5c9715794bd3b0536b78bd30595dcf67", 30779313
        ),
    )

    frames: int = 16
    stride: int = 5

    @classmethod
    def network(cls, config: Mapping[str, Any]) -> Backbone:
        """Return the module of a configuration."""
        from ._networks import x3d

        return x3d.build(config)
