"""Video decoding, the only package that imports PyAV: open safely, decode once, sample by time.

`stream` holds the public class `Video`. `opening` restricts what FFmpeg may open, `decoder` decodes the
stream, `probe` reads rate, duration and frame count beforehand, `sampling` selects frames, `picture`
gives planes and RGB.
"""

from .outcome import Outcome
from .stream import Video

__all__ = ["Outcome", "Video"]
