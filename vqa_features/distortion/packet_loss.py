"""Loss of slices of an H.264 stream, and what a decoder makes of the rest."""

from __future__ import annotations

import itertools
from collections import deque
from fractions import Fraction

import av
import av.video.stream
import numpy as np

from .changes import SEED
from .version import Frames, like, tick_of

#: Slices of a picture; each is lost or arrives for itself.
SLICES = 8
_OPTIONS = {
    "crf": "12",
    "preset": "veryfast",
    "x264-params": f"slices={SLICES}:bframes=0:keyint=60:scenecut=0:sliced-threads=0",
}
_START = b"\0\0\0\1"
#: Types of units that hold a slice (ITU-T H.264, table 7-1), of which 5 is one of an IDR picture.
_SLICE, _IDR_SLICE = 1, 5


def packet_loss(percent: float, frames: Frames, rate: Fraction) -> Frames:
    """Encode to H.264, lose a share of the slices, and yield what FFmpeg's decoder conceals.

    What a lower share loses, a higher one loses too. The first picture arrives whole. A picture of which no
    slice arrives is that before it.

    Parameters
    ----------
    percent : float
        Share of the slices that are lost.
    frames : iterator of VideoFrame
        The pictures, in the order of display.
    rate : Fraction
        Their rate in Hz.
    """
    encoder = decoder = None
    waiting: deque[av.VideoFrame] = deque()
    count = itertools.count()
    last: av.VideoFrame | None = None
    for frame in itertools.chain(frames, [None]):
        if encoder is None or decoder is None:
            if frame is None:
                return
            encoder, decoder = _encoder(frame, rate), _decoder()
        if frame is not None:
            frame.pict_type = av.video.frame.PictureType.NONE
            waiting.append(frame)
        for packet in encoder.encode(frame):
            data = _damaged(bytes(packet), next(count), percent)
            made = decoder.decode(av.Packet(data)) if data else []
            last = made[0] if made else _copy(last)
            yield like(waiting.popleft(), last)


def _copy(frame: av.VideoFrame | None) -> av.VideoFrame:
    assert frame is not None  # the first picture arrives whole
    return av.VideoFrame.from_ndarray(frame.to_ndarray(), format=frame.format.name)


def _encoder(frame: av.VideoFrame, rate: Fraction) -> av.VideoCodecContext:
    context = av.CodecContext.create("libx264", "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt = frame.width, frame.height, frame.format.name
    context.time_base, context.framerate = tick_of(frame), rate
    context.thread_count = 1
    context.options = {**_OPTIONS, "tune": "zerolatency"}
    return context


def _decoder() -> av.VideoCodecContext:
    context = av.CodecContext.create("h264", "r")
    assert isinstance(context, av.VideoCodecContext)
    context.thread_count = 1
    context.flags |= 1 << 19  # AV_CODEC_FLAG_LOW_DELAY
    context.options = {"flags2": "+showall", "ec": "guess_mvs+deblock"}
    return context


def _damaged(data: bytes, picture: int, percent: float) -> bytes:
    """Return a packet without the slices that are lost."""
    units = [unit for unit in data.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1") if unit]
    chance = 100 * np.random.default_rng([SEED, picture]).random(len(units))
    kept = [
        unit
        for unit, one in zip(units, chance, strict=True)
        if picture == 0 or unit[0] & 31 not in (_SLICE, _IDR_SLICE) or one >= percent
    ]
    return b"".join(_START + unit for unit in kept)
