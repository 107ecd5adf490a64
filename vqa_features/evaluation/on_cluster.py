"""Tasks of one computation on a Dask cluster: what they share is sent once, lost ones are run again.

A worker process runs one task at a time, whatever number of threads it has: BLAS threads, warnings and the
random states of libraries belong to the process.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Union
from uuid import uuid4

from ..cluster.connection import connected
from ..errors import VqaError
from ..files.reading import reason_of
from ..processes.cores import processes_of
from .many_rows import needed_bytes
from .memory import available_memory, check_memory
from .parallel import OnProgress, Processes, Result, Shared, Task, Workers, in_one_thread

if TYPE_CHECKING:
    from distributed import Client

#: A cluster as callers give it: an address, or a client that is connected.
Cluster = Union[str, "Client"]
#: A task whose worker is lost is run again at most so many times.
MOST_RERUNS = 2
#: Seconds without any worker after which a computation is given up.
ABSENCE_S = 300.0
#: Tasks that are sent ahead, for each worker.
_AHEAD = 2
_LOOK_S = 1.0
#: Seconds in which the result of a task is there, unless its worker is lost.
_TRANSFER_S = 60.0
_WHY = "workers crashed, took too much memory or were stopped, see their logs"
_one_at_a_time = threading.Lock()


@contextmanager
def chosen_workers(jobs: int, cluster: Cluster | None = None) -> Iterator[Workers]:
    """Give worker processes of this machine, or those of a cluster.

    Parameters
    ----------
    jobs : int
        Number of processes on this machine, also of the cluster ``local``; -1 for one per core.
    cluster : str or distributed.Client, optional
        As in `vqa_features.cluster.connection.connected`; a client is used as it is and left open.
    """
    if cluster is None:
        yield Processes(processes_of(jobs))
    elif isinstance(cluster, str):
        with connected(cluster, workers=processes_of(jobs)) as client:
            yield ClusterWorkers(client)
    else:
        yield ClusterWorkers(cluster)


class ClusterWorkers(Workers):
    """The workers of a Dask cluster.

    Parameters
    ----------
    client : distributed.Client
        Connected; its workers have the versions of this program.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def results(
        self,
        work: Callable[[Shared, Task], Result],
        shared: Shared,
        tasks: Sequence[Task],
        progress: OnProgress | None = None,
    ) -> list[Result]:
        """Return ``work(shared, task)`` of every task, in the order of the tasks."""
        run, found = _Run(self._client, _Job(work, shared, tasks)), dict[int, Result]()
        with run.watched():
            for number, result in run.as_completed():
                found[number] = result
                if progress is not None:
                    progress(len(found), len(tasks))
        return [found[number] for number in range(len(tasks))]

    def check_memory(self, names: Sequence[str], rows: int, columns: int, tasks: int) -> None:
        """Raise ParameterError if one fit exceeds the memory of the smallest worker."""
        needed = {name: size for name in names if (size := needed_bytes(name, rows, columns))}
        known = self._memory() if needed else {}
        if not known:
            return
        worker = min(known, key=lambda address: known[address])
        remedy = "use ridge or gradient-boosting, fewer rows, or workers with more memory"
        for name, size in needed.items():
            what = f"{name} on {rows} training rows on the worker {worker}"
            check_memory(size, what, remedy, known[worker])

    def _memory(self) -> dict[str, float]:
        """Return the bytes that each worker may take: its share of its machine, up to its own limit."""
        workers = self._client.scheduler_info(n_workers=-1)["workers"]
        free = self._client.run(available_memory, on_error="ignore")
        on_host = Counter(one["host"] for one in workers.values())
        found = {}
        for address, one in workers.items():
            limits = []
            if (machine := free.get(address)) is not None:
                limits.append(machine / on_host[one["host"]])
            if one["memory_limit"]:
                limits.append(max(0, one["memory_limit"] - one["metrics"]["memory"]))
            if limits:
                found[address] = min(limits)
        return found


@dataclass(frozen=True)
class _Job:
    """What is sent to every worker, once."""

    work: Callable[[Any, Any], Any]
    shared: Any
    tasks: Sequence[Any]


def _run_one(job: _Job, number: int, topic: str) -> Any:
    """Run one task on a worker, which tells when it begins and when it is done."""
    from distributed import get_worker

    with _one_at_a_time:
        get_worker().log_event(topic, [number, 1])
        result = in_one_thread(job.work, job.shared, job.tasks[number])
        get_worker().log_event(topic, [number, -1])
    return result


