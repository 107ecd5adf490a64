"""Interlaced fields: combed frames, the order of the fields, and repeated fields of telecine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vqa_features.column_facts import ColumnFacts
from vqa_features.extractor import PairExtractor, Session
from vqa_features.specs import Cost, Direction, Feature, VideoInfo

_LOW: Direction = "lower is better"


@dataclass(frozen=True)
class Interlace(PairExtractor):
    """Whether the two fields of a frame are of two moments, and in which order.

    Each row of a frame, the same row of the next and that of the last frame are held against the two rows
    around it. If the picture is progressive, its own rows fit best, and those of both others fit equally.
    If it is interlaced with the top field (even rows, the first is row 0) first, the even rows of the next
    frame and the odd rows of the last one fit as well as its own, and better than the other way round. `comb`
    is the difference of both ways, as a share of it, of what the frame's own rows fit better, and of a tenth
    of their misfit (more for few blocks); it is near 0 for progressive and near 1 for interlaced video, and 0
    where nothing moves.

    Looked at are blocks of 16 x 16 that change by a code or more and whose rows can be shown by one field,
    which a texture that repeats every 4 rows cannot. Other textures of 2 to 8 rows that move read up to 0.15.
    Motion of more than the size of the textures is not decided (near 0). In telecined film (3:2, 24 pictures
    in 30 frames) two frames of five are combed, and each field is repeated in one of five. Fields are rows of
    the stored size: a video that was scaled after interlacing has no fields any more. The first and the last
    frame have no value.
    """

    name: ClassVar[str] = "interlace"
    group: ClassVar[str] = "artefact"
    cost: ClassVar[Cost] = "cheap"
    separable: ClassVar[bool] = True
    before: ClassVar[int] = 1
    after: ClassVar[int] = 1
    least_frames: ClassVar[int] = 3
    least_side: ClassVar[int] = 16
    column_facts: ClassVar[ColumnFacts] = {"direction": "none", "resolution": "full size"}
    references: ClassVar[tuple[str, ...]] = (
        "ours, after the comparison of woven fields in FFmpeg's filter idet (an independent program that the "
        "tests compare with)",
    )

    @property
    def features(self) -> tuple[Feature, ...]:
        """Evidence of fields, and of their order and their repetition."""
        return (
            Feature("comb", "evidence that the fields are of two moments", "1", 0, 1, _LOW),
            Feature("combed", "1 where comb is 0.5 or more", "1", 0, 1, _LOW),
            Feature(
                "field_order",
                "comb with the sign of the order of the fields",
                "1",
                -1,
                1,
                sign="above 0: the top field (even rows) is first; below 0: the bottom field",
            ),
            Feature("top_repeated", "1 where only the top field is that of the last frame", "1", 0, 1),
            Feature("bottom_repeated", "1 where only the bottom field is that of the last frame", "1", 0, 1),
        )

    def open(self, info: VideoInfo) -> Session:
        """Return a session; it keeps nothing between windows."""
        from ._interlace import InterlaceSession

        return InterlaceSession()
