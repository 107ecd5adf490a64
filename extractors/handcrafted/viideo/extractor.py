"""VIIDEO, a completely blind video quality score: nothing in it was learned.

Matched is the LIVE release (utlive/VIIDEO). It reads disjoint pairs of frames; of their difference, and of
that difference smoothed, it fits products of neighbours in overlapping blocks. The score is how alike the
fits of both bands change from pair to pair, averaged over spans of a tenth of the video.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from vqa_features.column_facts import ColumnFacts
from vqa_features.errors import ParameterError
from vqa_features.extractor import Extractor, Session
from vqa_features.specs import Cost, Feature, Scope, VideoInfo

#: A span has at least two changes of pairs: ten of them make eleven pairs.
LEAST_FRAMES = 22


@dataclass(frozen=True)
class Viideo(Extractor):
    """The score of a video's luma, and its two parts.

    All are nan for fewer than 22 sampled frames, and where nothing changes.

    Parameters
    ----------
    block : int
        Side of a block in pixels. The release's demo for 176 x 144 has 18; the paper's figures are of 72.
    overlap : int
        Pixels by which a block is extended on each side, at most half of `block`.
    """

    name: ClassVar[str] = "viideo"
    group: ClassVar[str] = "temporal"
    cost: ClassVar[Cost] = "cheap"
    scope: ClassVar[Scope] = "video"
    least_frames: ClassVar[int] = LEAST_FRAMES
    column_facts: ClassVar[ColumnFacts] = {
        "unit": "1",
        "direction": "none",
        "resolution": "full size",
        "frame": "disjoint pairs of successive sampled frames",
    }
    references: ClassVar[tuple[str, ...]] = (
        "A. Mittal, M. A. Saad and A. C. Bovik, A completely blind video integrity oracle, IEEE TIP 25(1), "
        "2016",
        "LIVE release of VIIDEO (utlive/VIIDEO)",
    )

    block: int = 18
    overlap: int = 8

    def __post_init__(self) -> None:
        if self.block < 2:
            raise ParameterError(f"viideo: block must be 2 pixels or more, got {self.block}")
        if not 0 <= 2 * self.overlap <= self.block:
            raise ParameterError(
                f"viideo: overlap must be from 0 to half of block ({self.block // 2}), got {self.overlap}"
            )

    @property
    def features(self) -> tuple[Feature, ...]:
        """Score, correlation and change."""
        sign = "above 0: both bands change in the same blocks; below 0: in different ones"
        return (
            Feature("score", "correlation plus change", "1", -1, 3, "lower is better", sign=sign),
            Feature("correlation", "mean correlation of both bands' changes", low=-1, high=1, sign=sign),
            Feature("change", "mean change of that correlation between spans", low=0, high=2),
        )

    def open(self, info: VideoInfo) -> Session:
        """Return a session that keeps one frame and twelve correlations' sums for each pair."""
        from ._session import _ViideoSession

        return _ViideoSession(self.block, self.overlap)

    def reason(self, info: VideoInfo, n_frames: int, missing: Sequence[str]) -> str:
        """Return that nothing changes, where that is why."""
        if n_frames < LEAST_FRAMES:
            return super().reason(info, n_frames, missing)
        return "no block of the frame differences has samples on both sides of zero in two successive pairs"
