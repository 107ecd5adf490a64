"""FFmpeg's filter ``blurdetect``: the mean width of edges.

Matched is the filter of FFmpeg 8 on luma (``planes=1``), whose number is ``lavfi.blur``. The filter takes 8
bits. Deeper luma is rounded to 8 bits; FFmpeg's own conversion dithers it. `basics.blur` is another measure,
from 0 to 1, without edges.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vqa_features.column_facts import ColumnFacts
from vqa_features.errors import ParameterError
from vqa_features.extractor import Extractor, Session
from vqa_features.specs import Cost, Feature, VideoInfo


@dataclass(frozen=True)
class BlurDetect(Extractor):
    """Blurriness of each frame as FFmpeg's filter ``blurdetect`` gives it.

    It is nan in a picture, and with blocks in one without a block, that has too few edges.

    Parameters
    ----------
    low, high : float
        Thresholds of an edge's gradient, 0 to 1 for 0 to 255: an edge is above `high`, or above `low` beside
        such a pixel. The defaults are those of the program.
    radius : int
        Pixels from an edge up to which its end is looked for, 1 to 100.
    block_pct : int
        Share of the blocks, the sharpest ones, over which the mean is taken, in percent.
    block_width, block_height : int
        Size of blocks in pixels; the whole picture is one block where either is -1.
    """

    name: ClassVar[str] = "blurdetect"
    group: ClassVar[str] = "artefact"
    cost: ClassVar[Cost] = "cheap"
    column_facts: ClassVar[ColumnFacts] = {"direction": "none", "resolution": "full size"}
    references: ClassVar[tuple[str, ...]] = (
        "P. Marziliano, F. Dufaux, S. Winkler and T. Ebrahimi, A no-reference perceptual blur metric, "
        "ICIP 2002",
        "FFmpeg 8, filter blurdetect, to the six decimals that it prints",
    )

    low: float = 15 / 255
    high: float = 30 / 255
    radius: int = 50
    block_pct: int = 80
    block_width: int = -1
    block_height: int = -1

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high <= 1:
            raise ParameterError(
                f"blurdetect: low and high must be from 0 to 1, low not above high, got {self.low} and "
                f"{self.high}"
            )
        for name in ("radius", "block_pct"):
            value = getattr(self, name)
            if type(value) is not int or not 1 <= value <= 100:
                raise ParameterError(
                    f"blurdetect: {name} must be a whole number from 1 to 100, got {value!r}"
                )
        for name in ("block_width", "block_height"):
            value = getattr(self, name)
            if type(value) is not int or not (value == -1 or value >= 1):
                raise ParameterError(
                    f"blurdetect: {name} must be a whole number from 1, or -1 for the whole picture, "
                    f"got {value!r}"
                )

    @property
    def features(self) -> tuple[Feature, ...]:
        """One column."""
        return (
            Feature(
                "blur", "mean width of edges, of the sharpest blocks where there are several", "pixels", 0
            ),
        )

    def open(self, info: VideoInfo) -> Session:
        """Return a session; it keeps nothing between frames."""
        from ._blurdetect import BlurDetectSession

        return BlurDetectSession(self)
