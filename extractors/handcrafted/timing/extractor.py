"""Timing of a video: stalls, freezes, and the cadence in which pictures are repeated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from vqa_features.column_facts import ColumnFacts
from vqa_features.extractor import Extractor, Session
from vqa_features.specs import Cost, Direction, Feature, Scope, VideoInfo

_LOW: Direction = "lower is better"
TIMES = (
    Feature("frame_rate", "frames per second of display time", "1/s", low=0),
    Feature(
        "interval_jitter",
        "standard deviation of the display times that are no stall",
        "ms",
        0,
        direction=_LOW,
    ),
    Feature("longest_display_time", "longest display time of one frame", "s", 0),
    Feature("stall_count", "frames held as stalls", "frames", 0, direction=_LOW),
    Feature("stall_time", "display time of the frames held as stalls", "s", 0, direction=_LOW),
)
FREEZES = (
    Feature(
        "freeze_count",
        "pictures shown unchanged as freezes, stalls among them",
        "pictures",
        0,
        direction=_LOW,
    ),
    Feature("longest_freeze", "longest freeze, 0 where there is none", "s", 0, direction=_LOW),
    Feature("freeze_share", "share of the display time in freezes", "1", 0, 1, direction=_LOW),
)
PICTURES = (
    Feature("picture_rate", "new pictures per second of display time", "1/s", low=0),
    Feature("repeat_share", "share of the frames that repeat the picture before", "1", 0, 1),
    Feature(
        "judder",
        "standard deviation of the display times of pictures outside freezes",
        "ms",
        0,
        direction=_LOW,
    ),
)
CADENCE = (
    Feature(
        "cadence_cycle",
        "frames after which the pattern of repeats recurs: 1 without repeats, 0 without a pattern",
        "frames",
        0,
    ),
    Feature("cadence_pictures", "new pictures in a cycle, 0 without a pattern", "pictures", 0),
    Feature("cadence_hold", "longest hold of a picture in a cycle, 0 without a pattern", "frames", 0),
    Feature(
        "cadence_regularity",
        "share of the repeats or of the new pictures, whichever is less, that recur a cycle later: "
        "1 without repeats, 0 without a pattern",
        "1",
        0,
        1,
    ),
)


@dataclass(frozen=True)
class Timing(Extractor):
    """How long frames and pictures are shown, and in which pattern pictures are repeated.

    A frame is shown until the time of the next one, the last frame for the median of the others. It repeats
    the picture before if it is nearly identical to it (mean absolute difference up to 0.1 code, up to 1.5
    codes in every block of 16 x 16), or if the change of it and its neighbours up to the next new pictures on
    both sides is at most a quarter of theirs, which finds repeats that a lossy encoder changed.

    With d, the median display time of a frame, a frame held for 3 d and d + 0.15 s or more is a stall, and
    a picture shown as long, in one frame or several, is a freeze. A picture that is held through n repeats
    at a constant rate f is shown for (n + 1) / f seconds.

    The cadence is the shortest cycle, up to 30 frames, in which the repeats outside freezes recur: 3:2
    pulldown at 60 frames per second has cycles of 5 frames with 2 pictures, of which one is held for 3
    frames; 24 pictures in 30 frames 5 with 4; 25 in 30 6 with 5; 30 in 60 2 with 1. Repeated fields of
    interlaced video are in `interlace`.

    Repeats are told from new pictures that hardly differ only if motion stands out from what coding changes:
    coarse coding (x264 at crf 36) hides a cadence. Dropped pictures are not measured.

    All frames of the source are read, however the video is sampled. Without times only the counts of frames
    have a value.
    """

    name: ClassVar[str] = "timing"
    group: ClassVar[str] = "temporal"
    cost: ClassVar[Cost] = "cheap"
    scope: ClassVar[Scope] = "video"
    every_frame: ClassVar[bool] = True
    least_frames: ClassVar[int] = 2
    column_facts: ClassVar[ColumnFacts] = {"direction": "none", "resolution": "full size"}
    references: ClassVar[tuple[str, ...]] = (
        "Identifiers for WebRTC's Statistics API, W3C, freezeCount (the least duration of a freeze; "
        "with the median in place of the mean of 30 frames)",
        "FFmpeg's filter freezedetect (an independent program that the tests compare with)",
    )

    @property
    def features(self) -> tuple[Feature, ...]:
        """Display times of frames, freezes, display times of pictures, and their cadence."""
        return (*TIMES, *FREEZES, *PICTURES, *CADENCE)

    def open(self, info: VideoInfo) -> Session:
        """Return a session; it keeps one picture, and three numbers of each frame."""
        from ._session import TimingSession

        return TimingSession()

    def reason(self, info: VideoInfo, n_frames: int, missing: Sequence[str]) -> str:
        """Return that times are needed, where there are none."""
        if n_frames >= self.least_frames:
            return "the times of the frames are not known"
        return super().reason(info, n_frames, missing)
