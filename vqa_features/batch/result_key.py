"""The key of a stored result: everything but the video that its value depends on."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import Self

from ..extractor import Extractor
from ..specs import Area, Luma, RawFormat, Sampling
from ..video import DECODING_VERSION


class ResultKey(str):
    """A key: the hexadecimal SHA-256 of `text`, the JSON that says what is computed."""

    __slots__ = ("text",)

    text: str

    def __new__(cls, text: str) -> Self:
        """Return the key that is the hash of a text."""
        key = super().__new__(cls, hashlib.sha256(text.encode()).hexdigest())
        key.text = text
        return key


def result_key(
    extractor: Extractor,
    sampling: Sampling,
    luma: Luma = "y",
    raw: RawFormat | None = None,
    area: Area = "full",
) -> ResultKey:
    """Return the hash of everything but the video that a stored value depends on.

    Parameters
    ----------
    extractor : Extractor
        Its identity is part of the key.
    sampling : Sampling
        Sampled frames.
    luma : {"y", "rgb2gray", "pq", "pu21"}
        Source of luma.
    raw : RawFormat, optional
        Geometry of headerless YUV.
    area : {"full", "active"}
        The whole pictures, or what lies between black bars.
    """
    parts = {
        "extractor": extractor.identity(),
        "decoding": DECODING_VERSION,
        "sampling": dataclasses.asdict(sampling),
        "luma": luma,
        "raw": None if raw is None else dataclasses.asdict(raw),
    }
    if (sampling.fps, sampling.every, sampling.frames) != (None, None, None):
        parts["rows"] = "numbered in the source"  # before, rows of a sampled stream had its numbers
    if area != "full":
        parts["area"] = area
    return ResultKey(json.dumps(parts, sort_keys=True, default=str))
