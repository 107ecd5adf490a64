"""What tests call in a process of its own, and programs that do so in odd places."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
import time

import numpy as np

from vqa_features.processes.isolation import ReadingFailed, read_isolated
from vqa_features.processes.limits import no_other_file


def process_id(path: str) -> int:
    return os.getpid()


def segfault(path: str) -> None:
    ctypes.string_at(0)


def bus_error(path: str) -> None:
    os.kill(os.getpid(), signal.SIGBUS)


def leave(path: str) -> None:
    os._exit(7)


def hang(path: str) -> None:
    time.sleep(1000)


def hang_with_the_interpreter_lock(path: str) -> None:
    ctypes.PyDLL(None).sleep(1000)


def grow(path: str) -> None:
    hoard = []
    while True:
        hoard.append(np.ones(2_000_000))
        time.sleep(0.005)


_KEPT = []


def keep_much(path: str) -> int:
    _KEPT.append(np.ones(40_000_000))
    return os.getpid()


def refuse(path: str) -> None:
    raise KeyError(path)


def open_another(path: str) -> str:
    """Try to open a second file, as a library would do that is told to by the first."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open(path, "rb"), no_other_file():
        opened = libc.open(b"/etc/hostname", os.O_RDONLY)
        made = libc.socket(2, 1, 0)
    return f"{opened} {made}"


def signals_of_handler(path: str) -> int:
    return int(signal.getsignal(signal.SIGINT) == signal.SIG_DFL)


def _in_daemon(path: str, answers: multiprocessing.Queue) -> None:
    answers.put((os.getpid(), read_isolated(process_id, path)))


def in_a_daemon(path: str, method: str) -> None:
    """Read in a daemon of multiprocessing, which may start no processes by itself; print both ids."""
    context = multiprocessing.get_context(method)
    read_isolated(process_id, path)  # the parent's process, which a forked child must not use
    answers = context.Queue()
    child = context.Process(target=_in_daemon, args=(path, answers), daemon=True)
    child.start()
    print(*answers.get(timeout=60), flush=True)
    child.join(20)
    print(child.exitcode)


def in_a_fork(path: str) -> None:
    """Read in a plain fork that ends as programs do; the parent's process must stay the same."""
    before = read_isolated(process_id, path)
    pid = os.fork()
    if pid == 0:
        sys.exit(0 if read_isolated(process_id, path) != before else 1)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), read_isolated(process_id, path) == before)


def in_ending_threads(path: str) -> None:
    """Read in threads that end at once; the process outlives them."""
    found: list[int] = []
    for _ in range(3):
        thread = threading.Thread(target=lambda: found.append(read_isolated(process_id, path)))
        thread.start()
        thread.join()
        time.sleep(0.3)
    print(len(found), len(set(found)))


def until_killed(path: str) -> None:
    print(read_isolated(process_id, path), flush=True)
    read_isolated(hang, path)


def interrupted(path: str) -> None:
    print(read_isolated(process_id, path), flush=True)
    try:
        read_isolated(hang, path)
    except KeyboardInterrupt:
        print("interrupted", read_isolated(signals_of_handler, path))


def in_joblib(path: str) -> None:
    import joblib

    tasks = [joblib.delayed(read_isolated)(process_id, path) for _ in range(4)]
    found = joblib.Parallel(n_jobs=2)(tasks)
    told, _ = joblib.Parallel(n_jobs=2)([joblib.delayed(_of_a_crash)(path)] * 2)
    print(len(set(found)), told)


def _of_a_crash(path: str) -> str:
    try:
        return str(read_isolated(segfault, path))
    except ReadingFailed as error:
        return str(error)
