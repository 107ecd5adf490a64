"""What packets show and where decoding may begin, from the first bytes of the coded pictures.

A packet may show no picture: a hidden reference picture of VP8, VP9 and AV1, or the second field of a frame.
A container may flag a packet as key although later pictures refer to earlier ones: the recovery points of
intra refresh and of open groups of pictures. Both are read from the headers of the codec itself: RFC 6386
(VP8), the VP9 and AV1 bitstream specifications, H.262, H.264, H.265 and ISO/IEC 14496-2.
"""

from __future__ import annotations

from dataclasses import dataclass

from .bits import Bits


@dataclass(frozen=True)
class Content:
    """What one packet holds.

    Attributes
    ----------
    shown : int
        Pictures that its decoding shows.
    entry : bool
        Decoding may begin here: no picture shown at or after this one refers to an earlier one.
    """

    shown: int
    entry: bool


class PacketReader:
    """Reads packets of a codec of which nothing is known: each shows a picture, none is an entry.

    Parameters
    ----------
    extradata : bytes
        The stream's headers that are stored outside the packets.
    """

    #: Whether packets may show no picture, so that their number is not that of the pictures.
    may_hide = False
    #: Whether no packet after the first has changed the parameters of the pictures.
    steady = True

    def __init__(self, extradata: bytes = b"") -> None:
        self._extradata = extradata

    def read(self, data: bytes) -> Content:
        """Return what a packet holds; one that is not understood shows a picture and is no entry."""
        try:
            return self._read(data)
        except (IndexError, ValueError):
            return Content(1, False)

    def _read(self, data: bytes) -> Content:
        return Content(1, False)


class IntraReader(PacketReader):
    """Codecs whose pictures refer to no other."""

    def _read(self, data: bytes) -> Content:
        return Content(1, True)


class Vp8Reader(PacketReader):
    """VP8: the frame tag holds the type and ``show_frame``."""

    may_hide = True

    def _read(self, data: bytes) -> Content:
        return Content(data[0] >> 4 & 1, not data[0] & 1)


class Vp9Reader(PacketReader):
    """VP9: a packet is one frame, or a superframe of several with an index at its end."""

    may_hide = True

    def _read(self, data: bytes) -> Content:
        frames = [_vp9_frame(data[begin : begin + 2]) for begin in _vp9_begins(data)]
        return Content(sum(shown for shown, _ in frames), frames[0][1])


def _vp9_begins(data: bytes) -> list[int]:
    """Return where the frames of a packet begin."""
    marker = data[-1]
    count, size = (marker & 7) + 1, (marker >> 3 & 3) + 1
    index = len(data) - 2 - count * size
    if marker >> 5 != 0b110 or index < 0 or data[index] != marker:
        return [0]
    begins, position = [], 0
    for number in range(count):
        begins.append(position)
        position += int.from_bytes(data[index + 1 + number * size :][:size], "little")
    return begins


def _vp9_frame(data: bytes) -> tuple[int, bool]:
    """Return whether a frame is shown, and whether it is a key frame, from its first two bytes."""
    bits = Bits(data)
    bits.read(2)
    if bits.read() + 2 * bits.read() == 3:
        bits.read()
    if bits.read():  # show_existing_frame
        return 1, False
    key = not bits.read()
    return bits.read(), key


class Av1Reader(PacketReader):
    """AV1: the frame headers among the open bitstream units of a packet."""

    may_hide = True

    def _read(self, data: bytes) -> Content:
        shown, entries = 0, []
        for kind, layer, payload in _av1_units(data):
            if kind == 1 and payload[0] & 8:  # reduced_still_picture_header
                return Content(1, True)
            if kind in (3, 6) and layer == 0:  # frame header, frame
                existing, frame_type, show = payload[0] >> 7, payload[0] >> 5 & 3, payload[0] >> 4 & 1
                shown += existing or show
                entries.append(not existing and frame_type == 0 and bool(show))
        return Content(shown, entries[0])


def _av1_units(data: bytes) -> list[tuple[int, int, bytes]]:
    """Return type, spatial layer and first bytes of the units of a packet."""
    units, position = [], 0
    while position < len(data):
        head = data[position]
        extended, sized = head >> 2 & 1, head >> 1 & 1
        layer = data[position + 1] >> 3 & 3 if extended else 0
        position += 1 + extended
        size = len(data) - position
        if sized:
            size, shift = 0, 0
            while True:  # leb128
                byte = data[position]
                size |= (byte & 127) << shift
                position, shift = position + 1, shift + 7
                if byte < 128:
                    break
        units.append((head >> 3 & 15, layer, data[position : position + min(size, 4)]))
        position += size
    return units


class Mpeg2Reader(PacketReader):
    """MPEG-1 and MPEG-2: an intra picture after a sequence header; pictures shown later refer to it alone."""

    may_hide = True

    def __init__(self, extradata: bytes = b"") -> None:
        super().__init__(extradata)
        self._waits_for: int | None = None

    def _read(self, data: bytes) -> Content:
        shown, position, entry = 0, data.index(b"\0\0\1\0"), None
        while (position := data.find(b"\0\0\1\0", position)) >= 0:
            if entry is None:
                intra = data[position + 5] >> 3 & 7 == 1
                entry = intra and data.find(b"\0\0\1\xb3", 0, position) >= 0
            shown += self._begins_picture(data, position)
            position += 4
        return Content(shown, bool(entry))

    def _begins_picture(self, data: bytes, position: int) -> bool:
        """Return whether a coded picture is a frame or the first field of one."""
        extension = data.find(b"\0\0\1\xb5", position, position + 64)
        structure = data[extension + 6] & 3 if extension >= 0 and data[extension + 4] >> 4 == 8 else 3
        second = structure == self._waits_for
        self._waits_for = None if second or structure == 3 else 3 - structure
        return not second


class Mpeg4Reader(PacketReader):
    """MPEG-4 part 2: an intra picture."""

    def _read(self, data: bytes) -> Content:
        position = data.find(b"\0\0\1\xb6")
        return Content(1, position >= 0 and data[position + 4] >> 6 == 0)
