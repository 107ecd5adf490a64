"""What a run over many videos came to, in a space that does not grow with their number."""

from __future__ import annotations

import heapq
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from ..video_task import VideoResult
from .events import Event
from .public_text import public_id, public_text

#: Videos that are listed as the slowest.
SLOWEST = 10


@dataclass(frozen=True)
class Example:
    """One video of a status, and why it has it."""

    id: str
    error: str


class RunSummary:
    """Counts of a run, its slowest videos, and an example of every status that is not ok.

    It hears of every event and of every result.
    """

    def __init__(self) -> None:
        self._begun_s = time.monotonic()
        self._ended_s: float | None = None
        self.status: Counter[str] = Counter()
        self.examples: dict[str, Example] = {}
        #: Results that an earlier run has computed.
        self.stored = 0
        self.retries = 0
        #: Worker processes that were started, and that were lost.
        self.workers = 0
        self.workers_lost = 0
        #: Seconds of work, summed over the workers.
        self.work_s = 0.0
        self.peak_memory_mb: float | None = None
        #: Seconds so far by id of the videos that are being worked on.
        self._under_work: dict[str, float] = {}
        self._slowest: list[tuple[float, str, str]] = []

    def on_event(self, event: Event) -> None:
        """Take note of an event."""
        if event.id and event.kind != "worker lost":
            seconds = event.seconds or 0.0
            self.work_s += seconds
            self._under_work[event.id] = self._under_work.get(event.id, 0.0) + seconds
        self.retries += event.kind == "retry"
        self.workers += event.kind == "worker"
        self.workers_lost += event.kind == "worker lost"
        if event.peak_memory_mb is not None:
            self.peak_memory_mb = max(event.peak_memory_mb, self.peak_memory_mb or 0.0)

    def on_result(self, result: VideoResult) -> bool:
        """Take note of a result; return whether this run has worked on it, and not an earlier one."""
        self.status[result.status] += 1
        if result.status != "ok" and result.status not in self.examples:
            self.examples[result.status] = Example(result.id, why(result))
        seconds = self._under_work.pop(result.id, None)
        if seconds is None:
            self.stored += 1
            return False
        add = heapq.heappush if len(self._slowest) < SLOWEST else heapq.heappushpop
        add(self._slowest, (seconds, result.id, result.status))
        return True

    def end(self) -> None:
        """Count the time to now, and no further."""
        self._ended_s = time.monotonic()

    @property
    def results(self) -> int:
        """Number of results."""
        return self.status.total()

    @property
    def seconds(self) -> float:
        """Seconds since the run began, or that it took."""
        return (self._ended_s or time.monotonic()) - self._begun_s

    @property
    def slowest(self) -> list[tuple[float, str, str]]:
        """Seconds of work, id and status of the slowest videos, the slowest first."""
        return sorted(self._slowest, reverse=True)

    @property
    def rate_per_s(self) -> float:
        """Results of this run per second, since the run began."""
        return (self.results - self.stored) / max(self.seconds, 1e-9)

    def as_dict(self) -> dict[str, Any]:
        """Return the summary as JSON can hold it; docs/run-log.md has the keys."""
        return {
            "results": self.results,
            "stored": self.stored,
            "status": dict(self.status),
            "seconds": round(self.seconds, 3),
            "work_seconds": round(self.work_s, 3),
            "videos_per_second": round(self.rate_per_s, 6),
            "slowest": [
                {"id": public_id(name), "seconds": round(seconds, 3), "status": status}
                for seconds, name, status in self.slowest
            ],
            "failures": [
                {
                    "status": status,
                    "count": self.status[status],
                    "id": public_id(example.id),
                    "error": public_text(example.error),
                }
                for status, example in self.examples.items()
            ],
            "retries": self.retries,
            "workers": self.workers,
            "workers_lost": self.workers_lost,
            "peak_memory_mb": None if self.peak_memory_mb is None else round(self.peak_memory_mb, 1),
        }


def why(result: VideoResult) -> str:
    """Return why a result is not ok: its error, else its warnings."""
    return result.error or "; ".join(result.warnings)
