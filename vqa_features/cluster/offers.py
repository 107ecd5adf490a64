"""What the workers of a cluster offer: threads and GPUs, and which workers get tasks."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from distributed import Client

#: The resource that workers with a GPU name: ``dask worker --resources GPU=1``.
GPU = "GPU"


@dataclass(frozen=True)
class _Offer:
    threads: int
    gpus: float


class Offers:
    """The workers of a cluster as they come and go.

    Parameters
    ----------
    client : distributed.Client
        The cluster.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._offers: dict[str, _Offer] = {}
        self._refused: set[str] = set()
        self._on_gpus = False
        #: When there was a worker for tasks, by the monotonic clock.
        self.last_s = time.monotonic()

    def refresh(self) -> list[str]:
        """Ask the scheduler, and return the addresses of workers that are new."""
        with suppress(OSError):  # the connection is lost, which the caller sees by its status
            before = self._offers
            found = self._client.scheduler_info(n_workers=-1)["workers"]
            self._offers = {
                str(address): _Offer(one["nthreads"], one.get("resources", {}).get(GPU, 0))
                for address, one in found.items()
            }
            return [address for address in self._offers if address not in before]
        return []

    def remove(self, worker: str) -> None:
        """Forget a worker that is gone."""
        self._offers.pop(worker, None)
        self._refused.discard(worker)

    def refuse(self, worker: str) -> None:
        """Give a worker no more tasks."""
        self._refused.add(worker)

    @property
    def threads(self) -> int:
        """Tasks that can be worked on at once."""
        able = {name: one for name, one in self._offers.items() if name not in self._refused}
        if self._on_gpus:
            found = sum(min(one.threads, int(one.gpus)) for one in able.values())
        else:
            found = sum(one.threads for one in able.values())
        if found:
            self.last_s = time.monotonic()
        return found

    def restrictions(self, deep: bool) -> dict[str, Any]:
        """Return where a task may run, as `Client.submit` takes it.

        Parameters
        ----------
        deep : bool
            The task runs a network: on a worker with a GPU, if there is any.
        """
        found: dict[str, Any] = {}
        if deep and (self._on_gpus or any(one.gpus for one in self._offers.values())):
            self._on_gpus = True
            found["resources"] = {GPU: 1}
        if self._refused:
            found["workers"] = [name for name in self._offers if name not in self._refused]
        return found
