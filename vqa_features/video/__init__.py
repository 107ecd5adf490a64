"""The only room that knows PyAV: open safely, decode once, sample by time.

`stream` is the way in (`Video`); `opening` guards what is opened, `decoder` makes the one pass,
`probe` counts and measures beforehand, `sampling` chooses frames, `picture` gives planes and RGB.
"""

from .stream import Outcome, Video

__all__ = ["Outcome", "Video"]
