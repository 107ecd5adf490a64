"""The part of the coded picture that a container asks to show: MP4's clean aperture, Matroska's pixel crop.

PyAV does not pass on what FFmpeg reads of it, so the few bytes are read here. Everything else in the
file is passed over by its declared size; a file that lies about sizes has no crop.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any, NamedTuple

import av
from numpy.typing import NDArray

#: Elements that are looked at in one level of a file.
_MOST = 10_000


@dataclass(frozen=True)
class Crop:
    """Lines and columns at the four edges of the coded picture that are not shown."""

    top: int = 0
    bottom: int = 0
    left: int = 0
    right: int = 0

    def __call__(self, plane: NDArray[Any], ratio: tuple[int, int] = (1, 1)) -> NDArray[Any]:
        """Return the part of `plane` that is shown, a view.

        Parameters
        ----------
        plane : ndarray, (h, w, ...)
            A plane of the coded picture.
        ratio : (int, int)
            Lines and columns of luma for each sample of the plane.
        """
        if self == WHOLE:
            return plane
        lines, columns = ratio
        height, width = plane.shape[0] * lines, plane.shape[1] * columns
        return plane[
            self.top // lines : -(-(height - self.bottom) // lines),
            self.left // columns : -(-(width - self.right) // columns),
        ]

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Return width and height of what is shown of a picture."""
        return width - self.left - self.right, height - self.top - self.bottom


WHOLE = Crop()


class _Element(NamedTuple):
    """A box of MP4 or an element of EBML: its name and where its content lies."""

    name: bytes
    start: int
    end: int


def declared_crop(descriptor: int, stream: av.VideoStream, width: int, height: int) -> Crop:
    """Return the crop that the container declares for a stream, `WHOLE` if it declares none.

    Parameters
    ----------
    descriptor : int
        The open file.
    stream : VideoStream
        A stream of that file.
    width, height : int
        Size of the coded picture.

    Returns
    -------
    Crop
        A crop that leaves nothing, or that reaches beyond the picture, is not one.
    """
    try:
        match stream.container.format.name:
            case "mov,mp4,m4a,3gp,3g2,mj2":
                crop = _clean_aperture(descriptor, stream.id, width, height)
            case "matroska,webm":
                crop = _pixel_crop(descriptor, stream.container.streams.video.index(stream))
            case _:
                return WHOLE
    except (struct.error, ZeroDivisionError, OSError, IndexError, StopIteration):
        return WHOLE
    edges = (crop.top, crop.bottom, crop.left, crop.right)
    return crop if min(edges) >= 0 and min(crop.size(width, height)) > 0 else WHOLE


def _clean_aperture(descriptor: int, track: int, width: int, height: int) -> Crop:
    """Crop of the box ``clap`` (ISO/IEC 14496-12, 12.1.4): size and centre as fractions."""
    whole = _Element(b"", 0, os.fstat(descriptor).st_size)
    for trak in _find(descriptor, next(_find(descriptor, whole, b"moov"), whole), b"trak"):
        header = next(_find(descriptor, trak, b"tkhd"), None)
        if header is None or _track_number(descriptor, header) != track:
            continue
        for table in _find(descriptor, trak, b"mdia", b"minf", b"stbl", b"stsd"):
            # 8 bytes of version and count; then entries, each with 78 bytes before its boxes
            for entry in _boxes(descriptor, table.start + 8, table.end):
                for box in _boxes(descriptor, entry.start + 78, entry.end):
                    if box.name == b"clap":
                        return _aperture(os.pread(descriptor, 32, box.start), width, height)
    return WHOLE


def _track_number(descriptor: int, header: _Element) -> int:
    """Track number of a box ``tkhd``, after two times of 4 bytes, or 8 in version 1."""
    data = os.pread(descriptor, 24, header.start)
    return int(struct.unpack_from(">I", data, 20 if data[0] == 1 else 12)[0])


def _aperture(data: bytes, width: int, height: int) -> Crop:
    """Crop of width, height, horizontal and vertical offset of the centre, each a fraction."""
    numbers = struct.unpack(">IIIIiIiI", data)
    wide, high, right_by, down_by = (Fraction(*numbers[i : i + 2]) for i in range(0, 8, 2))
    edges = []
    for size, shown, offset in ((height, high, down_by), (width, wide, right_by)):
        before = (size - shown) / 2 + offset
        edges += [floor(before), ceil(size - shown - before)]
    return Crop(*edges)


def _boxes(descriptor: int, start: int, end: int) -> Iterator[_Element]:
    """Yield the boxes between two places of an MP4 file."""
    for _ in range(_MOST):
        if end - start < 8:
            return
        size, name = struct.unpack(">I4s", os.pread(descriptor, 8, start))
        head = 8
        if size == 1:
            (size,) = struct.unpack(">Q", os.pread(descriptor, 8, start + 8))
            head = 16
        size = size or end - start
        if size < head or start + size > end:
            return
        yield _Element(name, start + head, start + size)
        start += size


def _find(descriptor: int, within: _Element, *path: bytes) -> Iterator[_Element]:
    """Yield the boxes at the end of a path of names."""
    for box in _boxes(descriptor, within.start, within.end):
        if box.name == path[0]:
            if len(path) == 1:
                yield box
            else:
                yield from _find(descriptor, box, *path[1:])


#: Elements of Matroska (RFC 9559, section 5.1.4).
_SEGMENT, _CLUSTER, _TRACKS = b"\x18\x53\x80\x67", b"\x1f\x43\xb6\x75", b"\x16\x54\xae\x6b"
_TRACK, _VIDEO = b"\xae", b"\xe0"
_EDGES = {b"\x54\xbb": "top", b"\x54\xaa": "bottom", b"\x54\xcc": "left", b"\x54\xdd": "right"}


def _pixel_crop(descriptor: int, number: int) -> Crop:
    """Crop of the elements PixelCropTop, -Bottom, -Left and -Right of the video track `number`, from 0."""
    whole = _Element(b"", 0, os.fstat(descriptor).st_size)
    segment = next(one for one in _elements(descriptor, whole) if one.name == _SEGMENT)
    for part in _elements(descriptor, segment):
        if part.name == _CLUSTER:  # the tracks come before the pictures
            break
        if part.name == _TRACKS:
            tracks = [one for one in _elements(descriptor, part) if one.name == _TRACK]
            videos = [one for track in tracks for one in _elements(descriptor, track) if one.name == _VIDEO]
            edges = [one for one in _elements(descriptor, videos[number]) if one.name in _EDGES]
            return Crop(**{_EDGES[one.name]: _number(descriptor, one) for one in edges})
    return WHOLE


def _number(descriptor: int, element: _Element) -> int:
    """Return an unsigned integer of EBML."""
    return int.from_bytes(os.pread(descriptor, min(element.end - element.start, 8), element.start), "big")


def _elements(descriptor: int, within: _Element) -> Iterator[_Element]:
    """Yield the elements inside an element of EBML; one of unknown size reaches to the end."""
    start, end = within.start, within.end
    for _ in range(_MOST):
        if end - start < 2:
            return
        head = os.pread(descriptor, 12, start)
        name = _width(head[0])
        width = _width(head[name])
        value = int.from_bytes(head[name : name + width], "big") & ~(1 << 7 * width)
        begin = start + name + width
        unknown = value == (1 << 7 * width) - 1
        stop = end if unknown else min(begin + value, end)
        yield _Element(head[:name], begin, stop)
        start = stop


def _width(first: int) -> int:
    """Return the number of bytes that an EBML number takes, from its first byte."""
    if first == 0:
        raise IndexError("no EBML number")
    return 9 - first.bit_length()
