"""A table read by a program of its own, for the memory that it takes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_PROGRAM = """
import re, resource, sys
import vqa_features
from vqa_features.processes import isolation

try:
    vqa_features.read_table(sys.argv[1])
    print("it was read")
except vqa_features.TableError as error:
    print(error)
isolation._host.stop()
own = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
print(max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024)
"""


def read_alone(file: Path) -> tuple[str, float]:
    """Return what is told of a table, and the largest memory of the program and its process in MiB."""
    command = [sys.executable, "-c", _PROGRAM, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told, peak = done.stdout.splitlines()
    return told, float(peak)
