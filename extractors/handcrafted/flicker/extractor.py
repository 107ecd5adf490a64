"""Flicker of the whole picture, of bands of rows and of places, with its frequency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from vqa_features.column_facts import ColumnFacts
from vqa_features.extractor import PairExtractor, Session
from vqa_features.specs import Cost, Direction, Feature, VideoInfo

CODES = "8-bit codes"
_LOW: Direction = "lower is better"
_SEEN = "0 where there is none; of the frames as they are taken, up to half their rate"


@dataclass(frozen=True)
class Flicker(PairExtractor):
    """Amplitude and frequency of what oscillates in brightness, over 32 frames around the sampled one.

    Means of areas are fitted by a parabola over time, which takes fades out, and the oscillation from 2.5
    cycles in these frames up to half the frame rate that explains most. It counts as flicker if it explains
    more than the strongest one of white noise would (61 % of what is left, at 32 frames) and has 0.2 codes or
    more. An amplitude is that of the sine: half of the whole swing, or the deviation times the root of 2.

    The whole picture: the median change of a grid of 64 x 64 cells, which objects that move do not change, if
    16 parts of the picture oscillate at once. Bands: what most of 8 vertical strips have in common, as one
    wave that travels up or down, which a rolling shutter makes of a flickering light. Local: blocks of a grid
    of 16 x 16 whose cells, and whose neighbours that oscillate too, do so evenly and at once, without the
    frequency of the whole or of the bands; where they do not, something moves. Flicker that is weaker than
    the change by motion is not found.

    A frequency is that of the frames: light that flickers f times a second is seen at the distance of f from
    the nearest multiple of the frame rate, for example 100 Hz at 10 Hz by 30 frames per second, and not at
    all, as still bands, by 25 or 50. A row stands for the sampled frame and is of the 32 frames of its shot
    that are nearest; there is no value where the shot has less than 16. Oscillations slower than 2.5 cycles
    in these frames (2 Hz at 25 frames per second) are not looked for. Flicker of another shape than a sine
    counts with its strongest sine, and single flashes are none.
    """

    name: ClassVar[str] = "flicker"
    group: ClassVar[str] = "temporal"
    cost: ClassVar[Cost] = "medium"
    separable: ClassVar[bool] = True
    needs: ClassVar[tuple[str, ...]] = ("luma", "thumbnail")
    before: ClassVar[int] = 38
    after: ClassVar[int] = 37
    least_frames: ClassVar[int] = 16
    least_side: ClassVar[int] = 32
    column_facts: ClassVar[ColumnFacts] = {
        "direction": "none",
        "resolution": "means of a grid of 64 x 64 cells; bands: of 128 rows in 8 strips",
    }
    references: ClassVar[tuple[str, ...]] = (
        "ours; least-squares spectra: N. R. Lomb, Least-squares frequency analysis of unequally spaced data, "
        "Astrophysics and Space Science 39, 1976",
    )

    @property
    def features(self) -> tuple[Feature, ...]:
        """Flicker of the whole, of bands, and of places."""
        return (
            Feature(
                "global_amplitude", "amplitude of the flicker of the whole picture", CODES, 0, direction=_LOW
            ),
            Feature("global_frequency", f"its frequency, {_SEEN}", "Hz", 0),
            Feature("band_amplitude", "amplitude of bands of rows that travel", CODES, 0, direction=_LOW),
            Feature("band_frequency", f"their frequency at one place, {_SEEN}", "Hz", 0),
            Feature("band_rows", "rows from band to band, 0 where there are none", "rows", 0),
            Feature(
                "local_amplitude", "mean amplitude of blocks that flicker alone", CODES, 0, direction=_LOW
            ),
            Feature("local_frequency", f"frequency of the one that flickers most, {_SEEN}", "Hz", 0),
            Feature("local_share", "share of the blocks that flicker alone", "1", 0, 1, _LOW),
        )

    def open(self, info: VideoInfo) -> Session:
        """Return a session; it keeps a few thousand numbers of each frame of a window."""
        from ._session import FlickerSession

        return FlickerSession(info.fps, self.least_side)

    def reason(self, info: VideoInfo, n_frames: int, missing: Sequence[str]) -> str:
        """Return why there is no frequency, or no value."""
        if all(name.endswith("_frequency") for name in missing):
            return "the frame rate is not known"
        if n_frames >= self.least_frames and min(info.width, info.height) >= self.least_side:
            return "no shot has 16 frames"
        return super().reason(info, n_frames, missing)
