"""The distorted versions of one clip on the disk, made by worker processes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from ..distortion import LADDERS, Ladder, Version, write_version
from ..errors import VqaError

#: Name of the version without distortion, in the place of a ladder.
ORIGINAL = "original"


@dataclass(frozen=True)
class Rung:
    """One version: a ladder and a strength, or the original at strength 0."""

    ladder: str
    strength: float

    @property
    def name(self) -> str:
        """Name of the version, also of its file."""
        return self.ladder if self.ladder == ORIGINAL else f"{self.ladder}_{self.strength:g}"


def rungs_of(ladders: Sequence[Ladder]) -> list[Rung]:
    """Return every version of a clip, the original first."""
    return [Rung(ORIGINAL, 0), *(Rung(one.name, strength) for one in ladders for strength in one.strengths)]


def make_versions(
    pool: ProcessPoolExecutor, clip: Path, rungs: Sequence[Rung], folder: Path
) -> dict[Rung, Path]:
    """Write the versions of a clip that `folder` lacks; return the file of each.

    The original too is decoded and encoded again, without loss, so that every version went the same way.

    Raises
    ------
    DecodeError
        If the clip cannot be read.
    VqaError
        If a worker process ended.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = {rung: folder / f"{rung.name}.mkv" for rung in rungs}
    futures: list[Future[None]] = []
    try:
        for rung, file in files.items():
            if not file.exists():
                futures.append(pool.submit(_write, clip, rung, file))
                if rung.ladder == ORIGINAL:
                    futures[0].result()  # a clip that cannot be read is told once
        for future in futures:
            future.result()
    except BrokenProcessPool as error:
        raise VqaError(
            f"a process that encodes versions of {str(clip)!r} ended: run again to go on"
        ) from error
    except BaseException:
        for future in futures:
            future.cancel()
        raise
    return files


def remove_versions(folder: Path) -> None:
    """Delete the versions of a clip."""
    shutil.rmtree(folder, ignore_errors=True)


def _write(clip: Path, rung: Rung, target: Path) -> None:
    os.environ.setdefault("SVT_LOG", "1")  # errors only: the AV1 encoder logs a page per clip
    version = Version() if rung.ladder == ORIGINAL else LADDERS[rung.ladder].version(rung.strength)
    write_version(clip, version, target)
