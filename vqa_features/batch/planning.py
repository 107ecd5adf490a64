"""The plan of a run from a sample of its videos, with its uncertainty.

Sizes of files are looked up (of at most `size_strata.MOST_SIZES`), a random sample in strata of size is
opened, and as many of it as the time allows are extracted by worker processes, as the run would do it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..errors import ParameterError
from ..video_task import VideoTask
from .calibration import Calibration, of_medium_size, table_bytes
from .inputs import Input
from .options import Extraction, Workers
from .plan_measurement import Choice, Measured, choose, measured, written_bytes
from .plan_times import Sample
from .run_plan import Bytes, RunPlan
from .size_strata import Sizes, drawn_by_size, known_sizes
from .work_amounts import with_frames

#: Videos of the sample that are opened.
OPENED = 100
#: The same where videos must be fetched first.
FETCHED = 20
#: Part of the time for the first measurement, of a few frames, which decides what the second one can do.
_FIRST = 0.2


def _quiet(text: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Planning:
    """How a run is measured.

    Parameters
    ----------
    extraction : Extraction
        What is to be computed.
    jobs : int
        Workers that are measured at once on this machine, best one per core.
    budget_s : float
        Seconds for the measurement; opening the sample, loading networks and compiling kernels comes on top.
    seed : int
        Of the sample.
    tell : callable
        Called with a sentence before each step.
    """

    extraction: Extraction
    jobs: int
    budget_s: float
    seed: int = 0
    tell: Callable[[str], None] = _quiet

    def plan(self, videos: Sequence[Input], total: int | None = None, suffix: str = ".parquet") -> RunPlan:
        """Return the plan of a run.

        Parameters
        ----------
        videos : sequence of Input
            The videos of the run, or some that stand for them.
        total : int, optional
            Videos of the run, by default those that are named.
        suffix : str
            Format of the feature table.

        Raises
        ------
        ParameterError
            If none of the sample can be opened, or `total` is less than the videos that are named.
        """
        count = len(videos) if total is None else total
        if count < len(videos):
            raise ParameterError(
                f"the videos of the run must be at least the {len(videos)} named, got {count}"
            )
        sizes = known_sizes(videos, self.seed)
        if sizes.missing == len(sizes.numbers):
            raise ParameterError(f"none of the {sizes.missing} files that were looked up exists")
        most = FETCHED if any(video.remote for video in videos) else OPENED
        numbers, strata = drawn_by_size(sizes, most, self.seed)
        tasks = [self.extraction.task(replace(videos[one], id=str(one))) for one in numbers]
        begun = time.monotonic()
        calibration = Calibration(self.extraction, Workers(self.jobs, True), _FIRST * self.budget_s)
        self.tell(f"opening {len(tasks)} of {len(videos)} videos")
        described = calibration.described(tasks)
        if not described:
            raise ParameterError(f"none of the {len(tasks)} videos of the sample can be opened")
        rates = calibration.rates(*of_medium_size(described), first_only=True)
        choice = Choice([], None)
        if rates.measured:
            choice = choose(described, rates.seconds, (1 - _FIRST) * self.budget_s * calibration.parallel)
            part = "" if choice.part_s is None else f", {choice.part_s:.3g} s of each"
            self.tell(f"measuring {len(choice.tasks)} videos{part}")
        done = measured(choice.tasks, calibration.parallel)
        infos = {task.id: info for task, info in described}
        sample = Sample(tasks, infos, replace(strata, population=count))
        return RunPlan(
            videos=count,
            named=len(videos),
            sizes=len(sizes.numbers),
            missing=sizes.missing,
            opened=len(described),
            unreadable=len(tasks) - len(described),
            measured=len(done.results),
            part_s=choice.part_s,
            calibration_s=time.monotonic() - begun,
            cpu_share=done.cpu_share,
            ready_s=done.ready_s or calibration.ready_s,
            memory_mib=done.memory_mib or rates.memory_mib,
            times=sample.times(done, choice.tasks, rates.seconds).of_share(sizes.present),
            bytes=self._bytes(sample, done, choice.tasks, sizes, count, suffix),
        )

    def _bytes(
        self,
        sample: Sample,
        done: Measured,
        chosen: Sequence[VideoTask],
        sizes: Sizes,
        count: int,
        suffix: str,
    ) -> Bytes:
        """Return the bytes of inputs and outputs."""
        read, largest = sizes.total(count), int(np.nanmax(sizes.bytes))
        table = float(table_bytes(self.extraction, count, suffix))
        if not done.results:
            return Bytes(read, largest, table)
        row, video, rows = written_bytes(done, chosen, self.extraction)
        frames = sum(with_frames(one.info).frames or 1 for one in done.results.values() if one.info)
        in_mean = sample.mean(
            {name: float(with_frames(one).frames or 1) for name, one in sample.infos.items()}
        )
        per_frame = row * rows / frames * in_mean * count * sizes.present
        return Bytes(read, largest, table, per_frame, video * count * sizes.present)
