"""Colour of decoded frames: the matrix, range and transfer that a file names, and RGB made from them.

Codes are those of Rec. ITU-T H.273 (ISO/IEC 23091-2), which FFmpeg uses too.
"""

from __future__ import annotations

from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from numpy.typing import NDArray

from ..errors import DecodeError

Array = NDArray[Any]

#: Matrix coefficients by code; other codes are reserved.
MATRICES = {
    0: "rgb",
    1: "bt709",
    2: "unknown",
    4: "fcc",
    5: "bt601",
    6: "bt601",
    7: "smpte240m",
    8: "ycgco",
    9: "bt2020",
    10: "bt2020-cl",
    11: "smpte2085",
    12: "chroma-derived",
    13: "chroma-derived-cl",
    14: "ictcp",
    15: "ipt-c2",
    16: "ycgco-re",
    17: "ycgco-ro",
}
#: Transfer characteristics by code; other codes are reserved.
TRANSFERS = {
    1: "bt709",
    2: "unknown",
    4: "gamma22",
    5: "gamma28",
    6: "bt601",
    7: "smpte240m",
    8: "linear",
    9: "log100",
    10: "log316",
    11: "iec61966-2-4",
    12: "bt1361",
    13: "srgb",
    14: "bt2020-10",
    15: "bt2020-12",
    16: "pq",
    17: "smpte428",
    18: "hlg",
}
#: Colour primaries by code; other codes are reserved.
PRIMARIES = {
    1: "bt709",
    2: "unknown",
    4: "bt470m",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "film",
    9: "bt2020",
    10: "smpte428",
    11: "smpte431",
    12: "smpte432",
    22: "ebu3213",
}
_SWSCALE = {
    "bt601": Colorspace.ITU601,
    "bt709": Colorspace.ITU709,
    "bt2020": Colorspace.BT2020,
    "smpte240m": Colorspace.SMPTE240M,
    "fcc": Colorspace.FCC,
}
#: Bits that the reversible YCgCo adds to those of RGB (H.273, 8.3, equations for codes 16 and 17).
_LIFTED_BITS = {"ycgco-re": 2, "ycgco-ro": 1}
#: Matrices that RGB is made with exactly; for the others the nearest of these is taken, with a warning.
CONVERTED = frozenset({"rgb", "ycgco", *_SWSCALE, *_LIFTED_BITS})
#: Chroma is interpolated in both directions and sums are rounded: within 1 of the exact value.
_QUALITY = int(
    Interpolation.BILINEAR
    | Interpolation.ACCURATE_RND
    | Interpolation.FULL_CHR_H_INT
    | Interpolation.FULL_CHR_H_INP
)


def named(table: dict[int, str], code: int) -> str:
    """Return the name of a code of H.273, ``reserved`` for one without a meaning."""
    return table.get(int(code), "reserved")


def is_rgb_coded(pixel_format: av.VideoFormat) -> bool:
    """Tell whether a pixel format has no Y plane of 8 to 16 bits (RGB, palette, XYZ, one bit, float)."""
    name = pixel_format.name
    return (
        pixel_format.is_rgb
        or pixel_format.has_palette
        or name.startswith(("mono", "xyz", "bayer"))
        or not 8 <= pixel_format.components[0].bits <= 16
    )


def is_full_range(frame: av.VideoFrame) -> bool:
    """Tell whether code values span the whole range: RGB does, unmarked video does not."""
    return (
        frame.format.name.startswith("yuvj")
        or frame.color_range == ColorRange.JPEG
        or is_rgb_coded(frame.format)
    )


def conversion_matrix(frame: av.VideoFrame) -> str:
    """Return the matrix that RGB is made with, one of `CONVERTED`.

    It is the matrix that the frame names. BT.2020 stands for the matrices of BT.2100 and BT.2020 that
    are not linear, and for the matrix derived from its primaries. Where none of this holds, it is BT.709
    from 1280 wide or 720 high on, else BT.601.
    """
    if is_rgb_coded(frame.format):
        return "rgb"
    matrix = named(MATRICES, frame.colorspace)
    if matrix == "chroma-derived":
        matrix = named(PRIMARIES, frame.color_primaries)
    elif matrix in ("bt2020-cl", "ictcp"):
        matrix = "bt2020"
    if matrix in CONVERTED and matrix != "rgb":
        return matrix
    return "bt709" if frame.width >= 1280 or frame.height >= 720 else "bt601"


def unconverted_matrix(frame: av.VideoFrame) -> str | None:
    """Return the name of the frame's matrix if RGB is not made with it, None if it is or none is named."""
    matrix = named(MATRICES, frame.colorspace)
    if matrix == "unknown" or is_rgb_coded(frame.format):
        return None
    exact = matrix == conversion_matrix(frame) or (
        matrix == "chroma-derived" and named(PRIMARIES, frame.color_primaries) in _SWSCALE
    )
    return None if exact else matrix


