"""Lossless conversion of feature rows to compressed bytes and back."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from ..errors import StoreError
from ..video_task import Rows

#: Most bytes of the rows of one result, as many as SQLite keeps in one value.
MOST_BYTES = 10**9


def pack_rows(rows: Rows) -> bytes:
    """Return `rows` as compressed bytes: times, frame numbers and values as little-endian float64.

    The first bytes of all numbers come first, then the second ones and so on, which compresses better.

    Parameters
    ----------
    rows : Rows
        n rows of d values.

    Raises
    ------
    StoreError
        If they have more than `MOST_BYTES`.
    """
    table = np.column_stack([rows.times_s, rows.frames.astype(np.float64), rows.values])
    if table.nbytes > MOST_BYTES:
        raise StoreError(f"the rows of a video have {table.nbytes} bytes, a store holds at most {MOST_BYTES}")
    return zlib.compress(np.ascontiguousarray(table, "<f8").view(np.uint8).reshape(-1, 8).T.tobytes(), 1)


def unpack_rows(data: bytes, n: int, d: int) -> Rows:
    """Return the rows that `pack_rows` packed, equal to the bit.

    Parameters
    ----------
    data : bytes
        What `pack_rows` returned, or what a stranger wrote: no more is unpacked than the rows need.
    n, d : int
        Number of rows and of values in a row, at least 0.

    Raises
    ------
    ValueError, zlib.error
        If these are no such rows.
    """
    size = n * (d + 2) * 8
    if size > MOST_BYTES:
        raise ValueError(f"{n} rows of {d} values are more than {MOST_BYTES} bytes")
    unpacking = zlib.decompressobj()
    unpacked = unpacking.decompress(data, size + 1)
    if len(unpacked) != size or not unpacking.eof or unpacking.unused_data:
        raise ValueError(f"the data are not {n} rows of {d} values")
    packed = np.frombuffer(unpacked, np.uint8).reshape(8, -1)
    table = np.ascontiguousarray(packed.T).view("<f8").reshape(n, d + 2).astype(np.float64)
    if not _are_counts(table[:, 1]):
        raise ValueError("the frame numbers are no whole numbers")
    return Rows(table[:, 0].copy(), table[:, 1].astype(np.int64), table[:, 2:].copy())


def _are_counts(numbers: NDArray[np.float64]) -> bool:
    """Whether all are whole numbers from 0 that float64 can tell apart."""
    return bool(np.all((numbers >= 0) & (numbers < 2**53) & (numbers == np.floor(numbers))))
