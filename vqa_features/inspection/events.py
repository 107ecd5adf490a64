"""Events of a video: cuts, transitions, freezes, black and repeated stretches, and unsafe flashes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..extractors.handcrafted.timing._repeats import repeats_of
from ..extractors.handcrafted.timing._session import held
from .moments import NAME

if TYPE_CHECKING:
    import pandas as pd

Values = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: Share of dark pixels from which on a picture is black (FFmpeg's blackdetect).
BLACK_SHARE = 0.98
#: Column of that share.
DARK = "basics.dark_share"
#: Repeats that are no freeze belong to one stretch if they are at most so far apart, and so many make one.
APART_S, LEAST_REPEATS = 1.0, 3
#: Kinds of events, in the order of the page.
KINDS = {
    "cut": "the first frame of a new shot",
    "fade": "a gradual change from or to a picture without content",
    "dissolve": "a gradual change between two pictures",
    "freeze": "one picture shown for at least 3 median display times and the median + 0.15 s",
    "black": f"at least {BLACK_SHARE * 100:g} % of the pixels within 2 % of black",
    "repeats": f"{LEAST_REPEATS} or more repeated frames at most {APART_S:g} s apart, outside freezes",
    "flashes": "more than three flashes in a second (ITU-R BT.1702)",
}


@dataclass(frozen=True)
class Event:
    """Something that happens at a frame or lasts for some frames.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    first, last : int
        Its frames, counted from 0 in the part of the video that is used.
    start_s, end_s : float
        When the first one is shown, and when the last one is replaced, in seconds; a cut ends where it
        begins. nan without times.
    detail : str
        What else is known of it.
    """

    kind: str
    first: int
    last: int
    start_s: float
    end_s: float
    detail: str = ""


def events_of(frames: pd.DataFrame, rate: float = np.nan) -> list[Event]:
    """Return the events of a video in the order of their first frames.

    Parameters
    ----------
    frames : DataFrame
        A row per frame, its number as the index: ``time_s``, ``basics.dark_share`` and the columns of
        `Moments`. Columns that are not there give no events.
    rate : float
        Frames per second, which tells how long the only frame of a video is shown.
    """
    times = frames["time_s"].to_numpy(float)
    if not times.size:
        return []
    ends = np.append(times[1:], times[-1] + last_shown_s(times, rate))

    def event(kind: str, first: int, last: int, detail: str = "") -> Event:
        end = times[first] if kind == "cut" else ends[last]
        return Event(kind, int(first), int(last), float(times[first]), float(end), detail)

    found = []
    if f"{NAME}.cut" in frames:
        for kind in ("cut", "fade", "dissolve", "flashing"):
            marks = frames[f"{NAME}.{kind}"].to_numpy(float)
            name = "flashes" if kind == "flashing" else kind
            for number in np.unique(marks[marks > 0]):
                found += [event(name, first, last) for first, last in runs(marks == number)]
        change, block = (frames[f"{NAME}.change_{one}"].to_numpy(float)[1:] for one in ("mean", "block"))
        repeats = repeats_of(change, block)
        frozen = np.zeros(times.size, bool)
        for first, last in freezes_of(times, repeats):
            frozen[first : last + 1] = True
            found.append(event("freeze", first, last))
        repeated = np.append(False, repeats) & ~frozen
        for first, last in stretches_of(repeated, frozen, times):
            count = int(repeated[first : last + 1].sum())
            found.append(
                event("repeats", first - 1, last, f"{count} of {last - first + 2} frames repeat the last one")
            )
    if DARK in frames:
        black = frames[DARK].to_numpy(float) >= BLACK_SHARE
        found += [event("black", first, last) for first, last in runs(black)]
    order = list(KINDS)
    return sorted(found, key=lambda one: (one.first, order.index(one.kind)))


def last_shown_s(times: Values, rate: float = np.nan) -> float:
    """Return how long the last frame is shown: the median of the others, 1 / rate of an only frame, or 0."""
    steps = np.diff(times)
    if (steps > 0).any():
        return float(np.median(steps[steps > 0]))
    return 1 / rate if rate > 0 else 0.0


def runs(marked: Mask) -> Iterator[tuple[int, int]]:
    """Yield the first and the last place of each run of True.

    Examples
    --------
    >>> import numpy as np
    >>> list(runs(np.array([True, False, True, True])))
    [(0, 0), (2, 3)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[0], marked.astype(np.int8), [0]])))
    for first, stop in zip(edges[::2], edges[1::2], strict=True):
        yield int(first), int(stop) - 1


def freezes_of(times: Values, repeats: Mask) -> Iterator[tuple[int, int]]:
    """Yield the first and the last frame of each freeze, as `timing` counts them; none without times.

    Parameters
    ----------
    times : ndarray, (n,)
        Seconds of the frames.
    repeats : ndarray, (n - 1,) bool
        Which of the frames 1 to n - 1 repeat the one before.
    """
    if times.size < 2 or not np.isfinite(times).all():
        return
    of_all = held(times, repeats)
    stops = np.append(of_all.begins[1:], times.size)
    for place in np.flatnonzero(of_all.freezes):
        yield int(of_all.begins[place]), int(stops[place]) - 1


def stretches_of(repeated: Mask, frozen: Mask, times: Values) -> Iterator[tuple[int, int]]:
    """Yield the first and the last repeated frame of each stretch of repeats, which no freeze interrupts.

    Parameters
    ----------
    repeated, frozen : ndarray, (n,) bool
        Which frames repeat the one before outside freezes, and which are in freezes.
    times : ndarray, (n,)
        Seconds of the frames.
    """
    places = np.flatnonzero(repeated)
    if not places.size or not np.isfinite(times).all():
        return
    before = np.cumsum(frozen)[places]
    apart = (np.diff(times[places]) > APART_S) | (np.diff(before) > 0)
    for part in np.split(places, np.flatnonzero(apart) + 1):
        if part.size >= LEAST_REPEATS:
            yield int(part[0]), int(part[-1])
