"""Packets of H.264 and H.265: clean entry points, and the two fields of one frame."""

from __future__ import annotations

from collections.abc import Iterator

from .bits import Bits
from .bitstream import Content, PacketReader

#: Bytes of a unit that hold a parameter set, or what is read here of a slice header.
_HEADER_BYTES = 4096
#: Profiles of H.264 whose sequence parameter set names the chroma format (7.3.2.1.1).
_WITH_CHROMA_FORMAT = frozenset((100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135))


class _NalReader(PacketReader):
    """Splits packets into units: after start codes, or after lengths where the extradata say so."""

    #: Types of the units that hold parameters of the pictures after them.
    _parameters: frozenset[int]

    def __init__(self, extradata: bytes = b"") -> None:
        super().__init__(extradata)
        self._length_bytes = 0
        self._of_first: set[bytes] = set()
        self._begun = False

    def read(self, data: bytes) -> Content:
        content = super().read(data)
        self._begun = True
        return content

    def _note_parameters(self, kind: int, unit: bytes) -> None:
        """Compare a unit of a packet with those of the first packet, if it holds parameters."""
        if kind in self._parameters:
            if not self._begun:
                self._of_first.add(unit)
            self.steady = self.steady and unit in self._of_first

    def _units(self, data: bytes) -> Iterator[bytes]:
        """Yield the first bytes of every unit."""
        position = 0
        if self._length_bytes:
            while position + self._length_bytes < len(data):
                begin = position + self._length_bytes
                size = int.from_bytes(data[position:begin], "big")
                yield data[begin : begin + min(size, _HEADER_BYTES)]
                position = begin + size
        else:
            while (position := data.find(b"\0\0\1", position)) >= 0:
                position += 3
                yield data[position : position + _HEADER_BYTES]


class HevcReader(_NalReader):
    """H.265: an entry is an IRAP picture; the pictures that precede it are shown before it."""

    _parameters = frozenset((32, 33, 34))

    def __init__(self, extradata: bytes = b"") -> None:
        super().__init__(extradata)
        if len(extradata) > 21 and extradata[0] == 1:  # hvcC of ISO/IEC 14496-15
            self._length_bytes = (extradata[21] & 3) + 1

    def _read(self, data: bytes) -> Content:
        for unit in self._units(data):
            kind = unit[0] >> 1 & 63
            if kind < 32:  # the first slice
                return Content(1, 16 <= kind <= 21)
            self._note_parameters(kind, unit)
        raise ValueError("no slice")


class H264Reader(_NalReader):
    """H.264: an entry is an IDR picture; two fields make one picture."""

    _parameters = frozenset((7, 8, 13, 15))

    def __init__(self, extradata: bytes = b"") -> None:
        super().__init__(extradata)
        self._sequence: _Sequence | None = None
        self._waits_for: tuple[int, int] | None = None
        if len(extradata) > 6 and extradata[0] == 1:  # avcC of ISO/IEC 14496-15
            self._length_bytes = (extradata[4] & 3) + 1
            if extradata[5] & 31:
                self._note_sequence(extradata[8 : 8 + int.from_bytes(extradata[6:8], "big")])
        else:
            for unit in self._units(extradata):
                self._note_sequence(unit)

    @property
    def may_hide(self) -> bool:  # type: ignore[override]
        """Whether pictures may be coded as two fields."""
        return self._sequence is None or self._sequence.fields

    def _note_sequence(self, unit: bytes) -> None:
        if unit and unit[0] & 31 == 7:
            try:
                self._sequence = _Sequence(unit)
            except ValueError:
                self._sequence = None

    def _read(self, data: bytes) -> Content:
        shown, entry, last = 0, None, None
        for unit in self._units(data):
            kind = unit[0] & 31
            self._note_sequence(unit)
            self._note_parameters(kind, unit)
            if kind not in (1, 2, 5):
                continue
            entry = kind == 5 if entry is None else entry
            if self._sequence is None or not self._sequence.fields:
                return Content(1, entry)
            field = self._sequence.field(unit)
            if field is None:
                self._waits_for = None
                return Content(1, entry)
            if field != last:
                second = field == self._waits_for
                self._waits_for = None if second else (field[0], 1 - field[1])
                shown += not second
                last = field
        if entry is None:
            raise ValueError("no slice")
        return Content(shown, entry)


class _Sequence:
    """What a sequence parameter set of H.264 says about slice headers (7.3.2.1.1, 7.3.3)."""

    def __init__(self, unit: bytes) -> None:
        bits = Bits(_unescaped(unit[1:]))
        profile = bits.read(24) >> 16
        bits.unsigned()
        self._planes = False
        if profile in _WITH_CHROMA_FORMAT:
            self._skip_chroma(bits)
        self._frame_num_bits = bits.unsigned() + 4
        order = bits.unsigned()
        if order == 0:
            bits.unsigned()
        elif order == 1:
            bits.read()
            bits.signed()
            bits.signed()
            for _ in range(bits.unsigned()):
                bits.signed()
        bits.unsigned()
        bits.read()
        bits.unsigned()
        bits.unsigned()
        #: Whether pictures may be coded as fields.
        self.fields = not bits.read()

    def _skip_chroma(self, bits: Bits) -> None:
        chroma = bits.unsigned()
        if chroma == 3:
            self._planes = bool(bits.read())
        bits.unsigned()
        bits.unsigned()
        bits.read()
        if bits.read():  # scaling matrices
            for number in range(8 if chroma != 3 else 12):
                if bits.read():
                    _skip_scaling_list(bits, 16 if number < 6 else 64)

    def field(self, unit: bytes) -> tuple[int, int] | None:
        """Return frame number and 1 for a bottom field, 0 for a top field; None for a frame."""
        bits = Bits(_unescaped(unit[1:64]))
        bits.unsigned()
        bits.unsigned()
        bits.unsigned()
        if self._planes:
            bits.read(2)
        number = bits.read(self._frame_num_bits)
        return (number, bits.read()) if bits.read() else None


def _skip_scaling_list(bits: Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.signed()) % 256
        last = following or last


def _unescaped(data: bytes) -> bytes:
    """Remove the bytes that keep start codes out of a unit."""
    return data.replace(b"\0\0\3", b"\0\0")
