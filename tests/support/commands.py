"""The command line in processes of its own, started with default signals whatever the suite runs with."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

COMMAND = (sys.executable, "-m", "vqa_features")
#: Seconds that any command of a test may take on a busy machine.
LIMIT_S = 120.0


def default_signals() -> None:
    """Take the default action on the signals that end a run; the suite may run with some ignored."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def run(
    *arguments: object,
    cwd: Path | None = None,
    prepare: Callable[[], None] = default_signals,
    **environment: str,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; `prepare` is called in the new process."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
        preexec_fn=prepare,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
    )


def run_here(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in this process, for requests that end before any worker starts."""
    from vqa_features import cli

    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    with contextlib.chdir(cwd), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            cli.main([*map(str, arguments)])
        except SystemExit as ended:
            code = ended.code
    assert isinstance(code, int)
    return subprocess.CompletedProcess([*map(str, arguments)], code, out.getvalue(), err.getvalue())


def start(*arguments: object, prepare: Callable[[], None] = default_signals, **options: Any) -> Any:
    """Start a command in a session of its own, with stderr as a pipe of text."""
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=prepare,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        **options,
    )


def one_error(done: subprocess.CompletedProcess[str], code: int = 2) -> str:
    """The one line that a refused request gets: an exit code, no traceback, nothing on stdout."""
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr.strip().splitlines()[-1]
