"""Tasks on their way to the workers of a cluster and back."""

from __future__ import annotations

import pickle
import uuid
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, TypeAlias

from ..cluster.offers import Offers
from ..cluster.versions import versions_here
from ..errors import ParameterError
from .events import Event, Kind
from .on_worker import Done, Order, do_task, stop_run
from .options import Workers
from .parts import Part
from .sent_path import whole_path
from .slot import Job, Work, is_of_main

if TYPE_CHECKING:
    from distributed import Client, Future

#: What comes back: an answer of a worker, or what became of the task.
Answer: TypeAlias = "Done | BaseException"


@dataclass
class Flight:
    """A job on its way: the worker that has begun it, and those that were lost with it."""

    job: Job
    future: Future[Done] | None = None
    worker: str = ""
    lost: list[str] = field(default_factory=list)
    killed: int = 0

    def event(self, kind: Kind, status: str, error: str, worker: str = "") -> Event:
        """Return what is told of the job."""
        task = self.job.task
        return Event(kind, task.id, task.path, worker, status, error, part=self.job.part)


class Flights(dict[str, Flight]):
    """The tasks of a run that are on their way, by their names in the cluster.

    Parameters
    ----------
    client : distributed.Client
        The cluster.
    offers : Offers
        Its workers.
    work : callable
        As in `vqa_features.batch.runner.run_many`.
    workers : Workers
        Limits.
    on_end : callable
        Called with the name and the `Answer` of a task, in a thread of Dask's.
    """

    def __init__(
        self,
        client: Client,
        offers: Offers,
        work: Work,
        workers: Workers,
        on_end: Callable[[str, Answer], None],
    ) -> None:
        super().__init__()
        #: Name of the run, and of the topic of its messages.
        self.run = f"vqa-features-{uuid.uuid4().hex}"
        self._client = client
        self._offers = offers
        self._work = work
        self._on_end = on_end
        versions = None if workers.allow_other_versions else versions_here()
        limits = Workers(1, True, workers.deadline_s, workers.max_memory_mb)
        self._order = pickle.dumps(Order(self.run, work, limits, versions))
        self._numbers = count()
        self._identities: dict[str, Any] = {}

    def send(self, flight: Flight) -> None:
        """Send a task to the cluster.

        Raises
        ------
        ParameterError
            If the work or an extractor is defined in the user's script.
        """
        key = f"{self.run}-{next(self._numbers)}"
        future = self._client.submit(
            do_task,
            self._order,
            self._packed(flight.job),
            key,
            key=key,
            pure=False,
            priority=int(flight.job.parts is not None),  # a video that is begun is ended first
            **self._offers.restrictions(any(one.family == "deep" for one in flight.job.task.extractors)),
        )
        flight.future, flight.worker = future, ""
        self[key] = flight
        future.add_done_callback(partial(self._fetch, key))  # type: ignore[no-untyped-call]

    def cancel(self) -> None:
        """Take back what is on its way, and end the processes of the run on the workers."""
        if futures := [flight.future for flight in self.values() if flight.future is not None]:
            self._client.cancel(futures, force=True)  # type: ignore[no-untyped-call]
        self._client.run(stop_run, self.run, on_error="ignore")

    def give_up(self, key: str) -> Flight:
        """Take back one task, and return it."""
        flight = self.pop(key)
        if flight.future is not None:
            self._client.cancel([flight.future], force=True)  # type: ignore[no-untyped-call]
        return flight

    def withdraw(self, job: Job) -> None:
        """Take back the parts of a job's video that no worker has begun."""
        for key, flight in list(self.items()):
            if flight.job.parts is job.parts and not flight.worker:
                self.give_up(key)

    def _packed(self, job: Job) -> bytes:
        """Return a job as it travels: with the whole name of its file, and who its extractors are."""
        task, part = job.task, Part(job.part) if job.parts else None
        if is_of_main(task, self._work):
            raise ParameterError(
                "what is defined in a script or a notebook cannot be sent to a cluster: put the extractor "
                "into a module that is installed on every worker"
            )
        for one in task.extractors:
            if one.label not in self._identities:
                self._identities[one.label] = one.identity()
        identities = {one.label: self._identities[one.label] for one in task.extractors}
        sent = replace(job, task=replace(task, path=whole_path(task.path)), parts=part)
        # a range has the times of all pictures of its video
        return zlib.compress(pickle.dumps((sent, identities)), level=1)

    def _fetch(self, key: str, future: Future[Done]) -> None:
        """Post the end of a task; called in a thread of Dask's."""
        try:
            answer: Answer = future.result()
        except BaseException as error:  # told where the task is known
            answer = error
        self._on_end(key, answer)
