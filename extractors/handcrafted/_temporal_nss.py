"""Fields in which change over time shows, and their natural-scene statistics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session
from vqa_features.frame import Views
from vqa_features.kernels.brisque_niqe import brisque_statistics, scale_sums, statistics_from_sums
from vqa_features.kernels.cuts import AFTER, Signature
from vqa_features.kernels.jit import jit
from vqa_features.kernels.resize import halve

from ._cut_mask import CutMask

Plane = NDArray[np.float32]
Values = NDArray[np.float64]

#: Groups of 18 features: two differences, two Haar bands, two kinds of slices.
N_FIELDS = 6
#: Frames of the bands and of a slice.
BANDS = (4, 8)
SLICE = 32


#: Codes of float32 luma are whole multiples of 1 / 256: of up to 16 bits, in units of 8.
FINEST = 2**8


@dataclass
class _Seen:
    """What windows need of a frame; the pictures are let go once no later window can use them.

    Of a frame that is not sampled, of which a window may hold 43, the luma is kept alone, and what is made of
    it is made in the few windows that use it.
    """

    place: int
    plane: NDArray[Any] | None
    half: Plane | None
    rows: Plane
    columns: Plane
    signature: Signature

    @property
    def picture(self) -> NDArray[Any]:
        """Luma, (h, w) uint8 or float32."""
        assert self.plane is not None
        if self.plane.dtype == np.uint16:
            return np.multiply(self.plane, 1 / FINEST, dtype=np.float32)
        return self.plane

    @property
    def halved(self) -> Plane:
        """The picture at half size."""
        return halve(self.picture) if self.half is None else self.half

    def let_go(self) -> None:
        """Keep the lines and the signature alone."""
        self.plane = self.half = None


class _Measured(NamedTuple):
    """The row of a window without its slices, the lines that slices are made of, and the window."""

    values: Values
    lines: list[tuple[Plane, Plane]]
    upto: Sequence[_Seen | None]


class TemporalNssSession(Session):
    """Keeps 7 pictures before the sampled one and 6 after it, and in windows 6 lines of each frame.

    Where frames are sampled sparsely, it keeps the luma of the whole window, which the decoder held as well.

    Parameters
    ----------
    sampled : bool
        Whether windows hold sampled frames, which are then counted, and not neighbours in the source.
    """

    concurrent = True

    def __init__(self, sampled: bool) -> None:
        self._sampled = sampled
        self._cuts = CutMask(AFTER)
        self._next_slice = 0

    def prepare(self, frame: Views) -> _Seen:
        plane = frame.luma
        signature = Signature(frame.thumbnail)  # first, because it takes most memory
        quarters = np.array([1, 2, 3])
        kept = plane
        if not frame.sampled and plane.dtype != np.uint8:
            kept = np.multiply(plane, FINEST, dtype=np.float32).astype(np.uint16)
        return _Seen(
            frame.index if self._sampled else frame.source,
            kept,
            halve(plane) if frame.sampled else None,
            plane[quarters * plane.shape[0] // 4].astype(np.float32),
            plane[:, quarters * plane.shape[1] // 4].T.astype(np.float32),
            signature,
        )

    def measure(self, window: Sequence[_Seen | None]) -> _Measured:
        """Return all of a row but the slices, of which one frame in 32 has any."""
        values = np.full((N_FIELDS, 18), np.nan)
        across = self._cuts.judge([None if one is None else one.signature for one in window], SLICE - 1)
        upto = window[: len(window) - AFTER]

        def shot(span: int) -> list[Any]:
            """The last frames, if they are there and of one shot."""
            whole = None not in upto[-span:] and 1 not in across[1 - span :]
            return list(upto[-span:]) if whole else []

        rows, sums, sizes = list[int](), list[Values](), list[int]()
        for row, plane in _fields(shot(2), shot(BANDS[1]) or shot(BANDS[0])):
            rows.append(row)
            sums.append(scale_sums(plane, scales=1)[0])
            sizes.append(plane.size)
            del plane  # before the next one is made
        if rows:
            fits = statistics_from_sums(np.concatenate(sums), np.array(sizes)[:, None])
            values[rows] = fits.reshape(-1, 18)
        lines = [(one.rows, one.columns) for one in shot(SLICE)]
        return _Measured(np.append(values, across[-1]), lines, upto)

    def push(self, window: _Measured) -> Values:
        """Add the slices where no frame of them was in others, and let pictures go."""
        values, lines, upto = window
        for one in upto[: 1 - BANDS[-1]]:  # later windows reach back to the 7th frame before theirs
            if one is not None:
                one.let_go()
        current = upto[-1]
        assert current is not None
        if lines and current.place >= self._next_slice:
            self._next_slice = current.place + SLICE
            for field in range(2):
                planes = np.stack([both[field] for both in lines], axis=1)
                at = 18 * (4 + field)
                values[at : at + 18] = brisque_statistics(planes, border="replicate")
        return values


def _fields(pair: Sequence[_Seen], frames: Sequence[_Seen]) -> Iterator[tuple[int, Plane]]:
    """Yield number and plane of each field of a pair and of the last 4 or 8 frames, one plane at a time."""
    if pair:
        before, after = pair
        difference = difference_of(before.picture, after.picture)
        yield 0, difference
        if before.picture.dtype == after.picture.dtype == np.uint8:
            del difference
            yield 1, difference_of_halves(before.halved, after.halved)
        else:
            yield 1, halve(difference)
            del difference
    if frames:
        yield from enumerate(haar_bands([one.halved for one in frames]), start=2)


def difference_of(before: NDArray[Any], after: NDArray[Any]) -> Plane:
    """Return the newer less the older of two planes, (h, w) float32."""
    return np.asarray(cv2.subtract(after, before, dtype=cv2.CV_32F), np.float32)


def difference_of_halves(before: Plane, after: Plane) -> Plane:
    """Return the halved difference of two 8-bit planes, (h / 2, w / 2) float32, from their halves.

    Halves of 8-bit codes are whole multiples of 2 ** -16, which float32 holds below 256, so that their
    difference is the halved difference.
    """
    return np.subtract(after, before)


def haar_bands(halves: Sequence[Plane]) -> list[Plane]:
    """Return the band of the last 4 of some pictures, and that of all 8 where there are as many.

    A band is the sum of the newer less that of the older half over the square root of half their number.
    Equal pictures give exactly zero.
    """
    last = halves[-BANDS[0] :]
    short = np.empty_like(last[0])
    if len(halves) < BANDS[1]:
        _haar(*last, *last, short, short)
        return [short]
    long = np.empty_like(short)
    _haar(*halves, long, short)
    return [short, long]


@jit(error_model="numpy")
def _haar(
    a: Plane, b: Plane, c: Plane, d: Plane, e: Plane, f: Plane, g: Plane, h: Plane, long: Plane, short: Plane
) -> None:
    """Write the bands of eight pictures, the oldest first, and of the last four of them."""
    for y in range(a.shape[0]):
        for x in range(a.shape[1]):
            band = ((e[y, x] - a[y, x]) + f[y, x]) - b[y, x]
            band = (((band + g[y, x]) - c[y, x]) + h[y, x]) - d[y, x]
            long[y, x] = band * np.float32(0.5)
            short[y, x] = (((g[y, x] - e[y, x]) + h[y, x]) - f[y, x]) * np.float32(0.5**0.5)