def is_lifted(frame: av.VideoFrame) -> bool:
    """Tell whether samples have more bits than the RGB they were made from, so that luma spans a part."""
    return named(MATRICES, frame.colorspace) in _LIFTED_BITS and not is_rgb_coded(frame.format)


def to_rgb(frame: av.VideoFrame, matrix: str) -> NDArray[np.uint8]:
    """Return full-range 8-bit RGB of a frame.

    Parameters
    ----------
    frame : av.VideoFrame
        Of any pixel format.
    matrix : str
        One of `CONVERTED`.

    Returns
    -------
    ndarray, (h, w, 3) uint8
        Values beyond the range are clipped.
    """
    if matrix == "ycgco":
        return _from_ycgco(frame)
    if matrix in _LIFTED_BITS:
        return _from_lifted_ycgco(frame, _LIFTED_BITS[matrix])
    if not _has_whole_chroma_lines(frame):
        converted = _converted(frame, "rgb24", matrix)
        return samples(converted, 0).reshape(converted.height, converted.width, 3)
    import cv2

    planar = _converted(frame, "gbrp", matrix)
    green, blue, red = (samples(planar, k) for k in range(3))
    return np.asarray(cv2.merge((red, green, blue)))


def _converted(frame: av.VideoFrame, layout: str, matrix: str) -> av.VideoFrame:
    """Return a frame of full-range RGB, in one of FFmpeg's layouts."""
    colorspace = _SWSCALE.get(matrix, Colorspace.ITU601)
    return frame.reformat(
        format=layout,
        src_colorspace=colorspace,
        dst_colorspace=colorspace,
        src_color_range=ColorRange.JPEG if is_full_range(frame) else ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=_QUALITY,
        threads=1,
    )


def _has_whole_chroma_lines(frame: av.VideoFrame) -> bool:
    """Tell whether every line of chroma has all its lines of luma: one, or two.

    swscale then rounds RGB in planes as it rounds packed RGB, and makes it in half the time. Elsewhere some
    values differ by 1.
    """
    lines = 4 // frame.format.chroma_height(4)
    return not is_rgb_coded(frame.format) and lines <= 2 and frame.height % lines == 0


def samples(frame: av.VideoFrame, index: int) -> Array:
    """Return a view of one plane's lines without their padding, (h, samples) uint8 or uint16."""
    plane: Any = frame.planes[index]
    kind = np.dtype(np.uint8 if frame.format.components[0].bits == 8 else np.uint16)
    width = plane.width * (3 if frame.format.name in ("rgb24", "rgb48le") else 1)
    if plane.line_size < width * kind.itemsize:
        raise DecodeError(
            f"pictures of {frame.format.name} stored bottom-up are not supported", "unsupported"
        )
    lines = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return lines.view(kind)[:, :width]


def _full_resolution(frame: av.VideoFrame) -> tuple[Array, Array, Array]:
    """Return Y and both chroma planes in code values at the size of Y."""
    bits = frame.format.components[0].bits
    name = "yuv444p" if bits == 8 else f"yuv444p{bits}le"
    planar = frame.reformat(format=name, interpolation=_QUALITY, threads=1)
    return samples(planar, 0), samples(planar, 1), samples(planar, 2)


def _from_ycgco(frame: av.VideoFrame) -> NDArray[np.uint8]:
    """RGB of YCgCo (H.273, code 8): G = Y + Cg, B = Y - Cg - Co, R = Y - Cg + Co."""
    bits = frame.format.components[0].bits
    y, cg, co = (plane.astype(np.float32) for plane in _full_resolution(frame))
    step, top = 2.0 ** (bits - 8), 2.0**bits - 1
    black, y_span, c_span = (0.0, top, top) if is_full_range(frame) else (16 * step, 219 * step, 224 * step)
    y, cg, co = (y - black) / y_span, (cg - 128 * step) / c_span, (co - 128 * step) / c_span
    rgb = np.stack([y - cg + co, y + cg, y - cg - co], axis=-1)
    return np.rint(255 * rgb.clip(0, 1)).astype(np.uint8)


def _from_lifted_ycgco(frame: av.VideoFrame, more_bits: int) -> NDArray[np.uint8]:
    """RGB of the reversible YCgCo (H.273, codes 16 and 17), whose samples have `more_bits` than RGB."""
    bits = frame.format.components[0].bits
    y, cg, co = (plane.astype(np.int32) for plane in _full_resolution(frame))
    cg, co = cg - (1 << (bits - 1)), co - (1 << (bits - 1))
    base = y - (cg >> 1)
    blue = base - (co >> 1)
    rgb = np.stack([blue + co, base + cg, blue], axis=-1)
    top = (1 << (bits - more_bits)) - 1
    return np.rint(255 / top * rgb.clip(0, top)).astype(np.uint8)
