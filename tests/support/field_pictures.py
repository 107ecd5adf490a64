"""H.264 streams of field pictures, written bit by bit: every macroblock holds its samples (I_PCM)."""

from __future__ import annotations


class _Writer:
    def __init__(self) -> None:
        self._bits: list[str] = []

    def fixed(self, count: int, value: int) -> None:
        self._bits.append(format(value, f"0{count}b"))

    def golomb(self, *values: int) -> None:
        for value in values:
            code = format(value + 1, "b")
            self._bits.append("0" * (len(code) - 1) + code)

    def align(self) -> None:
        self._bits.append("0" * (-sum(map(len, self._bits)) % 8))

    def unit(self, head: int) -> bytes:
        """Return the unit with its start code; bytes that look like one are escaped."""
        self.fixed(1, 1)
        self.align()
        bits = "".join(self._bits)
        payload = int(bits, 2).to_bytes(len(bits) // 8, "big")
        escaped, zeros = bytearray(), 0
        for byte in payload:
            if zeros >= 2 and byte <= 3:
                escaped.append(3)
                zeros = 0
            escaped.append(byte)
            zeros = zeros + 1 if byte == 0 else 0
        return b"\0\0\0\1" + bytes([head]) + bytes(escaped)


def _parameter_sets(columns: int, rows: int, profile: int) -> bytes:
    sequence = _Writer()
    for value in (profile, 0, 30):
        sequence.fixed(8, value)
    sequence.golomb(0)
    if profile == 100:
        sequence.golomb(1, 0, 0)  # 4:2:0, 8 bits
        sequence.fixed(1, 0)
        sequence.fixed(1, 1)  # scaling matrices: the first list steps once, then repeats
        sequence.fixed(1, 1)
        sequence.golomb(1, 18)
        sequence.fixed(7, 0)
    sequence.golomb(0, 0, 0, 1)
    sequence.fixed(1, 0)
    sequence.golomb(columns - 1, rows // 2 - 1)
    sequence.fixed(1, 0)  # frame_mbs_only_flag
    for flag in (0, 1, 0, 0):
        sequence.fixed(1, flag)
    picture = _Writer()
    picture.golomb(0, 0)
    picture.fixed(2, 0)
    picture.golomb(0, 0, 0)
    picture.fixed(3, 0)
    picture.golomb(0, 0, 0)
    picture.fixed(3, 0)
    return sequence.unit(0x67) + picture.unit(0x68)


def _picture(blocks: int, number: int, field: int | None, *, idr: bool, value: int) -> bytes:
    slice_ = _Writer()
    slice_.golomb(0, 7, 0)
    slice_.fixed(4, number)
    slice_.fixed(1, field is not None)
    if field is not None:
        slice_.fixed(1, field)
    if idr:
        slice_.golomb(0)
    slice_.fixed(4, (2 * number + (field or 0)) % 16)
    slice_.fixed(2 if idr else 1, 0)
    slice_.golomb(0)
    for block in range(blocks):
        slice_.golomb(25)  # I_PCM
        slice_.align()
        for sample in range(384):
            slice_.fixed(8, 16 + (value + block + sample // 64) % 200)
    return slice_.unit(0x65 if idr else 0x61)


def field_packets(frames: int, *, pairs: str = "all", profile: int = 77) -> list[bytes]:
    """Return the coded pictures of `frames` frames of 32 x 64.

    Parameters
    ----------
    frames : int
        Number of frames; every eighth is an IDR picture.
    pairs : {"all", "none", "some"}
        Which frames are coded as two fields.
    profile : {77, 100}
        Main or High, which names a chroma format and here a scaling matrix.
    """
    delimiter = b"\0\0\0\1\x09\x10"
    packets = []
    for frame in range(frames):
        number, idr = frame % 8, frame % 8 == 0
        head = delimiter + (_parameter_sets(2, 4, profile) if idr else b"")
        if pairs == "none" or (pairs == "some" and frame % 3):
            packets.append(head + _picture(8, number, None, idr=idr, value=10 * frame))
            continue
        packets.append(head + _picture(4, number, 0, idr=idr, value=10 * frame))
        packets.append(delimiter + _picture(4, number, 1, idr=False, value=10 * frame + 5))
    return packets
