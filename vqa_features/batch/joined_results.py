"""The result of a video and the stored parts of it, joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..errors import Failure
from ..extractor import Extractor
from ..pooling import pool_rows
from ..video_task import VideoResult
from .failures import as_parts
from .stored_result import STATUSES, Stored

#: Pooled columns read from the store, by extractor label.
StoredColumns = dict[str, NDArray[np.float64]]


def joined(
    result: VideoResult,
    found: Mapping[str, Stored],
    extractors: Sequence[Extractor],
    pools: Sequence[str],
) -> tuple[VideoResult, StoredColumns]:
    """Return a result with the stored parts: the worst status, all rows, all times; and the stored columns.

    Parameters
    ----------
    result : VideoResult
        Of the extractors that are not stored.
    found : mapping
        Stored parts by extractor label.
    extractors : sequence of Extractor
        All that were asked for.
    pools : sequence of str
        Pools of the columns.
    """
    known: StoredColumns = {}
    by_label = {extractor.label: extractor for extractor in extractors}
    if not all(stored.failed for stored in found.values()):
        result = as_parts(result, [label for label in by_label if label not in found])
    for label, stored in found.items():
        if stored.rows is not None:
            result = replace(result, rows={**result.rows, label: stored.rows})
            known[label] = pool_rows(by_label[label], stored.rows, pools)
        elif stored.pooled is not None:
            known[label] = stored.pooled
        if stored.failed:
            failed = Failure.of_status(stored.status, stored.error)
            result = replace(result, failures={**result.failures, label: failed})
        elif _rank(stored.status) > _rank(result.status):
            result = replace(result, status=stored.status, error=stored.error)
        result = replace(
            result,
            frames_decoded=max(result.frames_decoded, stored.frames_decoded),
            frames_expected=result.frames_expected if stored.failed else stored.frames_expected,
            info=result.info or stored.info,
            seconds={**stored.seconds, **result.seconds},
            warnings=tuple(dict.fromkeys((*result.warnings, *stored.warnings))),
        )
    return result, known


def _rank(status: str) -> int:
    """Order of statuses from good to bad."""
    return len(STATUSES) if status.startswith("failed") else STATUSES.index(status)
