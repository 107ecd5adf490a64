"""Without shared memory no worker starts, which is told in one sentence; nothing is written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from small_videos import moving

MOUNTS = {
    "full": "mount -t tmpfs -o size=4k none /dev/shm; cat /dev/zero > /dev/shm/f 2>/dev/null",
    "read-only": "mount -t tmpfs -o ro none /dev/shm",
}
LIBRARY = """
import sys, vqa_features as vf
print(len(vf.extract_many([sys.argv[1]], "siti")))
try:
    vf.extract_many([sys.argv[1]], "siti", jobs=2)
except vf.errors.VqaError as error:
    print(error)
"""


def with_mounts(mounts: str, *arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run Python in a mount namespace of its own; skip where none can be made."""
    if os.geteuid() != 0 or subprocess.run(["unshare", "--mount", "true"], check=False).returncode:
        pytest.skip("only root can mount another /dev/shm, where the system allows it")
    command = ["unshare", "--mount", "sh", "-c", f'{mounts}; exec "$@"', "sh", sys.executable]
    return subprocess.run(
        [*command, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.mark.parametrize("kind", MOUNTS)
def test_an_extraction_without_shared_memory_is_refused_in_one_sentence(tmp_path: Path, kind: str) -> None:
    moving(tmp_path / "v.mp4", 3)
    asked = ("extract", "v.mp4", "-e", "siti", "-o", "t.csv")
    done = with_mounts(MOUNTS[kind], "-m", "vqa_features", *asked, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: worker processes cannot be started: no lock can be made in /dev/shm (")
    assert "make it larger" in line
    assert [path.name for path in tmp_path.iterdir()] == ["v.mp4"]


def test_the_library_works_without_shared_memory_in_one_process(tmp_path: Path) -> None:
    moving(tmp_path / "v.mp4", 3)
    done = with_mounts(MOUNTS["full"], "-c", LIBRARY, tmp_path / "v.mp4", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    count, told = done.stdout.splitlines()
    assert count == "1"
    assert "no lock can be made in /dev/shm" in told
