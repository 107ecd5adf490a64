"""Frames, times and status of a file by the rules of docs/decoding.md, without this package's code.

Everything is kept in lists and searched without haste; the package does the same in one pass.
"""

from __future__ import annotations

import itertools
import math
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

#: Codecs of which the packets do not tell how many pictures they show.
HIDING = ("vp8", "vp9", "av1")
SLACK_S = 0.0005


@dataclass
class Reference:
    """What a file gives: see `read`."""

    times: list[float] = field(default_factory=list)
    #: One per picture; None where a damaged picture holds what was in memory before.
    hashes: list[int | None] = field(default_factory=list)
    status: str = "ok"
    end_s: float = 0.0
    failed: bool = False


def hash_luma(plane: NDArray[Any]) -> int:
    """Return a number for the code values of a luma plane."""
    return zlib.crc32(np.ascontiguousarray(plane, dtype=np.uint16).tobytes())


def read(path: Path) -> Reference:
    """Decode the first picture to the last, and judge the file.

    It is decoded twice, once with every picture kept: pictures that differ then are not defined by the file.
    """
    found, again = _read(path, []), _read(path, None)
    found.hashes = [
        one if one == other else None for one, other in zip(found.hashes, again.hashes, strict=True)
    ]
    return found


def _read(path: Path, kept: list[Any] | None) -> Reference:
    index = _stream_index(path)
    with av.open(str(path)) as container:
        facts = _Facts(container, container.streams[index])
        facts.read_packets(path)
        pictures, error = facts.decode(kept)
        return facts.judge(pictures, error) if pictures else Reference(failed=True)


