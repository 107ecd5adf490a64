"""Kernels of several extractors compiled by several processes, before the workers of a run start."""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, wait
from functools import partial

from ..errors import VqaError
from ..extraction.readiness import prove
from ..extractor import Extractor
from ..kernels.compiling import compiled, stored
from ..processes.cores import cores
from ..processes.worker_process import MEMORY_CHECK_S, QuietContext, WorkerProcess
from .compiled import not_compiled, note_compiled

#: Their kernels take longest, in this order: seconds each, while those of the others take about one.
_LONGEST = ("friquee", "tlvqm", "flow", "videval", "v-bliinds", "higrade-1", "higrade-2", "rapique-nss")
#: Extractors of plug-ins and of the user's script are opened in the workers alone.
_PACKAGE = __name__.partition(".")[0] + "."
#: A process needs 250 MiB, and takes a second to start.
_MOST_PROCESSES = 8
#: One extractor may take this long on a slow machine.
_LONGEST_S = 300.0


def compile_ahead(
    extractors: Iterable[Extractor],
    *,
    on_message: Callable[[str], None] | None = None,
    max_memory_mb: float | None = None,
    processes: int | None = None,
) -> bool:
    """Compile the kernels of extractors into numba's cache, in one process per core.

    Nothing is compiled where fewer than two extractors of this package lack kernels, on one core, or where
    kernels cannot be cached. What fails here is left to the worker that gets ready: it tells the reason.

    Parameters
    ----------
    extractors : iterable of Extractor
        Of one run.
    on_message : callable, optional
        Called once with a sentence before processes start.
    max_memory_mb : float, optional
        A process that holds more is ended.
    processes : int, optional
        Their number; by default one per core that this process may use, at most 8.

    Returns
    -------
    bool
        Whether processes were started.
    """
    own = [one for one in extractors if type(one).__module__.startswith(_PACKAGE)]
    lacking = longest_first(not_compiled(own))
    number = min(processes or cores(), _MOST_PROCESSES, len(lacking))
    if number < 2:
        return False
    tell = partial(on_message or (lambda text: None), f"compiling kernels of {len(lacking)} extractors, once")
    workers: list[WorkerProcess] = []
    try:
        for _ in range(number):
            workers.append(WorkerProcess(QuietContext(), 1))
        note_compiled(_share(workers, deque(lacking), tell, max_memory_mb))
    finally:
        for worker in workers:
            worker.stop()
        for worker in workers:
            worker.join()
    return True


def longest_first(extractors: Iterable[Extractor]) -> list[Extractor]:
    """Return one extractor of each name, those first whose kernels take longest to compile."""
    rank = {name: place for place, name in enumerate(_LONGEST)}
    named = {extractor.name: extractor for extractor in extractors}
    return sorted(named.values(), key=lambda one: rank.get(one.name, len(rank)))


def _share(
    workers: Sequence[WorkerProcess],
    queue: deque[Extractor],
    tell: Callable[[], None],
    max_memory_mb: float | None,
) -> list[Extractor]:
    """Give each extractor to a worker that is free; return those whose kernels are in the cache now.

    `tell` is called once it is known that kernels can be cached.
    """
    done: list[Extractor] = []
    busy: dict[WorkerProcess, Extractor | None] = dict.fromkeys(workers)
    told = False
    while busy:
        pause = MEMORY_CHECK_S if max_memory_mb is not None else None
        finished, _ = wait([worker.future for worker in busy], pause, FIRST_COMPLETED)
        for worker in list(busy):
            if worker.future not in finished:
                if max_memory_mb is not None and worker.pid:
                    worker.check_memory(max_memory_mb)
                continue
            extractor = busy.pop(worker)
            if worker.future.exception() is not None:  # it ended: its extractor is left
                continue
            if not worker.pid:
                worker.started()
                worker.submit(is_useful, None, _LONGEST_S)
                busy[worker] = None
                continue
            if worker.future.result() is None:
                queue.clear()
            elif extractor is None and not told:
                tell()
                told = True
            elif extractor is not None and worker.future.result():
                done.append(extractor)
            if queue:
                busy[worker] = queue.popleft()
                worker.submit(compile_kernels, busy[worker], _LONGEST_S)
    return done


def is_useful(_: None) -> bool | None:
    """Return True if compiled code can be stored, else None."""
    from ..kernels.jit import can_cache

    return can_cache() or None


def compile_kernels(extractor: Extractor) -> bool | None:
    """Compile what is in no cache yet of an extractor's kernels.

    Returns
    -------
    bool or None
        Whether all kernels ran; None if nothing of what was compiled could be stored.
    """
    gc.disable()  # compiling makes many objects that live: a tenth of the time went into looking at them
    before = compiled(), stored()
    try:
        prove(extractor)
    except VqaError:
        return False
    finally:
        gc.enable()
        gc.collect()
    made, kept = compiled() - before[0], stored() - before[1]
    return None if made and not kept else True
