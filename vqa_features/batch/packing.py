"""Lossless conversion of feature rows to compressed bytes and back."""

from __future__ import annotations

import zlib

import numpy as np

from ..specs import Rows


def pack_rows(rows: Rows) -> bytes:
    """Return `rows` as compressed bytes: times, frame numbers and values as little-endian float64.

    The first bytes of all numbers come first, then the second ones and so on, which compresses better.

    Parameters
    ----------
    rows : Rows
        n rows of d values.
    """
    table = np.column_stack([rows.times_s, rows.frames.astype(np.float64), rows.values])
    return zlib.compress(np.ascontiguousarray(table, "<f8").view(np.uint8).reshape(-1, 8).T.tobytes(), 1)


def unpack_rows(data: bytes, n: int, d: int) -> Rows:
    """Return the rows that `pack_rows` packed, equal to the bit.

    Parameters
    ----------
    data : bytes
        What `pack_rows` returned.
    n, d : int
        Number of rows and of values in a row.
    """
    packed = np.frombuffer(zlib.decompress(data), np.uint8).reshape(8, -1)
    table = np.ascontiguousarray(packed.T).view("<f8").reshape(n, d + 2).astype(np.float64)
    return Rows(table[:, 0].copy(), table[:, 1].astype(np.int64), table[:, 2:].copy())
