"""A bundled clip and its damaged version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import vqa_features as vf
from vqa_features.distortion import ladders_of, write_version
from vqa_features.frame import Frame
from vqa_features.video import Video

DEMO = Path(str(files("vqa_features.resources") / "demo"))


@dataclass(frozen=True)
class Clip:
    """A file, and the frames of it that are shown.

    Attributes
    ----------
    path : Path
        The file.
    frames : list of Frame
        All frames, with the views ``rgb`` and ``luma``.
    at : int
        Number of the frame that maps show.
    """

    path: Path
    frames: list[Frame]
    at: int

    @property
    def shown(self) -> Frame:
        """The frame that maps show."""
        return self.frames[self.at]

    @property
    def before(self) -> Frame:
        """The frame before it."""
        return self.frames[self.at - 1]

    def values(self, columns: tuple[str, ...], frames: int | None = None) -> dict[str, float]:
        """Return features by column ``<extractor>.<feature>``: means over all frames, or over so many."""
        names = list(dict.fromkeys(column.partition(".")[0] for column in columns))
        row = vf.extract(self.path, names, frames=frames)
        found = {str(name).rpartition(".")[0]: float(value) for name, value in row.items()}
        return {column: found[column] for column in columns}

    def embeddings(self, extractor: str) -> np.ndarray:
        """Return the vectors of a network, a row for each of its clips or frames."""
        return vf.extract(self.path, extractor, per_frame=True).to_numpy()


@contextmanager
def pair(name: str, ladder: str, strength: float, at: int) -> Iterator[tuple[Clip, Clip]]:
    """Make a damaged version of a bundled clip; a context manager.

    Parameters
    ----------
    name : str
        Name of the clip without its suffix.
    ladder, strength : str, float
        A ladder of `vqa_features.distortion`, and the strength of its version.
    at : int
        Number of the frame that maps show.

    Yields
    ------
    (Clip, Clip)
        The clip and its damaged version.
    """
    source = DEMO / f"{name}.mp4"
    (chosen,) = ladders_of(ladder)
    with TemporaryDirectory() as folder:
        damaged = Path(folder) / f"{name}.mkv"
        write_version(source, chosen.version(strength), damaged)
        yield _clip(source, at), _clip(damaged, at)


def _clip(path: Path, at: int) -> Clip:
    frames = []
    with Video(path) as video:
        for frame in video:
            for view in ("rgb", "luma"):  # computed while the video is open
                frame.view(view)
            frames.append(frame)
    return Clip(path, frames, at)
