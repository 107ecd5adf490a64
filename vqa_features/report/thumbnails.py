"""Reduced pictures of the videos, embedded in the page.

Pictures come from anywhere: only JPEG and PNG are decoded, their size in pixels is read from the header
first, and what is embedded is a JPEG made here.
"""

from __future__ import annotations

import base64
import io
import os
import warnings
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..errors import DecodeError, VqaError
from ..files.reading import reading, reason_of
from ..files.regular import open_regular
from ..tables.ids import match

if TYPE_CHECKING:
    from PIL.Image import Image

Thumbnail = str | os.PathLike[str] | bytes

WIDTH = 168
MOST_SIDE = 3 * WIDTH
"""Greatest height."""
QUALITY = 70
BUDGET = 1_500_000
"""Greatest size of all pictures in bytes of base64."""
MOST_BYTES = 32 << 20
"""Greatest size of the file of a picture."""
MOST_PIXELS = 40_000_000
"""Greatest width × height of a picture; 8K has 33 million."""
MOST_SCANS = 100
"""Greatest number of scans of a JPEG; each of them costs time for the whole picture."""
MOST_REASONS = 5
_FORMATS = ("JPEG", "PNG")
_NO_ROOM = f"beyond the {BUDGET / 1e6:g} MB that a page holds"
_TOO_MANY_PIXELS = f"more than {MOST_PIXELS / 1e6:g} million pixels"


class _Unusable(VqaError):
    """A picture is not embedded; the text is the reason."""


class Pictures(NamedTuple):
    """Pictures on a page."""

    addresses: dict[str, str]
    """Data address of a JPEG by video id."""
    note: str
    """How many pictures are left out, and why; empty if none."""


def embed(
    pictures: Mapping[str, Thumbnail], ids: Sequence[str], wanted: Collection[str] | None = None
) -> Pictures:
    """Return pictures as data addresses, until their total size reaches ``BUDGET``.

    Parameters
    ----------
    pictures : mapping
        File path, or bytes of a JPEG or PNG, by video id.
    ids : sequence of str
        Ids of all videos, the most important first.
    wanted : collection of str, optional
        Ids of the videos on the page; by default all.

    Returns
    -------
    Pictures
        JPEGs of width ``WIDTH``. A picture that cannot be used is left out and counted, so that it does not
        fail the report.
    """
    if not pictures:
        return Pictures({}, "")
    found: dict[str, str] = {}
    left_out: Counter[str] = Counter()
    spent = 0
    named = list(pictures)
    rows = match(ids, named).rows
    left_out["of no tested video"] = len(named) - int((rows >= 0).sum())
    for name, row in zip(ids, rows, strict=True):
        if row < 0:
            continue
        if wanted is not None and name not in wanted:
            left_out["of videos that are not on this page"] += 1
        elif spent >= BUDGET:
            left_out[_NO_ROOM] += 1
        else:
            address = _address(pictures[named[row]], left_out)
            spent += len(address)
            if address and spent < BUDGET:
                found[name] = address
            elif address:
                left_out[_NO_ROOM] += 1
    return Pictures(found, _note(+left_out))


def _address(source: Thumbnail, left_out: Counter[str]) -> str:
    """Return the data address of a reduced picture, or an empty text and the reason in `left_out`."""
    try:
        with reading("the picture", "a JPEG or PNG", DecodeError):
            small = _small(source)
    except _Unusable as error:
        left_out[str(error)] += 1
        return ""
    except DecodeError:
        left_out["no whole JPEG or PNG"] += 1
        return ""
    return "data:image/jpeg;base64," + base64.b64encode(small).decode()


def _note(left_out: Counter[str]) -> str:
    """Return one sentence on the pictures that are left out."""
    if not left_out:
        return ""
    several = left_out.most_common(MOST_REASONS)
    listed = [f"{reason} ({count:,})" for reason, count in several]
    others = left_out.total() - sum(count for _, count in several)
    listed += [f"other reasons ({others:,})"] if others else []
    return f"{left_out.total():,} of the pictures given are not shown: {', '.join(listed)}."


def _small(source: Thumbnail) -> bytes:
    """Return a picture as a small JPEG, upright, or raise `_Unusable`."""
    from PIL import Image, ImageOps

    raw = source if isinstance(source, bytes) else _content(source)
    if len(raw) > MOST_BYTES:
        raise _Unusable(f"larger than {MOST_BYTES >> 20} MiB")
    if raw.startswith(b"\xff\xd8") and raw.count(b"\xff\xda") > MOST_SCANS:
        raise _Unusable(f"more than {MOST_SCANS} scans")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            image = Image.open(io.BytesIO(raw), formats=_FORMATS)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise _Unusable(_TOO_MANY_PIXELS) from error
        with image:
            if image.width * image.height > MOST_PIXELS:
                raise _Unusable(_TOO_MANY_PIXELS)
            image.draft("RGB", (MOST_SIDE, MOST_SIDE))
            plain = _eight_bit(image)
            plain.thumbnail((MOST_SIDE, MOST_SIDE))
            upright = ImageOps.exif_transpose(plain)
    height = max(1, min(MOST_SIDE, round(upright.height * WIDTH / upright.width)))
    out = io.BytesIO()
    upright.resize((WIDTH, height)).save(out, "JPEG", quality=QUALITY, exif=b"")
    return out.getvalue()


def _eight_bit(image: Image) -> Image:
    """Return a picture in RGB; a grey one of 16 bit loses its lower 8."""
    import numpy as np
    from PIL import Image as Pillow

    if not image.mode.startswith("I"):
        return image.convert("RGB")
    upper = (np.asarray(image).astype(np.uint16) >> 8).astype(np.uint8)
    return Pillow.fromarray(upper).convert("RGB")


def _content(file: str | os.PathLike[str]) -> bytes:
    """Return the bytes of a regular file, at most one more than `MOST_BYTES`; a pipe is not waited for."""
    try:
        with open_regular(os.fspath(file)) as stream:  # a number would be a descriptor
            return stream.read(MOST_BYTES + 1)
    except (OSError, ValueError, TypeError) as error:
        raise _Unusable(f"not opened: {reason_of(error)}") from error
