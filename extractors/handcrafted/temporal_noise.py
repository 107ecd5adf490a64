"""Noise that changes from frame to frame, apart from motion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vqa_features.column_facts import ColumnFacts
from vqa_features.extractor import PairExtractor, Session
from vqa_features.specs import Cost, Feature, VideoInfo


@dataclass(frozen=True)
class TemporalNoise(PairExtractor):
    """Deviation of the noise of a frame, from its difference from the frame before.

    The difference is taken in blocks of 16 x 16 pixels, displaced by one pixel or by the pan of the whole
    picture (phase correlation) where that fits much better. A change of brightness or contrast and the rest
    of the motion are fitted by a constant, the picture and its two gradients; what is left is the noise of
    two frames. The lowest value around which many blocks lie is the noise, and blocks far above it move in
    other ways. `sigma` is the median over blocks up to 1.25 times that value. Blocks of one code at black or
    white, where clipping removes noise, are left out.

    The noise is that of the codes as they are, the rounding to whole codes included: noise of deviation s
    that was rounded to 8 bits has (s² + 1/12)^½. Coding removes noise in blocks that it copies, and
    `unchanged_share` says in how many. A texture finer than 6 pixels that moves by parts of a pixel reads as
    noise of up to a tenth of its deviation, and so do zoom and rotation where they move much (noise of 2
    codes reads 10 % high at 2 % and 0.02 radians a frame). The first frame of the video and of each shot has
    no value, and a frame smaller than 32 pixels in a direction has none.
    """

    name: ClassVar[str] = "temporal-noise"
    group: ClassVar[str] = "temporal"
    cost: ClassVar[Cost] = "cheap"
    separable: ClassVar[bool] = True
    needs: ClassVar[tuple[str, ...]] = ("luma", "thumbnail")
    before: ClassVar[int] = 7
    least_frames: ClassVar[int] = 2
    least_side: ClassVar[int] = 32
    column_facts: ClassVar[ColumnFacts] = {"direction": "none", "resolution": "full size"}
    references: ClassVar[tuple[str, ...]] = (
        "ours; the pan by phase correlation: C. D. Kuglin and D. C. Hines, The phase correlation image "
        "alignment method, IEEE Conf. on Cybernetics and Society, 1975",
    )

    @property
    def features(self) -> tuple[Feature, ...]:
        """The noise, and how much of the picture it comes from."""
        return (
            Feature(
                "sigma",
                "standard deviation of the temporal noise of a frame",
                "8-bit codes",
                0,
                255,
                "lower is better",
            ),
            Feature("still_share", "share of the blocks from which sigma is taken", "1", 0, 1),
            Feature("unchanged_share", "share of the blocks without any change but motion", "1", 0, 1),
        )

    def open(self, info: VideoInfo) -> Session:
        """Return a session; it keeps nothing between windows."""
        from ._temporal_noise import TemporalNoiseSession

        return TemporalNoiseSession()
