"""Times of the pictures of a stream, read from all of its packets without decoding them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import fmean, median_low

import av.container
import av.video.stream
from av.video.codeccontext import VideoCodecContext

from .bitstream import Av1Reader, IntraReader, Mpeg2Reader, Mpeg4Reader, PacketReader, Vp8Reader, Vp9Reader
from .clock import continued
from .nal_units import H264Reader, HevcReader
from .opening import DECODING_ERRORS, demux
from .probe import COMPLETE, COUNTS_EMPTY, frame_rate, leap_of

#: Readers by FFmpeg's name of the codec.
_READERS: dict[str, type[PacketReader]] = {
    "vp8": Vp8Reader,
    "vp9": Vp9Reader,
    "av1": Av1Reader,
    "mpeg1video": Mpeg2Reader,
    "mpeg2video": Mpeg2Reader,
    "mpeg4": Mpeg4Reader,
    "h264": H264Reader,
    "hevc": HevcReader,
}


def packet_reader(codec: VideoCodecContext) -> PacketReader:
    """Return the reader for the packets of a codec, with the stream's own headers."""
    general = IntraReader if codec.codec.intra_only else PacketReader
    return _READERS.get(codec.codec.canonical_name, general)(codec.extradata or b"")


@dataclass
class Packets:
    """What the packets of a file say.

    Attributes
    ----------
    times : list of float
        Seconds of the pictures to be shown, in order; negative before the origin.
    joins : list of float
        Seconds at which the clock restarts or leaps.
    others_end_s : float
        Last time of all other streams.
    entries : list of int
        Presentation time stamps at which decoding may begin; none where times are joined or missing.
    damaged : int
        Packets of the stream that the container flags as damaged.
    error : BaseException or None
        What ended the reading before the end of the file.
    rate : float
        Frames per second: those the file names, unless it counts packets that show nothing.
    regular : bool
        Whether every packet of the stream has a time, none is cut out by the container, and the coding
        parameters of the first picture hold for all.
    """

    times: list[float]
    joins: list[float]
    others_end_s: float
    entries: list[int]
    damaged: int
    error: BaseException | None
    rate: float
    regular: bool


@dataclass
class _Stamps:
    """Time stamps as they are read: of presentation and decoding, in order of decoding."""

    shown: list[tuple[int | None, int | None]] = field(default_factory=list)
    entries: list[int] = field(default_factory=list)
    hidden: int = 0
    damaged: int = 0
    others_end_s: float = -math.inf
    regular: bool = True


def read_packets(
    container: av.container.InputContainer, stream: av.video.stream.VideoStream, origin: int | None
) -> Packets:
    """Read all packets of a file; times are from the time stamp `origin`.

    A file that breaks off gives the packets before that. Where packets have no time they are
    spaced by the frame rate.
    """
    stamps, error = _Stamps(), None
    try:
        _collect(container, stream, stamps)
    except DECODING_ERRORS as caught:
        error = caught
    known = [(shown, decoded) for shown, decoded in stamps.shown if shown is not None]
    base, rate = float(stream.time_base or 0), frame_rate(stream)
    if stamps.hidden or container.format.name in COUNTS_EMPTY:
        rate = _usual_rate(known, base, rate)
    step = 1 / rate if rate > 0 else 0.0
    times, joins = continued(known, base, step, leap_of(container), origin)
    if len(known) < len(stamps.shown):
        times, joins, stamps.entries = [number * step for number in range(len(stamps.shown))], [], []
    entries = [] if joins else stamps.entries
    others_end_s = stamps.others_end_s - (origin or 0) * base
    regular = stamps.regular and len(known) == len(stamps.shown)
    return Packets(times, joins, others_end_s, entries, stamps.damaged, error, rate, regular)


def _usual_rate(known: list[tuple[int, int | None]], base_s: float, named: float) -> float:
    """Return pictures per second from the usual distance of their times, or `named` where that agrees."""
    shown = sorted(stamp for stamp, _ in known)
    distances = [later - earlier for earlier, later in pairwise(shown) if later > earlier]
    if not distances:
        return named
    middle = median_low(distances)  # in whole units, so the mean of those near it is taken
    rate = 1 / (fmean(one for one in distances if abs(one - middle) <= middle / 4) * base_s)
    return named if abs(rate - named) <= (1 - COMPLETE) * rate else rate


def _collect(
    container: av.container.InputContainer, stream: av.video.stream.VideoStream, stamps: _Stamps
) -> None:
    reader = packet_reader(stream.codec_context)
    for packet in demux(container):
        if not packet.size:
            continue
        if packet.stream.index == stream.index:
            stamps.damaged += packet.is_corrupt
            content = reader.read(bytes(packet))
            if packet.is_discard:
                stamps.regular = False
                continue
            shown = max(content.shown, packet.is_corrupt)  # what it hides is not known
            stamps.shown += [(packet.pts, packet.dts)] * shown
            stamps.hidden += shown == 0
            if content.entry and packet.is_keyframe and packet.pts is not None:
                stamps.entries.append(packet.pts)
        elif packet.pts is not None and packet.time_base and not packet.is_discard:
            stamps.others_end_s = max(stamps.others_end_s, float(packet.pts * packet.time_base))
    stamps.regular = stamps.regular and reader.steady
