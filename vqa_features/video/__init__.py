"""Video decoding, the only package that imports PyAV: open safely, decode once, sample by time.

`source` opens a file as `stream.Video`, or as `still.StillPicture` where it is a picture. `opening` restricts
what FFmpeg may open, `decoder` decodes the stream, `probe` reads rate, duration and frame count beforehand,
`sampling` selects frames, `picture` gives planes and RGB.
"""

from .outcome import Outcome, leaves_out
from .sampling import Enough, Surroundings
from .source import open_video
from .sparse_stream import EVERY_PICTURE
from .still import StillPicture
from .stream import Video

#: Raised where a rule of docs/decoding.md changes frames, times or status: results of other versions in a
#: store are computed again.
DECODING_VERSION = 3

__all__ = [
    "DECODING_VERSION",
    "EVERY_PICTURE",
    "Enough",
    "Outcome",
    "StillPicture",
    "Surroundings",
    "Video",
    "leaves_out",
    "open_video",
]
