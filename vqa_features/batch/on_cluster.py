"""Many videos on a cluster: tasks go out a few at a time, and every one comes back as a result."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import islice
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from ..cluster.connection import connected
from ..cluster.offers import Offers
from ..errors import Failure, VqaError
from ..video_task import VideoResult, VideoTask
from .events import Event, OnEvent
from .failures import failure
from .flights import Answer, Flight, Flights
from .options import Workers
from .sent_path import as_given
from .slot import Job, Work, described_jobs, finished
from .time_ranges import TimeParts
from .worker import Described

if TYPE_CHECKING:
    from distributed import Client

#: Tasks that are on their way, for each thread of the workers.
TASKS_PER_THREAD = 3
#: A video is begun anew after this many losses of its worker.
MOST_LOSSES = 2
#: Seconds to wait for a worker where none is left, and for workers to hear that the run has ended.
WORKERS_GONE_S, STOP_S = 60.0, 3.0
_TICK_S = 0.5


def run_on_cluster(
    tasks: Iterable[VideoTask],
    work: Work,
    *,
    on_result: Callable[[VideoResult], None],
    workers: Workers,
    on_message: Callable[[str], None] | None = None,
    on_event: OnEvent | None = None,
) -> None:
    """Do what `vqa_features.batch.runner.run_many` does, on the workers of a cluster.

    A video whose worker is lost is begun anew, at most twice; then its status is ``failed(worker lost)``.
    The same holds for each part of a long video, which the worker that describes it leaves to all of them.
    A worker that cannot work, or has other versions, ends the run if no other worker has given a result,
    else it gets no more tasks.

    Parameters
    ----------
    tasks, work, on_result, on_message, on_event
        As in `run_many`.
    workers : Workers
        With a cluster.

    Raises
    ------
    ParameterError
        If the work or an extractor is defined in the user's script.
    OtherVersions
        If a worker has other versions.
    WeightsMissing, ExtraMissing, ParameterError
        If an extractor cannot work on a worker.
    VqaError
        If the scheduler or all workers are gone.
    KeyboardInterrupt
        On Ctrl-C; the workers are told to stop.
    """
    assert workers.cluster is not None
    tell = on_message or (lambda text: None)
    with connected(
        workers.cluster,
        workers=workers.jobs,
        gpus=workers.gpus,
        allow_other_versions=workers.allow_other_versions,
        on_message=tell,
    ) as client:
        run = _Run(client, tasks, work, workers, on_result, tell, on_event or (lambda event: None))
        try:
            run.work()
        finally:
            run.stop()


class _Run:
    """The loop that sends tasks to a cluster and passes on their results."""

    def __init__(
        self,
        client: Client,
        tasks: Iterable[VideoTask],
        work: Work,
        workers: Workers,
        on_result: Callable[[VideoResult], None],
        on_message: Callable[[str], None],
        on_event: OnEvent,
    ) -> None:
        self._client = client
        self._source = iter(tasks)
        self._on_result = on_result
        self._on_message = on_message
        self._on_event = on_event
        self._inbox: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._offers = Offers(client)
        self._flights = Flights(client, self._offers, work, workers, self._post_end)
        self._again: deque[Flight] = deque()
        self._told: set[str] = set()
        #: Whether some worker has shown that it can work.
        self._proved = False
        self._listening = False

    def work(self) -> None:
        """Pass on one result for every task."""
        while True:
            self._check()
            self._submit()
            if not self._flights and not self._again:
                return
            with suppress(Empty):
                self._inbox.get(timeout=_TICK_S)()
                while not self._inbox.empty():
                    self._inbox.get()()

    def stop(self) -> None:
        """Take back what is on its way, and end the processes of the run on the workers."""
        if self._client.status == "running":
            telling = threading.Thread(target=_silently, args=(self._flights.cancel,), daemon=True)
            telling.start()
            telling.join(STOP_S)

    def _post_end(self, key: str, answer: Answer) -> None:
        self._inbox.put(partial(self._end, key, answer))

    def _listen(self) -> None:
        """Hear of workers that come and go, and of tasks that are begun."""
        post = self._inbox.put
        subscribe: Callable[[str, Callable[[Any], None]], None] = self._client.subscribe_topic
        subscribe(self._flights.run, lambda event: post(partial(self._hear, event[1])))
        subscribe("all", lambda event: post(partial(self._hear_of_worker, event[1])))
        self._listening = True
        self._look_for_workers()

    def _look_for_workers(self) -> None:
        for worker in self._offers.refresh():
            self._on_event(Event("worker", worker=worker))

    def _submit(self) -> None:
        """Send tasks until the workers have enough."""
        if self._client.status != "running":
            return
        wanted = max(0, TASKS_PER_THREAD * self._offers.threads - len(self._flights))
        again = [self._again.popleft() for _ in range(min(wanted, len(self._again)))]
        new = (Flight(Job(task)) for task in islice(self._source, wanted - len(again)))
        for flight in (*again, *new):
            self._flights.send(flight)

    def _hear(self, message: dict[str, Any]) -> None:
        """Take a message of a worker."""
        if "message" in message:
            self._tell_once(message["message"])
        elif (flight := self._flights.get(message["key"])) is None:
            return
        elif "event" in message:
            self._on_event(replace(Event(**message["event"]), path=flight.job.task.path))
        else:
            flight.worker = message["worker"]

    def _hear_of_worker(self, message: dict[str, Any]) -> None:
        """Take the news that a worker came or is gone."""
        worker = message.get("worker", "")
        if message.get("action") == "add-worker":
            self._look_for_workers()
        elif message.get("action") == "remove-worker":
            self._offers.remove(worker)
            expected = bool(message.get("expected"))
            self._on_event(Event("worker lost", worker=worker, error="closed" if expected else "lost"))
            for key, flight in list(self._flights.items()):
                if flight.worker == worker and not expected:
                    self._lose(key, flight)

    def _lose(self, key: str, flight: Flight) -> None:
        """Count the loss of the worker of a task; give the task up after the last one that is allowed."""
        flight.lost.append(flight.worker)
        flight.worker = ""
        if len(flight.lost) > MOST_LOSSES:
            self._give_up(key)
            return
        self._on_event(flight.event("retry", "failed(worker lost)", "its worker was lost", flight.lost[-1]))

    def _give_up(self, key: str) -> None:
        """Report a video as failed, if a part of it was given up too."""
        flight = self._flights.give_up(key)
        where = f" on {', '.join(flight.lost)}" if flight.lost else ""
        text = f"its worker was lost {MOST_LOSSES + 1} times{where}"
        result = failure(flight.job.task, Failure("worker lost", text))
        self._on_event(flight.event("end", result.status, text))
        if isinstance(parts := flight.job.parts, TimeParts):
            parts.given_up = True
            self._withdraw(flight.job)
        self._on_result(result)

    def _withdraw(self, job: Job) -> None:
        """Take back the parts of a video that are not begun; what comes of the others is not used."""
        self._again = deque(one for one in self._again if one.job.parts is not job.parts)
        self._flights.withdraw(job)

    def _end(self, key: str, answer: Answer) -> None:
        """Take the answer to a task, or what became of it; what has no result is sent again."""
        from distributed import CancelledError, KilledWorker

        if key not in self._flights:  # given up before
            return
        flight = self._flights[key]
        if isinstance(answer, KilledWorker):
            self._killed(key, flight)
        elif isinstance(answer, CancelledError):  # the connection was lost
            self._listening = False
        elif isinstance(answer, BaseException):
            raise VqaError(f"a worker cannot do what it was sent: {answer}") from answer
        elif answer.error is not None:
            self._refuse(answer.worker, answer.error)
        elif answer.result is not None:
            del self._flights[key]
            for event in answer.events:
                self._on_event(replace(event, path=flight.job.task.path if event.id else ""))
            self._proved = True
            self._take(flight.job, answer.result)
        if self._flights.pop(key, None) is not None:
            self._again.append(flight)

    def _killed(self, key: str, flight: Flight) -> None:
        """Take Dask's word that workers were lost that had a task, begun or not."""
        flight.killed += 1
        if flight.killed > MOST_LOSSES:
            self._give_up(key)
        elif flight.worker:
            self._lose(key, flight)

    def _take(self, job: Job, result: VideoResult | Described) -> None:
        """Pass on a result, join that of a part, or divide a video that is described."""
        if isinstance(result, Described):
            jobs = described_jobs(job, result, self._offers.threads)
            self._again.extendleft(Flight(one) for one in reversed(jobs))
            return
        whole = finished(job, as_given(result, job.task.path))
        if isinstance(whole, Job):
            self._withdraw(job)
            self._again.appendleft(Flight(whole))
        elif whole is not None:
            self._on_result(whole)

    def _refuse(self, worker: str, error: VqaError) -> None:
        """Give a worker no more tasks; end the run if no other one has shown that it can work."""
        self._offers.refuse(worker)
        if not self._proved or not self._offers.threads:
            raise error
        self._tell_once(f"warning: worker {worker} gets no more videos: {error}")

    def _tell_once(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            self._on_message(text)

    def _check(self) -> None:
        """End the run where the scheduler is gone, or where no worker has come for a while."""
        if self._client.status in ("closing", "closed"):
            raise VqaError(
                "the scheduler of the cluster is gone, and could not be reached again; finished rows are kept"
            )
        if self._client.status != "running":
            return
        if not self._listening:
            self._listen()
        if self._offers.threads:
            return
        self._look_for_workers()
        if time.monotonic() - self._offers.last_s > WORKERS_GONE_S:
            raise VqaError(
                f"the cluster has no worker left, and none came within {WORKERS_GONE_S:g} s; finished rows "
                "are kept"
            )
        self._tell_once(f"no worker is left: waiting {WORKERS_GONE_S:g} s for one")


def _silently(function: Callable[[], None]) -> None:
    """Call what tells others of an end, which may come too late."""
    try:
        function()
    except Exception:  # the scheduler is gone, or the client was closed meanwhile
        return
