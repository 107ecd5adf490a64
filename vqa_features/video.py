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
import av.container
import av.video.stream
from av.stream import Disposition

from ._open import DECODING_ERRORS, MAX_PIXELS, check_pixels, explain, open_container, open_regular
from ._picture import (
    MATRICES,
    TRANSFERS,
    Matrix,
    Turn,
    VideoPicture,
    assumed_matrix,
    bits_of,
    is_full_range,
    is_rgb_coded,
    turn_of,
)
from ._sampling import by_time, check_sampling, select, window
from .errors import DecodeError, ParameterError
from .frame import Frame
from .specs import Luma, RawFormat, Sampling, VideoInfo

#: A decoded timeline that ends before this part of the declared duration makes a video partial.
COMPLETE = 0.95
#: Containers whose frames all take the same number of bytes: duration and rate give the count.
_CONSTANT_SIZE = ("rawvideo", "yuv4mpegpipe")


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
        self._path = os.fspath(path)
        self._sampling = sampling
        self._raw = raw
        self._luma = luma
        self._max_pixels = max_pixels
        self._warnings: list[str] = []
        self._counts: Counter[str] = Counter()
        self._error = ""
        self._ended = False
        self._resized = ""
        self._started = False
        self._last_packet_s = {True: -math.inf, False: -math.inf}
        self._last_time_s = -math.inf
        self._descriptor = open_regular(self._path)
        try:
            self._stat = os.fstat(self._descriptor)
            self._container = open_container(self._descriptor, self._path, raw, max_pixels)
            self._open_stream(threads)
        except BaseException:
            self.close()
            raise

    def _open_stream(self, threads: int) -> None:
        """Choose the stream, decode its first frame and describe the video."""
        self._stream = self._choose_stream()
        codec = self._stream.codec_context
        check_pixels(self._path, codec.width, codec.height, self._max_pixels)
        codec.options = {"max_pixels": str(self._max_pixels)}
        codec.thread_count = threads
        codec.thread_type = "AUTO" if threads > 1 else "SLICE"
        self._rate = _rate(self._stream)
        self._origin = self._stream.start_time
        self._decoded = self._decode()
        first = next(self._decoded, None)
        if first is None:
            raise DecodeError(f"{self._path!r} has no picture that decodes", "no pictures")
        self._first = first
        turn = turn_of(first)
        if turn is None:
            self._warnings.append("the display matrix is not of right angles and is not applied")
        self._turn = turn or Turn()
        self._matrix = self._find_matrix(first)
        self._note(first)
        self._describe(first)

    def _choose_stream(self) -> av.video.stream.VideoStream:
        """Return the first video stream that is no cover picture, else the first that is one."""
        streams = self._container.streams.video
        if not streams:
            raise DecodeError(f"{self._path!r} has no video stream", "no video stream")
        real = [s for s in streams if not s.disposition & Disposition.attached_pic]
        if not real:
            self._warnings.append("only a cover picture: a video of one frame")
        chosen = (real or streams)[0]
        if len(real) > 1:
            self._warnings.append(f"{len(real)} video streams: the first is used")
        if chosen.codec_context is None:
            raise DecodeError(f"{self._path!r} is coded in a way that has no decoder here", "unsupported")
        return chosen

    def _find_matrix(self, frame: av.VideoFrame) -> Matrix:
        if is_rgb_coded(frame.format):
            return "rgb"
        matrix = MATRICES.get(int(frame.colorspace), "unknown")
        return assumed_matrix(frame.width, frame.height) if matrix in ("unknown", "rgb") else matrix

    def _note(self, frame: av.VideoFrame) -> None:
        """Warn of what the numbers depend on and a viewer would see treated."""
        transfer = TRANSFERS.get(int(frame.color_trc), "unknown")
        notes = {
            "RGB-coded: luma is rgb2gray of the 8-bit picture": is_rgb_coded(frame.format),
            "alpha is ignored": any(c.is_alpha for c in frame.format.components),
            "interlaced: fields are not separated": frame.interlaced_frame,
            f"HDR transfer {transfer}: code values are used as they are": transfer in ("pq", "hlg"),
            "mirrored by its display matrix": self._turn.mirrored,
        }
        self._warnings += [note for note, holds in notes.items() if holds]

    def _describe(self, first: av.VideoFrame) -> None:
        """Make `info` and the expected counts."""
        times: list[float] | None = None
        count = self._header_count()
        if count is None or by_time(self._sampling):
            times = self._scan()
            count = len(times)
        width, height = first.width, first.height
        if self._turn.transpose:
            width, height = height, width
        self._declared_s = self._declared_duration()
        self._end_s = self._declared_s or 0.0
        if times:
            self._end_s = times[-1] + (1 / self._rate if self._rate > 0 else 0.0)
        pairs: Iterator[tuple[float, None]] = ((time, None) for time in times or ())
        if by_time(self._sampling):
            inside = list(window(pairs, self._sampling))
            self._expected = len(inside)
            sampled = sum(1 for _ in select(inside, self._sampling, self._end_s))
        else:
            self._expected = count
            sampled = sum(1 for _ in select(((0.0, None) for _ in range(count)), self._sampling, 0.0))
        self.info = VideoInfo(
            path=self._path,
            width=width,
            height=height,
            fps=self._sampled_rate(sampled),
            frames=sampled,
            duration_s=self._declared_s or self._end_s or None,
            codec=self._stream.codec_context.codec.name,
            pix_fmt=first.format.name,
            bit_depth=bits_of(first.format),
            color_range="full" if is_full_range(first) or is_rgb_coded(first.format) else "limited",
            color_matrix=MATRICES.get(int(first.colorspace), "unknown"),
            color_transfer=TRANSFERS.get(int(first.color_trc), "unknown"),
            rotation=self._turn.degrees,
        )

    def _header_count(self) -> int | None:
        """Return the header's number of frames if its duration does not contradict it."""
        if self._stream.disposition & Disposition.attached_pic:
            return 1
        count, duration = self._stream.frames, self._declared_duration()
        if self._rate > 0 and duration:
            if self._container.format.name in _CONSTANT_SIZE:
                return round(duration * self._rate)
            if count and abs(duration * self._rate - count) <= (1 - COMPLETE) * count:
                return count
        return None

    def _declared_duration(self) -> float | None:
        """Seconds the stream lasts as its header says, else the container's."""
        stream = self._stream
        if stream.disposition & Disposition.attached_pic:
            return None
        if stream.duration and stream.time_base:
            return float(stream.duration * stream.time_base)
        tag = _seconds(stream.metadata.get("DURATION", ""))
        if tag:
            return tag
        return self._container.duration / av.time_base if self._container.duration else None

    def _scan(self) -> list[float]:
        """Return the times of the stream's packets in order, without decoding them."""
        stamps: list[int | None] = []
        with open_container(self._descriptor, self._path, self._raw, self._max_pixels) as container:
            stream = container.streams[self._stream.index]
            try:
                for packet in container.demux(stream):
                    if packet.size and not packet.is_discard:
                        stamps.append(packet.pts)
            except DECODING_ERRORS:
                pass  # the packets before it are what can be expected
        if any(stamp is None for stamp in stamps):
            return [number / self._rate if self._rate > 0 else 0.0 for number in range(len(stamps))]
        return sorted(self._seconds_of(stamp) for stamp in stamps if stamp is not None)

    def _sampled_rate(self, sampled: int) -> float:
        sampling = self._sampling
        if sampling.every is not None:
            return self._rate / sampling.every
        if sampling.fps is not None:
            return sampling.fps if math.isnan(self._rate) else min(sampling.fps, self._rate)
        if sampling.frames is not None:
            end = self._end_s
            if sampling.duration_s is not None:
                end = min(end, sampling.start_s + sampling.duration_s)
            return sampled / (end - sampling.start_s) if end > sampling.start_s else self._rate
        return self._rate

    def _seconds_of(self, stamp: int) -> float:
        """Seconds from the start of the stream."""
        if self._origin is None:
            self._origin = stamp
        return float((stamp - self._origin) * (self._stream.time_base or 0))

    def _decode(self) -> Iterator[av.VideoFrame]:
        """Yield the stream's pictures; an error ends it, or raises if none came before it."""
        try:
            for packet in self._container.demux():
                ours = packet.stream.index == self._stream.index
                if packet.pts is not None and packet.time_base:
                    seconds = float(packet.pts * packet.time_base)
                    if not packet.is_discard:
                        self._last_packet_s[ours] = max(self._last_packet_s[ours], seconds)
                if not ours:
                    continue
                self._counts["damaged packets"] += packet.is_corrupt
                for frame in self._stream.codec_context.decode(packet if packet.size else None):
                    self._counts["pictures"] += 1
                    self._counts["damaged frames"] += frame.is_corrupt
                    yield frame
        except DECODING_ERRORS as error:
            codec = self._stream.codec_context
            if isinstance(error, av.error.ArgumentError) and codec.width * codec.height == 0:
                # the pixel cap stops a decoder before it has told its size
                explained = DecodeError(
                    f"{self._path!r} has pictures above the cap of {self._max_pixels} pixels "
                    "or none that decode: raise max_pixels if the file is trusted",
                    "too large",
                )
            else:
                explained = explain(error, self._path)
            if not self._counts["pictures"]:
                raise explained from error
            self._error = str(explained)
        else:
            self._ended = True

    def _timed(self) -> Iterator[tuple[float, av.VideoFrame]]:
        """Yield (seconds, picture), from the first picture on, until the pictures change size."""
        first = self._first
        pictures = iter((first,))
        del self._first
        yielded = 0
        while True:
            frame = next(pictures, None) or next(self._decoded, None)
            if frame is None:
                return
            if (frame.width, frame.height, frame.format.name) != (
                first.width,
                first.height,
                first.format.name,
            ):
                self._resized = f"{frame.width}x{frame.height} {frame.format.name}"
                return
            if frame.pts is None:
                self._counts["frames without a time"] += 1
                step = 1 / self._rate if self._rate > 0 else 0.0
                time = self._last_time_s + step if yielded else 0.0
            else:
                time = self._seconds_of(frame.pts)
            if yielded and time <= self._last_time_s:
                self._counts["frames not later than the one before"] += 1
            self._last_time_s = max(time, self._last_time_s)
            yielded += 1
            yield time, frame

    def __iter__(self) -> Iterator[Frame]:
        """Yield the sampled frames; `index` counts them, `time_s` is seconds from the stream's start."""
        if self._started:
            raise ParameterError(f"{self._path!r} was read already: open the video again")
        self._started = True

        def counted() -> Iterator[tuple[float, av.VideoFrame]]:
            for pair in window(self._timed(), self._sampling):
                self._counts["in window"] += 1
                yield pair

        for index, (time, frame) in enumerate(select(counted(), self._sampling, self._end_s)):
            yield Frame(VideoPicture(frame, self._turn, self._matrix), index, time, self._luma)
        if not self._counts["in window"]:
            raise DecodeError(
                f"{self._path!r} has no frame from {self._sampling.start_s} s on", "no frames in range"
            )

    @property
    def outcome(self) -> Outcome:
        """What happened so far; meant to be read after the last frame."""
        decoded = self._counts["in window"]
        warnings = list(self._warnings)
        for name in ("frames without a time", "frames not later than the one before"):
            if self._counts[name]:
                warnings.append(f"{self._counts[name]} {name}")
        suspicions = [
            f"{self._counts[name]} {name}"
            for name in ("damaged frames", "damaged packets")
            if self._counts[name]
        ]
        if self._resized:
            suspicions.append(f"pictures change to {self._resized}: the frames from there on are left out")
        now = os.fstat(self._descriptor)
        if (now.st_size, now.st_mtime_ns) != (self._stat.st_size, self._stat.st_mtime_ns):
            suspicions.append("the file changed while it was read")
        error = self._error
        if not error and self._ended:
            error = self._shortfall()
            if not error and self._expected is not None and decoded < self._expected:
                text = f"{decoded} of {self._expected} expected frames decoded"
                (suspicions if self._missing_inside(decoded) else warnings).append(text)
        status = "partial" if error else "suspect" if suspicions else "ok"
        return Outcome(status, error, tuple(warnings + suspicions), decoded, self._expected)

    def _missing_inside(self, decoded: int) -> bool:
        return self._expected is not None and decoded < COMPLETE * self._expected

    def _shortfall(self) -> str:
        """Say how far short of the declared duration the decoded timeline ends, if it does."""
        if self._resized or math.isinf(self._last_time_s):
            return ""
        end = self._last_time_s + (1 / self._rate if self._rate > 0 else 0.0)
        start = float((self._origin or 0) * (self._stream.time_base or 0))
        packets = self._last_packet_s[True] - start
        declared = self._declared_s or 0.0
        if not self._stream.duration and self._last_packet_s[False] - start >= COMPLETE * declared:
            declared = 0.0  # the container's duration is that of another stream
        wanted = max(declared, packets)
        if end >= COMPLETE * wanted:
            return ""
        return f"the decoded pictures end at {end:.3f} s of {wanted:.3f} s"

    def close(self) -> None:
        """Close the file; frames already given stay valid."""
        container = getattr(self, "_container", None)
        if container is not None:
            container.close()
        if self._descriptor >= 0:
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


def _rate(stream: av.video.stream.VideoStream) -> float:
    """Frames per second of a stream; nan if it has none."""
    if stream.disposition & Disposition.attached_pic:
        return math.nan
    rate = stream.average_rate or stream.guessed_rate or stream.base_rate
    return float(rate) if rate else math.nan


def _seconds(text: str) -> float | None:
    """Seconds of a tag like ``00:00:01.000000000``; None if it is not of that form."""
    parts = text.split(":")
    try:
        hours, minutes, seconds = (float(part) for part in parts)
    except ValueError:
        return None
    return 3600 * hours + 60 * minutes + seconds
