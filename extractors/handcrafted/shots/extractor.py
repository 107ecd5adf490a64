"""Shots, flashes, and whether flashes exceed what ITU-R BT.1702 and WCAG allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

from vqa_features.column_facts import ColumnFacts
from vqa_features.errors import ParameterError
from vqa_features.extractor import Extractor, Session
from vqa_features.specs import Cost, Direction, Feature, Scope, VideoInfo

FlashArea = Literal["picture", "10-degrees"]
_LOW: Direction = "lower is better"
#: Transfer functions of high dynamic range: their light is no share of a maximum.
HDR = ("pq", "hlg")
COLUMNS = (
    Feature("cuts", "cuts between shots", "cuts", 0),
    Feature("fades", "fades to and from a picture without content", "fades", 0),
    Feature("dissolves", "gradual transitions between two pictures", "dissolves", 0),
    Feature("cuts_per_minute", "cuts per minute of display time", "1/min", 0),
    Feature("shot_length_mean", "mean length of the shots", "s", 0),
    Feature("shot_length_min", "length of the shortest shot", "s", 0),
    Feature("flashes", "general flashes: pairs of opposing changes less than a second apart", "flashes", 0),
    Feature(
        "flash_rate_max",
        "most general flashes in any second: opposing changes over 2",
        "flashes",
        0,
        direction=_LOW,
    ),
    Feature(
        "red_flash_rate_max", "most flashes of saturated red in any second", "flashes", 0, direction=_LOW
    ),
    Feature(
        "photosensitive_share",
        "share of the display time at which the last second had more than three general or three red flashes",
        "1",
        0,
        1,
        direction=_LOW,
    ),
    Feature(
        "photosensitive_risk", "1 where any second has more than three flashes", "1", 0, 1, direction=_LOW
    ),
)


@dataclass(frozen=True)
class Shots(Extractor):
    """Number and length of shots, and flashes by the rule of ITU-R BT.1702 and WCAG.

    Cuts are those of docs/cuts.md; cuts before two successive frames are one, of which the first frame is a
    mixture. A shot lasts from its first frame to the next cut or the end of the video: fades and dissolves
    do not end it. These are runs of frames each of which is a mixture of the frames four before and four
    after it, and whose middle is a mixture of two ends that differ in structure. A fade through black is two
    fades. Dissolves are found between shots in which little moves.

    A general flash is a pair of opposing changes of relative luminance by 0.1 or more, where the darker state
    is below 0.8. A red flash is a pair of opposing changes of R - G - B by 20/320 or more, negative values
    being 0, each of which begins or ends in a saturated red, where R is at least 0.8 of R + G + B. R, G, B
    are linear light of sRGB, luminance is 0.2126 R + 0.7152 G + 0.0722 B, both as means in a grid of 64 x 48:
    a fine balanced pattern does not flash. A change may be sudden or gradual. It counts where more than a
    quarter of the area changes in the same direction within 1/15 s, and where the surroundings, an eighth
    of the picture, change by half as much, which moving details do not. Three flashes, that is six opposing
    changes, are allowed in any second. `flashes` and the rates are those of the quarter of the area that
    flashes most. A cut to a darker shot and one back to a lighter shot are opposing changes too.

    The rule is applied to the coded picture, on a display whose white is the maximum of the rule (200 cd/m2).
    The result is no medical statement and replaces no certified test. Regular patterns, which the rule
    restricts too, are not examined. PQ and HLG video has no values of flashes. Fast motion of large bright
    and dark areas flashes, and is counted.

    All frames of the source are read, however the video is sampled. Without times only the counts of cuts,
    fades and dissolves have a value.

    Parameters
    ----------
    flash_area : {"picture", "10-degrees"}
        What a flash needs a quarter of: the picture (BT.1702), or any third of its width by a third of its
        height, which is ten degrees of the visual field at a common viewing distance (WCAG).
    """

    flash_area: FlashArea = "picture"

    name: ClassVar[str] = "shots"
    group: ClassVar[str] = "temporal"
    cost: ClassVar[Cost] = "cheap"
    scope: ClassVar[Scope] = "video"
    every_frame: ClassVar[bool] = True
    needs: ClassVar[tuple[str, ...]] = ("thumbnail", "rgb")
    column_facts: ClassVar[ColumnFacts] = {"direction": "none", "resolution": "means of a grid of 64 x 48"}
    references: ClassVar[tuple[str, ...]] = (
        "Recommendation ITU-R BT.1702, Guidance for the reduction of photosensitive epileptic seizures "
        "caused by television (the rule; its 20 and 160 cd/m2 are 0.1 and 0.8 of a white of 200 cd/m2)",
        "Web Content Accessibility Guidelines 2.1, W3C, success criterion 2.3.1, general flash and red flash "
        "thresholds (relative luminance, saturated red, ten degrees)",
    )

    def __post_init__(self) -> None:
        allowed = get_args(FlashArea)
        if self.flash_area not in allowed:
            raise ParameterError(
                f"shots: flash_area must be one of {', '.join(allowed)}, got {self.flash_area!r}"
            )

    @property
    def features(self) -> tuple[Feature, ...]:
        """Six of shots, five of flashes."""
        return COLUMNS

    def open(self, info: VideoInfo) -> Session:
        """Return a session; it keeps 14 thumbnails and the changes of a second."""
        from ._session import ShotsSession

        return ShotsSession(info.color_transfer not in HDR, self.flash_area == "10-degrees")

    def reason(self, info: VideoInfo, n_frames: int, missing: Sequence[str]) -> str:
        """Return why columns have no value."""
        if n_frames < 2:
            return "lengths and rates need two frames"
        if info.color_transfer in HDR:
            return (
                f"the rule is defined for standard dynamic range, and the transfer is {info.color_transfer}"
            )
        return "lengths and rates need the times of the frames, which fps gives"
