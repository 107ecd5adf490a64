"""Times of pictures in a container that numbers packets in the order in which they are decoded.

AVI stores no times. FFmpeg gives its packets times in their order. It reorders those of MPEG-2 and MPEG-4,
whose headers tell the type of a picture, and leaves those of H.264: B-pictures have the times of others.
"""

from __future__ import annotations

from heapq import heappop, heappush

import av
from av.video.codeccontext import VideoCodecContext

from .nal_units import H264Reader

#: Containers that number packets in order of decoding.
_WITHOUT_TIMES = ("avi",)


class DisplayOrder:
    """Gives each picture the earliest time of the packets so far, which is its own where all are decoded.

    After a picture that is lost, those behind it have the time of the one before.

    Parameters
    ----------
    codec : VideoCodecContext
        Of a stream for which `needed` holds.
    """

    def __init__(self, codec: VideoCodecContext) -> None:
        self._reader = H264Reader(codec.extradata or b"")
        self._stamps: list[int] = []

    @staticmethod
    def needed(container: str, codec: VideoCodecContext) -> bool:
        """Return whether the pictures of a container's stream have the times of their packets only."""
        return container in _WITHOUT_TIMES and codec.codec.canonical_name == "h264"

    def note(self, packet: av.Packet[av.video.stream.VideoStream]) -> None:
        """Take the time of the next packet, unless it shows nothing: the second field of a picture."""
        if packet.pts is not None and self._reader.read(bytes(packet)).shown:
            heappush(self._stamps, packet.pts)

    def stamp(self, picture: av.VideoFrame) -> None:
        """Set the time of the next picture in order of display."""
        if self._stamps and picture.pts is not None:
            picture.pts = heappop(self._stamps)
