"""What a worker of a cluster does with a task: a guarded process, as on one machine, and the answer."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import threading
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from typing import Any

from ..cluster.versions import REMEDY, OtherVersions, difference_text, versions_here
from ..errors import ParameterError, VqaError, WeightsMissing
from ..extras import ExtraMissing
from ..video_task import VideoResult, VideoTask
from .driver import Driver
from .events import Event
from .options import Workers
from .slot import Job, Stopped, Work, described_jobs
from .worker import Described

#: Dask's setting of the allocator, which a nanny gives its worker: it makes decoding slow.
_TRIM = "MALLOC_TRIM_THRESHOLD_"


@dataclass(frozen=True)
class Order:
    """What a run sends with each of its tasks.

    Parameters
    ----------
    run : str
        Name of the run, and of the topic of its messages.
    work : callable
        A function of a module that is importable on the workers.
    workers : Workers
        Limits of the process that does the work.
    versions : mapping, optional
        Versions that the worker must have.
    """

    run: str
    work: Work
    workers: Workers
    versions: Mapping[str, str] | None


@dataclass(frozen=True)
class Done:
    """The answer to a task.

    Parameters
    ----------
    worker : str
        Address of the worker.
    result : VideoResult or Described, optional
        None if the worker cannot do the task; the description of a long video that is to be divided.
    error : VqaError, optional
        Why it cannot, None if it was stopped.
    events : tuple of Event
        What happened since the start of the work.
    """

    worker: str
    result: VideoResult | Described | None = None
    error: VqaError | None = None
    events: tuple[Event, ...] = ()


class _Guard:
    """A driver of one process, which is kept from task to task with its networks and kernels."""

    def __init__(self, order: Order, threads: int) -> None:
        self.suits = (order.work, order.workers)
        self._tell: Callable[[dict[str, Any]], None] = lambda message: None
        self._events: list[Event] = []
        self._found: list[VideoResult | Described] = []
        self._driver = Driver(
            *(order.work, order.workers, self._on_message, self._on_event, threads), self._divide
        )

    def do(
        self, job: Job, stopped: Callable[[], bool], tell: Callable[[dict[str, Any]], None]
    ) -> tuple[VideoResult | Described, tuple[Event, ...]]:
        """Return what comes of a job, and the events after its start; after an exception it is closed."""
        self._tell = tell
        self._events.clear()
        self._found.clear()
        try:
            self._driver.run([job], self._found.append, stopped)
        except BaseException:
            self.close()
            raise
        return self._found[0], tuple(self._events)

    def close(self) -> None:
        """End the process."""
        self._driver.close()

    def _divide(self, job: Job, described: Described) -> list[Job]:
        """Leave a long video to the driver of the run, which divides it among all workers."""
        if described.timeline is None or job.parts is not None:
            return described_jobs(job, described, 1)
        self._found.append(described)
        return []

    def _on_message(self, text: str) -> None:
        self._tell({"message": text})

    def _on_event(self, event: Event) -> None:
        if event.kind == "start":
            self._tell({"event": asdict(event)})
        else:
            self._events.append(event)


@dataclass
class _Guards:
    """The guards of this worker that have no task."""

    idle: list[_Guard] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    stopped: set[str] = field(default_factory=set)

    def take(self, order: Order, threads: int) -> _Guard:
        """Return the guard that was used last for such an order, else a new one."""
        with self.lock:
            for number in range(len(self.idle) - 1, -1, -1):
                if self.idle[number].suits == (order.work, order.workers):
                    return self.idle.pop(number)
        return _Guard(order, threads)

    def give_back(self, guard: _Guard) -> None:
        """Keep a guard for the next task."""
        with self.lock:
            self.idle.append(guard)

    def close(self) -> None:
        """End the processes that have no task."""
        with self.lock:
            idle, self.idle = self.idle, []
        for guard in idle:
            guard.close()


_guards = _Guards()
_order_of = lru_cache(maxsize=8)(pickle.loads)
#: Labels and identities of extractors that were found to be the same here.
_equal: set[bytes] = set()


def do_task(order_bytes: bytes, job_bytes: bytes, key: str) -> Done:
    """Do a task in a guarded process of this worker.

    Parameters
    ----------
    order_bytes : bytes
        A pickled `Order`.
    job_bytes : bytes
        The job and the identities of its extractors by label, pickled and compressed.
    key : str
        Name of the task, which a message tells at its start.
    """
    from distributed import get_worker
    from distributed.core import Status

    worker = get_worker()
    order: Order = _order_of(order_bytes)

    def tell(message: dict[str, Any]) -> None:
        worker.log_event(order.run, {"key": key} | message)

    tell({"worker": worker.address})

    def stopped() -> bool:
        leaving = worker.status not in (Status.running, Status.paused)
        return leaving or order.run in _guards.stopped

    try:
        _compare(order, worker.address)
        job, identities = _loaded(job_bytes)
        _check_identities(job.task, identities)
        _prepare_process()
        guard = _guards.take(order, max(1, (os.cpu_count() or 1) // worker.state.nthreads))
        result, events = guard.do(job, stopped, tell)
        _guards.give_back(guard)
        if order.run in _guards.stopped:  # meanwhile, and others may have gone on
            _guards.close()
    except Stopped:
        return Done(worker.address)
    except VqaError as error:
        return Done(worker.address, error=_told_of(worker.address, error))
    if isinstance(result, VideoResult) and result.status == "failed(missing)":
        result = replace(result, error=f"{result.error} (on worker {worker.address})")
    return Done(worker.address, result, events=events)


def stop_run(run: str) -> None:
    """End the processes of a run on this worker; those with a task end soon.

    Parameters
    ----------
    run : str
        Name of the run.
    """
    _guards.stopped.add(run)
    _guards.close()


def _compare(order: Order, address: str) -> None:
    """Refuse to work with other versions: this worker may have come after the start of the run."""
    if order.versions is not None and (text := difference_text(address, order.versions, versions_here())):
        raise OtherVersions(f"{text}: {REMEDY}")


def _loaded(job_bytes: bytes) -> tuple[Job, dict[str, Any]]:
    try:
        job, identities = pickle.loads(zlib.decompress(job_bytes))
    except (ImportError, AttributeError) as error:
        raise ExtraMissing(
            f"an extractor cannot be loaded ({error}): install the package that defines it on every worker"
        ) from error
    return job, identities


def _check_identities(task: VideoTask, identities: Mapping[str, Any]) -> None:
    """Refuse extractors that have other weights or parameters here, e.g. a precision that the device sets."""
    for extractor in task.extractors:
        wanted = identities[extractor.label]
        known = pickle.dumps((extractor.label, wanted))
        if known in _equal:
            continue
        here = extractor.identity()
        different = [name for name in wanted if here.get(name) != wanted[name]]
        if different:
            told = "; ".join(f"{name} {here.get(name)} (here {wanted[name]})" for name in different)
            raise OtherVersions(f"{extractor.label} would give other numbers: it has {told}")
        _equal.add(known)


def _prepare_process() -> None:
    """Let this process start others, and keep Dask's setting of the allocator from them."""
    import dask

    vars(multiprocessing.current_process()).get("_config", {}).pop("daemon", None)
    set_by_dask = dask.config.get("distributed.nanny.pre-spawn-environ", {}).get(_TRIM)
    if set_by_dask is not None and os.environ.get(_TRIM) == str(set_by_dask):
        del os.environ[_TRIM]


def _told_of(address: str, error: VqaError) -> VqaError:
    """Return an error that names the worker, where it says what the worker lacks."""
    for kind in (WeightsMissing, ExtraMissing, OtherVersions, ParameterError):
        if type(error) is kind and address not in str(error):
            return kind(f"{error} (on worker {address})")
    return error
