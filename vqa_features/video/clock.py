"""One continued timeline from time stamps that may restart or leap.

Transport streams that were joined, and recorders that were interrupted, hold time stamps that go back or
leap. The part after such a join continues where the part before it ends.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

#: Forward leap in seconds that is a join: in a container whose clock may be discontinuous (FFmpeg's
#: dts_delta_threshold), and in any other one, where a long gap may be meant (a slide shown for minutes).
LEAP_S, LONGEST_GAP_S = 10.0, 3600.0
#: Frames a time may go back without being a restart: stamps of single frames may be out of order.
DISORDER_FRAMES = 2
#: The same in seconds, where the frame rate is not known, and where only times in decoding order are known.
DISORDER_S, REORDERING_S = 0.1, 1.0


@dataclass
class Restarts:
    """Finds the packets before which the clock restarts or leaps; given packets in order of decoding.

    Parameters
    ----------
    base_s : float
        Seconds per unit of a time stamp.
    step_s : float
        Seconds from frame to frame, 0 if not known.
    leap_s : float
        Forward leap that is a join.
    """

    base_s: float
    step_s: float
    leap_s: float
    #: Latest time of decoding; and of presentation, of packets that name nothing else.
    _decoded_s: float | None = None
    _shown_s: float | None = None

    def before(self, shown: int | None, decoded: int | None) -> bool:
        """Return whether there is a join before the next packet, of these time stamps."""
        if decoded is not None:
            time_s, last_s = decoded * self.base_s, self._decoded_s
            joins = last_s is not None and is_join(last_s, time_s, disorder_s(self.step_s), self.leap_s)
            self._decoded_s = time_s if joins or last_s is None else max(last_s, time_s)
            return joins
        if shown is None:
            return False
        time_s, last_s = shown * self.base_s, self._shown_s
        joins = last_s is not None and is_join(last_s, time_s, REORDERING_S, self.leap_s)
        self._shown_s = time_s if joins or last_s is None else max(last_s, time_s)
        return joins


@dataclass
class Clock:
    """Seconds from the first time stamp, on a timeline continued over joins.

    Times that go back by less than a leap are a restart only where the packets show one: after damage,
    pictures may be out of order.

    Parameters
    ----------
    base_s, step_s, leap_s : float
        As for `Restarts`; the first frame after a join follows by `step_s`.
    origin : int, optional
        Time stamp at 0 s; the first one unless given.
    pending : int
        Joins that the packets show and the pictures have not reached.
    """

    base_s: float
    step_s: float
    leap_s: float
    origin: int | None = None
    pending: int = 0
    #: Seconds at which the timeline was continued.
    joins: list[float] = field(default_factory=list)
    _shift_s: float = 0.0
    _last_s: float | None = None

    def seconds(self, stamp: int) -> float:
        """Return the time of the next picture in order of presentation."""
        if self.origin is None:
            self.origin = stamp
        time = (stamp - self.origin) * self.base_s + self._shift_s
        last = self._last_s
        back_s = disorder_s(self.step_s) if self.pending else self.leap_s
        if last is not None and is_join(last, time, back_s, self.leap_s):
            joined = last + self.step_s
            self._shift_s += joined - time
            time = joined
            self.joins.append(joined)
            self.pending = max(self.pending - 1, 0)
        self._last_s = time if last is None else max(time, last)
        return time

    def move(self) -> None:
        """Expect the next picture anywhere: the distance to it is no leap."""
        self._last_s = None


def disorder_s(step_s: float) -> float:
    """Return the seconds a time may go back without being a restart."""
    return max(DISORDER_FRAMES * step_s, DISORDER_S)


def is_join(last_s: float, time_s: float, back_s: float, leap_s: float) -> bool:
    """Return whether the clock restarts or leaps between two times."""
    return time_s < last_s - back_s or time_s > last_s + leap_s


def continued(
    packets: Iterable[tuple[int, int | None]], base_s: float, step_s: float, leap_s: float, origin: int | None
) -> tuple[list[float], list[float]]:
    """Return the presentation times of packets on a continued timeline, in order, and the joins.

    Parameters
    ----------
    packets : iterable of (int, int or None)
        Presentation and decoding time stamp of each packet, in order of decoding.
    base_s, step_s, leap_s, origin
        As for `Clock`.

    Returns
    -------
    times, joins : list of float
        In seconds. Times of pictures that precede `origin` are negative.
    """
    restarts = Restarts(base_s, step_s, leap_s)
    parts: list[list[int]] = [[]]
    for shown, decoded in packets:
        if restarts.before(shown, decoded):
            parts.append([])
        parts[-1].append(shown)
    clock = Clock(base_s, step_s, leap_s, origin, len(parts) - 1)
    return [clock.seconds(stamp) for part in parts for stamp in sorted(part)], clock.joins
