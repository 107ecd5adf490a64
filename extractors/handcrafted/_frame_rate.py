"""Frame rate as a whole number, for methods whose windows are one second long."""

from __future__ import annotations

import math

#: Frames per second where the rate is not known.
UNKNOWN_RATE = 30


def whole_frame_rate(fps: float, at_least: int) -> int:
    """`fps` rounded and not below `at_least`; 30 where `fps` is nan."""
    return max(at_least, round(fps)) if math.isfinite(fps) else UNKNOWN_RATE
