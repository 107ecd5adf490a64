"""Threads of OpenCV and BLAS: one each while frames are computed, because the frames use the cores."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from typing import Any

_lock = threading.Lock()
#: How many extractions run in this process, and what the last one restores.
_inside = 0
_after = ExitStack()


@contextmanager
def libraries_in_one_thread() -> Iterator[None]:
    """Let OpenCV and BLAS use one thread of their own inside; a context manager.

    Their numbers belong to the process: the first of several extractions at a time sets them, and the last
    one restores them. The matrices that extractors multiply are small, and take longer in several threads of
    BLAS than in one.
    """
    global _inside, _after
    with _lock:
        _inside += 1
        if _inside == 1:
            _after = _limited()
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0:
                _after.close()


def _limited() -> ExitStack:
    """Set one thread for each library that is loaded; what is returned restores them."""
    after = ExitStack()
    after.enter_context(_controller(len(sys.modules)).limit(limits=1, user_api="blas"))
    cv2: Any = sys.modules.get("cv2")
    if cv2 is not None:
        after.callback(cv2.setNumThreads, cv2.getNumThreads())
        cv2.setNumThreads(1)
    return after


@lru_cache(maxsize=1)
def _controller(modules: int) -> Any:
    """Return the libraries of BLAS that are loaded; it takes 3 ms where a module was imported."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
