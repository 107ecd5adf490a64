"""A Dask cluster of this machine: a scheduler on loopback and worker processes of one thread each.

It lives in a process of its own, which ends with the program that started it. So the scheduler shares no
interpreter lock with the program, a user's script is not run again, and a kill leaves nothing behind.
"""

from __future__ import annotations

import json
import logging
import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from ..errors import ParameterError, VqaError
from ..extras import require
from ..processes.worker_process import THREAD_VARIABLES

_LOOPBACK = "127.0.0.1"
_START_S = 120.0
_SILENT = logging.CRITICAL + 1
#: The program of the process: the search path of its parent is taken over before the package is imported.
_PROGRAM = (
    "import json, sys; asked = json.loads(sys.stdin.readline()); sys.path[:] = asked.pop('path'); "
    "from vqa_features.cluster.local import serve; serve(**asked)"
)


@contextmanager
def local_cluster(workers: int, gpus: int | None = None) -> Iterator[str]:
    """Start a cluster of this machine and give its scheduler's address; it ends with the block.

    Parameters
    ----------
    workers : int
        Number of worker processes.
    gpus : int, optional
        Number of GPUs, one for each worker.

    Raises
    ------
    ParameterError
        If there are fewer GPUs, or a number of workers that is not theirs.
    VqaError
        If the cluster does not start.
    """
    devices = _devices(gpus) if gpus is not None else []
    if gpus is not None and workers not in (1, gpus):
        raise ParameterError(f"{gpus} GPUs have one worker each: {workers} workers cannot be asked for too")
    with tempfile.TemporaryDirectory(prefix="vqa-features-cluster-", ignore_cleanup_errors=True) as folder:
        process = subprocess.Popen(
            [sys.executable, "-P", "-W", "ignore:resource_tracker", "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C of a terminal is for the program alone
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            asked = {"path": sys.path, "workers": workers, "devices": devices, "folder": folder}
            process.stdin.write(json.dumps(asked).encode() + b"\n")
            process.stdin.flush()
            yield _address(process.stdout)
        finally:
            process.kill()  # its workers end with it
            process.wait()
            process.stdin.close()
            process.stdout.close()


def _address(answers: IO[bytes]) -> str:
    """Return the address that the cluster's process prints once its workers are there."""
    ready, _, _ = select.select([answers], [], [], _START_S)
    answer = answers.readline() if ready else b""
    if not answer:
        raise VqaError(
            f"the cluster of this machine does not start{'' if ready else f' within {_START_S:g} s'}"
        )
    return str(json.loads(answer))


def _devices(gpus: int) -> list[str]:
    """Return the first GPUs as CUDA_VISIBLE_DEVICES names them."""
    require("--gpus", ("torch",), "deep")
    import torch

    count = torch.cuda.device_count()
    if not 1 <= gpus <= count:
        found = f"has {count}" if count else "has none that PyTorch can use"
        raise ParameterError(f"{gpus} GPU(s) were asked for and this machine {found}")
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    return (visible.split(",") if visible else [str(number) for number in range(count)])[:gpus]


def serve(workers: int, devices: list[str], folder: str) -> None:
    """Run a cluster until stdin is closed; print the scheduler's address as JSON.

    Parameters
    ----------
    workers : int
        Number of workers where there are no devices.
    devices : list of str
        A GPU for each worker.
    folder : str
        Scratch folder of the workers.
    """
    import dask
    from distributed import Nanny, Scheduler, SpecCluster

    threads = max(1, (os.cpu_count() or 1) // (len(devices) or workers))
    dask.config.set(
        {
            # Dask's own setting of the allocator makes decoding slow.
            "distributed.nanny.pre-spawn-environ": {
                name: os.environ.get(name, str(threads)) for name in THREAD_VARIABLES
            },
            "distributed.worker.profile.enabled": False,
        }
    )
    options: dict[str, Any] = {
        "nthreads": 1,
        "host": _LOOPBACK,
        "memory_limit": None,  # the process that works on videos has a limit of its own
        "local_directory": folder,
        "silence_logs": _SILENT,
        "dashboard": False,
    }
    each = [
        options | {"env": {"CUDA_VISIBLE_DEVICES": device}, "resources": {"GPU": 1}} for device in devices
    ] or [options] * workers
    cluster = SpecCluster(  # type: ignore[no-untyped-call]
        scheduler={
            "cls": Scheduler,
            "options": {
                "host": _LOOPBACK,
                "port": 0,
                "dashboard": True,
                "dashboard_address": f"{_LOOPBACK}:0",
            },
        },
        workers={number: {"cls": Nanny, "options": one} for number, one in enumerate(each)},
        silence_logs=_SILENT,
    )
    print(json.dumps(cluster.scheduler_address), flush=True)
    sys.stdin.read()
    os._exit(0)
