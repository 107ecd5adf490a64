"""FFmpeg's filter ``blockdetect``: steps at the lines of a regular grid, against those at all other lines.

Matched is the filter of FFmpeg 8 on luma (``planes=1``), whose number is ``lavfi.block``. It adds the sums of
all frames since it was made, so its number of a frame depends on those before; `sums` says whether they do
here. The filter takes 8 bits. Deeper luma is rounded to 8 bits; FFmpeg's own conversion dithers it.
`basics.blockiness` measures each frame alone, finds sizes that are no whole numbers, and has a phase.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

from vqa_features.column_facts import ColumnFacts
from vqa_features.errors import ParameterError
from vqa_features.extractor import Extractor, Session
from vqa_features.specs import Cost, Feature, Scope, VideoInfo

Sums = Literal["stream", "frame"]
#: What FFmpeg allows for the periods.
_SHORTEST, _LONGEST = (2, 32), (2, 64)


@dataclass(frozen=True)
class BlockDetect(Extractor):
    """Blockiness of each frame as FFmpeg's filter ``blockdetect`` gives it.

    It is nan where the filter gives nan, inf, or 0 because nothing was compared: in a flat picture, one
    without steps in its last direction, or one without steps off the grid, and below 9 pixels or so.

    Parameters
    ----------
    period_min, period_max : int
        Distances of the lines of a grid that are tried, in pixels: 2 to 32, and 2 to 64.
    sums : {"stream", "frame"}
        Whether a frame is judged by the sums of all frames up to it, as the filter does, or by its own.
    """

    name: ClassVar[str] = "blockdetect"
    group: ClassVar[str] = "artefact"
    cost: ClassVar[Cost] = "cheap"
    scope: ClassVar[Scope] = "pair"
    before: ClassVar[int] = 0
    column_facts: ClassVar[ColumnFacts] = {"unit": "1", "direction": "none", "resolution": "full size"}
    references: ClassVar[tuple[str, ...]] = (
        "R. Muijs and I. Kirenko, A no-reference blocking artifact measure for adaptive video processing, "
        "EUSIPCO 2005",
        "FFmpeg 8, filter blockdetect, to the six decimals that it prints",
    )

    period_min: int = 3
    period_max: int = 24
    sums: Sums = "stream"

    def __post_init__(self) -> None:
        for name, (low, high) in (("period_min", _SHORTEST), ("period_max", _LONGEST)):
            value = getattr(self, name)
            if type(value) is not int or not low <= value <= high:
                raise ParameterError(
                    f"blockdetect: {name} must be a whole number from {low} to {high}, got {value!r}"
                )
        if self.period_min > self.period_max:
            raise ParameterError(
                f"blockdetect: period_min must not be above period_max, got {self.period_min} and "
                f"{self.period_max}"
            )
        if self.sums not in get_args(Sums):
            raise ParameterError(
                f"blockdetect: sums must be one of {', '.join(get_args(Sums))}, got {self.sums!r}"
            )

    @property
    def features(self) -> tuple[Feature, ...]:
        """One column."""
        upto = " of the frames up to it" if self.sums == "stream" else ""
        return (
            Feature(
                "block",
                "largest quotient over periods of mean steps at the lines of a grid and at the others" + upto,
                "1",
                0,
                frame="the sampled frame and those before it" if upto else "the sampled frame",
            ),
        )

    def open(self, info: VideoInfo) -> Session:
        """Return a session; it keeps the sums of lines and columns."""
        from ._blockdetect import BlockDetectSession

        return BlockDetectSession(self.period_min, self.period_max, summed=self.sums == "stream")
