"""SlowFast-R50: the motion feature of SimpleVQA, MinimalisticVQA and RQ-VQA.

Feichtenhofer et al., "SlowFast networks for video recognition", ICCV 2019. Two 3D ResNets run beside each
other: a slow one of 8 frames and many channels, and a fast one of 32 frames and few channels, whose maps
flow into the slow one. Weights and keys are pytorchvideo's; the default is the test of its authors, the
other recipes are those of the quality models.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from vqa_features.errors import ParameterError
from vqa_features.specs import Checkpoint

from . import _sampling
from ._kinetics import KineticsExtractor, pytorchvideo_weights
from ._preprocess import HALF_MEAN, HALF_STD, Preprocess

if TYPE_CHECKING:
    from ._networks.layers import Backbone

#: The slow pathway sees one of so many frames.
_ALPHA = 4
_WIDTHS = {"joined": 2304, "slow": 2048, "fast": 256}
#: The picture of the quality models: Pillow's antialiased resizing to a square.
_SQUARE = Preprocess((224, 224), None, HALF_MEAN, HALF_STD, "pil")
#: Values that the recipes by second take: those of recipe kinetics, which were not chosen then, and one view.
_ONE_VIEW = {"clips": (10, 1), "crops": (3, 1), "stride": (2,)}
_BY_SECOND = {"simplevqa": _sampling.seconds, "minimalisticvqa": _sampling.within_seconds}


def _taps() -> dict[str, int]:
    return {
        f"{path}{stage}": width << stage
        for stage in range(1, 5)
        for path, width in (("slow", 128), ("fast", 16))
    }


@dataclass(frozen=True)
class SlowFastR50(KineticsExtractor):
    """2304 values per clip: the slow pathway's 2048 and the fast one's 256.

    Parameters
    ----------
    recipe : {"kinetics", "simplevqa", "minimalisticvqa"}
        The official test (10 clips x 3 crops of 256), or one clip per whole second of the video, the picture
        resized to 224 x 224: the 32 frames from its start (SimpleVQA, RQ-VQA), or the 32 frames in its
        middle and, at up to 32 per second, all of them with the last repeated (MinimalisticVQA). These have
        one view per second: `clips` and `crops` are 1 (`crops` of fragments are free).
    path : {"joined", "slow", "fast"}
        Both pathways, or one.
    frames, stride : int
        Frames of the fast pathway per clip, a multiple of 4, and their distance at 30 frames per second
        (recipe kinetics).
    """

    name: ClassVar[str] = "slowfast-r50"
    architecture: ClassVar[str] = "slowfast"
    config: ClassVar[Mapping[str, Any]] = {"depths": [3, 4, 6, 3], "alpha": _ALPHA}
    taps: ClassVar[Mapping[str, int]] = _taps()
    references: ClassVar[tuple[str, ...]] = (
        "Feichtenhofer et al., SlowFast networks for video recognition, ICCV 2019",
        "pytorchvideo 0.1.5, models/slowfast.py; facebookresearch/SlowFast 287ec00",
        "Sun et al., A deep learning based no-reference quality assessment model for UGC videos, ACM MM 2022",
        "Sun et al., Analysis of video quality datasets via design of minimalistic video quality models, "
        "TPAMI 2024",
    )
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = (
        pytorchvideo_weights(
            "SLOWFAST_8x8_R50.pyth",
            "454f39e1c1f985df2bee2aa27887ed53ff56e74ed8b8cca11203a1a1264d7cc2",
            277138115,
        ),
    )

    frames: int = 32
    stride: int = 2
    recipe: Literal["kinetics", "simplevqa", "minimalisticvqa"] = "kinetics"
    path: Literal["joined", "slow", "fast"] = "joined"

    def __post_init__(self) -> None:
        self._check_recipe()
        super().__post_init__()
        if self.frames % _ALPHA:
            raise ParameterError(f"{self.name}: frames must be a multiple of {_ALPHA}, got {self.frames}")
        if self.path not in _WIDTHS:
            raise ParameterError(f"{self.name}: path must be joined, slow or fast, got {self.path!r}")
        if self.tap and self.path != "joined":
            raise ParameterError(f"{self.name}: path applies to the embedding, so give tap or path, not both")

    def _check_recipe(self) -> None:
        """Refuse what the recipe has no use for; clips and crops left at their defaults become its own."""
        if self.recipe == "kinetics":
            return
        if self.recipe not in _BY_SECOND:
            known = ", ".join(("kinetics", *_BY_SECOND))
            raise ParameterError(f"{self.name}: recipe must be of {known}, got {self.recipe!r}")
        for name, allowed in _ONE_VIEW.items():
            given = getattr(self, name)
            if given not in allowed and not (name == "crops" and self.view == "fragments"):
                raise ParameterError(
                    f"{self.name}: recipe {self.recipe} has one view a second: leave {name} out, got {given}"
                )
            if name != "stride" and given == allowed[0]:
                object.__setattr__(self, name, 1)

    @property
    def dim(self) -> int:  # type: ignore[override]
        """Width of the embedding."""
        return _WIDTHS[self.path]

    @property
    def preprocess(self) -> Preprocess:  # type: ignore[override]
        """The recipe's resizing and normalisation."""
        return KineticsExtractor.preprocess if self.recipe == "kinetics" else _SQUARE

    @property
    def options(self) -> dict[str, Any]:
        """Arguments of `Backbone.embed`."""
        return super().options if self.tap else {"path": self.path}

    def windows(self, n_frames: int, fps: float) -> NDArray[np.int64]:
        """The recipe's clips; see `Extractor.windows`."""
        if self.recipe == "kinetics":
            return super().windows(n_frames, fps)
        return _BY_SECOND[self.recipe](n_frames, fps, self.frames)

    @classmethod
    def network(cls, config: Mapping[str, Any]) -> Backbone:
        """Return the module of a configuration."""
        from ._networks import slowfast

        return slowfast.build(config)
