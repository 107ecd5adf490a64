"""Headers of picture files, read by Pillow: format, orientation, and why a picture is not read."""

from __future__ import annotations

import logging
import os
import warnings
from dataclasses import dataclass
from typing import Any, Self

from ..errors import DecodeError
from ..files.names import VIDEO_SUFFIXES
from ..files.reading import reading
from .picture import Turn

#: Largest picture decoded unless told otherwise, of 16384 x 8192 pixels: cameras have up to 102 million.
MAX_PICTURE_PIXELS = 1 << 27
logging.getLogger("PIL").addHandler(logging.NullHandler())  # what it logs of a file is told by our errors

#: Formats by Pillow's names, which finds by itself that a JPEG holds several pictures (MPO).
FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP")
_BIG_TIFF = (b"II+\0", b"MM\0+")
_SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*", *_BIG_TIFF)
#: Pillow's modes of pictures with 1 to 16 bits of grey or RGB, with or without alpha.
_MODES = ("1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "I;16", "I;16B", "I;16L", "I;16N")
_ORIENTATION = 274
#: The upright picture of each orientation of Exif (CIPA DC-008, tag 274).
_TURNS = {
    2: Turn(columns=True),
    3: Turn(rows=True, columns=True),
    4: Turn(rows=True),
    5: Turn(transpose=True),
    6: Turn(transpose=True, columns=True),
    7: Turn(transpose=True, rows=True, columns=True),
    8: Turn(transpose=True, rows=True),
}
#: TIFF: no compression, CCITT, LZW, deflate, PackBits; white or black is zero, RGB, palette.
_TIFF_COMPRESSIONS = (1, 2, 3, 4, 5, 8, 32773, 32946)
_TIFF_COLOURS = (0, 1, 2, 3)
_KINDS = {
    "CMYK": "a CMYK picture",
    "I": "a picture of signed or 32-bit numbers",
    "F": "a picture of real numbers",
}


def is_still(descriptor: int, path: str) -> bool:
    """Tell whether a file is a still picture, by its first bytes.

    A file with the suffix of a video is none, nor is an animated PNG, which is decoded as a video.

    Parameters
    ----------
    descriptor : int
        The open file.
    path : str
        Its name.
    """
    start, suffix = os.pread(descriptor, 12, 0), os.path.splitext(path)[1].lower()
    if suffix in VIDEO_SUFFIXES:
        return False
    if start.startswith(b"BM"):  # too short to tell without the suffix
        return suffix in (".bmp", ".dib")
    if start.startswith(b"\x89PNG"):
        return not _is_animated_png(descriptor)
    return start.startswith(_SIGNATURES) or (start[:4] == b"RIFF" and start[8:] == b"WEBP")


def _is_animated_png(descriptor: int) -> bool:
    """Tell whether a chunk acTL comes before the first picture data (PNG specification, 11.3.6)."""
    position = 8
    while len(head := os.pread(descriptor, 8, position)) == 8 and head[4:] not in (b"IDAT", b"IEND"):
        if head[4:] == b"acTL":
            return True
        position += 12 + int.from_bytes(head[:4], "big")
    return False


@dataclass(frozen=True)
class Header:
    """What Pillow reads of a picture before its samples."""

    format: str
    width: int
    height: int
    turn: Turn
    notes: tuple[str, ...]

    @classmethod
    def of(cls, descriptor: int, path: str) -> Self:
        """Read a header; DecodeError if the picture is of a kind that is not read."""
        from PIL import Image, UnidentifiedImageError

        if os.pread(descriptor, 4, 0) in _BIG_TIFF:
            raise _unread(path, "a BigTIFF")
        with (
            reading(path, "a still picture", DecodeError),
            open(descriptor, "rb", closefd=False) as file,
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")  # a picture that is too large is told in our words
            try:
                image = Image.open(file, formats=FORMATS)
            except Image.DecompressionBombError:
                raise too_large(path, MAX_PICTURE_PIXELS, "more pixels than that") from None
            except UnidentifiedImageError:
                raise DecodeError(
                    f"{path!r} is not a picture, or is damaged at its start", "not a video"
                ) from None
            with image:
                form, pages = str(image.format), _has_pages(image)
                if (reason := _why_not(image, form, pages)) is not None:
                    raise _unread(path, reason)
                turn = _TURNS.get(image.getexif().get(_ORIENTATION, 1), Turn())
                alpha = image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info
                notes = ["alpha is ignored"] * alpha
                notes += ["the file holds several pictures: the first one is used"] * pages
                return cls(form, image.width, image.height, turn, tuple(notes))


def _has_pages(image: Any) -> bool:
    """Tell whether a file holds a second picture; the others are not counted."""
    if not hasattr(image, "n_frames"):
        return False
    if image.format == "WEBP":
        return bool(image.n_frames > 1)
    try:
        image.seek(1)
    except EOFError:
        return False
    image.seek(0)
    return True


def _why_not(image: Any, form: str, pages: bool) -> str | None:
    """Return what a picture is that is not read, None if it is read."""
    if form == "WEBP" and pages:
        return "an animated WebP"
    if image.mode not in _MODES:
        return _KINDS.get(image.mode, f"a picture of colour space {image.mode}")
    if form != "TIFF":
        return None
    tags = image.tag_v2
    if tags.get(259, 1) not in _TIFF_COMPRESSIONS:
        return f"a TIFF of compression {tags[259]}"
    if 322 in tags:
        return "a TIFF in tiles"
    if tags.get(262) not in _TIFF_COLOURS:
        return f"a TIFF of colour space {tags.get(262)}"
    if {*tags.get(339, (1,))} != {1}:
        return "a TIFF of signed or real numbers"
    return None


def _unread(path: str, kind: str) -> DecodeError:
    return DecodeError(
        f"{path!r} is {kind}, which is not read: save it as PNG, or read it into an array and use "
        "extract_frames",
        "unsupported",
    )


def too_large(path: str, most: int, size: str) -> DecodeError:
    """Return the error of a picture file that is too large.

    Parameters
    ----------
    path : str
        The file.
    most : int
        What is allowed.
    size : str
        What it has, with its unit.
    """
    return DecodeError(f"{path!r} has {size}, at most {most} are read of a picture: reduce it", "too large")
