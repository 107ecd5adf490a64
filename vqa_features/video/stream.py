"""One video: opened safely, described, decoded once, sampled by time; memory does not grow with length."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from typing import Any

import av

from ..errors import DecodeError, ParameterError
from ..files.closing import ClosedAtExit
from ..frame import UNSAMPLED, Frame
from ..specs import Luma, RawFormat, Sampling, VideoInfo
from ..video_task import TimeRange
from .colour import MATRICES, PRIMARIES, TRANSFERS, conversion_matrix, is_full_range, named
from .crop import WHOLE, declared_crop
from .decoder import Decoder
from .expectation import Expectation
from .light import coding_of, notes_on
from .opening import MAX_PIXELS, check_chosen, open_video_file
from .outcome import Outcome, Progress, judge
from .picture import Turn, VideoPicture, bits_of, turn_of
from .probe import notes
from .range_stream import pictures_of_range
from .sampling import Enough, Surroundings, end_of, is_after, is_before, select, window, with_neighbours
from .sampling_options import check_sampling, numbered
from .sparse import Plan, plan_of
from .sparse_stream import pictures_of_plan
from .timeline import Timeline, timeline_of

#: Seconds and picture; None for a picture that another task decodes.
Timed = tuple[float, av.VideoFrame | None]


class Video(ClosedAtExit):
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
    luma : {"y", "rgb2gray", "pq", "pu21"}
        What the frames' view ``luma`` is.
    threads : int
        Decoding threads. The frames of a stream without damage do not depend on it.
    max_pixels : int
        Larger pictures are refused before they are decoded.
    descriptor : int, optional
        The open file, which is closed with the video; else `path` is opened.
    part : TimeRange, optional
        Pictures that are decoded; their numbers and times, `info` and the outcome are those of the whole, in
        which every other picture is taken to be as expected.

    Raises
    ------
    DecodeError
        If the file cannot be opened or its first picture does not decode. A later error does not
        raise: it ends the stream, and `outcome` says so. With `part` every difference from the whole raises.
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
        descriptor: int | None = None,
        part: TimeRange | None = None,
    ) -> None:
        check_sampling(sampling)
        if threads < 1 or max_pixels < 1:
            raise ParameterError(f"threads and max_pixels must be 1 or more, got {threads} and {max_pixels}")
        self._path = os.fspath(path)
        self._sampling = sampling
        self._luma = luma
        self._started = False
        self._part = part
        self._seen = Progress(in_part=part is not None)
        self._final: Outcome | None = None
        self._decoder: Decoder | None = None
        self._options = {"raw": raw, "luma": luma, "threads": threads, "max_pixels": max_pixels}
        self._descriptor = open_video_file(self._path) if descriptor is None else descriptor
        try:
            self._stat = os.fstat(self._descriptor)
            self._decoder = Decoder(self._descriptor, self._path, raw, threads, max_pixels)
            self._describe(self._decoder)
        except BaseException:
            self._release()
            raise

    def _describe(self, decoder: Decoder) -> None:
        """Make `info` and the expected counts from header, packets and first picture."""
        first, stream = decoder.first, decoder.stream
        assert first is not None
        turn = turn_of(first)
        self._turn = turn or Turn()
        self._crop = declared_crop(self._descriptor, stream, first.width, first.height)
        self._seen.notes = decoder.warnings + notes(first, turn, self._luma)
        self._matrix = conversion_matrix(first)
        self._shape, self._colour = _shape(first), _colour(first)
        if self._part is None:
            self._expected = Expectation.of(decoder, self._path, self._sampling)
        else:
            self._expected = self._part.expected
            if self._expected.packets is not None:
                decoder.use_rate(self._expected.packets.rate)
        self._end_s = self._expected.end_s
        times = self._expected.inside(self._sampling)
        self._sampling = sampling = numbered(self._sampling, decoder.rate, len(times))
        inside = [(time, None) for time in times]
        sampled = sum(1 for _ in select(inside, sampling, self._end_s))
        size = self._crop.size(first.width, first.height)
        size = size[::-1] if self._turn.transpose else size
        duration_s = self._expected.declared_s or self._end_s or None
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
            source_frames=None if sampled == len(inside) else len(inside),
            container=decoder.container.format.name,
            bit_rate=8 * self._stat.st_size / duration_s if duration_s else None,
        )
        self._coding = coding_of(self.info, self._luma)
        self._seen.notes += notes_on(self._coding, self.info)

    def _sampled_rate(self, rate: float, sampled: int) -> float:
        sampling = self._sampling
        if isinstance(sampling.every, int):
            return rate / sampling.every
        if sampling.fps is not None:
            return sampling.fps if math.isnan(rate) else min(sampling.fps, rate)
        span = end_of(sampling, self._end_s) - sampling.start_s
        return sampled / span if sampling.frames is not None and span > 0 else rate

    def _timed(self) -> Iterator[Timed]:
        """Yield (seconds, picture) of the whole or of a range, whose other pictures are None."""
        decoder, packets = self._decoder, self._expected.packets
        assert decoder is not None
        if self._seen.plan is not None:
            yield from pictures_of_plan(self._seen.plan, self._path, decoder, self._seen, self._decoded)
            return
        if self._part is None:
            entries = packets.entries if packets else ()
            yield from self._decoded(decoder, decoder.pictures(self._sampling.start_s, entries))
            return
        if _mark(self._stat) != self._part.mark:
            raise DecodeError(f"{self._path!r} has changed since it was divided into ranges", "range")
        yield from pictures_of_range(self._part, self._path, decoder, self._decoded)

    def _decoded(self, decoder: Decoder, pictures: Iterator[av.VideoFrame]) -> Iterator[Timed]:
        """Yield (seconds, picture) until the stream ends or its pictures change size or format."""
        seen = self._seen
        for picture in pictures:
            if _shape(picture) != self._shape:
                seen.changed = "{}x{} {}".format(*_shape(picture))
                return
            begun = math.isfinite(seen.last_s)
            if picture.pts is None:
                seen.without_time += 1
                time = seen.last_s + decoder.step_s if begun else 0.0
            else:
                time = decoder.clock.seconds(picture.pts)
                seen.not_later += begun and time <= seen.last_s
            seen.last_s = max(time, seen.last_s)
            if seen.recoloured_s is None and _colour(picture) != self._colour:
                seen.recoloured_s = time
            seen.before += is_before(time, self._sampling)
            seen.passed = seen.passed or is_after(time, self._sampling)
            yield time, picture

    def _in_window(self) -> Iterator[Timed]:
        for pair in window(self._timed(), self._sampling):
            self._seen.inside += 1
            yield pair

    def __iter__(self) -> Iterator[Frame]:
        """Yield the sampled frames."""
        return self.frames()

    def frames(
        self,
        around: Surroundings = Surroundings(),  # noqa: B008 (a tuple)
        enough: Enough | None = None,
    ) -> Iterator[Frame]:
        """Yield the sampled frames and those around them; their times are seconds from the first picture.

        Parameters
        ----------
        around : Surroundings
            Which frames are given besides the sampled ones: none by default.
        enough : Enough, optional
            The frames that are given if only what they need is decoded, which is done where it leaves many
            pictures out. A DecodeError of the kind `EVERY_PICTURE` says that the decoder gave others than the
            packets name: the video has to be read again, without this.
        """
        if self._started or self._descriptor < 0:
            raise ParameterError(f"{self._path!r} was read already or is closed: open the video again")
        self._started = True
        if enough is not None and (plan := self.plan(enough)) is not None:
            self._seen.plan, around = plan, Surroundings(everything=True)
        inside = self._in_window()
        count = 0
        for time, frame, source, sampled in with_neighbours(inside, self._sampling, self._end_s, around):
            if frame is not None:
                picture = VideoPicture(frame, self._turn, self._matrix, self._crop)
                index = count if sampled else UNSAMPLED
                yield Frame(picture, index, time, self._luma, source=source, coding=self._coding)
            count += sampled
        for _ in inside:  # the verdict is on the whole part, also where the last sample is not its end
            pass
        check_chosen(count, self._seen.inside, self._path, self._sampling)

    def plan(self, enough: Enough) -> Plan | None:
        """Return what a sparse reading decodes, None where that is all; asked before the first frame."""
        assert self._decoder is not None
        if self._part is not None:
            return None
        return plan_of(self._decoder, self._expected, self._sampling, enough)

    def timeline(self) -> Timeline | None:
        """Return where every picture is, None where parts may differ from the whole.

        It is asked before the first frame is read, and reads all packets unless the description did.
        """
        assert self._decoder is not None
        return timeline_of(self._decoder, self._expected, self._sampling, _mark(self._stat))

    def again(self, sampling: Sampling) -> Video:
        """Return the same open file as a video of its own; no name is looked up."""
        options: Any = self._options
        return Video(self._path, sampling=sampling, descriptor=os.dup(self._descriptor), **options)

    @property
    def outcome(self) -> Outcome:
        """What happened so far; meant to be read after the last frame."""
        if self._final is not None:
            return self._final
        assert self._decoder is not None
        changed = _mark(os.fstat(self._descriptor)) != _mark(self._stat)
        return judge(self._expected, self._decoder, self._seen, self._sampling, changed)

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


def _shape(picture: av.VideoFrame) -> tuple[int, int, str]:
    return picture.width, picture.height, picture.format.name


def _colour(picture: av.VideoFrame) -> tuple[int, bool]:
    return int(picture.colorspace), is_full_range(picture)


def _mark(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, status.st_mtime_ns
