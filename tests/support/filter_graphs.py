"""FFmpeg's filters as independent programs, run by PyAV."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import av
from av.filter import Graph


def filtered(path: Path, *filters: str, frames: int | None = None) -> list[tuple[float, dict[str, str]]]:
    """Return the time and the metadata of every frame that leaves a chain of filters.

    Parameters
    ----------
    path : Path
        A video.
    *filters : str
        Names, each followed by its options after ``=``, e.g. ``idet`` or ``freezedetect=n=-60dB:d=0.2``.
    frames : int, optional
        Frames from the beginning; all by default.
    """
    found: list[tuple[float, dict[str, str]]] = []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        graph = Graph()
        nodes = [graph.add(*one.split("=", 1)) for one in filters] + [graph.add("buffersink")]
        graph.link_nodes(graph.add_buffer(template=stream), *nodes).configure()
        for frame in [*islice(container.decode(stream), frames), None]:
            graph.push(frame)
            while True:
                try:
                    out = graph.pull()
                except (av.BlockingIOError, av.EOFError):
                    break
                found.append((float(out.pts * out.time_base), dict(out.metadata)))
    return found
