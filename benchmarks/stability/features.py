"""Pooled features of the first frames of a file, read with any number of threads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from vqa_features.extraction.engine import feed_all
from vqa_features.extraction.source_stream import surroundings
from vqa_features.extractor import Extractor
from vqa_features.pooling import columns, pool_rows
from vqa_features.specs import Sampling
from vqa_features.video import Video

POOLS = ("mean", "std", "p90")


def features(
    path: Path,
    extractors: Sequence[Extractor],
    frames: int,
    *,
    sampled: int | None = None,
    decoder_threads: int = 1,
    threads: int = 1,
) -> pd.Series[float]:
    """Return the pooled columns of the first frames of a file.

    Parameters
    ----------
    path : Path
        The file.
    extractors : sequence of Extractor
        Those that are run.
    frames : int
        Frames from the beginning that are used.
    sampled : int, optional
        Evenly spaced frames among these; all of them by default.
    decoder_threads, threads : int
        Threads that decode, and threads that share the frames.
    """
    with Video(path) as video:
        seconds = (frames - 0.5) / video.info.fps
    sampling = Sampling(frames=sampled, duration_s=seconds)
    with Video(path, sampling=sampling, threads=decoder_threads) as video:
        info = video.info
        stream = video.frames(surroundings(extractors, info))
        rows, _, _ = feed_all(stream, info, extractors, threads)
        if video.outcome.status != "ok":
            raise SystemExit(f"{path}: {video.outcome.error}")
    found = {
        column: value
        for one in extractors
        for column, value in zip(
            columns(one, POOLS), pool_rows(one, rows[one.label], POOLS).tolist(), strict=True
        )
    }
    return pd.Series(found, dtype=float)
