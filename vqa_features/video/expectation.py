"""What a stream should give, from its headers and packets, before it is decoded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from ..specs import Sampling
from .decoder import Decoder
from .opening import explain
from .packets import Packets, packet_reader, read_packets
from .probe import COMPLETE, declared_duration, header_count, is_own_duration
from .sampling import TIME_SLACK_S, end_of, is_before, window
from .sampling_options import by_time


@dataclass
class Expectation:
    """Length, number and times of the pictures of a stream.

    Attributes
    ----------
    times : list of float
        Seconds of the pictures to be shown.
    end_s : float
        Seconds at which the last of them ends.
    declared_s : float or None
        Duration that the header names.
    missing : int
        Pictures that the header counts and no packet holds.
    packets : Packets or None
        Where all packets were read.
    error : str
        What is known to be wrong without decoding.
    """

    times: list[float]
    end_s: float
    declared_s: float | None
    missing: int
    packets: Packets | None
    error: str
    _own_duration: bool

    @classmethod
    def of(cls, decoder: Decoder, path: str, sampling: Sampling) -> Self:
        """Read headers, and packets where the sampling needs times or the header's count is not sure."""
        stream = decoder.stream
        declared_s = declared_duration(decoder.container, stream, decoder.start_s)
        count = header_count(decoder.container, stream)
        if packet_reader(stream.codec_context).may_hide or decoder.skips_leading:
            count = None  # it includes packets that show nothing
        own = is_own_duration(stream)
        if count is not None and not by_time(sampling):
            times = [number * decoder.step_s for number in range(count)]
            return cls(times, declared_s or count * decoder.step_s, declared_s, 0, None, "", own)
        packets = packets_of(decoder)
        decoder.use_rate(packets.rate)
        times = [time for time in packets.times if time >= -TIME_SLACK_S]
        end_s = max(times, default=0.0) + decoder.step_s
        if packets.joins:  # the header knows one of the clocks only
            declared_s = end_s
        made = cls(times, end_s, declared_s, max((count or 0) - len(times), 0), packets, "", own)
        made.error = str(explain(packets.error, path)) if packets.error else ""
        made.error = made.error or made.short_of(end_s, packets.others_end_s)
        return made

    def short_of(self, end_s: float, others_end_s: float, packets_end_s: float = 0.0) -> str:
        """Say how far short of the declared duration a timeline ends, if it does."""
        declared = self.declared_s or 0.0
        if not self._own_duration and others_end_s >= COMPLETE * declared:
            declared = 0.0  # it is that of another stream, which is complete
        wanted = max(declared, packets_end_s)
        return "" if end_s >= COMPLETE * wanted else f"the pictures end at {end_s:.3f} s of {wanted:.3f} s"

    def inside(self, sampling: Sampling) -> list[float]:
        """Return the times of the part asked for."""
        return [time for time, _ in window(((time, None) for time in self.times), sampling)]

    def in_part(self, sampling: Sampling) -> int:
        """Return the number of pictures of the part asked for."""
        whole = not sampling.start_s and sampling.duration_s is None
        return len(self.inside(sampling)) + self.missing * whole

    def before_part(self, sampling: Sampling, from_s: float) -> int:
        """Return the number of pictures from `from_s` to the beginning of the part asked for."""
        return sum(time >= from_s - TIME_SLACK_S and is_before(time, sampling) for time in self.times)

    def part_end(self, sampling: Sampling) -> float:
        """Return the end of the part asked for, in seconds."""
        return end_of(sampling, self.end_s)


def packets_of(decoder: Decoder) -> Packets:
    """Read all packets of the file that a decoder has open."""
    with decoder.reopen(undecoded=True) as container:
        (same,) = (one for one in container.streams.video if one.index == decoder.stream.index)
        return read_packets(container, same, decoder.origin)
