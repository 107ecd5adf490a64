"""Analytic videos as code values, and as lossless files."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from av.video.reformatter import ColorRange
from numpy.typing import NDArray
from small_videos import FFV1, LOSSLESS_H264, encode

from .pictures import Luma


def as_codes(video: Luma, bits: int = 8) -> NDArray[Any]:
    """Round luma to code values of `bits` bits: uint8, or uint16 for more than 8."""
    codes = np.clip(np.rint(video * 2 ** (bits - 8)), 0, 2**bits - 1)
    return codes.astype(np.uint8 if bits == 8 else np.uint16)


def limited(video: Luma) -> Luma:
    """Map full range, 0 to 255, to limited range, 16 to 235."""
    return 16 + video * (219 / 255)


def write(
    path: Path,
    video: Luma,
    fps: float | Fraction = 25,
    *,
    bits: int = 8,
    full: bool = False,
    stamps: Sequence[int] | None = None,
    chroma: tuple[float, float] = (128, 128),
    codec: str = "ffv1",
) -> Path:
    """Write the codes of a video as they are into a lossless 4:2:0 file, with an even width and height.

    Parameters
    ----------
    full : bool
        What the file says of its range; the codes are not changed (see `limited`).
    stamps : sequence of int, optional
        Times of the frames in units of 1 / fps, e.g. by `stalled_stamps`.
    chroma : (float, float)
        U and V of every pixel, in 8-bit codes.
    codec : {"ffv1", "libx264"}
        FFV1 for Matroska (.mkv), or lossless H.264, also for MP4.
    """
    _, height, width = video.shape
    colours = [as_codes(np.full((height // 2, width // 2), float(code)), bits) for code in chroma]
    return encode(
        path,
        ([plane, *colours] for plane in as_codes(video, bits)),
        codec=codec,
        pix_fmt="yuv420p" if bits == 8 else f"yuv420p{bits}le",
        rate=Fraction(fps).limit_denominator(1001),  # type: ignore[arg-type]
        options=FFV1 if codec == "ffv1" else LOSSLESS_H264,
        stamps=stamps,
        colour={"color_range": int(ColorRange.JPEG if full else ColorRange.MPEG)},
    )
