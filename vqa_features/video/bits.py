"""Bits of coded headers, read from the highest down."""

from __future__ import annotations


class Bits:
    """Reader of fixed-length and Exp-Golomb numbers.

    Parameters
    ----------
    data : bytes
        The header, without emulation prevention.

    Raises
    ------
    ValueError
        From every method, where the data end too early.
    """

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def read(self, count: int = 1) -> int:
        """Return the next `count` bits as a number."""
        if count > self._left:
            raise ValueError("the header ends too early")
        self._left -= count
        return self._value >> self._left & (1 << count) - 1

    def unsigned(self) -> int:
        """Return the next unsigned Exp-Golomb number, ``ue(v)`` of H.264 and H.265."""
        zeros = 0
        while not self.read():
            zeros += 1
        return (1 << zeros) - 1 + self.read(zeros)

    def signed(self) -> int:
        """Return the next signed Exp-Golomb number, ``se(v)``."""
        code = self.unsigned()
        return (code + 1) // 2 if code % 2 else -(code // 2)
