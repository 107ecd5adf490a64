"""ChipQA: statistics of space-time chips, of chroma, gradients and luma, and NIQE's.

Matched is the authors' Python release: gray and CIELAB are OpenCV's 8-bit conversions of RGB, every
fifth frame closes a chunk of five, and the first frame has no features of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vqa_features.column_facts import ColumnFacts
from vqa_features.extractor import Extractor, Session
from vqa_features.resources import load_arrays
from vqa_features.specs import Checkpoint, Cost, Feature, Scope, VideoInfo

from ..v_bliinds.extractor import MODEL, MODEL_INFO
from ._columns import FEATURES


@dataclass(frozen=True)
class ChipQa(Extractor):
    """56 frame features, their changes, NIQE's 37 statistics and 72 of space-time chips.

    All features are of 8-bit RGB. YUV video is converted by this package, not by OpenCV.

    Frame features need two frames, all others five, NIQE's a side of 96 pixels (its distance two
    blocks), chips a side of 26 at the size they are cut from.
    """

    name: ClassVar[str] = "chipqa"
    group: ClassVar[str] = "temporal"
    cost: ClassVar[Cost] = "medium"
    scope: ClassVar[Scope] = "video"
    least_frames: ClassVar[int] = 2
    needs: ClassVar[tuple[str, ...]] = ("rgb",)
    column_facts: ClassVar[ColumnFacts] = {"unit": "1", "direction": "none", "resolution": "full size"}
    references: ClassVar[tuple[str, ...]] = (
        "J. P. Ebenezer, Z. Shang, Y. Wu, H. Wei, S. Sethuraman and A. C. Bovik, ChipQA: No-reference "
        "video quality prediction via space-time chips, IEEE TIP 30, 2021",
        "authors' release (JoshuaEbenezer/ChipQA 53af39c, chipqa.py)",
    )
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = (MODEL_INFO,)

    @property
    def features(self) -> tuple[Feature, ...]:
        """Means of 56 frame features, of their deviations over chunks, and of 109 chunk features."""
        return FEATURES

    def open(self, info: VideoInfo) -> Session:
        """Return a session that keeps the surroundings of the chips of five frames."""
        from ._session import _ChipQaSession

        model = load_arrays(MODEL)
        return _ChipQaSession(model["mean"], model["covariance"])

    def weights_sha256(self) -> str | None:
        """Hash of the pristine model."""
        return MODEL_INFO.sha256
