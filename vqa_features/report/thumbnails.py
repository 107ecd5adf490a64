"""Reduced pictures of the videos, embedded in the page."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping, Sequence

from ..tables.ids import match

Thumbnail = str | os.PathLike[str] | bytes

WIDTH = 168
QUALITY = 70
BUDGET = 1_500_000
"""Greatest size of all pictures in bytes of base64: half of the size limit of a page."""


def embed(pictures: Mapping[str, Thumbnail], order: Sequence[str]) -> dict[str, str]:
    """Return pictures as data addresses, until their total size reaches ``BUDGET``.

    Parameters
    ----------
    pictures : mapping
        File path, or bytes of a JPEG or PNG, by video id.
    order : sequence of str
        Video ids, the most important first.

    Returns
    -------
    dict
        Address of a JPEG of width ``WIDTH`` by video id. A picture that cannot be read is left out, so a
        missing picture does not fail the report.
    """
    found: dict[str, str] = {}
    spent = 0
    named = list(pictures)
    for name, row in zip(order, match(order, named).rows, strict=True):
        picture = None if row < 0 else _shrink(pictures[named[row]])
        if picture is None:
            continue
        text = "data:image/jpeg;base64," + base64.b64encode(picture).decode()
        if spent + len(text) > BUDGET:
            break
        spent += len(text)
        found[name] = text
    return found


def _shrink(source: Thumbnail) -> bytes | None:
    import cv2
    import numpy as np

    if isinstance(source, bytes):
        raw = source
    else:
        try:
            with open(source, "rb") as file:
                raw = file.read()
        except OSError:
            return None
    image = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_COLOR) if raw else None
    if image is None:
        return None
    height = max(1, round(image.shape[0] * WIDTH / image.shape[1]))
    small = cv2.resize(image, (WIDTH, height), interpolation=cv2.INTER_AREA)
    done, encoded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return encoded.tobytes() if done else None
