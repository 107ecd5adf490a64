"""Measures over time, and the moments at which each is worst."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..extractor import Extractor

if TYPE_CHECKING:
    import pandas as pd

#: Measures of the page: name in words, by column.
LINES = {
    "niqe.score": "NIQE",
    "basics.blur": "Blur",
    "basics.blockiness": "Blockiness",
    "basics.noise_immerkaer": "Noise and fine texture",
    "cambi.score": "Banding (CAMBI)",
    "basics.brightness": "Brightness",
    "exposure.clipped_black": "Clipped at black",
    "exposure.clipped_white": "Clipped at white",
    "siti.si": "Spatial information (SI)",
    "siti.ti": "Temporal information (TI)",
    "flicker.global_amplitude": "Flicker",
    "interlace.comb": "Interlacing",
    "flow.magnitude_mean": "Motion",
}
#: The extractor that is run on request only, because it takes the most time.
MOTION = "flow"
#: Extractors of the measures, but for motion.
EXTRACTORS = tuple(
    dict.fromkeys(name.partition(".")[0] for name in LINES if not name.startswith(f"{MOTION}."))
)
#: Frames around a still within which the same measure gets no other one, as a share of the video.
_FAR = 0.1
#: Stills of a measure whose worst direction is known.
_WORST = 2


@dataclass(frozen=True)
class Moment:
    """A frame at which a measure is extreme: its number, time, value, and what it is the extreme of."""

    frame: int
    time_s: float
    value: float
    what: str


@dataclass(frozen=True)
class TimeLine:
    """One measure over the frames of a video.

    Parameters
    ----------
    column, title, about, unit : str
        Name of the column, its name in words, its declared description and unit.
    direction : str
        What the column declares: ``lower is better``, ``higher is better`` or ``none``.
    values : ndarray, (n,)
        One per frame, nan where there is none.
    moments : tuple of Moment
        The worst moments; where no direction is declared, the lowest and the highest value.
    """

    column: str
    title: str
    about: str
    unit: str
    direction: str
    values: NDArray[np.float64]
    moments: tuple[Moment, ...]

    @property
    def summary(self) -> dict[str, float]:
        """Mean, lowest and highest value, and the number of frames with one."""
        known = self.values[np.isfinite(self.values)]
        if not known.size:
            return {"mean": np.nan, "min": np.nan, "max": np.nan, "frames": 0}
        return {
            "mean": float(known.mean()),
            "min": float(known.min()),
            "max": float(known.max()),
            "frames": int(known.size),
        }


def time_lines_of(frames: pd.DataFrame, extractors: Sequence[Extractor]) -> list[TimeLine]:
    """Return the measures of `LINES` that were computed.

    Parameters
    ----------
    frames : DataFrame
        A row per frame, its number as the index: ``time_s`` and the columns of the extractors.
    extractors : sequence of Extractor
        Those that were run.
    """
    facts = {f"{one.label}.{fact.name}": fact for one in extractors for fact in one.described_features}
    times = frames["time_s"].to_numpy(float)
    found = []
    for column, title in LINES.items():
        if column not in frames:
            continue
        fact, values = facts[column], frames[column].to_numpy(float)
        unit = "" if fact.unit == "1" else fact.unit
        moments = moments_of(values, times, fact.direction)
        found.append(TimeLine(column, title, fact.description, unit, fact.direction, values, moments))
    return found


def moments_of(values: NDArray[np.float64], times: NDArray[np.float64], direction: str) -> tuple[Moment, ...]:
    """Return the frames at which a measure is worst, or lowest and highest where no direction is known.

    Parameters
    ----------
    values, times : ndarray, (n,)
        The measure and the seconds of each frame.
    direction : str
        As a `Feature` declares it.

    Returns
    -------
    tuple of Moment
        Up to two, at least a tenth of the video apart; none where the values do not differ.
    """
    known = np.flatnonzero(np.isfinite(values))
    if not known.size or np.ptp(values[known]) <= 1e-9 * abs(values[known]).max():
        return ()

    def moment(place: np.intp, what: str) -> Moment:
        return Moment(int(place), float(times[place]), float(values[place]), what)

    if direction not in ("lower is better", "higher is better"):
        low, high = known[np.argmin(values[known])], known[np.argmax(values[known])]
        return moment(low, "lowest"), moment(high, "highest")
    badness = values if direction == "lower is better" else -values
    chosen: list[Moment] = []
    for _ in range(_WORST):
        if not known.size or (chosen and badness[known].max() <= np.median(badness[np.isfinite(badness)])):
            break
        place = known[np.argmax(badness[known])]
        chosen.append(moment(place, "second worst" if chosen else "worst"))
        known = known[np.abs(known - place) >= max(_FAR * values.size, 1)]
    return tuple(chosen)
