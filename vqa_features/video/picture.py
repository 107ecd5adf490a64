"""A decoded frame as a picture: planes straight from the decoder, cropped and turned upright."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.filter import Graph
from numpy.typing import NDArray

from ..errors import DecodeError
from ..picture import rgb2gray
from .colour import is_rgb_coded, samples, to_rgb
from .crop import WHOLE, Crop

Array = NDArray[Any]


@dataclass(frozen=True)
class Turn:
    """How stored pictures become upright: transpose first, then reverse rows, then columns."""

    transpose: bool = False
    rows: bool = False
    columns: bool = False

    def __call__(self, plane: Array) -> Array:
        """Return `plane` (h, w, ...) upright; a contiguous copy where anything moves."""
        if self == Turn():
            return plane
        if self.transpose:
            plane = plane.swapaxes(0, 1)
        if self.rows:
            plane = plane[::-1]
        if self.columns:
            plane = plane[:, ::-1]
        return np.ascontiguousarray(plane)

    def back(self, crop: Crop) -> Crop:
        """Return the crop of the stored picture that is `crop` once it is upright."""
        top, bottom, left, right = crop.top, crop.bottom, crop.left, crop.right
        if self.columns:
            left, right = right, left
        if self.rows:
            top, bottom = bottom, top
        return Crop(left, right, top, bottom) if self.transpose else Crop(top, bottom, left, right)

    @property
    def degrees(self) -> int:
        """Counter-clockwise angle of the turn, of a mirrored one before its columns are reversed."""
        if self.transpose:
            return 90 if self.rows else 270
        return 180 if self.rows else 0

    @property
    def mirrored(self) -> bool:
        """Whether left and right change sides."""
        return self.transpose ^ self.rows ^ self.columns


def turn_of(frame: av.VideoFrame) -> Turn | None:
    """Return the turn a frame's display matrix asks for; None if it is not of right angles."""
    data: Any = frame.side_data.get("DISPLAYMATRIX")
    if data is None:
        return Turn()
    # x' = a x + c y, y' = b x + d y, in 16.16 fixed point, rows (a, b, u), (c, d, v), (x, y, w)
    (a, b, _), (c, d, _), _ = np.frombuffer(memoryview(data), np.int32, 9).reshape(3, 3).tolist()
    if b == c == 0 and a and d:
        return Turn(rows=d < 0, columns=a < 0)
    if a == d == 0 and b and c:
        return Turn(transpose=True, rows=b < 0, columns=c < 0)
    return None


def bits_of(pixel_format: av.VideoFormat) -> int:
    """Bits of a luma code value: 8 for RGB-coded formats, whose luma is made from 8-bit RGB."""
    return 8 if is_rgb_coded(pixel_format) else int(pixel_format.components[0].bits)


class VideoPicture:
    """The planes of a decoded frame (see `vqa_features.frame.Picture`), cropped, then turned upright.

    Planes are views of the decoder's memory, which lives as long as any of them, and must not be
    written to.

    Parameters
    ----------
    frame : av.VideoFrame
        As the decoder gives it.
    turn : Turn
        Makes it upright.
    matrix : str
        RGB is made with it, one of `vqa_features.video.colour.CONVERTED`.
    crop : Crop
        Lines and columns that are not shown.
    """

    def __init__(self, frame: av.VideoFrame, turn: Turn, matrix: str, crop: Crop = WHOLE) -> None:
        self._frame = frame
        self._turn = turn
        self._matrix = matrix
        self._crop = crop
        self.bit_depth = bits_of(frame.format)

    def luma_plane(self) -> Array:
        """Y plane in code values, (h, w) uint8 or uint16; rgb2gray of RGB-coded video."""
        if is_rgb_coded(self._frame.format):
            return rgb2gray(self.rgb())
        return self._shown(samples(with_planar_luma(self._frame), 0))

    def chroma_planes(self) -> tuple[Array, Array] | None:
        """U and V planes in code values; None for gray and RGB-coded video."""
        layout = self._frame.format
        if is_rgb_coded(layout) or layout.name.startswith(("gray", "ya")):
            return None
        frame = _planar(self._frame)
        ratio = (4 // layout.chroma_height(4), 4 // layout.chroma_width(4))
        return self._shown(samples(frame, 1), ratio), self._shown(samples(frame, 2), ratio)

    def rgb(self) -> NDArray[np.uint8]:
        """Full-range 8-bit RGB, (h, w, 3)."""
        return self._shown(to_rgb(self._frame, self._matrix))

    def rgb_without(self, hidden: Crop) -> NDArray[np.uint8]:
        """RGB without lines at the upright edges, made from what is left where no chroma sample is cut."""
        plain = self._crop == WHOLE and not is_rgb_coded(self._frame.format)
        part = _part(_planar(self._frame), self._turn.back(hidden)) if plain else None
        return hidden(self.rgb()) if part is None else self._turn(to_rgb(part, self._matrix))

    def _shown(self, plane: Array, ratio: tuple[int, int] = (1, 1)) -> Array:
        """Return the part of a plane that is shown, upright; `ratio` is luma lines and columns per sample."""
        return self._turn(self._crop(plane, ratio))


def _part(frame: av.VideoFrame, crop: Crop) -> av.VideoFrame | None:
    """Return a planar frame without some lines and columns, None if that cuts a chroma sample."""
    layout = frame.format
    lines, columns = 4 // layout.chroma_height(4), 4 // layout.chroma_width(4)
    width, height = crop.size(frame.width, frame.height)
    begun = crop.top % lines or crop.left % columns
    if begun or (crop.bottom and height % lines) or (crop.right and width % columns):
        return None
    graph = Graph()
    source = graph.add_buffer(width=frame.width, height=frame.height, format=layout, time_base=Fraction(1))
    cropped = graph.add("crop", f"{width}:{height}:{crop.left}:{crop.top}")
    graph.link_nodes(source, cropped, graph.add("buffersink")).configure()
    graph.push(frame)
    part = graph.pull()
    assert isinstance(part, av.VideoFrame)
    return part


def with_planar_luma(frame: av.VideoFrame) -> av.VideoFrame:
    """Return a frame whose plane 0 is Y in native code values; nv12 and gray are so already.

    Parameters
    ----------
    frame : av.VideoFrame
        Not RGB-coded.
    """
    name = frame.format.name
    if name.startswith(("gray", "nv")) and not frame.format.is_big_endian:
        return frame
    return _planar(frame)


def _planar(frame: av.VideoFrame) -> av.VideoFrame:
    """Return a frame with Y, U and V in planes 0, 1, 2 as native code values.

    Packed, semi-planar and big-endian layouts are repacked by swscale, which moves code values
    unchanged.
    """
    layout, name = frame.format, frame.format.name
    if name.startswith("yuv") and layout.is_planar and not layout.is_big_endian:
        return frame
    bits = layout.components[0].bits
    depth = "" if bits == 8 else f"{bits}le"
    if name.startswith(("gray", "ya")):
        return frame.reformat(format=f"gray{depth}", threads=1)
    ratio = (layout.chroma_width(4), layout.chroma_height(4))
    sampling = {(4, 4): "444", (2, 4): "422", (2, 2): "420", (4, 2): "440", (1, 4): "411", (1, 1): "410"}
    if ratio not in sampling:
        raise DecodeError(f"pictures of {name} are not supported", "unsupported")
    return frame.reformat(format=f"yuv{sampling[ratio]}p{depth}", threads=1)
