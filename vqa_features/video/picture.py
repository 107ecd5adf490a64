"""A decoded frame as a picture: planes straight from the decoder, RGB by swscale, turned upright."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from numpy.typing import NDArray

from ..errors import DecodeError
from ..frame import rgb2gray

Array = NDArray[Any]
Matrix = Literal["bt601", "bt709", "bt2020", "smpte240m", "fcc", "rgb", "unknown"]

#: Matrix coefficients of ISO/IEC 23091-2 by code.
MATRICES: dict[int, Matrix] = {
    0: "rgb",
    1: "bt709",
    4: "fcc",
    5: "bt601",
    6: "bt601",
    7: "smpte240m",
    9: "bt2020",
    10: "bt2020",
}
#: Transfer characteristics of ISO/IEC 23091-2 that are named; the others are "unknown".
TRANSFERS = {
    1: "bt709",
    4: "gamma22",
    5: "gamma28",
    6: "bt601",
    7: "smpte240m",
    8: "linear",
    13: "srgb",
    14: "bt2020-10",
    15: "bt2020-12",
    16: "pq",
    18: "hlg",
}
_SWSCALE = {
    "bt601": Colorspace.ITU601,
    "bt709": Colorspace.ITU709,
    "bt2020": Colorspace.BT2020,
    "smpte240m": Colorspace.SMPTE240M,
    "fcc": Colorspace.FCC,
}
#: Chroma is interpolated in both directions and sums are rounded: within 1 of the exact value.
_QUALITY = (
    Interpolation.BILINEAR
    | Interpolation.ACCURATE_RND
    | Interpolation.FULL_CHR_H_INT
    | Interpolation.FULL_CHR_H_INP
)


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
    side_data = frame.side_data.get("DISPLAYMATRIX")
    if side_data is None:
        return Turn()
    # x' = a x + c y, y' = b x + d y, in 16.16 fixed point, rows (a, b, u), (c, d, v), (x, y, w)
    (a, b, _), (c, d, _), _ = np.frombuffer(_bytes(side_data), np.int32, 9).reshape(3, 3).tolist()
    if b == c == 0 and a and d:
        return Turn(rows=d < 0, columns=a < 0)
    if a == d == 0 and b and c:
        return Turn(transpose=True, rows=b < 0, columns=c < 0)
    return None


def is_full_range(frame: av.VideoFrame) -> bool:
    """Tell whether code values span the whole range: RGB does, unmarked video does not."""
    return (
        frame.format.name.startswith("yuvj")
        or frame.color_range == ColorRange.JPEG
        or is_rgb_coded(frame.format)
    )


def is_rgb_coded(pixel_format: av.VideoFormat) -> bool:
    """Tell whether a pixel format has no Y plane of 8 to 16 bits (RGB, palette, XYZ, one bit, float)."""
    name = pixel_format.name
    return (
        pixel_format.is_rgb
        or pixel_format.has_palette
        or name.startswith(("mono", "xyz", "bayer"))
        or not 8 <= pixel_format.components[0].bits <= 16
    )


def bits_of(pixel_format: av.VideoFormat) -> int:
    """Bits of a luma code value: 8 for RGB-coded formats, whose luma is made from 8-bit RGB."""
    return 8 if is_rgb_coded(pixel_format) else int(pixel_format.components[0].bits)


def conversion_matrix(frame: av.VideoFrame) -> Matrix:
    """Matrix to make RGB with: the one named, else BT.709 from 1280 wide or 720 high on, else BT.601."""
    if is_rgb_coded(frame.format):
        return "rgb"
    named = MATRICES.get(int(frame.colorspace), "unknown")
    if named not in ("unknown", "rgb"):
        return named
    return "bt709" if frame.width >= 1280 or frame.height >= 720 else "bt601"


class VideoPicture:
    """The planes of a decoded frame (see `vqa_features.frame.Picture`), turned upright.

    `matrix` is used for RGB; planes are views of the decoder's memory, which lives as long as any
    of them, and must not be written to.
    """

    def __init__(self, frame: av.VideoFrame, turn: Turn, matrix: Matrix) -> None:
        self._frame = frame
        self._turn = turn
        self._matrix = matrix
        self.bit_depth = bits_of(frame.format)

    def luma_plane(self) -> Array:
        """Y plane in code values, (h, w) uint8 or uint16; rgb2gray of RGB-coded video."""
        if is_rgb_coded(self._frame.format):
            return rgb2gray(self.rgb())
        return self._turn(_plane(_with_planar_luma(self._frame), 0))

    def chroma_planes(self) -> tuple[Array, Array] | None:
        """U and V planes in code values; None for gray and RGB-coded video."""
        if is_rgb_coded(self._frame.format) or self._frame.format.name.startswith(("gray", "ya")):
            return None
        frame = _planar(self._frame)
        return self._turn(_plane(frame, 1)), self._turn(_plane(frame, 2))

    def rgb(self) -> NDArray[np.uint8]:
        """Full-range 8-bit RGB, (h, w, 3)."""
        frame = self._frame
        colorspace = _SWSCALE.get(self._matrix, Colorspace.ITU601)
        converted = frame.reformat(
            format="rgb24",
            src_colorspace=colorspace,
            dst_colorspace=colorspace,
            src_color_range=ColorRange.JPEG if is_full_range(frame) else ColorRange.MPEG,
            dst_color_range=ColorRange.JPEG,
            interpolation=int(_QUALITY),
            threads=1,
        )
        plane = converted.planes[0]
        rows = np.frombuffer(_bytes(plane), np.uint8).reshape(-1, plane.line_size)
        pixels = rows[: converted.height, : 3 * converted.width]
        return self._turn(pixels.reshape(converted.height, converted.width, 3))


def _bytes(buffer: Any) -> memoryview[int]:
    """View of a PyAV buffer, whose types do not say that it is one."""
    return memoryview(buffer)


def _plane(frame: av.VideoFrame, index: int) -> Array:
    """View of one plane's samples without the padding of its lines."""
    plane = frame.planes[index]
    kind = np.uint8 if frame.format.components[0].bits == 8 else np.uint16
    if plane.line_size < plane.width * np.dtype(kind).itemsize:
        raise DecodeError(
            f"pictures of {frame.format.name} stored bottom-up are not supported", "unsupported"
        )
    lines = np.frombuffer(_bytes(plane), np.uint8).reshape(plane.height, plane.line_size)
    return lines.view(kind)[:, : plane.width]


def _with_planar_luma(frame: av.VideoFrame) -> av.VideoFrame:
    """Return a frame whose plane 0 is Y in native code values; nv12 and gray are so already."""
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
