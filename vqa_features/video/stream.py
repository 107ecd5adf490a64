"""One video: opened safely, described, decoded once, sampled by time; memory does not grow with length."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import av

from ..errors import DecodeError, ParameterError
from ..frame import Frame
from ..specs import Luma, RawFormat, Sampling, VideoInfo
from .colour import MATRICES, PRIMARIES, TRANSFERS, conversion_matrix, is_full_range, named
from .crop import WHOLE, declared_crop
from .decoder import Decoder
from .opening import MAX_PIXELS, open_regular
from .picture import Turn, VideoPicture, bits_of, turn_of
from .probe import (
    COMPLETE,
    declared_duration,
    header_count,
    is_own_duration,
    notes,
    read_packets,
)
from .sampling import by_time, check_sampling, end_of, select, window

Timed = tuple[float, av.VideoFrame]


@dataclass(frozen=True)
class Outcome:
    """What happened while a video was decoded: see docs/decoding.md for the words of `status`.

    The counts are of the source's frames in the requested part of the video, before sampling.
    """

    status: str
    error: str
    warnings: tuple[str, ...]
    frames_decoded: int
    frames_expected: int | None


class Video:
    """Frames of one video file, in order of presentation; a context manager, iterated once.

    `info` describes the video before it is decoded, `outcome` says how decoding went.

    Parameters
    ----------
    path : str or path
        A regular file; nothing else is opened, whatever the file says.
    sampling : Sampling
        Which frames are given.
    raw : RawFormat, optional
        Geometry of a headerless YUV file.
    luma : {"y", "rgb2gray"}
        What the frames' view ``luma`` is.
    threads : int
        Decoding threads; the frames do not depend on it.
    max_pixels : int
        Larger pictures are refused before they are decoded.

    Raises
    ------
    DecodeError
        If the file cannot be opened or its first picture does not decode. A later error does not
        raise: it ends the stream, and `outcome` says so.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        sampling: Sampling = Sampling(),  # noqa: B008 (frozen)
        raw: RawFormat | None = None,
        luma: Luma = "y",
        threads: int = 1,
        max_pixels: int = MAX_PIXELS,
    ) -> None:
        check_sampling(sampling)
        if threads < 1 or max_pixels < 1:
            raise ParameterError(f"threads and max_pixels must be 1 or more, got {threads} and {max_pixels}")
        self._path = os.fspath(path)
        self._sampling = sampling
        self._luma = luma
        self._started = False
        self._counts: Counter[str] = Counter()
        self._changed = ""
        self._cut = ""
        self._joins: list[float] = []
        self._last_s = -math.inf
        self._final: Outcome | None = None
        self._decoder: Decoder | None = None
        self._descriptor = open_regular(self._path)
        try:
            self._stat = os.fstat(self._descriptor)
            self._decoder = Decoder(self._descriptor, self._path, raw, threads, max_pixels)
            self._describe(self._decoder)
        except BaseException:
            self._release()
            raise

    def _describe(self, decoder: Decoder) -> None:
        """Make `info` and the expected counts from header, packets and first picture."""
        first, stream, sampling = decoder.first, decoder.stream, self._sampling
        assert first is not None
        turn = turn_of(first)
        self._turn = turn or Turn()
        self._crop = declared_crop(self._descriptor, stream, first.width, first.height)
        self._notes = decoder.warnings + notes(first, turn)
        self._matrix = conversion_matrix(first)
        self._shape = _shape(first)
        self._declared_s = declared_duration(decoder.container, stream, decoder.start_s)
        self._own_duration = is_own_duration(stream)
        count = header_count(decoder.container, stream)
        if count is None or by_time(sampling):
            with decoder.reopen() as container:
                (same,) = (one for one in container.streams.video if one.index == stream.index)
                packets = read_packets(container, same, decoder.origin)
            times, self._joins = packets.times, packets.joins
            self._end_s = max(times, default=0.0) + decoder.step_s
            if self._joins:  # the header knows one of the clocks only
                self._declared_s = self._end_s
            self._cut = self._short_of(self._end_s, packets.others_end_s)
        else:
            times = [number * decoder.step_s for number in range(count)]
            self._end_s = self._declared_s or count * decoder.step_s
        inside = list(window(((time, None) for time in times), sampling))
        self._expected = len(inside)
        sampled = sum(1 for _ in select(inside, sampling, self._end_s))
        size = self._crop.size(first.width, first.height)
        size = size[::-1] if self._turn.transpose else size
        duration_s = self._declared_s or self._end_s or None
        self.info = VideoInfo(
            path=self._path,
            width=size[0],
            height=size[1],
            fps=self._sampled_rate(decoder.rate, sampled),
            frames=sampled,
            duration_s=duration_s,
            codec=stream.codec_context.codec.name,
            pix_fmt=first.format.name,
            bit_depth=bits_of(first.format),
            color_range="full" if is_full_range(first) else "limited",
            color_matrix=named(MATRICES, first.colorspace),
            color_transfer=named(TRANSFERS, first.color_trc),
            color_primaries=named(PRIMARIES, first.color_primaries),
            rotation=self._turn.degrees,
            cropped=self._crop != WHOLE,
            source_fps=None if math.isnan(decoder.rate) else decoder.rate,
            container=decoder.container.format.name,
            bit_rate=8 * self._stat.st_size / duration_s if duration_s else None,
        )

    def _sampled_rate(self, rate: float, sampled: int) -> float:
        sampling = self._sampling
        if sampling.every is not None:
            return rate / sampling.every
        if sampling.fps is not None:
            return sampling.fps if math.isnan(rate) else min(sampling.fps, rate)
        span = end_of(sampling, self._end_s) - sampling.start_s
        return sampled / span if sampling.frames is not None and span > 0 else rate

    def _timed(self) -> Iterator[Timed]:
        """Yield (seconds, picture) until the stream ends or its pictures change size or format."""
        decoder = self._decoder
        assert decoder is not None
        for picture in decoder.pictures(self._sampling.start_s):
            if _shape(picture) != self._shape:
                self._changed = "{}x{} {}".format(*_shape(picture))
                return
            begun = math.isfinite(self._last_s)
            if picture.pts is None:
                self._counts["frames without a time"] += 1
                time = self._last_s + decoder.step_s if begun else 0.0
            else:
                time = decoder.clock.seconds(picture.pts)
                self._counts["frames not later than the one before"] += begun and time <= self._last_s
            self._last_s = max(time, self._last_s)
            yield time, picture

    def _in_window(self) -> Iterator[Timed]:
        for pair in window(self._timed(), self._sampling):
            self._counts["in window"] += 1
            yield pair

    def __iter__(self) -> Iterator[Frame]:
        """Yield the sampled frames; `index` counts them, `time_s` is seconds from the stream's start."""
        if self._started or self._descriptor < 0:
            raise ParameterError(f"{self._path!r} was read already or is closed: open the video again")
        self._started = True
        for index, (time, frame) in enumerate(select(self._in_window(), self._sampling, self._end_s)):
            yield Frame(VideoPicture(frame, self._turn, self._matrix, self._crop), index, time, self._luma)
        if not self._counts["in window"]:
            raise DecodeError(
                f"{self._path!r} has no frame from {self._sampling.start_s:g} s on", "no frames in range"
            )

    @property
    def outcome(self) -> Outcome:
        """What happened so far; meant to be read after the last frame."""
        if self._final is not None:
            return self._final
        decoder, decoded = self._decoder, self._counts["in window"]
        assert decoder is not None
        odd = ("frames without a time", "frames not later than the one before")
        warnings = self._notes + [f"{name}: {self._counts[name]}" for name in odd if self._counts[name]]
        warnings += [f"empty packets: {decoder.empty_packets}"] * (decoder.empty_packets > 0)
        if joins := self._joins or decoder.clock.joins:
            places = ", ".join(f"{time:.3f}" for time in joins)
            warnings.append(f"time stamps restart or leap at {places} s: the timeline is continued there")
        now = os.fstat(self._descriptor)
        suspicions = {
            f"damaged frames: {decoder.damaged_frames}": decoder.damaged_frames,
            f"damaged packets: {decoder.damaged_packets}": decoder.damaged_packets,
            f"pictures change to {self._changed}, the frames from there on are left out": self._changed,
            "the file changed while it was read": _mark(now) != _mark(self._stat),
        }
        suspect = [text for text, holds in suspicions.items() if holds]
        error = decoder.error
        if decoder.ended and not self._changed:
            end_s = self._last_s + decoder.step_s
            last_s = end_s if joins else decoder.last_packet_s - decoder.start_s
            error = error or self._short_of(end_s, decoder.last_other_s - decoder.start_s, last_s)
        error = error or self._cut
        if decoder.ended and decoded < self._expected:
            found = f"{decoded} of {self._expected} expected frames decoded"
            (warnings if error or decoded >= COMPLETE * self._expected else suspect).append(found)
        status = "partial" if error else "suspect" if suspect else "ok"
        return Outcome(status, error, tuple(warnings + suspect), decoded, self._expected)

    def _short_of(self, end_s: float, others_end_s: float, packets_end_s: float = 0.0) -> str:
        """Say how far short of the declared duration a timeline ends in the part asked for, if it does."""
        declared = self._declared_s or 0.0
        if not self._own_duration and others_end_s >= COMPLETE * declared:
            declared = 0.0  # it is that of another stream, which is complete
        wanted = end_of(self._sampling, max(declared, packets_end_s))
        return "" if end_s >= COMPLETE * wanted else f"the pictures end at {end_s:.3f} s of {wanted:.3f} s"

    def close(self) -> None:
        """Close the file; frames already given and the outcome stay."""
        if self._descriptor >= 0:
            self._final = self.outcome
            self._release()

    def _release(self) -> None:
        if self._decoder is not None:
            self._decoder.close()
        os.close(self._descriptor)
        self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _shape(picture: av.VideoFrame) -> tuple[int, int, str]:
    return picture.width, picture.height, picture.format.name


def _mark(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, status.st_mtime_ns
