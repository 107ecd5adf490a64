"""A client of a Dask cluster whose workers have the versions of this program."""

from __future__ import annotations

import logging
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from ..errors import ParameterError, VqaError
from ..extras import require
from .local import local_cluster
from .versions import REMEDY, OtherVersions, difference_text, versions_here

if TYPE_CHECKING:
    from distributed import Client

#: The cluster that is started on this machine.
LOCAL = "local"
#: Seconds in which a scheduler must answer, and in which its first worker must come.
ANSWER_S, WORKERS_S = 5.0, 5.0
_ADDRESS = re.compile(r"(tcp|tls)://(?P<host>\[[0-9a-fA-F:.]+\]|[^\s:/@\[\]]+):(?P<port>\d{1,5})")


@contextmanager
def connected(
    address: str,
    *,
    workers: int = 1,
    gpus: int | None = None,
    allow_other_versions: bool = False,
    on_message: Callable[[str], None] | None = None,
) -> Iterator[Client]:
    """Give a client of a cluster; the connection, and a cluster of this machine, end with the block.

    Parameters
    ----------
    address : str
        ``tcp://HOST:PORT`` or ``tls://HOST:PORT`` of a Dask scheduler, or ``local`` for a cluster of this
        machine. The certificates of ``tls`` are those of Dask's configuration.
    workers : int
        Number of worker processes of ``local``.
    gpus : int, optional
        Number of GPUs of ``local``; each has a worker.
    allow_other_versions : bool
        Tell of workers with other versions, instead of refusing them.
    on_message : callable, optional
        Called with sentences: where the dashboard is, which versions differ.

    Yields
    ------
    distributed.Client
        It is not the default client of the process.

    Raises
    ------
    ParameterError
        If the address is none.
    ExtraMissing
        If Dask is not installed.
    VqaError
        If no scheduler answers, or it has no workers.
    OtherVersions
        If a worker has other versions of what numbers depend on: see `versions_here`.
    """
    check_address(address, gpus)
    require("a cluster", ("dask", "distributed"), "cluster")
    tell = on_message or (lambda text: None)
    started = local_cluster(workers, gpus) if address == LOCAL else nullcontext(address)
    with started as scheduler, _quiet(), _client(scheduler) as client:
        if not client.scheduler_info()["workers"]:
            _wait_for_workers(client, address)
        compare_versions(client, allow_other_versions, tell)
        if (link := dashboard_of(client)) is not None:
            tell(f"dashboard: {link}")
        yield client


def check_address(address: str, gpus: int | None = None) -> None:
    """Refuse what is neither ``local`` nor the address of a scheduler.

    Parameters
    ----------
    address : str
        As in `connected`.
    gpus : int, optional
        GPUs that are asked for; only ``local`` has them.

    Raises
    ------
    ParameterError
        If it is none, or GPUs are asked for of another machine.
    """
    if gpus is not None and gpus < 1:
        raise ParameterError(f"the number of GPUs must be above 0, got {gpus}")
    if address == LOCAL:
        return
    found = _ADDRESS.fullmatch(address)
    if found is None or not 0 < int(found["port"]) < 1 << 16:
        raise ParameterError(
            f"a cluster is {LOCAL}, tcp://HOST:PORT or tls://HOST:PORT of a Dask scheduler, got {address!r}"
        )
    if gpus is not None:
        raise ParameterError(
            f"GPUs are given out on this machine only (--cluster {LOCAL}); start each worker elsewhere with "
            "CUDA_VISIBLE_DEVICES=N dask worker --resources GPU=1"
        )


@contextmanager
def _client(address: str) -> Iterator[Client]:
    """Connect to a scheduler."""
    from distributed import Client

    _check_answer(address)
    try:
        client = Client(  # type: ignore[no-untyped-call]
            address, timeout=ANSWER_S, set_as_default=False
        )
    except (OSError, ValueError) as error:
        raise _no_scheduler(address, error) from error
    try:
        yield client
    finally:
        client.close(timeout=2)  # type: ignore[no-untyped-call]


def _check_answer(address: str) -> None:
    """Refuse an address at which nothing listens, or nothing that answers as a scheduler in time."""
    import asyncio

    found = _ADDRESS.fullmatch(address)
    assert found is not None
    try:
        with socket.create_connection((found["host"].strip("[]"), int(found["port"])), ANSWER_S):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        raise VqaError(f"no Dask scheduler can be reached at {address}: {reason}") from error
    with ThreadPoolExecutor(1) as thread:  # the caller may have an event loop of its own
        try:
            thread.submit(asyncio.run, asyncio.wait_for(_identity(address), ANSWER_S)).result()
        except Exception as error:  # whatever the bytes of another protocol mean to Dask
            raise _no_scheduler(address, error) from error


async def _identity(address: str) -> Any:
    from distributed import rpc

    async with rpc(address, timeout=ANSWER_S) as scheduler:  # type: ignore[no-untyped-call]
        return await scheduler.identity()


def _no_scheduler(address: str, error: Exception) -> VqaError:
    reason = " ".join(str(error).split()) or f"no answer within {ANSWER_S:g} s"
    return VqaError(f"what listens at {address} cannot be used as a Dask scheduler: {reason}")


def _wait_for_workers(client: Client, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=WORKERS_S)
    except TimeoutError as error:
        raise VqaError(
            f"the scheduler {address} has no workers, and none came within {WORKERS_S:g} s: "
            f"start some with dask worker {address}"
        ) from error


def compare_versions(client: Client, allow_other: bool, tell: Callable[[str], None]) -> None:
    """Compare the versions of every worker with those of this program.

    Parameters
    ----------
    client : distributed.Client
        A client with workers.
    allow_other : bool
        Tell of a difference, instead of raising.
    tell : callable
        Called with the sentence.

    Raises
    ------
    OtherVersions
        If a worker has other versions, or none since the package is not installed there.
    """
    here = versions_here()
    found: Mapping[str, Any] = client.run(versions_here, on_error="return")
    for worker, there in found.items():
        if isinstance(there, ModuleNotFoundError):
            raise OtherVersions(f"worker {worker} has no {there.name}: install vqa-features on its machine")
        if isinstance(there, BaseException):
            reason = f"{type(there).__name__}: {there}"
            raise OtherVersions(f"worker {worker} cannot tell its versions ({reason})") from there
        if text := difference_text(worker, here, there):
            if not allow_other:
                raise OtherVersions(f"{text}, and numbers may depend on it: {REMEDY}")
            tell(f"warning: {text}; numbers may depend on it")


def dashboard_of(client: Client) -> str | None:
    """Return the address of the scheduler's dashboard, None if it has none."""
    if "dashboard" not in client.scheduler_info().get("services", {}):
        return None
    return str(client.dashboard_link)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask's own log of lost connections from stderr: what happens is told by this package."""
    import distributed  # noqa: F401 (its first import sets the levels)

    log = logging.getLogger("distributed")
    before = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        log.setLevel(before)
