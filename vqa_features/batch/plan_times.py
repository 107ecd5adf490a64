"""Seconds of a worker per video, from a sample of which a part was measured."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ..specs import VideoInfo
from ..video_task import VideoTask
from .calibration import work_done
from .driver import TASKS_PER_WORKER
from .plan_measurement import Measured
from .two_phase import Array, Mean, Strata, mean_of
from .work_amounts import amounts, seconds_of

#: What a worker spends on a video beside decoding and extractors: opening it twice, transfer of the result,
#: and its share of the replacement of workers.
BETWEEN = "between videos"


@dataclass(frozen=True)
class Times:
    """Seconds of a worker.

    Parameters
    ----------
    seconds : Mean
        Per video, 95 % interval.
    by_part : dict
        Per video by extractor, for ``decode`` and for ``between videos``.
    durations, weights : ndarray, (n,)
        Estimated seconds of the opened videos, and what part of the run each stands for.
    """

    seconds: Mean
    by_part: dict[str, float]
    durations: Array = field(repr=False)
    weights: Array = field(repr=False)

    @property
    def longest_s(self) -> float:
        """Seconds of the longest video that was opened."""
        return float(self.durations.max())

    def of_share(self, share: float) -> Times:
        """Return the times where only a share of the videos is there."""
        by_part = {name: value * share for name, value in self.by_part.items()}
        return replace(self, seconds=self.seconds.times(share), by_part=by_part)


@dataclass(frozen=True)
class Sample:
    """Videos that were drawn.

    Parameters
    ----------
    tasks : list of VideoTask
        In the order of `strata`.
    infos : dict
        Descriptions of those that can be opened, by id.
    strata : Strata
        What each stands for.
    """

    tasks: Sequence[VideoTask]
    infos: Mapping[str, VideoInfo]
    strata: Strata

    def mean(self, values: Mapping[str, float]) -> float:
        """Return the mean over the run of a quantity by id; 0 for videos without one."""
        return float(self.strata.weights() @ [values.get(task.id, 0.0) for task in self.tasks])

    def times(self, done: Measured, chosen: Sequence[VideoTask], declared: Mapping[str, float]) -> Times:
        """Return the seconds of a worker per video.

        Parameters
        ----------
        done : Measured
            The work on some of them.
        chosen : sequence of VideoTask
            Its tasks, of which each may be a part of the video.
        declared : mapping
            Seconds per unit of work, used where nothing was measured.
        """
        work = {
            task.id: amounts(task.extractors, self.infos[task.id])
            for task in self.tasks
            if task.id in self.infos
        }
        rates, measured = self._rates(done, {task.id: task for task in chosen}, work)
        rates = rates or {**declared, BETWEEN: 0.0}
        parts = {name: seconds_of(rates, {**one, BETWEEN: 1.0}) for name, one in work.items()}
        modelled = np.array([sum(parts.get(task.id, {}).values()) for task in self.tasks])
        restart_s = done.ready_s / TASKS_PER_WORKER
        by_part = {part: self.mean({name: one[part] for name, one in parts.items()}) for part in rates}
        by_part[BETWEEN] += restart_s
        if np.isfinite(measured).any():
            seconds = mean_of(self.strata, modelled, measured).plus(restart_s)
        else:
            least = float(self.strata.weights() @ modelled)
            seconds = Mean(least, least, math.inf)
        return Times(seconds, by_part, modelled, self.strata.weights())

    def _rates(
        self, done: Measured, chosen: Mapping[str, VideoTask], work: Mapping[str, Mapping[str, float]]
    ) -> tuple[dict[str, float], Array]:
        """Return the seconds per unit of work, and of each video those that the whole of it would take."""
        whole = np.full(len(self.tasks), np.nan)
        known = np.array([task.id in done.results for task in self.tasks])
        if not known.any():
            return {}, whole
        weights = self.strata.weights(known)
        spent: dict[str, float] = {}
        units: dict[str, float] = {}
        for place in np.flatnonzero(known).tolist():
            task = self.tasks[place]
            result = done.results[task.id]
            part = {**work_done(chosen[task.id], result), BETWEEN: 1.0}
            seconds = {name: result.seconds.get(name, 0.0) for name in work[task.id]}
            seconds[BETWEEN] = max(0.0, done.seconds[task.id] - sum(seconds.values()))
            all_of_it = {**work[task.id], BETWEEN: 1.0}
            whole[place] = sum(value * all_of_it[name] / part[name] for name, value in seconds.items())
            for name, value in seconds.items():
                spent[name] = spent.get(name, 0.0) + weights[place] * value
                units[name] = units.get(name, 0.0) + weights[place] * part[name]
        return {name: value / units[name] for name, value in spent.items()}, whole
