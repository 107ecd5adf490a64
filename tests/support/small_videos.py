"""Small videos that tests make themselves, with PyAV."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

Planes = list[NDArray[Any]]

#: FFV1 in one slice, which pictures of any size allow.
FFV1 = {"level": "1"}
LOSSLESS_H264 = {"qp": "0", "preset": "ultrafast"}


def random_planes(pix_fmt: str, width: int, height: int, seed: int = 0) -> Planes:
    """Random code values of every plane of a planar format, over the format's whole range."""
    layout = av.VideoFormat(pix_fmt, width, height)
    rng = np.random.default_rng(seed)
    planes: Planes = []
    for component in layout.components:
        kind = np.uint8 if component.bits == 8 else np.uint16
        shape = (component.height, component.width)
        planes.append(rng.integers(0, 2**component.bits, shape).astype(kind))
    return planes


def moving_planes(number: int, width: int = 64, height: int = 48) -> Planes:
    """Frame `number` of a moving pattern, yuv420p; frames differ everywhere."""
    y, x = np.mgrid[:height, :width]
    luma = 128 + 60 * np.sin((x + 3 * number) / 7) + 40 * np.cos((y - 2 * number) / 5)
    chroma = [np.full(((height + 1) // 2, (width + 1) // 2), value, np.uint8) for value in (110, 140)]
    return [luma.astype(np.uint8), *chroma]


def make_frame(planes: Sequence[NDArray[Any]], pix_fmt: str) -> av.VideoFrame:
    """A PyAV frame that holds exactly these planes."""
    height, width = planes[0].shape
    frame = av.VideoFrame(width, height, pix_fmt)
    for target, source in zip(frame.planes, planes, strict=True):
        lines = np.zeros((target.height, target.line_size), np.uint8)
        data = np.ascontiguousarray(source).view(np.uint8)
        lines[:, : data.shape[1]] = data
        target.update(lines.tobytes())
    return frame


def encode(
    path: Path,
    frames: Iterable[Sequence[NDArray[Any]]],
    *,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    rate: int = 25,
    options: dict[str, str] | None = None,
    stamps: Sequence[int] | None = None,
    rotation: tuple[int, bool] | None = None,
    colour: dict[str, int] | None = None,
    file_format: str | None = None,
) -> Path:
    """Write a video; `stamps` are in frames, `rotation` is (degrees, mirrored), `colour` are codec tags."""
    with av.open(str(path), "w", format=file_format) as container:
        stream = container.add_stream(
            codec, rate=rate, options={"preset": "ultrafast"} if options is None else options
        )
        stream.pix_fmt = pix_fmt
        for name, value in (colour or {}).items():
            setattr(stream.codec_context, name, value)
        if rotation is not None:
            stream.set_display_rotation(rotation[0], hflip=rotation[1])
        stream.codec_context.time_base = Fraction(1, rate)
        for number, planes in enumerate(frames):
            frame = make_frame(planes, pix_fmt)
            if number == 0:
                stream.width, stream.height = frame.width, frame.height
            frame.pts = stamps[number] if stamps is not None else number
            frame.time_base = Fraction(1, rate)
            for name, value in (colour or {}).items():
                setattr(frame, name, value)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def moving(path: Path, count: int = 25, *, width: int = 64, height: int = 48, **settings: Any) -> Path:
    """Write a video of `count` moving frames, 25 per second."""
    return encode(path, (moving_planes(n, width, height) for n in range(count)), **settings)


def audio_only(path: Path) -> Path:
    """Write a file with a sound stream and no pictures."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.float32), "fltp", "mono")
        frame.sample_rate = 44100
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