class _Facts:
    """Headers, packets and pictures of one stream."""

    def __init__(self, container: Any, stream: Any) -> None:
        self.container, self.stream = container, stream
        self.origin = 0
        self.packets: list[tuple[int | None, int | None]] = []
        self.damaged = 0
        self.changed = False
        self.others_end = -math.inf

    def read_packets(self, path: Path) -> None:
        """Note the packets of the whole file, also those after an error of decoding."""
        with av.open(str(path)) as container:
            try:
                for packet in container.demux():
                    if packet.stream.index != self.stream.index:
                        if packet.pts is not None and not packet.is_discard:
                            self.others_end = max(self.others_end, float(packet.pts * packet.time_base))
                    elif packet.size and not packet.is_discard:
                        self.packets.append((packet.pts, packet.dts))
                        self.damaged += packet.is_corrupt
            except (av.error.FFmpegError, OSError, ValueError):
                pass

    def decode(self, kept: list[Any] | None) -> tuple[list[tuple[int | None, int, bool]], bool]:
        """Return time stamp, hash and damage of every picture, and whether an error ended decoding."""
        pictures: list[tuple[int | None, int, bool]] = []
        shape = None
        self.stream.codec_context.thread_count = 1
        self.stream.codec_context.thread_type = "SLICE"
        try:
            for packet in self.container.demux():
                if packet.stream.index != self.stream.index or (not packet.size and packet.dts is not None):
                    continue
                for frame in self.stream.codec_context.decode(packet if packet.size else None):
                    shape = shape or (frame.width, frame.height, frame.format.name)
                    self.changed |= shape != (frame.width, frame.height, frame.format.name)
                    self.damaged += frame.is_corrupt
                    if kept is not None:
                        kept.append(frame)
                    if not self.changed:
                        pictures.append((frame.pts, hash_luma(_luma(frame)), frame.is_corrupt))
        except (av.error.FFmpegError, OSError, ValueError):
            return pictures, True
        finally:
            if pictures and pictures[0][0] is not None:
                self.origin = pictures[0][0]
            elif self.stream.start_time:
                self.origin = self.stream.start_time
        return pictures, False

    def judge(self, pictures: list[tuple[int | None, int, bool]], error: bool) -> Reference:
        """Return times and status of the pictures."""
        base, step = float(self.stream.time_base), self.step_s
        leap = 10.0 if self.container.format.name in ("mpegts", "mpeg") else 3600.0
        times, joins = _times(
            [pts for pts, _, _ in pictures], self.origin, base, step, leap, self._restarts(leap)
        )
        shown_end = max(times) + step
        stamps = [stamp for stamp, _ in self.packets if stamp is not None]
        last_packet = (max(stamps) - self.origin) * base if stamps else 0.0
        status = self.status(len(pictures), error, shown_end, last_packet, joins)
        end_s = shown_end if joins else last_packet + step
        return Reference(times, [hashed for _, hashed, _ in pictures], status, end_s)

    def _restarts(self, leap: float) -> int:
        """Return how often the packets' clock goes back or leaps."""
        base, known = float(self.stream.time_base), [dts for _, dts in self.packets if dts is not None]
        back = max(2 * self.step_s, 0.1)
        return sum(b - a < -back / base or b - a > leap / base for a, b in itertools.pairwise(known))

    @property
    def step_s(self) -> float:
        rate = self.stream.average_rate or self.stream.guessed_rate
        stamps = sorted({stamp for stamp, _ in self.packets if stamp is not None})
        if self.container.format.name == "avi" and len(stamps) > 1:
            # the rate of the header counts empty chunks too
            distances = sorted(b - a for a, b in itertools.pairwise(stamps))
            return float(distances[len(distances) // 2] * self.stream.time_base)
        return 1 / float(rate) if rate else 0.0

    def declared_s(self) -> tuple[float, bool]:
        """Return the duration that is named, and whether it is the stream's own."""
        start = self.origin * float(self.stream.time_base)
        if self.stream.duration:
            return float(self.stream.duration * self.stream.time_base), True
        tag = self.stream.metadata.get("DURATION", "")
        if tag:
            hours, minutes, seconds = map(float, tag.split(":"))
            named, own = 3600 * hours + 60 * minutes + seconds, True
        else:
            named, own = (self.container.duration or 0) / 1_000_000, False
        from_zero = self.container.format.name in ("matroska,webm", "flv") and 0 < start < named
        return named - start if from_zero else named, own

    def expected(self, decoded: int) -> int:
        """Return the number of pictures to be shown."""
        if self.stream.codec_context.codec.canonical_name in HIDING:
            return decoded
        duration, _ = self.declared_s()
        count = self.stream.frames if self.container.format.name != "avi" else 0
        rate = self.stream.average_rate
        if count and duration and rate and abs(duration * float(rate) - count) <= 0.05 * count:
            return int(count)
        return sum(stamp is None or stamp >= self.origin for stamp, _ in self.packets)

    def status(self, decoded: int, error: bool, end_s: float, last_packet_s: float, joins: int) -> str:
        """Return the status by the table of docs/decoding.md."""
        named, own = self.declared_s()
        if joins or (
            not own and self.others_end - self.origin * float(self.stream.time_base) >= 0.95 * named
        ):
            named = 0.0
        wanted = max(named, 0.0 if joins else last_packet_s)
        if error or (not self.changed and end_s < 0.95 * wanted):
            return "partial"
        few = not joins and decoded < 0.95 * self.expected(decoded)
        return "suspect" if self.damaged or self.changed or few else "ok"


def _stream_index(path: Path) -> int:
    """Return the stream to decode: one with pictures in motion, then the largest, the default, the first."""
    counts: dict[int, int] = {}
    with av.open(str(path)) as container:
        try:
            for packet in container.demux(video=list(range(len(container.streams.video)))):
                counts[packet.stream.index] = counts.get(packet.stream.index, 0) + (packet.size > 0)
        except (av.error.FFmpegError, OSError):
            pass
        streams = [one for one in container.streams.video if not int(one.disposition) & 1024]
        streams = streams or list(container.streams.video)

        def rank(stream: Any) -> tuple[bool, int, int, int]:
            size = stream.codec_context.width * stream.codec_context.height
            return counts.get(stream.index, 0) > 1, size, int(stream.disposition) & 1, -stream.index

        return int(max(streams, key=rank).index)


def _luma(frame: Any) -> NDArray[Any]:
    plane = frame.planes[0]
    deep = frame.format.components[0].bits > 8
    rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
    return rows.view("<u2" if deep else np.uint8)[:, : plane.width]


def _times(
    stamps: list[int | None], origin: int, base: float, step: float, leap: float, restarts: int
) -> tuple[list[float], int]:
    """Return seconds from the first picture on a continued timeline, and the number of joins."""
    times: list[float] = []
    shift, joins = 0.0, 0
    for stamp in stamps:
        if stamp is None:
            times.append(times[-1] + step if times else 0.0)
            continue
        time = (stamp - origin) * base + shift
        last = max(times, default=time)
        back = max(2 * step, 0.1) if joins < restarts else leap
        if time < last - back or time > last + leap:
            shift += last + step - time
            time, joins = last + step, joins + 1
        times.append(time)
    return times, joins


def select(reference: Reference, settings: dict[str, Any]) -> list[int]:
    """Return the numbers of the pictures that a sampling takes, by the definitions of docs/decoding.md."""
    start, duration = settings.get("start_s", 0.0), settings.get("duration_s")
    end = math.inf if duration is None else start + duration
    inside = []
    for number, time in enumerate(reference.times):
        if time >= end - SLACK_S:
            break
        if time >= start - SLACK_S:
            inside.append(number)
    if "every" in settings:
        return inside[settings.get("offset", 0) :: settings["every"]]
    last = min(end, reference.end_s)
    if "frames" in settings:
        count = settings["frames"]
        points = [start + (k + 0.5) * (last - start) / count for k in range(count)]
    elif "fps" in settings:
        count = max(1, math.ceil((last - start) * settings["fps"] - 1e-6))
        points = [start + k / settings["fps"] for k in range(count)]
    else:
        return inside
    held = np.maximum.accumulate([reference.times[number] for number in inside]) if inside else []
    if not inside:
        return []
    distance = [[round(abs(time - point), 7) for time in held] for point in points]
    nearest = {row.index(min(row)) for row in distance}
    return [inside[k] for k in sorted(nearest)]
