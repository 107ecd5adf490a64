"""Shared memory of worker processes: whether this machine gives them any."""

from __future__ import annotations

import multiprocessing

from ..errors import VqaError


def check_semaphores() -> None:
    """Refuse to start worker processes where their locks cannot be made.

    Raises
    ------
    VqaError
        If ``/dev/shm``, where the system keeps them, is full, missing or write-protected.
    """
    try:
        multiprocessing.get_context("spawn").Lock()
    except (OSError, ImportError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise VqaError(
            f"worker processes cannot be started: no lock can be made in /dev/shm ({reason}); free it, "
            "make it larger (docker run --shm-size=64m), or call extract_many with jobs=1"
        ) from error
