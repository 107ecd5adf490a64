"""Frames of a clip held in memory, and the time that an extractor takes for them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from vqa_features.extraction.feed import Feed
from vqa_features.extractor import Extractor
from vqa_features.frame import Frame
from vqa_features.picture import Array, ArrayPicture
from vqa_features.specs import VideoInfo


def feed_seconds(
    extractor: Extractor, info: VideoInfo, kept: Sequence[ArrayPicture]
) -> tuple[float, NDArray[np.float64]]:
    """CPU seconds of an extractor for these pictures, and its rows.

    Luma and RGB are made before, since a pass makes them once for all; other views are counted.
    """
    frames = [Frame(picture, i, i / 25) for i, picture in enumerate(kept)]
    for name in {"luma", "rgb"} & set(extractor.needs):
        for frame in frames:
            frame.view(name)
    session = extractor.open(info)
    feed = Feed(extractor, info, session)
    start = time.process_time()
    for frame in frames:
        feed.take(frame)
    rows = feed.finish()
    seconds = time.process_time() - start
    session.close()
    return seconds, rows.values


def decoded(clip: Path, n_frames: int) -> Iterator[av.VideoFrame]:
    """First frames of `clip`, decoded in one thread."""
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        stream.thread_type = "NONE"
        for frame, _ in zip(container.decode(stream), range(n_frames), strict=False):
            yield frame


class _Kept(ArrayPicture):
    """A decoded frame copied out of the decoder: its luma plane, and RGB when asked for."""

    def __init__(self, frame: av.VideoFrame) -> None:
        plane = frame.planes[0]
        lines = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
        super().__init__(lines[: frame.height, : frame.width].copy())
        self._frame = frame

    def chroma_planes(self) -> tuple[Array, Array]:
        both = [
            np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size) for plane in self._frame.planes[1:]
        ]
        shape = (self._frame.height + 1) // 2, (self._frame.width + 1) // 2
        return both[0][: shape[0], : shape[1]], both[1][: shape[0], : shape[1]]

    def rgb(self) -> np.ndarray:
        return self._frame.to_ndarray(format="rgb24")


def pictures(clip: Path, n_frames: int) -> list[_Kept]:
    """First frames of `clip` (8-bit planar), in memory."""
    return [_Kept(frame) for frame in decoded(clip, n_frames)]
