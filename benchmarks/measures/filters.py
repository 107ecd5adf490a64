"""What FFmpeg's analysis filters say of a video, through PyAV's filter graphs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import av
import numpy as np
from av.error import BlockingIOError as NotYet
from av.error import EOFError as NoMore
from av.filter import Graph


def metadata(path: Path, filters: str, frames: int | None = None) -> list[dict[str, str]]:
    """Return the metadata of each frame behind a chain of filters.

    Parameters
    ----------
    path : Path
        The video.
    filters : str
        Filters with their options, separated by commas, as in FFmpeg: ``"scdet=t=10,entropy"``.
    frames : int, optional
        Frames from the beginning; all by default.
    """
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        graph = Graph()
        nodes = [graph.add(*text.split("=", 1)) for text in filters.split(",")]
        graph.link_nodes(graph.add_buffer(template=stream), *nodes, graph.add("buffersink")).configure()
        found = []
        for frame in islice(container.decode(stream), frames):
            graph.push(frame)
            found += _pulled(graph)
        graph.push(None)
        return [*found, *_pulled(graph)]


def column(rows: list[dict[str, str]], key: str) -> np.ndarray:
    """Return one number of each frame's metadata, nan where a frame has none."""
    return np.array([float(row.get(f"lavfi.{key}", "nan")) for row in rows])


def _pulled(graph: Graph) -> Iterator[dict[str, str]]:
    while True:
        try:
            yield dict(graph.pull().metadata)
        except (NotYet, NoMore):
            return
