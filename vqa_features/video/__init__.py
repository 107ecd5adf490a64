"""Video decoding, the only package that imports PyAV: open safely, decode once, sample by time.

`stream` holds the public class `Video`. `opening` restricts what FFmpeg may open, `decoder` decodes the
stream, `probe` reads rate, duration and frame count beforehand, `sampling` selects frames, `picture`
gives planes and RGB.
"""

from .outcome import Outcome
from .stream import Video

#: Raised where a rule of docs/decoding.md changes frames, times or status: results of other versions in a
#: store are computed again.
DECODING_VERSION = 2

__all__ = ["DECODING_VERSION", "Outcome", "Video"]