class _Run:
    """One computation: the tasks that are sent, and how often each was begun and not done."""

    def __init__(self, client: Any, job: _Job) -> None:
        self._client, self._job = client, job
        self._shared: Any = None
        self._shares = 0
        self._sent: dict[str, tuple[int, Any]] = {}
        self._begun: Counter[int] = Counter()
        self._topic = f"vqa-features-{uuid4().hex}"
        #: Futures that are done, and the error that ends the computation.
        self._events: SimpleQueue[Any] = SimpleQueue()
        self._seen_s = time.monotonic()

    def as_completed(self) -> Iterator[tuple[int, Any]]:
        """Yield the number and the result of every task, as they are done."""
        from distributed import KilledWorker

        waiting = deque(range(len(self._job.tasks)))
        self._share()
        while waiting or self._sent:
            most = _AHEAD * max(1, self._look())
            while waiting and len(self._sent) < most:
                self._send(waiting.popleft())
            future = self._next()
            number, _ = self._sent.pop(future.key)
            try:
                result = future.result(_TRANSFER_S)
            except TimeoutError:
                if future.status == "error":  # of the task itself
                    raise
                self._expect(number, future)  # its worker was lost with the result: it runs again
            except KilledWorker as error:  # the scheduler allows fewer
                raise self._lost(number) from error
            except CancelledError as error:
                if self._client.status != "running":
                    raise self._gone() from error
                waiting.appendleft(number)
                if self._shared.status != "finished":  # it was lost with the workers
                    self._shares += 1
                    if self._shares > MOST_RERUNS:
                        raise VqaError(f"all workers were lost {self._shares} times: {_WHY}") from error
                    self._share()
            else:
                self._shares = 0
                yield number, result

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Hear which tasks are begun; at the end, give up those that are not done."""
        self._client.subscribe_topic(self._topic, self._hear)
        try:
            yield
        finally:
            with suppress(Exception):  # of a scheduler that is gone
                self._client.unsubscribe_topic(self._topic)
                self._client.cancel([future for _, future in self._sent.values()], force=True)
            self._sent.clear()
            self._shared = None

    def _share(self) -> None:
        """Send every worker what the tasks share; again where a worker is lost meanwhile."""
        while True:
            try:
                self._shared = self._client.scatter(self._job, broadcast=True, hash=False)
                return
            except TimeoutError:  # there is no worker
                self._look()
            except Exception as error:  # it cannot be pickled, or a worker is lost that still counts
                self._shares += 1
                if self._shares > MOST_RERUNS:
                    text = f"what the tasks share cannot be sent to the workers: {reason_of(error)}"
                    raise VqaError(text) from error
                self._look()
                time.sleep(_LOOK_S)

    def _send(self, number: int) -> None:
        key = f"{self._job.work.__name__.strip('_')}-{number}-{uuid4().hex}"
        self._expect(number, self._client.submit(_run_one, self._shared, number, self._topic, key=key))

    def _expect(self, number: int, future: Any) -> None:
        self._sent[future.key] = number, future
        future.add_done_callback(self._events.put)

    def _next(self) -> Any:
        """Return the next future that is done."""
        while True:
            with suppress(Empty):
                event = self._events.get(timeout=_LOOK_S)
                if isinstance(event, VqaError):
                    raise event
                return event
            self._look()

    def _look(self) -> int:
        """Return the number of workers; raise if there has been none for too long, or no scheduler."""
        try:
            count = len(self._client.nthreads())
        except OSError as error:
            raise self._gone() from error
        if count:
            self._seen_s = time.monotonic()
        elif time.monotonic() - self._seen_s > ABSENCE_S:
            raise VqaError(f"the cluster has had no workers for {ABSENCE_S:g} s: start some")
        return count

    def _gone(self) -> VqaError:
        address = self._client.scheduler.address
        return VqaError(f"the scheduler {address} is gone, and with it what was computed: start it again")

    def _hear(self, event: tuple[float, list[int]]) -> None:
        """Count how often a task is begun and not done: again only where its worker was lost."""
        _, (number, step) = event
        self._begun[number] += step
        if self._begun[number] > 1 + MOST_RERUNS:
            self._events.put(self._lost(number))

    def _lost(self, number: int) -> VqaError:
        losses = min(self._begun[number], 1 + MOST_RERUNS)
        return VqaError(f"task {number + 1} of {len(self._job.tasks)} lost its worker {losses} times: {_WHY}")
