"""How a comparison is run: its seed, and where its tasks run."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass

from ..evaluation.on_cluster import Cluster, chosen_workers
from ..evaluation.parallel import OnProgress, Workers
from ..evaluation.splits import MOST_SEED
from ..processes.cores import processes_of
from .option_checks import check_whole


@dataclass(frozen=True)
class RunOptions:
    """How the work is run."""

    seed: int = 0
    jobs: int = 1
    progress: OnProgress | None = None
    cluster: Cluster | None = None

    def __post_init__(self) -> None:
        check_whole("seed", self.seed, 0, MOST_SEED)
        check_whole("jobs", self.jobs)
        object.__setattr__(self, "jobs", processes_of(int(self.jobs)))

    def workers(self) -> AbstractContextManager[Workers]:
        """Give the workers of the tasks."""
        return chosen_workers(self.jobs, self.cluster)
