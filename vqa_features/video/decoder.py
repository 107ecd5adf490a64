"""The pictures of one stream in order of presentation, with counts of damaged ones."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from typing import Any

import av
import av.container
import av.error

from ..errors import DecodeError
from ..specs import RawFormat
from .clock import Clock, Restarts
from .display_order import DisplayOrder
from .opening import DECODING_ERRORS, check_pixels, demux, explain, open_container
from .probe import choose_stream, frame_rate, leap_of

#: Containers with an index of key frames, in which decoding can begin near a given time.
SEEKABLE = ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm")
#: Containers that name both times of every packet, so that FFmpeg works out none from decoded pictures.
NAMES_TIMES = SEEKABLE[:1]
#: Below this start, decoding from the beginning costs less than a seek could save.
SEEK_FROM_S = 2.0


class Decoder:
    """Decodes the video stream of an open file; the first picture is decoded at once, as `first`.

    An error after the first picture ends the stream and is kept in `error`; `ended` says that the
    stream was read to its end.

    Raises
    ------
    DecodeError
        If no picture decodes, or pictures are above `max_pixels`.
    """

    def __init__(
        self, descriptor: int, path: str, raw: RawFormat | None, threads: int, max_pixels: int
    ) -> None:
        self._descriptor = descriptor
        self._path = path
        self._raw = raw
        self._threads = threads
        self._max_pixels = max_pixels
        self._known_rate = 0.0
        self._begin()

    def _begin(self) -> None:
        """Open the container, choose the stream and decode its first picture."""
        self.error = ""
        self.ended = False
        self.damaged_frames = 0
        self.damaged_packets = 0
        self.empty_packets = 0
        #: First time stamp among the packets that were read for the first picture.
        self._earliest: int | None = None
        #: Time stamp at which decoding begins, unless at the beginning.
        self._entry: int | None = None
        #: Last time stamp in seconds of the stream's packets, and of all other streams'.
        self.last_packet_s = -math.inf
        self.last_other_s = -math.inf
        self.container = self.reopen()
        self.stream, self.warnings = choose_stream(self.container, self._path, self.reopen)
        codec = self.stream.codec_context
        check_pixels(self._path, codec.width, codec.height, self._max_pixels)
        codec.options = {"max_pixels": str(self._max_pixels)}
        codec.thread_count = self._threads
        codec.thread_type = "AUTO" if self._threads > 1 else "SLICE"
        self.rate = self._known_rate or frame_rate(self.stream)
        base = float(self.stream.time_base or 0)
        self.clock = Clock(base, self.step_s, leap_of(self.container))
        self._pictures = self._decode()
        self.first = next(self._pictures, None)
        if self.first is None:
            raise DecodeError(f"{self._path!r} has no picture that decodes", "no pictures")
        #: Time stamp at 0 s: the first picture's, which may be shown before the first packet's.
        self.origin = self.stream.start_time if self.first.pts is None else self.first.pts
        self.clock.origin = self.origin

    def use_rate(self, rate: float) -> None:
        """Take frames per second from the packets in place of the header's; before decoding goes on."""
        self.rate = self._known_rate = rate
        self.clock.step_s = self.step_s

    def reopen(self, *, undecoded: bool = False) -> av.container.InputContainer:
        """Open the container once more, at its beginning; the caller closes it.

        Parameters
        ----------
        undecoded : bool
            Only packets are read: nothing is decoded on opening, where the container names all times.
        """
        undecoded = undecoded and self.container.format.name in NAMES_TIMES
        return open_container(self._descriptor, self._path, self._raw, self._max_pixels, undecoded=undecoded)

    @property
    def step_s(self) -> float:
        """Seconds from frame to frame; 0 where the rate is not known."""
        return 1 / self.rate if self.rate > 0 else 0.0

    @property
    def start_s(self) -> float:
        """Time stamp of the first picture, in seconds."""
        return float((self.origin or 0) * (self.stream.time_base or 0))

    @property
    def skips_leading(self) -> bool:
        """Whether pictures before the first one cannot be decoded, or are cut out by the container."""
        return self._earliest is not None and self._earliest < (self.origin or 0)

    @property
    def from_s(self) -> float:
        """Seconds from the first picture at which decoding begins."""
        return 0.0 if self._entry is None else self.after_origin(self._entry)

    def pictures(self, from_s: float = 0.0, entries: Sequence[int] = ()) -> Iterator[av.VideoFrame]:
        """Yield every picture from an entry at or before `from_s` on, else all; to be called once.

        Parameters
        ----------
        from_s : float
            Seconds from the first picture.
        entries : sequence of int
            Time stamps at which decoding may begin, as `read_packets` finds them.
        """
        if from_s >= SEEK_FROM_S and self.container.format.name in SEEKABLE:
            entry = max((one for one in entries if self.after_origin(one) <= from_s), default=None)
            if entry is not None and self.after_origin(entry) > 0:
                self._seek(entry)
        picture, self.first = self.first, None  # or it would be held for as long as the video
        while picture is not None:
            if self._entry is None or picture.pts is None or picture.pts >= self._entry:
                yield picture
            picture = next(self._pictures, None)

    def pictures_from(self, entry: int) -> Iterator[av.VideoFrame]:
        """Go to an entry and yield every picture from there on; may be called again.

        Parameters
        ----------
        entry : int
            A time stamp of `read_packets`.

        Raises
        ------
        DecodeError
            If the container does not go there, or no picture decodes there.
        """
        self.first = None
        self._pictures.close()
        try:
            landed = self._lands_at(entry)
            self.container.seek(entry, stream=self.stream)
        except DECODING_ERRORS as error:
            raise explain(error, self._path) from error
        if not landed:
            raise DecodeError(f"{self._path!r} has no packet at the time stamp {entry}", "decode")
        self.clock.move()
        self._pictures = self._decode()
        for picture in self._pictures:
            if picture.pts is None or picture.pts >= entry:
                yield picture

    def after_origin(self, stamp: int) -> float:
        """Return the seconds from the first picture to a time stamp."""
        return (stamp - (self.origin or 0)) * float(self.stream.time_base or 0)

    def _decode(self) -> Generator[av.VideoFrame]:
        codec, index = self.stream.codec_context, self.stream.index
        restarts = Restarts(self.clock.base_s, self.step_s, self.clock.leap_s)
        order = DisplayOrder(codec) if DisplayOrder.needed(self.container.format.name, codec) else None
        begun = False
        try:
            for packet in demux(self.container):
                ours = packet.stream.index == index
                self._note_time(packet, ours)
                if not ours:
                    continue
                if not packet.size and packet.dts is not None:
                    self.empty_packets += 1  # a dropped frame; given to the decoder it means the end
                    continue
                self.damaged_packets += packet.is_corrupt
                self.clock.pending += restarts.before(packet.pts, packet.dts)
                if not begun and packet.pts is not None:
                    self._earliest = min(packet.pts, packet.pts if self._earliest is None else self._earliest)
                if order and packet.size:
                    order.note(packet)
                for picture in codec.decode(packet if packet.size else None):
                    begun = True
                    if order:
                        order.stamp(picture)
                    self.damaged_frames += picture.is_corrupt
                    yield picture
        except DECODING_ERRORS as error:
            explained = explain(error, self._path)
            if isinstance(error, av.error.FFmpegError) and codec.width * codec.height == 0:
                # the pixel cap stops demuxer and decoder before they have told the size
                explained = DecodeError(
                    f"{self._path!r} has pictures above the cap of {self._max_pixels} pixels, or none "
                    "at all: raise max_pixels if the file is trusted",
                    "too large",
                )
            if not begun:
                raise explained from error
            self.error = str(explained)
        else:
            self.ended = True

    def _note_time(self, packet: av.Packet[Any], ours: bool) -> None:
        if packet.pts is None or not packet.time_base or packet.is_discard:
            return
        seconds = float(packet.pts * packet.time_base)
        if ours:
            self.last_packet_s = max(self.last_packet_s, seconds)
        else:
            self.last_other_s = max(self.last_other_s, seconds)

    def _seek(self, entry: int) -> None:
        """Go to the packet of time stamp `entry`, or back to the beginning if the container does not."""
        with suppress(*DECODING_ERRORS):  # DecodeError among them: then nothing decodes there
            if self._lands_at(entry):
                self.container.seek(entry, stream=self.stream)
                self._pictures = self._decode()
                self.first = next(self._pictures, None)
                self._entry = entry
        if self.first is None or self._entry is None:
            self.container.close()
            self._begin()

    def _lands_at(self, entry: int) -> bool:
        self.container.seek(entry, stream=self.stream)
        ours = (packet for packet in demux(self.container) if packet.stream.index == self.stream.index)
        first = next(ours, None)
        return first is not None and first.pts == entry

    def close(self) -> None:
        """Close the container; the descriptor and the pictures already given stay valid."""
        self._pictures.close()  # or it would keep the decoder's pictures, and be kept by it
        self.container.close()
