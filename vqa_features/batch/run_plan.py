"""What a run takes with so many workers: hours, cost and bytes, from the seconds and bytes of a video."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from .makespan import makespan
from .plan_times import Times
from .two_phase import Mean

#: Seconds of the driver for a video, which no number of workers shortens; see docs/scale.md.
DRIVER_S = 0.002
_HOUR_S = 3600.0
NOT_COVERED = (
    "another machine, or other work on this one",
    "waiting for a network, or for a slower disk than the sample's",
    "videos that hang, crash or are tried twice",
    "workers that are lost or start late, and hours that are billed in part",
    "charges for transfer and storage",
)


@dataclass(frozen=True)
class PlannedRun:
    """A run with a number of workers.

    Parameters
    ----------
    workers : int
        Processes of one core each.
    hours : Mean
        From the start of the first worker to the end of the last video.
    start_s : float
        Until a worker begins its first video.
    tail_s : float
        How much later the last video ends than all would if every worker were busy to the end.
    worker_hours : Mean
        All workers, until the last video ends.
    cost : Mean or None
        Worker hours times the price.
    limited_by : {"workers", "longest video", "driver"}
        What decides the hours; more workers help only where it is the first.
    """

    workers: int
    hours: Mean
    start_s: float
    tail_s: float
    worker_hours: Mean
    cost: Mean | None
    limited_by: str


@dataclass(frozen=True)
class Bytes:
    """Bytes of a run.

    Parameters
    ----------
    read : Mean
        Of the videos; with addresses the transfer out of the object store.
    largest : int
        The largest file whose size is known.
    table : float
        The feature table.
    per_frame, store : float or None
        A Parquet table of per-frame rows, and a store; None: not measured.
    """

    read: Mean
    largest: int
    table: float
    per_frame: float | None = None
    store: float | None = None


@dataclass(frozen=True)
class RunPlan:
    """What is known of a run before it begins.

    Parameters
    ----------
    videos : int
        Videos of the run.
    named : int
        Inputs that were named; where they are fewer, they stand for all.
    sizes, missing : int
        Files whose sizes were looked up, and those of them that are not there.
    opened, unreadable : int
        Videos of the sample that were opened, and that cannot be. A file that is missing or unreadable takes
        no time.
    measured : int
        Videos that were worked on. With 0 the times are the least to expect, by declared costs.
    part_s : float or None
        Seconds of each video that were worked on, None for whole videos.
    calibration_s : float
        Seconds that opening and measuring took.
    cpu_share : float or None
        CPU seconds per second of the measurement; well below 1 on a busy machine or a slow disk.
    ready_s : float
        Start of a worker process, with its networks and kernels.
    memory_mib : float or None
        Largest resident memory of a worker.
    times : Times
        Seconds of a worker per video.
    bytes : Bytes
        Of inputs and outputs.
    """

    videos: int
    named: int
    sizes: int
    missing: int
    opened: int
    unreadable: int
    measured: int
    part_s: float | None
    calibration_s: float
    cpu_share: float | None
    ready_s: float
    memory_mib: float | None
    times: Times
    bytes: Bytes

    def with_workers(self, workers: int, price: float | None = None) -> PlannedRun:
        """Return what the run takes with so many workers.

        Parameters
        ----------
        workers : int
            Processes of one core each.
        price : float, optional
            Of a worker hour, in any currency.
        """
        busy = min(workers, self.videos)
        work = self.times.seconds.times(self.videos)
        driver_s = self.videos * DRIVER_S
        longest_s = self.times.longest_s
        counts = self.times.weights * self.videos
        modelled = float(counts @ self.times.durations)
        durations = self.times.durations * (work.value / modelled if modelled else 1.0)
        whole_s = makespan(durations, counts, busy, driver_s)
        tail_s = max(0.0, whole_s - max(work.value / busy, driver_s))  # their sums round differently
        hours = Mean(
            *(
                (max(total / busy, driver_s) + tail_s + self.ready_s) / _HOUR_S
                for total in (work.value, work.low, work.high)
            )
        )
        paid = hours.times(workers)
        limits = {"workers": work.value / busy, "longest video": longest_s, "driver": driver_s}
        return PlannedRun(
            workers,
            hours,
            self.ready_s,
            tail_s,
            paid,
            None if price is None else paid.times(price),
            max(limits, key=lambda name: limits[name]),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the plan as plain data, without the durations of single videos."""
        found = {name: value for name, value in vars(self).items() if name not in ("times", "bytes")}
        times = {
            "seconds": asdict(self.times.seconds),
            "by_part": self.times.by_part,
            "longest_s": self.times.longest_s,
        }
        return found | {"times": times, "bytes": asdict(self.bytes), "not_covered": list(NOT_COVERED)}
